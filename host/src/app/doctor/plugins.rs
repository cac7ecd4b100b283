//! Whether what is installed is what was agreed to.

use super::Check;
use crate::app::Installation;

pub(super) fn installed(installation: &Installation) -> Vec<Check> {
    const NAME: &str = "plugins";
    let mut checks: Vec<Check> =
        installation.lock_problem.iter().map(|problem| Check::problem(NAME, problem.to_string())).collect();
    checks.extend(installation.unusable.values().map(|unusable| {
        Check::problem(NAME, unusable.to_string()).of(unusable.id.clone()).remedy(unusable.remedy.clone())
    }));
    if checks.is_empty() {
        let (all, own) = (installation.plugins.len(), installation.installed.len());
        let message =
            format!("{all} loaded; {own} of them installed, with the digests and for the wishes that were agreed to");
        checks.push(Check::ok(NAME, message));
    }
    checks
}
