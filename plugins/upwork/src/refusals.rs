//! What the platform's refusals mean, in words for a person.
//!
//! What a key may do is chosen where it is made, and a call beyond that is refused with HTTP 200 and a message that lists fields of
//! the schema. The token endpoint's texts are undocumented: RFC 6749's codes are assumed there.

use prospector_plugin::account::{Explanation, Refusal, Stage};
use prospector_plugin::refusals::{Words, explanation, says};
use prospector_plugin::text::excerpt;
use prospector_plugin::types::ErrorKind;

use crate::wishes::{CONTRACTS, JOB_SEARCH, PROPOSALS, REGISTRATION_URL};

/// What refusals call things.
pub(crate) const WORDS: Words = Words {
    name: "Upwork",
    id: "upwork",
    application: "API key",
    dashboard: "the page of API keys",
    registration_url: REGISTRATION_URL,
};

/// Permissions as the page of API keys has them, by the beginnings of the types that they open. Which one opens proposals is not
/// known: the name is the nearest in Upwork's list.
const PERMISSIONS: [(&str, &[&str]); 5] = [
    ("Read marketplace Job Postings", &["MarketplaceJob", "marketplaceJob", "JobPosting"]),
    ("Submit Proposal", &["VendorProposal", "vendorProposal", "Proposal"]),
    ("Contracts", &["Contract", "contract", "VendorContract", "vendorContract", "Milestone"]),
    ("Offers", &["Offer", "offer"]),
    (
        "Common Entities - Read-Only Access",
        &["Money", "PageInfo", "User", "user", "GenericUser", "Organization", "organization"],
    ),
];

/// Fields that a message shows.
const SHOWN: usize = 4;

/// Whether a message says that the key may not do it. Two beginnings were seen.
pub(crate) fn is_about_permissions(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("oauth2 permissions") || message.contains("permissions/scopes")
}

/// The code that a message begins with: `VJCA-6`.
pub(crate) fn code_in(message: &str) -> Option<&str> {
    let code = message.split([':', ' ']).next()?;
    let is_code = code.contains('-')
        && code.ends_with(|c: char| c.is_ascii_digit())
        && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    is_code.then_some(code)
}

/// Refusals of a proposal, by words in small letters: kind, title, message, and what to do. The code is reported of Upwork's MCP server, the words
/// are assumed.
const OF_PROPOSALS: [(&[&str], ErrorKind, &str, &str, &str); 4] = [
    (
        &["vj-ja-10", "already submitted a proposal"],
        ErrorKind::Conflict,
        "Already proposed",
        "You have a proposal for this job.",
        "Look at it on the site; it can be changed or withdrawn there.",
    ),
    (
        &["not enough connects"],
        ErrorKind::Exhausted,
        "No Connects left",
        "You have fewer Connects than this proposal costs.",
        "Buy Connects on the site, or wait until Upwork refills them.",
    ),
    (
        &["not accepting proposals", "no longer accepting"],
        ErrorKind::Conflict,
        "Job closed",
        "The job takes no more proposals.",
        "Leave this job.",
    ),
    (
        &["cannot be withdrawn"],
        ErrorKind::Conflict,
        "Proposal decided",
        "In its present state the proposal cannot be withdrawn.",
        "Look at the proposal on the site.",
    ),
];

/// What the refusal of a proposal means; none if it is not about one.
pub(crate) fn of_proposals(message: &str) -> Option<(ErrorKind, Explanation)> {
    let message = message.to_lowercase();
    let (_, kind, title, meaning, remedy) =
        OF_PROPOSALS.iter().find(|(words, ..)| words.iter().any(|word| message.contains(word)))?;
    Some((*kind, explanation(title, *meaning, *remedy, false)))
}

