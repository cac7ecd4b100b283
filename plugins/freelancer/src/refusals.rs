//! What the platform's refusals mean, in words for a person.
//!
//! The token endpoint's error bodies are undocumented: RFC 6749's codes are assumed there, and the platform's own are
//! understood beside them. How a pending application is refused, and how a missing scope, is assumed too; hence messages
//! are looked at as well as codes.

use prospector_plugin::account::{Explanation, Refusal, Stage};
use prospector_plugin::refusals::{Words, explanation, says};

use crate::wishes::{PROJECT_BID, PROJECT_MANAGE, PROJECT_SEARCH, REGISTRATION_URL};

/// What refusals call things.
pub(crate) const WORDS: Words = Words {
    name: "Freelancer",
    id: "freelancer",
    application: "application",
    dashboard: "the Developer Dashboard",
    registration_url: REGISTRATION_URL,
};

/// Says what a refusal means; none if the platform's own words are all there is.
pub(crate) fn explain(refusal: &Refusal) -> Option<Explanation> {
    let lower = |text: &Option<String>| text.as_deref().unwrap_or_default().to_lowercase();
    let (code, message) = (lower(&refusal.code), lower(&refusal.message));
    let says = |words: &[&str]| says(refusal, words);
    let oauth = refusal.stage != Stage::Request;
    let barred = oauth || matches!(refusal.status, Some(401 | 403));

    // A person who did not approve, or a token that is not active, is another matter.
    let of_application = says(&["application", "client"])
        && says(&["pending", "approv", "not active", "inactive"])
        && !matches!(code.as_str(), "access_denied" | "invalid_grant");
    if barred && (code == "unauthorized_client" || of_application) && !about_a_project(&code) {
        return Some(application_pending());
    }
    if barred && says(&["scope"]) || (refusal.status == Some(403) && says(&["permission"]) && !about_a_project(&code)) {
        return Some(missing_scopes(&format!("{code} {message}")));
    }
    WORDS.explain(refusal)
}

/// Refusals of one project or bid speak of pending states and permissions in another sense.
fn about_a_project(code: &str) -> bool {
    code.starts_with("projectexceptioncodes")
}

fn application_pending() -> Explanation {
    explanation(
        "Application pending",
        "Freelancer has not approved your application yet. This can take 24 hours.",
        format!(
            "Check the Developer Dashboard ({REGISTRATION_URL}) until the application is \"Active\", \
             then run `ghoststack prospector connect freelancer` again."
        ),
        false,
    )
}

fn missing_scopes(said: &str) -> Explanation {
    let missing = scopes_named(said);
    explanation(
        "Missing scopes",
        if missing.is_empty() {
            "The registration of your application lacks a scope; Freelancer does not say which.".to_owned()
        } else {
            format!("The registration of your application lacks {}.", missing.join(", "))
        },
        format!(
            "Edit the application at {REGISTRATION_URL} so that it has {}, then run \
             `ghoststack prospector connect freelancer` to re-authorize.",
            if missing.is_empty() {
                format!("{PROJECT_SEARCH}, {PROJECT_BID}, {PROJECT_MANAGE}")
            } else {
                missing.join(", ")
            }
        ),
        false,
    )
}

