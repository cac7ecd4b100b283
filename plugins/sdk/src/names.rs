//! Finding what a person named among what a platform knows.

use crate::error::{self, Refine};
use crate::text::{cut, nearest, quoted_list};
use crate::types::Error;

/// A name without differences of case and blanks.
#[must_use]
pub fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The position of `wanted` among `known`, whatever its case and blanks.
///
/// `kind` and `kinds` are what it is called: `category`, `Categories`.
///
/// # Errors
/// `invalid-input` for a name that is not known, with the nearest that are, or with all if nothing comes near.
pub fn find(platform: &str, (kind, kinds): (&str, &str), known: &[&str], wanted: &str) -> Result<usize, Error> {
    let folded_name = folded(wanted);
    if let Some(at) = known.iter().position(|name| folded(name) == folded_name) {
        return Ok(at);
    }
    let near = nearest(wanted, known.iter().copied());
    let remedy = if near.is_empty() {
        format!("{kinds} are: {}", quoted_list(known))
    } else {
        format!("Did you mean {}?", quoted_list(&near))
    };
    let message = format!("{platform} has no {kind} `{}`", cut(wanted, 128));
    Err(error::invalid_input(message).remedy(cut(&remedy, 1024)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_any_case_and_an_unknown_one_is_met_with_the_nearest() {
        let known = ["Web Development", "Writing"];
        let look = |name| find("Upwork", ("category", "Categories"), &known, name);
        assert_eq!(look(" web   DEVELOPMENT"), Ok(0));
        let error = look("Web Dev").expect_err("unknown");
        assert_eq!(error.message, "Upwork has no category `Web Dev`");
        assert_eq!(error.remedy.as_deref(), Some("Did you mean `Web Development`?"));
        let error = look("xyzzy").expect_err("unknown");
        assert_eq!(error.remedy.as_deref(), Some("Categories are: `Web Development` or `Writing`"));
    }
}
