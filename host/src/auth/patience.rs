//! Waiting for something to change: bounded, at growing distances, and not in step with others who wait for the same.

use std::time::{Duration, Instant};

/// How long another process's renewal is waited for. Below the ten seconds that `status` may take, so that it can say what it waited for.
const A_TURN: Duration = Duration::from_secs(8);

/// The distance between the first two looks, and the longest.
const FIRST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_millis(500);

/// What is left of a wait.
pub(super) struct Patience {
    until: Instant,
    distance: Duration,
}

impl Patience {
    /// For another process's turn to renew.
    pub(super) fn for_a_turn() -> Self {
        Self::of(A_TURN)
    }

    pub(super) fn of(limit: Duration) -> Self {
        Self { until: Instant::now() + limit, distance: FIRST }
    }

    /// Waits a little; false, at once, where patience is at its end.
    pub(super) async fn pause(&mut self) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        // Between half of the distance and one and a half.
        let random = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
        tokio::time::sleep(self.distance.mul_f64(0.5 + random).min(left)).await;
        self.distance = self.distance.mul_f64(1.5).min(LONGEST);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_comes_to_an_end_after_several_looks() {
        let began = Instant::now();
        let mut patience = Patience::of(Duration::from_millis(300));
        let mut looks = 0;
        while patience.pause().await {
            looks += 1;
        }
        assert!((2..=30).contains(&looks), "{looks}");
        assert!(began.elapsed() >= Duration::from_millis(300) && began.elapsed() < Duration::from_secs(5));
    }
}