/// Says what a refusal means; none if the platform's own words are all there is.
pub(crate) fn explain(refusal: &Refusal) -> Option<Explanation> {
    let message = refusal.message.as_deref().unwrap_or_default();
    let code = refusal.code.as_deref().unwrap_or_default().to_lowercase();
    // `missing-scopes` is the host's own code, for scopes that `identify` found missing.
    if code == "missing-scopes" || code == "invalid_scope" || is_about_permissions(message) {
        return Some(insufficient_scopes(message));
    }
    match (refusal.stage, code.as_str()) {
        (_, "unauthorized_client") => Some(key_not_allowed()),
        (Stage::Refresh, "invalid_grant") => Some(grant_ended()),
        (Stage::Request, _) if refusal.status == Some(401) || says(refusal, &["unauthorized", "unauthenticated"]) => {
            Some(grant_ended())
        }
        (Stage::Request, _) if refusal.status == Some(403) => Some(access_refused()),
        _ => WORDS.explain(refusal),
    }
}

fn insufficient_scopes(message: &str) -> Explanation {
    let named = missing(message);
    let lacking = if named.is_empty() {
        "Your API key lacks a permission; Upwork does not say which.".to_owned()
    } else {
        format!("Your API key lacks {}.", named.join(", "))
    };
    let fields = fields(message);
    let shown = match fields.len() {
        0 => String::new(),
        1..=SHOWN => format!(" Upwork refused: {}.", fields.join(", ")),
        more => format!(" Upwork refused: {} and {} more.", fields[..SHOWN].join(", "), more - SHOWN),
    };
    explanation(
        "Insufficient scopes",
        excerpt(&format!("{lacking}{shown}"), 900),
        format!(
            "Delete the key at {REGISTRATION_URL}, create a new one with \"Common Entities - Read-Only Access\", \"Read marketplace \
             Job Postings\" and what else is missing, then run {} to re-authorize. (Editing the key's permissions does too; it ends \
             all its tokens.)",
            WORDS.connect()
        ),
        false,
    )
}

/// What is missing: our scopes, if the message names them, or the platform's permissions behind the fields that it names.
fn missing(message: &str) -> Vec<&'static str> {
    let ours = [JOB_SEARCH, PROPOSALS, CONTRACTS].into_iter().filter(|scope| message.contains(scope));
    let mut named: Vec<&'static str> = ours.collect();
    for field in fields(message) {
        let of = PERMISSIONS.iter().find(|(_, types)| types.iter().any(|start| field.starts_with(start)));
        if let Some((permission, _)) = of
            && !named.contains(permission)
        {
            named.push(permission);
        }
    }
    named
}

/// The list in `... to access: [Money.currency, PageInfo.endCursor].`
fn fields(message: &str) -> Vec<&str> {
    let list = message.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(list, _)| list);
    list.split(',').map(str::trim).filter(|field| !field.is_empty()).collect()
}

fn key_not_allowed() -> Explanation {
    explanation(
        "API key not allowed",
        "Upwork does not let this API key log in this way: it is not approved, or disabled, or client credentials were asked for with a \
         key that is not an enterprise's.",
        format!("Look at the key's state at {REGISTRATION_URL}, then run {} again.", WORDS.connect()),
        false,
    )
}

fn grant_ended() -> Explanation {
    explanation(
        "Access revoked",
        "Upwork no longer accepts Prospector's tokens. They end when access is revoked on the site, when the key's permissions are \
         edited, and when none was used for two weeks.",
        format!("Run {}.", WORDS.connect()),
        true,
    )
}

