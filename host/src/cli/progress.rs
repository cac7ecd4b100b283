//! How far a scan is, on standard error, where somebody is watching.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::app::scan::Progress;

/// A line for each platform; nothing where standard error is no terminal.
pub struct Bars {
    all: MultiProgress,
    bars: Mutex<HashMap<String, ProgressBar>>,
    watched: bool,
}

impl Bars {
    pub fn new() -> Bars {
        Bars { all: MultiProgress::new(), bars: Mutex::default(), watched: std::io::stderr().is_terminal() }
    }

    fn bar(&self, platform: &str) -> ProgressBar {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let made = bars.entry(platform.to_owned()).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {pos} postings{msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(platform.to_owned());
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        made.clone()
    }
}

impl Progress for Bars {
    fn fetched(&self, platform: &str, fetched: u64, total: Option<u64>) {
        if !self.watched {
            return;
        }
        let bar = self.bar(platform);
        bar.set_position(fetched);
        if let Some(total) = total {
            bar.set_message(format!(" of {total}"));
        }
    }

    fn done(&self, platform: &str) {
        if self.watched {
            self.bar(platform).finish_and_clear();
        }
    }
}
