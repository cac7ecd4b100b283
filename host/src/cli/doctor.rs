//! `doctor`.

use serde::Serialize;

use super::args::Doctor;
use super::output::{Output, Style};
use super::text;
use crate::app::AppError;
use crate::app::doctor::{self, Check, Verdict};
use crate::config::Home;

/// Columns before what was found.
const INDENT: usize = 23;

/// The data, as `--json` prints it.
#[derive(Serialize)]
struct Document {
    checks: Vec<Check>,
}

/// Looks at everything that can be in the way.
pub async fn run(args: Doctor, output: &mut Output) -> Result<u8, AppError> {
    let checks = doctor::examine(Home::from_env()?, args.offline).await;
    let code = doctor::exit_code(&checks);
    if output.is_json() {
        output.json(&Document { checks });
        return Ok(code);
    }
    let columns = output.width() - INDENT;
    for check in &checks {
        let (style, word) = match check.state {
            Verdict::Ok => (Style::Good, "ok"),
            Verdict::Skipped => (Style::Dim, "skipped"),
            Verdict::Warning => (Style::Fair, "warning"),
            Verdict::Problem => (Style::Bad, "PROBLEM"),
        };
        let subject = check.subject.as_ref().map(|of| format!("{}: ", text::line(of))).unwrap_or_default();
        let message = text::wrap(&format!("{subject}{}", text::line(&check.message)), columns, INDENT);
        let word = output.style(style, text::pad(word, 7));
        output.line(format_args!("{word}  {}  {message}", text::pad(check.check, INDENT - 11)));
        if let Some(remedy) = check.remedy.as_ref().filter(|_| check.state != Verdict::Ok) {
            let remedy = text::wrap(&format!("next: {}", text::line(remedy)), columns, INDENT);
            output.line(format_args!("{:INDENT$}{remedy}", ""));
        }
    }
    Ok(code)
}
