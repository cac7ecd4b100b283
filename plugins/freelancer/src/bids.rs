//! Bids as proposals: lists of the account's own, the latest to a project, and those that may have changed.

use std::cmp::Reverse;

use prospector_plugin::error::{self, Refine};
use prospector_plugin::http::Request;
use prospector_plugin::lenient::{Field as _, Flag, Float, Int, Json, Keyed, Lax, Text};
use prospector_plugin::paging::{cursor_of, read_cursor};
use prospector_plugin::posting::word;
use prospector_plugin::proposals::{Proposal, ProposalPage, ProposalStatus};
use prospector_plugin::request::Call;
use prospector_plugin::time::{DAY, sound};
use prospector_plugin::types::{Error, UtcSeconds};
use prospector_plugin::{Host, money, record};

use crate::envelope::{ask, ask_for};
use crate::posting::{site, url};
use crate::wire::{Project, User};
use crate::wishes::{self, CREDENTIAL};

/// Path of bids.
pub(crate) const BIDS: &str = "/api/projects/0.1/bids/";

/// Rows that a page has at most.
pub(crate) const PAGE: usize = 100;

/// Seconds for which a bid that nobody awarded may still change (assumed): older ones are not read again.
const HORIZON: i64 = 180 * DAY;

/// Rows after which a list is taken for endless: the platform would ignore the offset.
const MOST_ROWS: i64 = 50_000;

record! {
    /// `result` of a list of bids.
    struct Bids<'a> {
        bids: Json<'a>,
        projects: Keyed<'a, Project>,
        users: Keyed<'a, User>,
    }

    pub(crate) struct Bid {
        pub(crate) id: Int,
        pub(crate) bidder_id: Int,
        pub(crate) project_id: Int,
        pub(crate) project_owner_id: Int,
        /// In the project's currency; per hour, if it pays by the hour.
        pub(crate) amount: Float,
        pub(crate) retracted: Flag,
        pub(crate) time_submitted: Int = "time_submitted" | "submitdate",
        /// `pending, awarded, rejected, revoked, canceled`; absent too, before an award.
        pub(crate) award_status: Text,
        /// `pending, complete, incomplete`.
        pub(crate) complete_status: Text,
        pub(crate) paid_status: Text,
        /// `active, in_progress, complete`.
        pub(crate) frontend_bid_status: Text,
        pub(crate) time_awarded: Int,
        pub(crate) time_accepted: Int,
        pub(crate) complete_status_changed_time: Int,
        pub(crate) award_status_changed_time: Int,
    }

    struct Own {
        id: Int,
    }
}

/// The account's own identifier: one request.
pub(crate) fn own_id(host: &dyn Host, origin: &str) -> Result<i64, Error> {
    let request = Call::get(origin, "/api/users/0.1/self/").flag("compact", true).credential(CREDENTIAL).build();
    let own: Own = ask_for(host, &request, "the account")?;
    own.id.0.ok_or_else(|| error::unexpected_answer("Freelancer's answer for the account has no identifier"))
}

/// Bids with what else came with them.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) bids: Vec<Bid>,
    /// Elements of the list, whatever they are.
    pub(crate) rows: usize,
    projects: Vec<Project>,
    users: Vec<User>,
}

impl Listed {
    /// Asks for a page of bids.
    pub(crate) fn ask(host: &dyn Host, request: &Request) -> Result<Self, Error> {
        ask(host, request, "your bids", |result, _| {
            let found: Bids<'_> = Lax::of(result).0?;
            // Nothing at all in the place of the list is no empty list.
            let Json::List(list) = found.bids else { return None };
            let rows = list.len();
            let bids = list.filter_map(|bid| Lax::of(bid).0).collect();
            let projects = found.projects.0.into_iter().map(|(_, project)| project).collect();
            let users = found.users.0.into_iter().map(|(_, user)| user).collect();
            Some(Self { bids, rows, projects, users })
        })
    }

