//! A browser with a person who answers the consent page: `BROWSER="consent-browser %s"`, or with `--deny` before the address.

use std::process::ExitCode;

use prospector_e2e::browser::{self, Answer};
use url::Url;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let answer =
        if arguments.next_if(|argument| argument == "--deny").is_some() { Answer::Deny } else { Answer::Allow };
    let Some(Ok(url)) = arguments.next().map(|address| Url::parse(&address)) else {
        eprintln!("consent-browser: usage: consent-browser [--deny] ADDRESS");
        return ExitCode::from(2);
    };
    match browser::visit(&url, answer) {
        Ok(page) if page.status == 200 => ExitCode::SUCCESS,
        Ok(page) => {
            eprintln!("consent-browser: the application answered {}: {}", page.status, page.body);
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("consent-browser: {error}");
            ExitCode::FAILURE
        }
    }
}
