//! `timeline`: whether duration, workload and deadline suit the freelancer's availability.

use super::blend::{Blend, saturating, unit};
use crate::judgement::{Signal, SignalKind};
use crate::text::Line;
use crate::types::{Availability, Posting, UtcSeconds};

const DAY: i64 = 86_400;
/// Time left for a proposal from which more does not matter, in seconds.
const AMPLE: f64 = 2.0 * 86_400.0;
/// Days until the freelancer can begin, at which half of that part is gone.
const WAIT: f64 = 14.0;

/// The signal: duration (35%), weekly workload (35%), time left to propose (20%), when the freelancer can begin (10%).
///
/// Duration and workload are whole while their lower end is within what the freelancer wants, and fall with the excess.
/// Where the profile sets no bound, any stated length or workload suits.
#[must_use]
pub fn timeline(posting: &Posting, availability: &Availability, now: UtcSeconds) -> Signal {
    let within = |least: u32, bound: Option<u32>| match bound {
        Some(bound) if least > bound => f64::from(bound) / f64::from(least),
        Some(_) | None => 1.0,
    };
    let mut blend = Blend::default();
    let duration = posting.duration.map(|span| within(span.minimum, availability.longest_days));
    blend.part(0.35, duration, "duration");
    let workload = posting.workload.map(|span| within(span.minimum, availability.hours_per_week));
    blend.part(0.35, workload, "workload");
    let left = posting.closes_at.map(|end| end.saturating_sub(now));
    blend.part(0.2, left.map(|left| unit(left as f64 / AMPLE)), "closes_at");
    let wait = availability.starts_at.map_or(0, |start| start.saturating_sub(now).max(0));
    blend.part(0.1, Some(1.0 - saturating(wait as f64 / DAY as f64, WAIT)), "profile.availability.starts_at");

    let mut raw = Line::new();
    raw = match posting.duration {
        Some(span) => raw.text("from ").int(span.minimum).text(" days"),
        None => raw.text("duration unknown"),
    };
    if let Some(span) = posting.workload {
        raw = raw.text(", from ").int(span.minimum).text(" h/week");
    }
    let mut reason = Line::new();
    reason = match (duration, workload) {
        (None, None) => reason.text("Neither duration nor workload is stated"),
        (duration, workload) => match (duration.unwrap_or(1.0) < 1.0, workload.unwrap_or(1.0) < 1.0) {
            (false, false) => reason.text("Fits your availability"),
            (true, false) => reason.text("Longer than you want"),
            (false, true) => reason.text("More hours a week than you have"),
            (true, true) => reason.text("Longer than you want, and more hours a week than you have"),
        },
    };
    reason = match left {
        None => reason,
        Some(left) if left <= 0 => reason.text("; closed for proposals"),
        Some(left) if left < DAY => reason.text("; closes in ").int(left / 3600).text(" h"),
        Some(left) => reason.text("; closes in ").int(left / DAY).text(" days"),
    };
    if wait > 0 {
        reason = reason.text("; you can begin in ").int(wait / DAY).text(" days");
    }
    blend.signal(SignalKind::Timeline, raw.done(), reason.done())
}
