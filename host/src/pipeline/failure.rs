//! How a scan ends early, and what a person should know of it, in words.

use crate::capability::http::gate::kind_name;
use crate::contract::search::NoticeKind;
use crate::contract::types::{Error, ErrorKind};
use crate::plugin::fault::CallError;
use crate::store::ScanFailure;

/// The platform does not come to an end.
pub(super) fn stuck() -> ScanFailure {
    ScanFailure {
        kind: "unexpected-answer".to_owned(),
        message: "The platform's pages do not come to an end; what was found until then is kept".to_owned(),
        remedy: Some("Lower `max_results_per_scan`, and report it to the plugin's author".to_owned()),
    }
}

/// What a scan that was to stop is called in its record.
pub const STOPPED: &str = "stopped";

/// The program ends.
pub(super) fn stopped() -> ScanFailure {
    ScanFailure {
        kind: STOPPED.to_owned(),
        message: "The scan was stopped with the program; what was found until then is kept".to_owned(),
        remedy: None,
    }
}

/// A failed call in the words of a scan's record.
#[must_use]
pub fn failure(error: &CallError) -> ScanFailure {
    match error {
        CallError::Fault(fault) => ScanFailure {
            kind: "fault".to_owned(),
            message: fault.to_string().replacen("the plugin", "The plugin", 1),
            remedy: Some(
                "Run the command again with -v for the plugin's log, and report it to the plugin's author if it stays"
                    .to_owned(),
            ),
        },
        CallError::Refused(error) => ScanFailure {
            kind: kind_name(error.kind).to_owned(),
            message: match error.retry_after {
                Some(seconds) => {
                    format!("{}. It can be tried again in {seconds} s", error.message.trim_end_matches('.'))
                }
                None => error.message.clone(),
            },
            remedy: Some(remedy(error)),
        },
    }
}

/// What to do about a platform's refusal: the plugin's own words, or the host's for the kind.
fn remedy(error: &Error) -> String {
    if let Some(remedy) = &error.remedy {
        return remedy.clone();
    }
    match error.kind {
        ErrorKind::Unauthenticated => "Run `ghoststack prospector connect` for this platform",
        ErrorKind::Forbidden => "Check the permissions of your application at the platform, then connect again",
        ErrorKind::RateLimited => "Set a longer `scan_interval` or a lower `max_results_per_scan`; other programs that use the same key share the limit",
        ErrorKind::Unavailable => "Try again in a while; check your network if other sites fail too",
        ErrorKind::InvalidInput => "Check the platform's section with `ghoststack prospector config validate`",
        ErrorKind::Denied => "Check `endpoints:` in the platform's section, or report it to the plugin's author",
        ErrorKind::Exhausted => "Lower `max_results_per_scan`",
        ErrorKind::TooLarge => "Look for an update of the plugin: it should ask for less at once",
        ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::UnexpectedAnswer | ErrorKind::Unsupported | ErrorKind::Internal => {
            "Try again; if it stays, report it to the plugin's author with the output of -v"
        }
    }
    .to_owned()
}

/// What a notice is about, for people.
#[must_use]
pub fn notice_title(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::FilterIgnored => "Filter ignored",
        NoticeKind::Partial => "Answered in part",
        NoticeKind::Truncated => "There is more",
    }
}
