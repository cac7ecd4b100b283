//! Who may run a log-in.

use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::connect::{Connected, Return, prepare};
use super::{App, AppError, Services};

/// What a page that begins a log-in leaves to a task: the page is answered long before the person has agreed.
async fn log_in(live: Arc<(App, Services)>, then: Url) -> Result<Connected, AppError> {
    let (app, services) = &*live;
    let plugin = app.installation.plugin("example")?.clone();
    let connecting = prepare(app, services, &plugin, None, Return::Browser(then)).await?;
    let logging_in = connecting.begin("id", &SecretString::from("secret"))?;
    if logging_in.cookie().is_none() {
        return logging_in.pasted("code").await;
    }
    logging_in.wait().await
}

#[test]
fn a_log_in_can_be_a_task_of_its_own() {
    fn spawnable<F: Future + Send + 'static>(_: impl Fn(Arc<(App, Services)>, Url) -> F) {}
    // That this compiles is the test.
    spawnable(log_in);
}
