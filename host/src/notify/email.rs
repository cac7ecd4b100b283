//! E-mail over SMTP.
//!
//! TLS from the first byte on port 465, STARTTLS on any other; a server on this machine is spoken to plainly, except on port 465. There is no way to send
//! anything over a network without TLS: a server that does not offer it gets nothing.

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use lettre::message::{Mailbox, header};
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor};
use secrecy::ExposeSecret;
use url::Host;

use super::channel::{Failure, Sender};
use super::event::Message;
use super::secret_file;
use crate::config::Email;
use crate::origin::is_loopback;

/// The port of SMTP within TLS (RFC 8314).
const SUBMISSIONS: u16 = 465;

/// A mailbox, or several.
pub(super) struct EmailChannel {
    email: Email,
    password: Option<PathBuf>,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    /// TLS from the first byte.
    Implicit,
    /// TLS after STARTTLS, without which nothing is sent.
    StartTls,
    /// None: it does not leave this machine.
    Loopback,
}

impl EmailChannel {
    pub(super) fn new(email: Email, base: &Path) -> Self {
        let password = email.password_file.as_ref().map(|file| base.join(file));
        Self { email, password }
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failure> {
        let host = self.email.host.as_str();
        let parameters = || {
            TlsParameters::new(host.to_owned()).map_err(|error| Failure::new(format!("TLS cannot be set up: {error}")))
        };
        let tls = match protection(host, self.email.port) {
            Protection::Implicit => Tls::Wrapper(parameters()?),
            Protection::StartTls => Tls::Required(parameters()?),
            Protection::Loopback => Tls::None,
        };
        let builder: AsyncSmtpTransportBuilder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host);
        // Whoever calls bounds the whole; this bounds a step that the library waits for on its own.
        let builder = builder.port(self.email.port).tls(tls).timeout(Some(Duration::from_secs(10)));
        let Some(user) = &self.email.username else { return Ok(builder.build()) };
        let Some(file) = &self.password else {
            return Err(Failure::new(
                "there is a username and no password; name its file in notifications.email.password_file",
            ));
        };
        let password = secret_file::read(file).map_err(Failure::new)?;
        Ok(builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned())).build())
    }

    fn mail(&self, message: &Message) -> Result<Mail, Failure> {
        let mailbox = |address: &str| {
            address.parse::<Mailbox>().map_err(|_| Failure::new(format!("{address:?} is not an e-mail address")))
        };
        let created = u64::try_from(message.created_at).unwrap_or(0);
        let mut mail = Mail::builder()
            .from(mailbox(&self.email.from)?)
            .subject(&message.title)
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(created))
            // The same at every attempt, by which mail programs know a second copy.
            .message_id(Some(format!("<{}@prospector.invalid>", message.id)))
            .header(header::ContentType::TEXT_PLAIN);
        for address in &self.email.to {
            mail = mail.to(mailbox(address)?);
        }
        let body = format!("{}\n\n-- \nProspector, {}\n", message.body, message.kind);
        mail.body(body).map_err(|error| Failure::new(format!("the message cannot be written: {error}")))
    }
}

#[async_trait]
impl Sender for EmailChannel {
    async fn send(&self, message: &Message) -> Result<(), Failure> {
        let (transport, mail) = (self.transport()?, self.mail(message)?);
        let host = &self.email.host;
        let sent = transport.send(mail).await;
        sent.map(drop).map_err(|error| Failure::new(format!("{host} has not taken it: {}", reason(&error))))
    }
}

fn protection(host: &str, port: u16) -> Protection {
    let here = Host::parse(host).is_ok_and(|host| match &host {
        Host::Domain(name) => is_loopback(&Host::Domain(name.as_str())),
        Host::Ipv4(address) => is_loopback(&Host::Ipv4(*address)),
        Host::Ipv6(address) => is_loopback(&Host::Ipv6(*address)),
    });
    match (port, here) {
        (SUBMISSIONS, _) => Protection::Implicit,
        (_, true) => Protection::Loopback,
        (_, false) => Protection::StartTls,
    }
}

/// What went wrong. A server's own words may repeat what it was sent, so of its answers the status alone is told.
fn reason(error: &lettre::transport::smtp::Error) -> String {
    if let Some(code) = error.status() {
        let code = code.to_string();
        let hint = match code.as_str() {
            "535" | "534" | "530" | "538" => "; check username and password_file",
            "550" | "553" | "554" => "; check `from` and `to`",
            "421" | "450" | "451" | "452" => "; it may take it later",
            _ => "",
        };
        return format!("it answered with status {code}{hint}");
    }
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    // The library's own words often hold their cause's.
    words.dedup_by(|later, earlier| earlier.contains(later.as_str()));
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_this_machine_without_tls() {
        for (host, port, expected) in [
            ("smtp.example.com", 465, Protection::Implicit),
            ("smtp.example.com", 587, Protection::StartTls),
            ("smtp.example.com", 25, Protection::StartTls),
            ("10.0.0.1", 25, Protection::StartTls),
            ("localhost.example.com", 25, Protection::StartTls),
            ("localhost", 25, Protection::Loopback),
            ("127.0.0.1", 1025, Protection::Loopback),
            ("[::1]", 25, Protection::Loopback),
            ("localhost", 465, Protection::Implicit),
        ] {
            assert_eq!(protection(host, port), expected, "{host}:{port}");
        }
    }
}
