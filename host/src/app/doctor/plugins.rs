//! Whether what is installed is what was agreed to.

use super::Check;
use crate::app::Installation;

pub(super) async fn installed(installation: &Installation) -> Vec<Check> {
    const NAME: &str = "plugins";
    installation.plugins.load_all().await;
    let (customs, unusable) = installation.installed_customs().await;
    let mut checks: Vec<Check> =
        installation.lock_problem.iter().map(|problem| Check::problem(NAME, problem.to_string())).collect();
    checks.extend(installation.plugins.unusable().chain(&unusable).map(|unusable| {
        Check::problem(NAME, unusable.to_string()).of(unusable.id.clone()).remedy(unusable.remedy.clone())
    }));
    if checks.is_empty() {
        let all = installation.plugins.loaded().count() + customs.len();
        let own = installation.installed.len();
        let message = format!(
            "{all} can be used; {own} of them installed, with the digests and for the wishes that were agreed to"
        );
        checks.push(Check::ok(NAME, message));
    }
    checks
}
