//! `completions`.

use clap::CommandFactory;

use super::args::Cli;
use super::output::Output;
use crate::app::AppError;
use crate::app::error::exit;

/// Prints a shell's completion script.
pub fn run(shell: clap_complete::Shell, output: &mut Output) -> Result<u8, AppError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ghoststack", &mut script);
    output.line(String::from_utf8_lossy(&script).trim_end());
    Ok(exit::OK)
}
