//! What can go wrong in the store. Every text says what happened, where, and what to do.

use std::path::PathBuf;

use jiff::Timestamp;

use super::Scope;
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;

/// Why the store did not do what was asked. Whatever it is, what was stored before is still there.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or its folder cannot be reached at all.
    #[error("the database {} cannot be opened: {detail}; check that its folder exists and is yours, or set GHOSTSTACK_HOME to another", path.display())]
    Inaccessible {
        /// The database file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },

    /// The file or its folder does not take writes.
    #[error("the database {} cannot be written: {detail}; make the file and its folder writable, or set GHOSTSTACK_HOME to a folder that is", path.display())]
    ReadOnly {
        /// The database file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },

    /// A write through a store that was opened for reading: a mistake of ours.
    #[error("the database {} was opened for reading only, and a write was asked for; this is a defect of ghoststack's: please report it", path.display())]
    OpenedForReading {
        /// The database file.
        path: PathBuf,
    },

    /// No room is left. What was being written is undone.
    #[error("the database {} cannot grow: the disk is full; nothing that was stored is lost: make room and run the command again", path.display())]
    Full {
        /// The database file.
        path: PathBuf,
    },

    /// Another process, or another task of this one, kept the database locked for longer than is worth waiting.
    #[error("the database {} is busy: another process has been writing to it for more than {waited_seconds} s; run the command again when that has finished", path.display())]
    Busy {
        /// The database file.
        path: PathBuf,
        /// How long it was waited for.
        waited_seconds: u64,
    },

    /// The file is something else.
    #[error("{} is not a database of ghoststack's: {detail}; it was left as it is: move it elsewhere, and a new database is created by the next scan", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        detail: String,
    },

    /// The file is damaged.
    #[error("the database {} is damaged: {detail}; it was left as it is: restore a backup, or try `sqlite3 {} .recover`, or move it elsewhere with its -wal file, and the next scan creates a new one", path.display(), path.display())]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },

    /// A later version of the program wrote it.
    #[error("the database {} has schema {found}, and this version of ghoststack knows schemas up to {known}; it was left as it is: update ghoststack, or set GHOSTSTACK_HOME to another folder", path.display())]
    TooNew {
        /// The database file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The latest that is known here.
        known: i64,
    },

    /// The disk failed.
    #[error("the database {} could not be read or written: {detail}; see that the disk and its mount are sound and your quota is not used up, then run the command again", path.display())]
    Disk {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },

    /// A stored row does not read as what it should be: a damaged one, or one that another version wrote.
    #[error("what the database {} holds of {what} cannot be read: {detail}; another version of ghoststack may have written it: a new scan replaces it if the platform still has it", path.display())]
    Unreadable {
        /// The database file.
        path: PathBuf,
        /// Which row.
        what: String,
        /// What is wrong with it.
        detail: String,
    },

    /// Somebody else is scanning the account.
    #[error("{} is being scanned already, by {owner} since {}; wait for it to finish, or, if it has crashed, until {}", account_name(account), time(*since), time(*until))]
    ScanRunning {
        /// Which account.
        account: Box<AccountKey>,
        /// Who scans, as the holder of the lease calls itself.
        owner: String,
        /// Since when.
        since: UtcSeconds,
        /// When the lease ends if it is not renewed.
        until: UtcSeconds,
    },

    /// The lease of a scan ended and went to another, or the account's data was removed meanwhile.
    #[error(
        "the scan of {} lost its turn: it was silent for too long and another took over, or the account was removed; run the scan again",
        account_name(account)
    )]
    LeaseLost {
        /// Which account.
        account: Box<AccountKey>,
    },

    /// The scan has ended already, or was removed.
    #[error(
        "scan {number} of {} is not open: it has finished, or its account was removed; begin a new one",
        account_name(account)
    )]
    ScanNotOpen {
        /// Which account.
        account: Box<AccountKey>,
        /// Which scan.
        number: i64,
    },

    /// No posting has that identifier.
    #[error("no posting {:?} is known in {scope}; `ghoststack prospector leads list` shows what is", reference)]
    NoSuchPosting {
        /// What was asked for.
        reference: String,
        /// Where it was looked for.
        scope: Scope,
    },

    /// Several postings answer to it.
    #[error("{reference:?} may be any of {}; write more of the identifier, or the platform before it: `platform/id`{}", candidates.join(", "), if *more { " (there are more)" } else { "" })]
    Ambiguous {
        /// What was asked for.
        reference: String,
        /// Postings that it may mean, as `platform/id` (and the account, where there are several).
        candidates: Vec<String>,
        /// Whether there are more than those.
        more: bool,
    },

    /// No proposal has that number.
    #[error("there is no proposal {number}; `ghoststack prospector proposals list` shows what there is")]
    NoSuchProposal {
        /// What was asked for.
        number: i64,
    },

    /// No contract has that identifier.
    #[error(
        "no contract {reference:?} is known in {scope}; `ghoststack prospector contracts sync` asks the platforms, and `contracts list` shows what is"
    )]
    NoSuchContract {
        /// What was asked for.
        reference: String,
        /// Where it was looked for.
        scope: Scope,
    },

    /// A posting has a proposal already.
    #[error(
        "proposal {number} is to this posting already, and it is in the state {state}; see `ghoststack prospector proposals show {number}`"
    )]
    ProposalExists {
        /// Which.
        number: i64,
        /// How far it is.
        state: crate::proposal::State,
    },

    /// A proposal is not as it was read.
    #[error(
        "proposal {number} was changed meanwhile, by another command or the daemon; look at it again: `ghoststack prospector proposals show {number}`"
    )]
    ProposalChanged {
        /// Which.
        number: i64,
    },

    /// The person has stopped sending.
    #[error("sending proposals is paused since {}; `ghoststack prospector proposals resume` lets it go on", time(*since))]
    Paused {
        /// Since when.
        since: UtcSeconds,
    },

    /// A budget would be passed.
    #[error(
        "the budget of {most} {name} a {period} would be passed: {spent} are used up, and this takes {wanted}; wait for the next {period}, or raise `proposals.budget.{period}.{name}` in the configuration"
    )]
    OverBudget {
        /// What is counted.
        name: String,
        /// `day` or `month`.
        period: &'static str,
        /// At most.
        most: u32,
        /// Used up so far.
        spent: u64,
        /// What this one takes.
        wanted: u32,
    },

    /// What was given breaks a rule of the interface.
    #[error("{what} was refused: {why}")]
    Invalid {
        /// The argument.
        what: &'static str,
        /// The rule it breaks, as what to give instead.
        why: String,
    },

    /// A bound is reached. What was there stays.
    #[error("{what} of {} is used up: at most {limit}; {remedy}", account_name(account))]
    Exhausted {
        /// Whose.
        account: Box<AccountKey>,
        /// What there is no more of.
        what: &'static str,
        /// The bound, with its unit.
        limit: String,
        /// What to do.
        remedy: &'static str,
    },

    /// Anything else the database said.
    #[error("the database {} did not do what was asked: {detail}; run the command again, and report it if it stays", path.display())]
    Unexpected {
        /// The database file.
        path: PathBuf,
        /// What it said.
        detail: String,
    },
}

/// `workbazaar`, or with what is needed to tell it from others: `workbazaar (account work, profile agency)`.
pub(super) fn account_name(key: &AccountKey) -> String {
    let mut notes = Vec::new();
    if key.account != "default" {
        notes.push(format!("account {}", key.account));
    }
    if key.profile != "default" {
        notes.push(format!("profile {}", key.profile));
    }
    if notes.is_empty() { key.platform.clone() } else { format!("{} ({})", key.platform, notes.join(", ")) }
}

/// A time for people; the plain number where the calendar ends.
fn time(at: UtcSeconds) -> String {
    Timestamp::from_second(at).map_or_else(|_| format!("{at} s after 1970"), |at| at.to_string())
}
