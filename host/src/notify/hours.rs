//! Hours in which nobody wants to be told of anything, and the time of a daily digest: pure questions about the clock on the person's wall.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::config::{self, TimeOfDay, Urgent};
use crate::contract::types::UtcSeconds;

/// A zone by its IANA name; UTC where there is none of that name, which the configuration's check has told.
#[must_use]
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

fn local(now: UtcSeconds, zone: &TimeZone) -> Zoned {
    Timestamp::from_second(now).unwrap_or_default().to_zoned(zone.clone())
}

fn minutes(time: Time) -> u16 {
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

/// Hours in which only what is urgent is delivered, if anything.
#[derive(Clone, Debug)]
pub struct QuietHours {
    from: TimeOfDay,
    to: TimeOfDay,
    /// What happens to urgent events.
    pub urgent: Urgent,
    zone: TimeZone,
}

impl QuietHours {
    /// As they are configured, in the person's zone.
    #[must_use]
    pub fn of(configured: &config::QuietHours, zone: TimeZone) -> QuietHours {
        QuietHours { from: configured.from, to: configured.to, urgent: configured.urgent, zone }
    }

    /// Whether it is one of them. They may reach over midnight.
    #[must_use]
    pub fn contain(&self, now: UtcSeconds) -> bool {
        let (from, to, at) = (self.from.minutes(), self.to.minutes(), minutes(local(now, &self.zone).time()));
        if from <= to { (from..to).contains(&at) } else { at >= from || at < to }
    }
}

/// The last time before or at `now` that the clock on the wall showed a time of day. A day on which it does not show it has it an hour off.
#[must_use]
pub fn last(at: TimeOfDay, now: UtcSeconds, zone: &TimeZone) -> Option<UtcSeconds> {
    let here = local(now, zone);
    let time = Time::new(i8::try_from(at.minutes() / 60).ok()?, i8::try_from(at.minutes() % 60).ok()?, 0, 0).ok()?;
    [here.date(), here.date().yesterday().ok()?].into_iter().find_map(|day| {
        let then = day.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp().as_second();
        (then <= now).then_some(then)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a time").as_second()
    }

    fn time(text: &str) -> TimeOfDay {
        TimeOfDay::parse(text).expect("a time of day")
    }

    #[test]
    fn quiet_hours_are_those_of_the_persons_wall() {
        let quiet = |from, to, name| {
            let configured = config::QuietHours { from: time(from), to: time(to), urgent: Urgent::Pass };
            QuietHours::of(&configured, zone(name))
        };
        let night = quiet("22:00", "07:00", "Europe/Berlin");
        for (now, expected) in [
            ("2026-01-15T20:59:59Z", false),
            ("2026-01-15T21:00:00Z", true),
            ("2026-01-16T05:59:59Z", true),
            ("2026-01-16T06:00:00Z", false),
            // In summer the clock is two hours ahead of UTC.
            ("2026-07-15T19:59:59Z", false),
            ("2026-07-15T20:00:00Z", true),
            ("2026-07-16T05:00:00Z", false),
        ] {
            assert_eq!(night.contain(at(now)), expected, "{now}");
        }
        let noon = quiet("12:00", "13:30", "UTC");
        assert!(noon.contain(at("2026-01-15T13:29:59Z")) && !noon.contain(at("2026-01-15T13:30:00Z")));
    }

    #[test]
    fn a_time_of_day_is_found_across_midnight_and_changes_of_the_clock() {
        let berlin = zone("Europe/Berlin");
        for (now, expected) in [
            ("2026-01-15T07:00:00Z", "2026-01-15T07:00:00Z"),
            ("2026-01-15T06:59:59Z", "2026-01-14T07:00:00Z"),
            ("2026-07-15T06:00:00Z", "2026-07-15T06:00:00Z"),
        ] {
            assert_eq!(last(time("08:00"), at(now), &berlin), Some(at(expected)), "{now}");
        }
        // 02:30 does not exist on that day.
        assert_eq!(last(time("02:30"), at("2026-03-29T02:00:00Z"), &berlin), Some(at("2026-03-29T01:30:00Z")));
    }

    #[test]
    fn zones_are_known_without_files_of_the_system() {
        assert!(["America/New_York", "Asia/Kolkata", "UTC"].into_iter().all(|name| TimeZone::get(name).is_ok()));
        assert_eq!(zone("Mars/Olympus"), TimeZone::UTC);
    }
}
