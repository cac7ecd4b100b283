//! Which addresses may be dialled.
//!
//! A name is vetted after it was resolved, and the connection goes to the vetted address itself: a name that resolves to a public address
//! now and to this machine a moment later gains nothing. A host that the person granted by name (a simulator on loopback, a
//! platform inside a company) is exempt, by that very name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not dialled.
#[must_use]
pub fn refusal(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => refusal_v4(v4),
        IpAddr::V6(v6) => refusal_v6(v6),
    }
}

fn refusal_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (0, ..) => Some("an unspecified address"),
        (127, ..) => Some("a loopback address"),
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Some("a private address"),
        (169, 254, _) => Some("a link-local or metadata address"),
        (100, 64..=127, _) => Some("a carrier-grade NAT address"),
        (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) => Some("a reserved address"),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Some("a documentation address"),
        (224..=239, ..) => Some("a multicast address"),
        (240..=255, ..) => Some("a reserved address"),
        _ => None,
    }
}

fn refusal_v6(address: Ipv6Addr) -> Option<&'static str> {
    let s = address.segments();
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("an unspecified address"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("a loopback address"),
        [0, 0, 0, 0, 0, 0xffff, ..] => Some("an IPv4-mapped address"),
        [0x64, 0xff9b, ..] => Some("a NAT64 address"),
        [0x2002, ..] => Some("a 6to4 address"),
        [0x2001, 0..=0x1ff, ..] => Some("a reserved or Teredo address"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Some("a documentation address"),
        _ if (s[0] & 0xfe00) == 0xfc00 => Some("a private address"),
        _ if (s[0] & 0xff80) == 0xfe80 => Some("a link-local address"),
        _ if (s[0] & 0xff00) == 0xff00 => Some("a multicast address"),
        _ if (s[0] & 0xe000) == 0x2000 => None,
        _ => Some("a reserved address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_dialled() {
        for (address, why) in [
            ("0.0.0.0", "unspecified"),
            ("0.1.2.3", "unspecified"),
            ("127.0.0.1", "loopback"),
            ("127.255.255.254", "loopback"),
            ("10.1.2.3", "private"),
            ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.168.1.1", "private"),
            ("169.254.169.254", "metadata"),
            ("100.64.0.1", "carrier"),
            ("100.127.255.255", "carrier"),
            ("198.18.0.1", "reserved"),
            ("224.0.0.1", "multicast"),
            ("255.255.255.255", "reserved"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("::ffff:127.0.0.1", "mapped"),
            ("::ffff:8.8.8.8", "mapped"),
            ("::127.0.0.1", "reserved"),
            ("64:ff9b::7f00:1", "NAT64"),
            ("64:ff9b:1::1", "NAT64"),
            ("2002:7f00:1::", "6to4"),
            ("2001::1", "Teredo"),
            ("2001:db8::1", "documentation"),
            ("fd00:ec2::254", "private"),
            ("fe80::1", "link-local"),
            ("fec0::1", "link-local"),
            ("ff02::1", "multicast"),
            ("4000::1", "reserved"),
        ] {
            let said = refusal(address.parse().unwrap());
            assert!(said.is_some_and(|said| said.contains(why)), "{address}: {said:?}");
        }
        for address in
            ["1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]
        {
            assert_eq!(refusal(address.parse().unwrap()), None, "{address}");
        }
    }
}
