//! Asking the person, on the terminal.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::sync::{Mutex, PoisonError};

use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::app::AppError;

/// Longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 16 * 1024;

/// The exit code of a program that was interrupted: 128 and the number of the signal.
pub const INTERRUPTED: u8 = 130;

/// The question that waits for its answer, if one does.
static ASKED: Mutex<Asked> = Mutex::new(Asked { waiting: false, before: None, interrupted: false });

struct Asked {
    waiting: bool,
    /// The terminal as it was before its echo was turned off.
    before: Option<Termios>,
    /// The person has interrupted the program: they are asked nothing any more.
    interrupted: bool,
}

impl Asked {
    /// Gives up the question that waits: the terminal is as it was before it.
    fn abandon(&self) -> ! {
        if let Some(before) = &self.before {
            // There is nobody to tell if it fails.
            let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
        println!();
        std::process::exit(INTERRUPTED.into())
    }
}

/// A question that waits, until this is dropped.
struct Waiting;

impl Waiting {
    /// Comes before the question is shown, so that there is no moment at which it is seen and cannot be interrupted.
    fn begin(before: Option<Termios>) -> Waiting {
        let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
        (asked.waiting, asked.before) = (true, before);
        if asked.interrupted {
            asked.abandon();
        }
        Waiting
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
        (asked.waiting, asked.before) = (false, None);
    }
}

/// Ctrl-C was pressed. Ends the program where a question waits; where none does, the next one will not be asked.
pub fn interrupt() {
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    asked.interrupted = true;
    if asked.waiting {
        asked.abandon();
    }
}

/// Whether somebody is there to be asked.
pub fn is_possible(no_input: bool) -> bool {
    !no_input && io::stdin().is_terminal()
}

/// Asks for a line.
///
/// # Errors
/// Where nothing can be read.
pub fn line(question: &str) -> Result<String, AppError> {
    let waiting = Waiting::begin(None);
    show(question)?;
    let mut answer = String::new();
    io::stdin()
        .lock()
        .take(MAX_ANSWER)
        .read_line(&mut answer)
        .map_err(|e| AppError::Usage(format!("no answer can be read: {e}")))?;
    drop(waiting);
    if answer.is_empty() {
        return Err(AppError::Usage("no answer was given: the input ended".to_owned()));
    }
    Ok(answer.trim().to_owned())
}

/// Asks a question that is answered by yes or no. Anything but these two is `otherwise`.
///
/// # Errors
/// As [`line`].
pub fn agreed(question: &str, otherwise: bool) -> Result<bool, AppError> {
    let choices = if otherwise { "[Y/n]" } else { "[y/N]" };
    let answer = line(&format!("{question} {choices} "))?.to_lowercase();
    Ok(match answer.as_str() {
        "y" | "yes" => true,
        "n" | "no" => false,
        _ => otherwise,
    })
}

/// Asks for a secret: each character is shown as a dot, and nothing of it is kept but the answer.
///
/// # Errors
/// Where the terminal does not let its echo be turned off; `flag` gives the secret otherwise.
pub fn secret(question: &str, flag: &str) -> Result<SecretString, AppError> {
    let hushed = Hushed::new(flag)?;
    let waiting = Waiting::begin(Some(hushed.0.clone()));
    show(question)?;
    let mut answer = Zeroizing::new(Vec::with_capacity(512));
    let mut stdin = io::stdin();
    let mut byte = [0_u8; 1];
    loop {
        let read = stdin.read(&mut byte).map_err(|e| AppError::Usage(format!("no answer can be read: {e}")))?;
        match (read, byte[0]) {
            (0, _) | (_, b'\r' | b'\n' | 4) => break,
            (_, 8 | 127) => {
                let mut dropped = false;
                while let Some(last) = answer.pop() {
                    dropped = true;
                    // A byte that does not continue a character begins one.
                    if last & 0xc0 != 0x80 {
                        break;
                    }
                }
                if dropped {
                    show("\u{8} \u{8}")?;
                }
            }
            (_, 21) => {
                let shown = String::from_utf8_lossy(&answer).chars().count();
                answer.clear();
                show(&"\u{8} \u{8}".repeat(shown))?;
            }
            (_, control) if control < 32 => {}
            (_, byte) if answer.len() < 512 => {
                answer.push(byte);
                if byte & 0xc0 != 0x80 {
                    show("•")?;
                }
            }
            _ => {}
        }
    }
    drop((waiting, hushed));
    show("\n")?;
    let text = std::str::from_utf8(&answer).map_err(|_| AppError::Usage("the answer is not text".to_owned()))?;
    Ok(SecretString::from(text.trim()))
}

/// Where standard output goes to a program, a question in it would be data.
fn show(text: &str) -> Result<(), AppError> {
    let said = |mut to: Box<dyn Write>| to.write_all(text.as_bytes()).and_then(|()| to.flush());
    let shown = match io::stdout().is_terminal() {
        true => said(Box::new(io::stdout().lock())),
        false => said(Box::new(io::stderr().lock())),
    };
    shown.map_err(|e| AppError::Usage(format!("the question cannot be shown: {e}")))
}

/// A terminal that does not echo, until this is dropped.
struct Hushed(Termios);

impl Hushed {
    fn new(flag: &str) -> Result<Hushed, AppError> {
        let refused = |e: rustix::io::Errno| {
            AppError::Usage(format!("the terminal's echo cannot be turned off ({e}); give the secret by {flag}"))
        };
        let before = termios::tcgetattr(io::stdin()).map_err(refused)?;
        let mut hushed = before.clone();
        hushed.local_modes -= LocalModes::ECHO | LocalModes::ICANON;
        termios::tcsetattr(io::stdin(), OptionalActions::Flush, &hushed).map_err(refused)?;
        Ok(Hushed(before))
    }
}

impl Drop for Hushed {
    fn drop(&mut self) {
        // There is nobody to tell if it fails.
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
