//! A plugin for version 0.2.0 of the contract, which does not exist.

#[cfg(not(feature = "filter"))]
#[allow(missing_docs, unsafe_code, unused, clippy::all, clippy::pedantic)]
mod bindings {
    wit_bindgen::generate!({ world: "platform", path: "wit" });
}

#[cfg(feature = "filter")]
#[allow(missing_docs, unsafe_code, unused, clippy::all, clippy::pedantic)]
mod bindings {
    wit_bindgen::generate!({ world: "filter", path: "wit" });
}

use bindings::exports::ghoststack::prospector::{descriptor, screening};

/// The plugin.
#[derive(Debug)]
pub struct MadeUp;

impl descriptor::Guest for MadeUp {
    fn describe() -> descriptor::Descriptor {
        let [id, name, version] = ["made-up", "Made Up", "3.0.0"].map(str::to_owned);
        descriptor::Descriptor { id, name, version }
    }
}

impl screening::Guest for MadeUp {
    fn screen(jobs: Vec<screening::Job>) -> Result<Vec<Option<String>>, String> {
        let verdict = |job: &screening::Job| match job.usd {
            Some(usd) if usd < 100 => Some(format!("{} pays {usd} USD", job.headline)),
            _ => None,
        };
        Ok(jobs.iter().map(verdict).collect())
    }
}

#[cfg(not(feature = "filter"))]
mod platform {
    use super::MadeUp;
    use super::bindings::exports::ghoststack::prospector::{account, scoring, search};
    use super::bindings::ghoststack::prospector::log;

    impl account::Guest for MadeUp {
        fn identify() -> Result<String, String> {
            Ok("somebody".to_owned())
        }

        fn explain(said: String) -> Option<String> {
            Some(format!("it said {said}"))
        }
    }

    impl search::Guest for MadeUp {
        fn search(now: i64) -> Result<Vec<search::Job>, String> {
            log::say("looking for jobs");
            let job = |id: &str, usd| search::Job { id: id.to_owned(), headline: format!("{id} of {now}"), usd };
            Ok(vec![job("poor", Some(20)), job("rich", Some(2_000)), job("silent", None)])
        }
    }

    impl scoring::Guest for MadeUp {
        fn score(jobs: Vec<scoring::Job>) -> Result<Vec<u8>, String> {
            Ok(jobs.iter().map(|job| u8::try_from(job.usd.unwrap_or(50) / 25).unwrap_or(100)).collect())
        }
    }
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, missing_docs, clippy::all)]
mod exported {
    use super::{MadeUp, bindings};
    bindings::export!(MadeUp with_types_in bindings);
}
