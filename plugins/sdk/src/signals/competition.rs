//! `competition`: how many others want it, and for how long it has been open.

use super::blend::{Blend, saturating};
use crate::judgement::{Signal, SignalKind};
use crate::text::Line;
use crate::types::{Posting, UtcSeconds};

/// Proposals at which half of the chance is gone.
const PROPOSALS: f64 = 15.0;
/// Days after which half of the freshness is gone.
const DAYS: f64 = 5.0;

/// The signal: few proposals (75%) and freshness (25%), each falling from 1 towards 0.
///
/// A band of proposals counts as its middle, an open one as its lower end. The wider the values that are possible within it,
/// the lower the confidence: an exact count costs none.
#[must_use]
pub fn competition(posting: &Posting, now: UtcSeconds) -> Signal {
    let mut blend = Blend::default();
    let proposals = posting.competition.map(|competition| competition.proposals);
    let crowd = proposals.map(|span| {
        let chance = |count: f64| 1.0 - saturating(count, PROPOSALS);
        let low = f64::from(span.minimum);
        let (count, worst) = match span.maximum.map(f64::from) {
            Some(high) => (low.midpoint(high), chance(high)),
            None => (low, 0.0),
        };
        (chance(count), 1.0 - (chance(low) - worst))
    });
    blend.estimate(0.75, crowd, "competition.proposals");
    let hours = posting.posted_at.map(|at| now.saturating_sub(at).max(0) / 3600);
    blend.part(0.25, hours.map(|hours| 1.0 - saturating(hours as f64 / 24.0, DAYS)), "posted_at");

    let mut raw = Line::new();
    raw = match proposals {
        Some(span) => match span.maximum {
            Some(high) if high == span.minimum => raw.int(span.minimum).text(" proposals"),
            Some(high) => raw.int(span.minimum).text("-").int(high).text(" proposals"),
            None => raw.text("at least ").int(span.minimum).text(" proposals"),
        },
        None => raw.text("proposals unknown"),
    };
    let mut reason = Line::new();
    reason = match proposals.map(|span| (span.minimum, span.maximum)) {
        None => reason.text("The number of proposals is not known"),
        Some((0, Some(0))) => reason.text("No proposals yet"),
        Some((0..=9, Some(0..=9))) => reason.text("Few proposals"),
        Some((0..=29, Some(_))) => reason.text("A fair number of proposals"),
        Some(_) => reason.text("Many proposals"),
    };
    let reason = match hours {
        None => reason.text("; when it was posted is not known"),
        Some(0) => reason.text(", posted within the hour"),
        Some(hours @ 1..48) => reason.text(", posted ").int(hours).text(" h ago"),
        Some(hours) => reason.text(", posted ").int(hours / 24).text(" days ago"),
    };
    blend.signal(SignalKind::Competition, raw.done(), reason.done())
}
