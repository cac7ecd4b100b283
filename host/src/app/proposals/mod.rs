//! Proposals: drafting them from templates, by hand or by themselves, and what a person changes of them before they are sent.

pub mod auto;
pub mod draft;
pub mod edit;
pub mod list;
pub mod sending;
pub mod templates;

use async_trait::async_trait;

use super::{App, AppError, Services};
use crate::contract::planning::Problem;
use crate::contract::proposals::Requirements;
use crate::plugin::fault::CallError;
use crate::proposal::check::check;
use crate::proposal::state::Event;
use crate::proposal::{Content, Proposal, State};

/// Asks a platform what it takes.
#[async_trait]
pub trait Asking: Send + Sync {
    /// What the platform asks of a proposal to a posting; none where it cannot be asked at all.
    ///
    /// # Errors
    /// The call's: it takes no proposal any more, or it could not be reached.
    async fn requirements(&self, platform: &str, posting: &str) -> Result<Option<Requirements>, CallError>;
}

/// Asks by the platforms' plugins.
pub struct Plugins<'a> {
    /// The plugins and their settings.
    pub app: &'a App,
    /// What they work with.
    pub services: &'a Services,
}

#[async_trait]
impl Asking for Plugins<'_> {
    async fn requirements(&self, platform: &str, posting: &str) -> Result<Option<Requirements>, CallError> {
        let Some(plugin) = self.app.installation.plugins.load(platform).await else { return Ok(None) };
        let (Ok(work), Ok(settings)) = (self.app.work(self.services, plugin), self.app.settings(platform)) else {
            return Ok(None);
        };
        plugin.requirements_of(&work, &settings, posting).await
    }
}

/// What stands against a proposal as it is.
#[must_use]
pub fn problems(content: &Content) -> Vec<Problem> {
    check(&content.draft, content.requirements.as_ref())
}

/// The state of a proposal that was just written, by what stands against it.
fn written(problems: &[Problem]) -> State {
    match crate::proposal::check::is_reviewable(problems) {
        true => State::Draft.next(Event::Checked).unwrap_or(State::Draft),
        false => State::Draft,
    }
}

/// The proposal of a number.
///
/// # Errors
/// The store's.
pub async fn find(app: &App, services: &Services, number: i64) -> Result<Proposal, AppError> {
    Ok(services.store.proposal(&app.config().profile.name, number).await?)
}
