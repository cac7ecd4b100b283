//! `status --watch`: the same again and again, until Ctrl-C.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use super::args::Status;
use super::output::Output;
use super::status;
use crate::app::AppError;

/// How often the platforms are asked; in between, what is stored is shown. Each time costs a request of the day's quota.
const ASKED_EVERY: Duration = Duration::from_secs(5 * 60);

/// The cursor to the first column of the first line, and all that is below it gone.
const AFRESH: &str = "\u{1b}[H\u{1b}[J";

/// Draws the status afresh at each interval; where the output is no terminal, one after the other.
pub async fn run(args: Status, output: &mut Output) -> Result<u8, AppError> {
    let redraws = std::io::stdout().is_terminal() && !output.is_json();
    let mut asked: Option<Instant> = None;
    loop {
        let offline = args.offline || asked.is_some_and(|at| at.elapsed() < ASKED_EVERY);
        if !offline {
            asked = Some(Instant::now());
        }
        if redraws {
            output.raw(AFRESH);
        }
        status::run(Status { offline, ..args.clone() }, output).await?;
        if !redraws && !output.is_json() {
            output.line("");
        }
        output.flush();
        if output.is_broken() {
            return Ok(crate::app::error::exit::OK);
        }
        tokio::time::sleep(args.interval).await;
    }
}

/// An interval: `5s`, `1m`; a second at least.
pub fn interval(text: &str) -> Result<Duration, String> {
    crate::config::parse_duration(text)
        .filter(|interval| *interval >= Duration::from_secs(1))
        .ok_or_else(|| "give a span of 1s at least, such as 5s or 1m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_a_second_at_least() {
        assert_eq!(interval("5s"), Ok(Duration::from_secs(5)));
        assert!(["0s", "5", "", "-1s"].into_iter().all(|text| interval(text).is_err()));
    }
}
