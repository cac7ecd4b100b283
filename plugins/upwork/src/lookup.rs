//! Postings by their identifiers: `marketplaceJobPosting`, which gives the texts and terms of one. Who the client is and how many have
//! applied it does not say.

use prospector_plugin::lenient::{Float, Lax, LaxList, Text};
use prospector_plugin::posting::{MOST_CATEGORIES, MOST_SKILLS, description, names, title};
use prospector_plugin::types::{Client, Error, ErrorKind, Payment, Posting, PostingKind, PostingStatus};
use prospector_plugin::{Host, money, record};
use serde::Serialize;

use crate::document::request;
use crate::envelope::ask_for;
use crate::posting::{experience, is_identifier, url};
use crate::settings::Settings;
use crate::wishes;

/// One posting.
const POSTING: &str = "query Posting($id: ID!) {
  marketplaceJobPosting(id: $id) {
    id
    content { title description }
    classification {
      category { preferredLabel } subCategory { preferredLabel } occupation { preferredLabel } skills { preferredLabel }
    }
    contractTerms {
      contractType experienceLevel
      fixedPriceContractTerms { amount { rawValue currency } }
      hourlyContractTerms { hourlyBudgetMin hourlyBudgetMax }
    }
  }
}";

#[derive(Debug, Serialize)]
struct Variables<'a> {
    id: &'a str,
}

record! {
    struct Data {
        posting: Lax<Job> = "marketplaceJobPosting",
    }

    struct Job {
        id: Text,
        content: Lax<Content>,
        classification: Lax<Classification>,
        terms: Lax<Terms> = "contractTerms",
    }

    struct Content {
        title: Text,
        description: Text,
    }

    struct Classification {
        category: Lax<Entity>,
        sub_category: Lax<Entity> = "subCategory",
        occupation: Lax<Entity>,
        skills: LaxList<Entity>,
    }

    struct Entity {
        preferred_label: Text = "preferredLabel",
    }

    struct Terms {
        contract_type: Text = "contractType",
        experience_level: Text = "experienceLevel",
        fixed: Lax<Fixed> = "fixedPriceContractTerms",
        hourly: Lax<Hourly> = "hourlyContractTerms",
    }

    struct Fixed {
        amount: Lax<Amount>,
    }

    struct Amount {
        raw_value: Float = "rawValue",
        currency: Text,
    }

    /// Of these the currency is not stated.
    struct Hourly {
        least: Float = "hourlyBudgetMin",
        most: Float = "hourlyBudgetMax",
    }
}

pub(crate) fn find(host: &dyn Host, settings: &Settings, ids: &[String]) -> Result<Vec<Posting>, Error> {
    let origin = wishes::api(host)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids.iter().filter(|id| is_identifier(id)) {
        let request = request(&origin, POSTING, Variables { id }, &settings.organization_id)?;
        match ask_for::<Data>(host, &request, "the posting") {
            Ok((data, _)) => found.extend(data.posting.0.filter(|job| job.id.0.as_ref() == Some(id)).map(posting)),
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn posting(job: Job) -> Posting {
    let id = job.id.0.unwrap_or_default();
    let content = job.content.0.unwrap_or_default();
    let class = job.classification.0.unwrap_or_default();
    let terms = job.terms.0.unwrap_or_default();
    let label = |entity: Entity| entity.preferred_label.0;
    let places = [class.category, class.sub_category, class.occupation]
        .into_iter()
        .filter_map(|entity| entity.0.and_then(label));
    let amount = terms.fixed.0.and_then(|fixed| fixed.amount.0).unwrap_or_default();
    let hourly = terms.hourly.0.unwrap_or_default();
    let above = |figure: Float| figure.0.filter(|figure| *figure > 0.0);
    let (payment, budget) = match terms.contract_type.0.as_deref().unwrap_or_default() {
        "HOURLY" => {
            (Payment::Hourly, money::budget(above(hourly.least), above(hourly.most), Some("USD".to_owned()), Some(1.0)))
        }
        "FIXED" => {
            let currency = amount.currency.0.as_deref().and_then(money::currency_code);
            let usd_rate = (currency.as_deref() == Some("USD")).then_some(1.0);
            (Payment::Fixed, money::budget(above(amount.raw_value), above(amount.raw_value), currency, usd_rate))
        }
        _ => (Payment::Unstated, None),
    };
    Posting {
        url: url("", &id),
        title: title(content.title.0, "Posting", &id),
        kind: PostingKind::Project,
        description: description(content.description.0),
        // What its `workFlowState` may be is not documented.
        status: PostingStatus::Open,
        payment,
        budget,
        skills: names(class.skills.0.into_iter().filter_map(label), MOST_SKILLS),
        categories: names(places, MOST_CATEGORIES),
        experience: experience(terms.experience_level.0.as_deref().unwrap_or_default()),
        duration: None,
        workload: None,
        language: None,
        posted_at: None,
        updated_at: None,
        closes_at: None,
        competition: None,
        client: Client {
            id: None,
            country: None,
            country_code: None,
            rating: None,
            reviews: None,
            posted: None,
            hires: None,
            hire_rate: None,
            spent_usd: None,
            payment_verified: None,
            member_since: None,
        },
        attributes: Vec::new(),
        id,
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::graphql::variables;
    use prospector_plugin::testing::FakeHost;
    use serde_json::json;

    use super::*;

    fn host() -> FakeHost {
        FakeHost::at(0).origin("api", "https://api.example")
    }

    fn find(host: &FakeHost, ids: &[&str]) -> Result<Vec<Posting>, Error> {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        super::find(host, &Settings::default(), &ids)
    }

    #[test]
    fn a_posting_is_read_by_its_identifier() {
        let job = json!({
            "id": "2024", "content": {"title": "A shop", "description": "Of bicycles"},
            "classification": {
                "category": {"preferredLabel": "Web"}, "subCategory": null,
                "skills": [{"preferredLabel": "Rust"}, null, {"preferredLabel": "SQL"}],
            },
            "contractTerms": {"contractType": "FIXED", "experienceLevel": "EXPERT",
                "fixedPriceContractTerms": {"amount": {"rawValue": "500.0", "currency": "USD"}}},
        });
        let host = host().answer("/graphql", 200, json!({"data": {"marketplaceJobPosting": job}}).to_string());
        let found = find(&host, &["2024", "not an id"]).expect("answered");
        let [posting] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((posting.title.as_str(), posting.description.as_str()), ("A shop", "Of bicycles"));
        assert_eq!((posting.skills.join(" "), posting.categories.join(" ")), ("Rust SQL".to_owned(), "Web".to_owned()));
        assert_eq!(posting.budget.as_ref().and_then(|budget| budget.maximum), Some(50_000));
        assert_eq!(posting.url, "https://www.upwork.com/jobs/~022024");
        assert_eq!(variables(&host.requests()[0])["id"], "2024");
    }

    #[test]
    fn a_posting_that_is_gone_is_left_out_and_a_refusal_is_told() {
        let gone = json!({"data": {"marketplaceJobPosting": null}}).to_string();
        assert_eq!(find(&host().answer("/graphql", 200, gone), &["1"]).expect("answered"), []);
        let error = find(&host().answer("/graphql", 429, "Too Many Requests"), &["1"]).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::RateLimited);
    }
}
