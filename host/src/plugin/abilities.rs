//! The optional interfaces of a platform's plugin, found on its component's type, and the smaller ones of them.

use super::bound::ask;
use super::check;
use super::fault::CallError;
use super::limits::Budget;
use super::platform::{PlatformPlugin, Work, refused};
use crate::capability::http::policy::Phase;
use crate::contract::profile::Found;
use crate::contract::types::{Attribute, Posting};

/// Postings that are looked up at once: the contract's bound.
pub const MAX_LOOKED_UP: usize = 20;

impl PlatformPlugin {
    /// Whether the plugin exports an optional interface.
    pub(super) fn offers(&self, interface: &str) -> bool {
        self.inspected.extras.iter().any(|extra| extra == interface)
    }

    /// `profile.read`: what the account says of its owner, for the plugin's settings; none where the plugin does not offer it.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn read_profile(&self, work: &Work, settings: &[Attribute]) -> Result<Option<Found>, CallError> {
        const EXPORT: &str = "profile.read";
        if !self.offers("profile") {
            return Ok(None);
        }
        let call = self.call(EXPORT, Phase::Account, Budget::SHORT, Some(work), work.capabilities.clock.now());
        let answer = ask!(self.bound, call, read_profile(settings))?;
        check::found(answer.map_err(refused)?).map(Some).map_err(|why| self.absurd(EXPORT, why))
    }

    /// `wake.wake`: what the plugin does at a time that it has set, under the key that it has set it by. Nothing where it does not offer it.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn wake(&self, work: &Work, key: &str) -> Result<(), CallError> {
        if !self.offers("wake") {
            return Ok(());
        }
        let now = work.capabilities.clock.now();
        let call = self.call("wake.wake", Phase::Wake, Budget::SHORT, Some(work), now);
        let answer = ask!(self.bound, call, wake(key, now))?;
        answer.map_err(refused)
    }

    /// Whether the plugin offers [`wake`](Self::wake).
    #[must_use]
    pub fn wakes(&self) -> bool {
        self.offers("wake")
    }

    /// Whether the plugin offers [`read_profile`](Self::read_profile).
    #[must_use]
    pub fn reads_profiles(&self) -> bool {
        self.offers("profile")
    }

    /// `lookup.find`: the postings of these identifiers that are still to be had, at most [`MAX_LOOKED_UP`] of them; none where the plugin does not offer
    /// it. A posting that breaks the contract counts as not to be had.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn find(
        &self,
        work: &Work,
        settings: &[Attribute],
        ids: &[String],
    ) -> Result<Option<Vec<Posting>>, CallError> {
        const EXPORT: &str = "lookup.find";
        if !self.offers("lookup") {
            return Ok(None);
        }
        let ids = &ids[..ids.len().min(MAX_LOOKED_UP)];
        let call = self.call(EXPORT, Phase::Search, Budget::SEARCH, Some(work), work.capabilities.clock.now());
        let answer = ask!(self.bound, call, find(settings, ids))?;
        check::looked_up(answer.map_err(refused)?, ids).map(Some).map_err(|why| self.absurd(EXPORT, why))
    }
}
