//! The figures that the design asks for, each beside a baseline of the same run: `cargo bench -p ghoststack`, or `just bench`.
//! `-- calls`, `judging`, `loading`, `gate`, `reading`, `scan` or `status` measures those alone.

mod calls;
mod gate;
mod harness;
mod judging;
mod loading;
mod postings;
mod reading;
mod scan;
mod status;

use ghoststack::plugin::catalog::BUILTIN;
use harness::Report;

fn main() {
    // `cargo test --benches` and the like: there is nothing to test here.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, postings, judged_by] = arguments.as_slice()
        && flag == "--scan"
    {
        runtime.block_on(scan::alone(postings.parse().expect("a number"), judged_by == "component"));
        return;
    }
    let asked: Vec<&str> = arguments.iter().skip(1).map(String::as_str).filter(|a| !a.starts_with('-')).collect();
    let wanted = |rows: &str| asked.is_empty() || asked.contains(&rows);
    let mut report = Report::default();
    if wanted("calls") {
        calls::rows(&mut report, &runtime);
    }
    if wanted("judging") {
        judging::rows(&mut report, &runtime);
    }
    if wanted("loading") {
        loading::rows(&mut report, &runtime);
    }
    if wanted("gate") {
        gate::rows(&mut report, &runtime);
    }
    if wanted("reading") {
        reading::rows(&mut report, &runtime);
    }
    if wanted("status") {
        status::rows(&mut report);
    }
    if wanted("scan") {
        scan::rows(&mut report);
    }
    if !report.print() {
        std::process::exit(1);
    }
}

/// The built-in component of a platform.
fn component(id: &str) -> &'static [u8] {
    BUILTIN.iter().find(|builtin| builtin.id == id).expect("a built-in plugin").bytes
}
