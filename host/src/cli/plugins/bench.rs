//! `plugins bench`.

use crate::app::error::exit;
use crate::app::kit::bench::{self, Row};
use crate::app::{AppError, Installation};
use crate::cli::args::Bench;
use crate::cli::output::{Output, Style};
use crate::cli::text;

/// Measures what calls of a component take.
pub async fn run(installation: &Installation, args: Bench, output: &mut Output) -> Result<u8, AppError> {
    let measured = bench::bench(installation, &args.file, &args.settings.unwrap_or_default()).await?;
    if output.is_json() {
        output.json(&measured);
        return Ok(exit::OK);
    }
    output.line(format_args!("{}, {} bytes, {}", text::line(&measured.id), measured.size, measured.component_sha256));
    let head = format!("{:20}{:>10}{:>7}{:>12}{:>12}{:>12}", "EXPORT", "POSTINGS", "CALLS", "MEDIAN", "P95", "MEMORY");
    output.line(output.style(Style::Dim, head));
    for Row { export, postings, calls, median_us, p95_us, memory } in &measured.calls {
        let (median, p95, memory) = (time(*median_us), time(*p95_us), mebibytes(*memory));
        output.line(format_args!("{export:20}{postings:>10}{calls:>7}{median:>12}{p95:>12}{memory:>12}"));
    }
    output.line(format_args!(
        "A call that judges may take {} ms of processor time and {} of memory.",
        measured.judging_time_bound_ms,
        mebibytes(measured.judging_memory_bound)
    ));
    Ok(exit::OK)
}

fn time(us: f64) -> String {
    if us < 10_000.0 { format!("{us:.0} us") } else { format!("{:.1} ms", us / 1000.0) }
}

fn mebibytes(bytes: usize) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
