//! What it can learn of credentials, its own and others', by asking.

use crate::answers;
use crate::bindings::exports::ghoststack::prospector::search::Page;
use crate::bindings::ghoststack::prospector::types::Attribute;
use crate::bindings::ghoststack::prospector::vault;
use crate::settings::texts;

/// Asks for each of the `names`, and tells all that came of it.
pub fn page(of: &[Attribute]) -> Page {
    let told: Vec<String> =
        texts(of, "names").iter().map(|name| format!("{name}: {:?}", vault::describe(name))).collect();
    answers::one(answers::telling("credentials", "told", &told.join("\n"), Vec::new()))
}