    /// The project of a bid.
    pub(crate) fn project(&self, bid: &Bid) -> Option<&Project> {
        let id = bid.project_id.0?;
        self.projects.iter().find(|project| project.id.0 == Some(id))
    }

    /// Whose project it is.
    pub(crate) fn owner(&self, bid: &Bid) -> Option<&User> {
        let id = bid.project_owner_id.0.or_else(|| self.project(bid)?.owner_id.0)?;
        self.users.iter().find(|user| user.id.0 == Some(id))
    }

    fn extend(&mut self, more: Self) {
        self.rows += more.rows;
        for bid in more.bids {
            // A bid placed meanwhile moves the others down the list.
            if !self.bids.iter().any(|known| known.id == bid.id) {
                self.bids.push(bid);
            }
        }
        self.projects.extend(more.projects);
        self.users.extend(more.users);
    }
}

/// Where a pass over own bids is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Bids submitted from then on are read; all if 0.
    from: i64,
    began: i64,
    /// When the oldest was submitted of those that have to be read again.
    oldest: i64,
    offset: i64,
    /// Whose bids; 0 at the beginning of a pass.
    own: i64,
}

impl Place {
    /// Where a cursor leads.
    pub(crate) fn of(cursor: Option<&str>, now: UtcSeconds) -> Result<Self, Error> {
        let mut numbers = [0, now, now, 0, 0];
        if let Some(cursor) = cursor {
            read_cursor(cursor, &mut numbers)?;
        }
        let [from, began, oldest, offset, own] = numbers;
        if own == 0 {
            return Ok(Self { from, began: now, oldest: now, offset: 0, own });
        }
        Ok(Self { from, began, oldest, offset: offset.max(0), own })
    }

    /// Reads own bids with one of these award statuses, any if there is none: a page, or fewer if no more follow.
    ///
    /// `from_time` is about when a bid was submitted, and nothing asks for what has changed. So whatever may change is read again.
    pub(crate) fn next(&mut self, host: &dyn Host, origin: &str, awards: &[&str]) -> Result<(Listed, bool), Error> {
        if self.own == 0 {
            self.own = own_id(host, origin)?;
        }
        let mut all = Listed::default();
        while all.bids.len() < PAGE && self.offset < MOST_ROWS {
            let call = Call::get(origin, BIDS)
                .list("bidders[]", [self.own])
                .list("award_statuses[]", awards)
                .maybe("from_time", Some(self.from).filter(|from| *from > 0))
                .flag("project_details", true)
                .flag("user_details", true)
                .number("limit", PAGE - all.bids.len())
                .number("offset", self.offset);
            let mut page = Listed::ask(host, &call.credential(CREDENTIAL).build())?;
            if page.rows == 0 {
                return Ok((all, false));
            }
            self.offset = self.offset.saturating_add(i64::try_from(page.rows).unwrap_or(i64::MAX));
            page.bids.retain(|bid| bid.bidder_id.0.is_none_or(|bidder| bidder == self.own));
            all.extend(page);
        }
        all.bids.truncate(PAGE);
        Ok((all, self.offset < MOST_ROWS))
    }

    /// Has a bid read again by the next pass.
    pub(crate) fn keep(&mut self, bid: &Bid) {
        self.oldest = self.oldest.min(bid.time_submitted.0.unwrap_or(0));
    }

    /// The cursor of the next page, or of the next pass.
    pub(crate) fn cursor(&self, more: bool) -> String {
        if more {
            return cursor_of(&[self.from, self.began, self.oldest, self.offset, self.own]);
        }
        cursor_of(&[self.oldest.min(self.began.saturating_sub(HORIZON)).max(0), 0, 0, 0, 0])
    }
}

/// A bid as a proposal; none without identifiers.
pub(crate) fn proposal(bid: &Bid, project: Option<&Project>, site: &str) -> Option<Proposal> {
    let (id, posting) = (bid.id.0?.to_string(), bid.project_id.0?.to_string());
    let currency = project.and_then(|project| project.currency.0.as_ref()?.code.0.as_deref());
    let seo_url = project.and_then(|project| project.seo_url.0.as_deref());
    Some(Proposal {
        id,
        status: status(bid),
        submitted_at: bid.time_submitted.0.and_then(sound),
        amount: money::money(bid.amount.0, currency),
        url: Some(url(site, "/projects/", seo_url, &posting)),
        posting,
    })
}