/// Upwork says so to tokens that it does not know, too.
fn access_refused() -> Explanation {
    explanation(
        "Access refused",
        "Upwork refused the request with HTTP 403, which it does for tokens that have ended and for organizations that are not yours.",
        format!("Check `organization_id`, then run {}.", WORDS.connect()),
        false,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENIED: &str = "The client or authentication token doesn't have enough oauth2 permissions/scopes to access: [Money.currency, Money.rawValue, PageInfo.endCursor, PageInfo.hasNextPage].";

    fn refusal(stage: Stage, status: Option<u16>, code: &str, message: &str) -> Refusal {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Refusal { stage, status, code: some(code), message: some(message) }
    }

    #[test]
    fn every_refusal_is_met_with_the_products_words() {
        use Stage::{Authorization, Exchange, Refresh, Request};
        for (refusal, title, part, permanent) in [
            (
                refusal(Request, Some(200), "ExecutionAborted", DENIED),
                "Insufficient scopes",
                "lacks Common Entities - Read-Only Access. Upwork refused: Money.currency",
                false,
            ),
            (
                refusal(Request, Some(200), "", "Your OAuth2 permissions do not allow access"),
                "Insufficient scopes",
                "does not say which",
                false,
            ),
            (
                refusal(Request, None, "missing-scopes", "job_search (read), contracts (read/write)"),
                "Insufficient scopes",
                "lacks job_search (read), contracts (read/write).",
                false,
            ),
            (refusal(Authorization, None, "access_denied", ""), "Access denied", "no", false),
            (refusal(Exchange, Some(400), "unauthorized_client", ""), "API key not allowed", "enterprise", false),
            (refusal(Exchange, Some(401), "invalid_client", ""), "Client refused", "Client ID", false),
            (refusal(Exchange, Some(400), "invalid_grant", ""), "Authorization code refused", "API key", true),
            (refusal(Refresh, Some(400), "invalid_grant", ""), "Access revoked", "two weeks", true),
            (refusal(Request, Some(401), "", "whatever"), "Access revoked", "no longer accepts", true),
            (refusal(Request, Some(403), "", "Forbidden"), "Access refused", "HTTP 403", false),
            (refusal(Request, Some(429), "", "Too Many Requests"), "Rate limited", "same API key or address", false),
        ] {
            let explained = explain(&refusal).unwrap_or_else(|| panic!("{refusal:?}"));
            assert_eq!((explained.title.as_str(), explained.permanent), (title, permanent), "{refusal:?}");
            assert!(explained.message.contains(part), "{}", explained.message);
            assert!(!explained.remedy.is_empty());
        }
    }

    #[test]
    fn refusals_of_another_kind_are_left_to_the_platforms_words() {
        for refusal in [
            refusal(Stage::Request, Some(500), "", "Exception occurred"),
            refusal(Stage::Request, Some(200), "ValidationError", "Unknown field"),
            refusal(Stage::Refresh, Some(503), "temporarily_unavailable", ""),
        ] {
            assert_eq!(explain(&refusal), None, "{refusal:?}");
        }
    }

    #[test]
    fn what_is_said_of_a_proposal_has_its_kind_its_code_and_a_remedy() {
        for (said, kind, code) in [
            ("VJ-JA-10: You have already submitted a proposal for this job.", ErrorKind::Conflict, Some("VJ-JA-10")),
            ("Not enough Connects.", ErrorKind::Exhausted, None),
            ("VJ-JA-3: The job is not accepting proposals.", ErrorKind::Conflict, Some("VJ-JA-3")),
            ("The proposal is Hired and cannot be withdrawn.", ErrorKind::Conflict, None),
        ] {
            let (of, meaning) = of_proposals(said).expect(said);
            assert_eq!((of, code_in(said)), (kind, code));
            assert!(!meaning.message.is_empty() && !meaning.remedy.is_empty());
        }
        for other in ["", "VJCA-6 wrong", "VJCA-: x", "Vjca-6: x", "-", "Exception occurred"] {
            assert_eq!(of_proposals(other), None, "{other}");
            assert_eq!(code_in(other).is_some(), other.starts_with("VJCA-6"), "{other}");
        }
    }

    #[test]
    fn a_key_that_lacks_permissions_is_to_be_made_anew() {
        let said = explain(&refusal(Stage::Request, Some(200), "", DENIED)).expect("known");
        for words in ["Delete the key", "create a new one", "re-authorize", REGISTRATION_URL] {
            assert!(said.remedy.contains(words), "{}", said.remedy);
        }
        let many = format!("oauth2 permissions [{}]", "MarketplaceJobPostingSearchResult.title, ".repeat(200));
        let said = explain(&refusal(Stage::Request, Some(200), "", &many)).expect("known");
        assert!(
            said.message.contains("and 196 more")
                && said.message.starts_with("Your API key lacks Read marketplace Job Postings.")
        );
    }
}
