//! A small harness that pairs ours with a baseline in the same run.
//!
//! Each figure is the median of samples that are taken in turn (baseline, ours, baseline, ours...), so that a machine that slows down slows both.
//! The fastest sample is shown beside it: on a shared machine it is the steadier of the two.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Samples of something.
#[derive(Clone, Debug)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Takes samples of several closures in turn.
    pub fn in_turn<const N: usize>(count: usize, mut each: [&mut dyn FnMut() -> Duration; N]) -> [Samples; N] {
        let mut samples: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::with_capacity(count));
        for _ in 0..count {
            for (taken, run) in samples.iter_mut().zip(&mut each) {
                taken.push(run());
            }
        }
        samples.map(|mut taken| {
            taken.sort();
            Samples(taken)
        })
    }

    /// The middle one.
    pub fn median(&self) -> Duration {
        self.0[self.0.len() / 2]
    }

    /// The one that 99 of a hundred are no longer than.
    pub fn p99(&self) -> Duration {
        self.0[self.0.len() * 99 / 100]
    }

    /// The shortest.
    pub fn fastest(&self) -> Duration {
        self.0[0]
    }
}

/// How long a closure takes.
pub fn timed<R>(run: impl FnOnce() -> R) -> Duration {
    let started = Instant::now();
    std::hint::black_box(run());
    started.elapsed()
}

/// The same without the dropping of what it returns.
pub fn timed_keeping<R>(run: impl FnOnce() -> R) -> Duration {
    let started = Instant::now();
    let kept = run();
    let took = started.elapsed();
    drop(kept);
    took
}

/// Rows of what was measured, against what it should be.
#[derive(Default)]
pub struct Report {
    rows: Vec<[String; 4]>,
    missed: usize,
}

impl Report {
    /// A figure with a goal.
    pub fn figure(&mut self, what: &str, measured: String, goal: &str, met: bool) {
        self.missed += usize::from(!met);
        self.rows.push([what.to_owned(), measured, goal.to_owned(), if met { "met" } else { "MISSED" }.to_owned()]);
    }

    /// A figure for information.
    pub fn note(&mut self, what: &str, measured: String) {
        self.rows.push([format!("  {what}"), measured, String::new(), String::new()]);
    }

    /// The table, and whether every goal was met.
    pub fn print(&self) -> bool {
        let mut widths = [0; 4];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths) {
                let _ = write!(line, "{cell:width$}  ");
            }
            println!("{}", line.trim_end());
        }
        self.missed == 0
    }
}

/// In microseconds.
pub fn us(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