/// What became of a bid. `revoked` is an award that was taken back or ran out, `canceled` one that ended before work began (assumed).
fn status(bid: &Bid) -> ProposalStatus {
    if bid.retracted.0 == Some(true) {
        return ProposalStatus::Withdrawn;
    }
    match bid.award_status.0.as_deref() {
        None | Some("pending") => ProposalStatus::Submitted,
        Some("awarded") => ProposalStatus::Won,
        Some("rejected" | "revoked" | "canceled") => ProposalStatus::Declined,
        Some(other) => ProposalStatus::Other(word(other)),
    }
}

/// The latest own bid to a project; one that lives counts before those that were taken back.
pub(crate) fn look_up(host: &dyn Host, posting: &str) -> Result<Option<Proposal>, Error> {
    let Ok(project) = posting.parse::<i64>() else { return Ok(None) };
    let origin = wishes::api(host)?;
    let own = own_id(host, &origin)?;
    latest(host, &origin, project, own)
}

/// As [`look_up`], of an account.
pub(crate) fn latest(host: &dyn Host, origin: &str, project: i64, own: i64) -> Result<Option<Proposal>, Error> {
    let call = Call::get(origin, BIDS)
        .list("projects[]", [project])
        .list("bidders[]", [own])
        .flag("project_details", true)
        .number("limit", PAGE);
    let listed = Listed::ask(host, &call.credential(CREDENTIAL).build())?;
    let site = site(origin);
    let of_both = |bid: &&Bid| bid.project_id.0 == Some(project) && bid.bidder_id.0 == Some(own);
    let latest = listed
        .bids
        .iter()
        .filter(of_both)
        .min_by_key(|bid| (bid.retracted.0 == Some(true), Reverse((bid.time_submitted.0, bid.id.0))));
    match latest.and_then(|bid| proposal(bid, listed.project(bid), site)) {
        Some(found) => Ok(Some(found)),
        None if listed.rows == 0 => Ok(None),
        // Rows of others, or that cannot be read: whether there is one is not told.
        None => Err(error::unexpected_answer(format!(
            "Freelancer answered {} bids, and none that is yours on project {project}",
            listed.rows
        ))
        .remedy("Look at the project on the site.")),
    }
}

/// Own bids that may have changed.
pub(crate) fn changed(host: &dyn Host, cursor: Option<&str>, now: UtcSeconds) -> Result<ProposalPage, Error> {
    let mut place = Place::of(cursor, now)?;
    let origin = wishes::api(host)?;
    let (listed, more) = place.next(host, &origin, &[])?;
    let site = site(&origin);
    let proposals = listed.bids.iter().filter_map(|bid| proposal(bid, listed.project(bid), site)).collect();
    Ok(ProposalPage { proposals, cursor: place.cursor(more), more })
}

/// A bid by its identifier.
pub(crate) fn one(host: &dyn Host, origin: &str, id: &str) -> Result<Bid, Error> {
    let path = path_of(id)?;
    let bid: Bid = ask_for(host, &Call::get(origin, &path).credential(CREDENTIAL).build(), "your bid")?;
    if bid.id.0.is_none_or(|found| found.to_string() != id) {
        return Err(error::unexpected_answer(format!("Freelancer answered another bid than {id}")));
    }
    Ok(bid)
}

/// The path of a bid.
pub(crate) fn path_of(id: &str) -> Result<String, Error> {
    match id.parse::<i64>() {
        Ok(number) => Ok(format!("{BIDS}{number}/")),
        Err(_) => Err(error::invalid_input(format!("`{}` is no bid of Freelancer's", id.escape_debug()))),
    }
}

#[cfg(test)]
mod tests;
