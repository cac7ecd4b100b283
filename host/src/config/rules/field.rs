//! What a rule can look at: the documented list of fields, with what each holds.

use std::fmt;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
    /// True or false.
    Flag,
}

impl Kind {
    /// As a person reads it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Texts => "a list of texts",
            Self::Flag => "true or false",
        }
    }
}

/// Something of a lead that a rule compares. What a posting does not say is absent, and then no comparison with it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// One of the documented list.
    Known(Known),
    /// `signals.NAME`: the value of a signal, 0 to 1, of a platform or of a scorer of the person's own.
    Signal(String),
}

/// What stands before a signal's name.
const SIGNALS: &str = "signals.";

macro_rules! fields {
    ($($field:ident $name:literal $kind:ident $about:literal)*) => {
        /// The fields with a name of their own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Known {
            $(#[doc = $about] $field,)*
        }

        impl Known {
            /// All of them, in the order in which they are documented.
            pub const ALL: &[Known] = &[$(Known::$field,)*];

            /// As rules name it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Known::$field => $name,)* }
            }

            /// What it holds.
            #[must_use]
            pub fn kind(self) -> Kind {
                match self { $(Known::$field => Kind::$kind,)* }
            }

            /// What it is, in a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Known::$field => $about,)* }
            }
        }
    };
}

fields! {
    Id "job.id" Text "The platform's identifier."
    Platform "job.platform" Text "The platform's id."
    Title "job.title" Text "The title."
    Description "job.description" Text "The description, as the platform gives it."
    Url "job.url" Text "Where it is read."
    JobKind "job.kind" Text "`project`, `contest`, or the platform's own word."
    Status "job.status" Text "`open`, `closed`, or the platform's own word."
    Payment "job.payment" Text "`fixed`, `hourly`, `prize`, or the platform's own word."
    BudgetAmount "job.budget.amount" Number "Upper end of the budget, else its lower one, in the budget's currency; per hour where `job.payment` is `hourly`."
    BudgetMinimum "job.budget.minimum" Number "Lower end of the budget, in its currency."
    BudgetMaximum "job.budget.maximum" Number "Upper end of the budget, in its currency."
    BudgetCurrency "job.budget.currency" Text "ISO 4217: `USD`."
    BudgetUsd "job.budget.usd" Number "`job.budget.amount` in USD, by the platform's own rate."
    Skills "job.skills" Texts "Skills asked for, as the platform names them."
    Categories "job.categories" Texts "Categories, as the platform names them."
    Experience "job.experience" Text "`entry`, `intermediate`, `expert`, or the platform's own word."
    DurationDays "job.duration_days" Number "How long the work lasts at least, in days."
    WeeklyHours "job.weekly_hours" Number "Hours a week that it takes at least."
    Language "job.language" Text "Language of the text: ISO 639-1."
    AgeHours "job.age_hours" Number "Hours since it was posted."
    ClosesInHours "job.closes_in_hours" Number "Hours until it takes no more proposals; below 0 afterwards."
    Proposals "job.proposals" Number "Proposals so far; of a band its upper end, else its lower one."
    AverageBid "job.average_bid" Number "Average of the amounts bid, in the budget's currency."
    ClientCountry "client.country" Text "The client's country, by its English name."
    ClientCountryCode "client.country_code" Text "The client's country, ISO 3166-1: `DE`."
    ClientRating "client.rating" Number "Average rating, 0 to 5."
    ClientReviews "client.reviews" Number "Reviews behind the rating."
    ClientPosted "client.posted" Number "Postings so far."
    ClientHires "client.hires" Number "Hires so far."
    ClientHireRate "client.hire_rate" Number "Share of postings that led to a hire, 0 to 1."
    ClientSpent "client.spent_usd" Number "Spent on the platform in total, in USD."
    ClientVerified "client.payment_verified" Flag "Whether a means of payment is verified."
    Points "score" Number "The score, 0 to 100."
    Confidence "confidence" Number "How much of what the signals need was there, 0 to 1."
}

impl Field {
    /// The field of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Field> {
        if let Some(signal) = name.strip_prefix(SIGNALS).filter(|signal| !signal.contains('.')) {
            return Some(Field::Signal(signal.to_owned()));
        }
        Known::ALL.iter().copied().find(|known| known.name() == name).map(Field::Known)
    }

    /// What it holds.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Known(known) => known.kind(),
            Self::Signal(_) => Kind::Number,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(known) => f.write_str(known.name()),
            Self::Signal(name) => write!(f, "{SIGNALS}{name}"),
        }
    }
}