/// Our names of the scopes that a refusal speaks of, by any of their names or by the platform's number.
fn scopes_named(said: &str) -> Vec<String> {
    let words: Vec<&str> =
        said.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).filter(|word| !word.is_empty()).collect();
    let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
    let mut named = Vec::new();
    if has(&["basic", "project_search"]) {
        named.push(PROJECT_SEARCH.to_owned());
    }
    // Both are the platform's one scope.
    if has(&["fln:project_manage", "project_manage", "project_bid", "fln:project_bid", "2"]) {
        named.extend([PROJECT_BID.to_owned(), PROJECT_MANAGE.to_owned()]);
    }
    let foreign = words.iter().filter(|word| word.starts_with("fln:") && !word.starts_with("fln:project_"));
    named.extend(foreign.map(|word| (*word).to_owned()));
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(stage: Stage, status: Option<u16>, code: &str, message: &str) -> Refusal {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Refusal { stage, status, code: some(code), message: some(message) }
    }

    #[test]
    fn every_refusal_is_met_with_the_products_words() {
        use Stage::{Authorization, Exchange, Refresh, Request};
        for (refusal, title, part, permanent) in [
            (
                refusal(Authorization, None, "unauthorized_client", "This application is pending approval."),
                "Application pending",
                "24 hours",
                false,
            ),
            (refusal(Exchange, Some(400), "unauthorized_client", ""), "Application pending", "24 hours", false),
            (
                refusal(Request, Some(403), "RestExceptionCodes.FORBIDDEN", "Your application has not been approved"),
                "Application pending",
                "24 hours",
                false,
            ),
            (
                refusal(Authorization, None, "invalid_scope", "advanced scope 2 is not registered"),
                "Missing scopes",
                "project_bid, project_manage",
                false,
            ),
            (
                refusal(
                    Request,
                    Some(403),
                    "AuthorisationExceptionCodes.INSUFFICIENT_SCOPE",
                    "This request needs the advanced scope fln:project_manage (2).",
                ),
                "Missing scopes",
                "project_bid, project_manage",
                false,
            ),
            (
                refusal(Request, Some(403), "INSUFFICIENT_SCOPE", "needs fln:messaging"),
                "Missing scopes",
                "fln:messaging",
                false,
            ),
            (
                refusal(
                    Request,
                    Some(403),
                    "RestExceptionCodes.FORBIDDEN",
                    "You do not have permission to perform this request.",
                ),
                "Missing scopes",
                "does not say which",
                false,
            ),
            (
                refusal(Authorization, None, "access_denied", "The user did not approve the application"),
                "Access denied",
                "no",
                false,
            ),
            (
                refusal(Refresh, Some(400), "invalid_grant", "The client's token is not active"),
                "Access revoked",
                "no longer accepts",
                true,
            ),
            (refusal(Exchange, Some(401), "invalid_client", ""), "Client refused", "Client ID", false),
            (refusal(Refresh, Some(401), "invalid_client", ""), "Client refused", "Client ID", false),
            (
                refusal(Authorization, None, "invalid_request", "redirect_uri does not match"),
                "Redirect URI refused",
                "registered",
                false,
            ),
            (
                refusal(Exchange, Some(400), "invalid_grant", "code expired"),
                "Authorization code refused",
                "expired",
                true,
            ),
            (refusal(Refresh, Some(400), "invalid_grant", "revoked"), "Access revoked", "no longer accepts", true),
            (
                refusal(Request, Some(401), "RestExceptionCodes.NOT_AUTHENTICATED", "You must be logged in"),
                "Access revoked",
                "no longer accepts",
                true,
            ),
            (
                refusal(Request, Some(429), "AuthorisationExceptionCodes.RATE_LIMITED", ""),
                "Rate limited",
                "share the limit",
                false,
            ),
            (refusal(Refresh, Some(429), "", ""), "Rate limited", "share the limit", false),
        ] {
            let explained = explain(&refusal).unwrap_or_else(|| panic!("{refusal:?}"));
            assert_eq!((explained.title.as_str(), explained.permanent), (title, permanent), "{refusal:?}");
            assert!(explained.message.contains(part), "{}", explained.message);
            assert!(!explained.remedy.is_empty());
        }
    }

    #[test]
    fn refusals_of_another_kind_are_left_to_the_platforms_words() {
        use Stage::{Exchange, Refresh, Request};
        for refusal in [
            refusal(Request, Some(500), "ExceptionCodes.UNKNOWN_ERROR", "An unknown error has occurred."),
            refusal(
                Request,
                Some(403),
                "ProjectExceptionCodes.RESTRICTED_FROM_BIDDING_ON_FEATURED",
                "You have no permission, verification pending",
            ),
            refusal(Request, Some(400), "ProjectExceptionCodes.DUPLICATE_BID", "You have already bid on that project."),
            refusal(Request, Some(404), "", "The approved thing was not found"),
            refusal(Refresh, Some(503), "temporarily_unavailable", ""),
            refusal(Exchange, Some(500), "", ""),
        ] {
            assert_eq!(explain(&refusal), None, "{refusal:?}");
        }
    }

    #[test]
    fn a_pending_application_points_to_the_dashboard_and_a_missing_scope_to_a_new_authorization() {
        let pending = explain(&refusal(Stage::Exchange, Some(400), "unauthorized_client", "")).expect("known");
        assert!(pending.remedy.contains("Developer Dashboard") && pending.remedy.contains("\"Active\""));
        let scopes = explain(&refusal(Stage::Authorization, None, "invalid_scope", "")).expect("known");
        assert!(scopes.remedy.contains("Edit the application") && scopes.remedy.contains("re-authorize"));
        let rate = explain(&refusal(Stage::Request, Some(429), "", "")).expect("known");
        assert!(rate.remedy.contains("scan_interval") && rate.remedy.contains("max_results_per_scan"));
    }
}
