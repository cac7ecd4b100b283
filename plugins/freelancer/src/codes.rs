//! The platform's codes for bids and milestones: what each means, and what a person does about it.
//!
//! The first seven and `PROFILE_DESCRIPTION_TOO_SHORT` were recorded or reported, with their prefixes. Of the others the names alone are known
//! (assumed), so codes are compared without what stands before the point.

use prospector_plugin::account::Explanation;
use prospector_plugin::refusals::explanation;
use prospector_plugin::types::ErrorKind;

/// Code, kind, title, message, and what to do.
type Meaning = (&'static str, ErrorKind, &'static str, &'static str, &'static str);

use ErrorKind::{Conflict, Exhausted, Forbidden, InvalidInput, NotFound, RateLimited};

const MEANINGS: [Meaning; 25] = [
    (
        "DUPLICATE_BID",
        Conflict,
        "Already bid",
        "You have a bid on this project.",
        "Revise that bid, or withdraw it and bid anew.",
    ),
    (
        "BID_LIMIT_EXCEEDED",
        Exhausted,
        "No bids left",
        "Your membership's bids are used up.",
        "Wait until Freelancer refills them, or choose a larger membership on the site.",
    ),
    (
        "BID_TOO_EARLY",
        RateLimited,
        "Bidding too fast",
        "Freelancer wants more time between two bids.",
        "Wait some minutes, then approve the bid again.",
    ),
    (
        "BID_MINIMUM_REQUIREMENT_NOT_MET",
        Forbidden,
        "Balance too low",
        "This project is for accounts with a minimum balance.",
        "Deposit what the message names on the site, or leave this project.",
    ),
    (
        "RESTRICTED_FROM_BIDDING_PREMIUM_VERIFIED",
        Forbidden,
        "Verification needed",
        "Projects of this size are for freelancers whom Freelancer has verified.",
        "Get verified on the site, or leave this project.",
    ),
    (
        "RESTRICTED_FROM_BIDDING_ON_FEATURED",
        Forbidden,
        "Featured project",
        "Featured projects are for freelancers with 5 reviews, a paid membership or a verification.",
        "Get one of these on the site, or leave this project.",
    ),
    (
        "BAD_FORM",
        InvalidInput,
        "Terms refused",
        "Freelancer does not take the terms as they are.",
        "Change what the message names.",
    ),
    (
        "PROFILE_DESCRIPTION_TOO_SHORT",
        Forbidden,
        "Profile incomplete",
        "Your profile's description has fewer than 100 characters; Freelancer takes no bid before it is longer.",
        "Write it on the site, then approve the bid again.",
    ),
    ("PROJECT_NOT_FOUND", NotFound, "Project gone", "There is no such project, or no longer.", "Leave this project."),
    ("PROJECT_NOT_ACTIVE", Conflict, "Project closed", "The project takes no more bids.", "Leave this project."),
    ("BID_NOT_FOUND", NotFound, "Bid gone", "There is no such bid of yours.", "Look at your bids on the site."),
    (
        "BID_AMOUNT_TOO_LOW",
        InvalidInput,
        "Amount too low",
        "Freelancer takes no bid as low as this.",
        "Raise the amount.",
    ),
    (
        "BID_AMOUNT_TOO_HIGH",
        InvalidInput,
        "Amount too high",
        "Freelancer takes no bid as high as this.",
        "Lower the amount.",
    ),
    (
        "INVALID_BID_PERIOD",
        InvalidInput,
        "Days refused",
        "Freelancer does not take this number of days.",
        "Change the number of days: at least 1.",
    ),
    (
        "BID_DESCRIPTION_TOO_SHORT",
        InvalidInput,
        "Text too short",
        "The text is shorter than Freelancer takes.",
        "Write more.",
    ),
    (
        "BID_DESCRIPTION_TOO_LONG",
        InvalidInput,
        "Text too long",
        "The text is longer than Freelancer takes.",
        "Shorten it.",
    ),
    (
        "BID_DESCRIPTION_CONTAINS_EMAIL",
        InvalidInput,
        "E-mail address in the text",
        "Freelancer takes no text with an e-mail address in it.",
        "Take it out.",
    ),
    (
        "BID_DESCRIPTION_CONTAINS_PHONE",
        InvalidInput,
        "Telephone number in the text",
        "Freelancer takes no text with a telephone number in it.",
        "Take it out.",
    ),
    (
        "BID_DESCRIPTION_CONTAINS_URL",
        InvalidInput,
        "Web address in the text",
        "Freelancer takes no text with a web address in it.",
        "Take it out.",
    ),
    (
        "BIDDER_NOT_SELF",
        Forbidden,
        "Another's account",
        "The bid was made out for another account than the connected one.",
        "Draft it again.",
    ),
    (
        "NOT_BIDDER",
        Forbidden,
        "Another's bid",
        "Only who placed a bid can change it.",
        "Look at your bids on the site.",
    ),
    (
        "BID_ACTION_NOT_ALLOWED",
        Conflict,
        "Bid decided",
        "In the bid's present state this cannot be done.",
        "Look at the bid on the site.",
    ),
    (
        "MILESTONE_NOT_FOUND",
        NotFound,
        "Milestone gone",
        "There is no such milestone of yours.",
        "Look at the project's payments on the site.",
    ),
    (
        "MILESTONE_ACTION_NOT_ALLOWED",
        Conflict,
        "Milestone closed",
        "In the milestone's present state this cannot be done.",
        "Look at the project's payments on the site.",
    ),
    (
        "RESTRICTED_FROM_BIDDING",
        Forbidden,
        "Not for this account",
        "Freelancer does not let your account bid on this project.",
        "Look at the project on the site, which says what is needed, or leave it.",
    ),
];

/// What a code means; none if it is not one of bids or milestones.
pub(crate) fn meaning(code: &str) -> Option<(ErrorKind, Explanation)> {
    let name = code.rsplit('.').next().unwrap_or_default();
    // Restrictions of a kind that nobody has reported may exist: the bare beginning is last.
    let beginning = MEANINGS.last().filter(|(known, ..)| name.starts_with(known));
    let (_, kind, title, message, remedy) = MEANINGS.iter().find(|(known, ..)| *known == name).or(beginning)?;
    Some((*kind, explanation(title, *message, *remedy, false)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_met_with_what_to_do_whatever_stands_before_it() {
        for (code, kind, title, message, remedy) in MEANINGS {
            for prefix in ["", "ProjectExceptionCodes.", "UserExceptionCodes."] {
                let (of, said) = meaning(&format!("{prefix}{code}")).expect(code);
                assert_eq!((of, said.title.as_str(), said.permanent), (kind, title, false));
                assert_eq!((said.message.as_str(), said.remedy.as_str()), (message, remedy));
                assert!(message.ends_with('.') && remedy.ends_with('.'), "{code}");
            }
        }
        let (kind, said) = meaning("ProjectExceptionCodes.RESTRICTED_FROM_BIDDING_ON_MONDAYS").expect("a restriction");
        assert_eq!((kind, said.title.as_str()), (Forbidden, "Not for this account"));
        for other in ["", "ProjectExceptionCodes.", "DUPLICATE", "RestExceptionCodes.NOT_FOUND", "A_BAD_FORM"] {
            assert_eq!(meaning(other), None, "{other}");
        }
    }
}
