//! A comparison of a field with a value, whose parts fit together: what cannot be compared is refused when the configuration is read.

use std::fmt;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::Value;

use super::field::{Field, Kind, Known};
use crate::config::diagnostic::{nearest, quoted};

/// Memory for one compiled pattern, in bytes.
const PATTERN_BYTES: usize = 512 * 1024;

/// How a field is compared, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Equal. Of texts the case does not count, here and below.
    Eq,
    /// Not equal.
    Neq,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// A text that has the value in it, or a list that has it as an element.
    Contains,
    /// One that has not.
    NotContains,
    /// One of a list; of a list of texts, any.
    In,
    /// None of a list.
    NotIn,
    /// A text, or any of a list, that the regular expression matches anywhere.
    Matches,
}

impl Operator {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Neq => "neq",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Contains => "contains",
            Self::NotContains => "not_contains",
            Self::In => "in",
            Self::NotIn => "not_in",
            Self::Matches => "matches",
        }
    }

    /// Those that a field can be compared by.
    #[must_use]
    pub fn of(kind: Kind) -> &'static [Operator] {
        use Operator::{Contains, Eq, Gt, Gte, In, Lt, Lte, Matches, Neq, NotContains, NotIn};
        match kind {
            Kind::Number => &[Eq, Neq, Gt, Gte, Lt, Lte, In, NotIn],
            Kind::Text => &[Eq, Neq, Contains, NotContains, In, NotIn, Matches],
            Kind::Texts => &[Contains, NotContains, In, NotIn, Matches],
            Kind::Flag => &[Eq, Neq],
        }
    }
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What is looked at.
    pub field: Field,
    /// How it was written.
    pub operator: Operator,
    /// The value as it was written.
    pub value: Value,
    /// What it means.
    pub test: Test,
}

/// What a comparison asks of a field's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Of a number.
    Number(NumberTest),
    /// Of a text, or of any text of a list; turned round if `not`.
    Text {
        /// What is asked.
        is: TextTest,
        /// Whether the opposite is.
        not: bool,
    },
    /// That a flag is so.
    Flag(bool),
}

/// What is asked of a number.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberTest {
    /// How it compares with another, by one of the six orders.
    Ordered(Operator, f64),
    /// That it is one of these; or none, if the flag is false.
    Among(Vec<f64>, bool),
}

/// What is asked of a text. Case does not count, but in a pattern that does not say so.
#[derive(Debug, Clone, PartialEq)]
pub enum TextTest {
    /// It is one of these.
    Among(Vec<String>),
    /// It has this in it.
    Holds(Pattern),
    /// A pattern matches.
    Matches(Pattern),
}

/// A compiled regular expression. Its time is linear, its memory bounded.
#[derive(Clone)]
pub struct Pattern(Regex);

impl Pattern {
    fn parse(text: &str, literal: bool) -> Result<Self, String> {
        let escaped = if literal { regex::escape(text) } else { text.to_owned() };
        let built = RegexBuilder::new(&escaped).case_insensitive(literal).size_limit(PATTERN_BYTES).build();
        built.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it needs more memory than a pattern may have".to_owned(),
            other => other.to_string().lines().last().unwrap_or_default().trim().to_owned(),
        })
    }

    /// Whether it matches anywhere.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.0.as_str())
    }
}

/// Why a comparison cannot be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Misfit {
    /// The key that is wrong: `field`, `operator` or `value`.
    pub key: &'static str,
    /// A stable name for programs.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The nearest that would be right.
    pub suggestion: Option<String>,
    /// What to do.
    pub help: String,
}

impl Comparison {
    /// A comparison of what is written.
    ///
    /// # Errors
    /// Where there is no such field, or its values cannot be compared so.
    pub fn typed(field: &str, operator: Operator, value: &Value) -> Result<Self, Misfit> {
        let field = Field::named(field).ok_or_else(|| unknown(field))?;
        let kind = field.kind();
        if !Operator::of(kind).contains(&operator) {
            let fitting: Vec<&str> = Operator::of(kind).iter().map(|operator| operator.name()).collect();
            return Err(Misfit {
                key: "operator",
                code: "wrong-operator",
                message: format!("`{field}` is {}, which `{}` does not compare", kind.name(), operator.name()),
                suggestion: None,
                help: format!("operators for {}: {}", kind.name(), fitting.join(", ")),
            });
        }
        let test = test(kind, operator, value).map_err(|expected| Misfit {
            key: "value",
            code: "wrong-type",
            message: format!("`{field}` is {}, and this is not {expected}", kind.name()),
            suggestion: None,
            help: format!("`{}` needs {expected} here", operator.name()),
        })?;
        let test = test.map_err(|why| Misfit {
            key: "value",
            code: "bad-format",
            message: format!("this is not a regular expression: {why}"),
            suggestion: None,
            help: "look-around and back-references are not served; put a `\\` before characters that are meant as they are"
                .to_owned(),
        })?;
        Ok(Self { field, operator, value: value.clone(), test })
    }
}

fn unknown(name: &str) -> Misfit {
    let names = Known::ALL.iter().map(|known| known.name());
    Misfit {
        key: "field",
        code: "unknown-field",
        message: format!("there is no field {}", quoted(name)),
        suggestion: nearest(name, names),
        help: "`ghoststack prospector rules fields` lists them; `signals.NAME` is the value of a signal".to_owned(),
    }
}

/// What is asked; the outer error says what was expected instead, the inner one what is wrong with a pattern.
fn test(kind: Kind, operator: Operator, value: &Value) -> Result<Result<Test, String>, &'static str> {
    let many = matches!(operator, Operator::In | Operator::NotIn);
    let wanted = !matches!(operator, Operator::Neq | Operator::NotIn | Operator::NotContains);
    Ok(Ok(match kind {
        Kind::Number if many => {
            let numbers: Option<Vec<f64>> = value.as_array().and_then(|list| list.iter().map(Value::as_f64).collect());
            Test::Number(NumberTest::Among(numbers.ok_or("a list of numbers")?, wanted))
        }
        Kind::Number => Test::Number(NumberTest::Ordered(operator, value.as_f64().ok_or("a number")?)),
        Kind::Flag => Test::Flag(value.as_bool().ok_or("true or false")? == wanted),
        Kind::Text | Kind::Texts if many => {
            let texts: Option<Vec<String>> =
                value.as_array().and_then(|list| list.iter().map(|text| text.as_str().map(str::to_owned)).collect());
            Test::Text { is: TextTest::Among(texts.ok_or("a list of texts")?), not: !wanted }
        }
        Kind::Text | Kind::Texts => {
            let text = value.as_str().ok_or("a text")?;
            let is = match (operator, kind) {
                (Operator::Matches, _) => Pattern::parse(text, false).map(TextTest::Matches),
                (Operator::Contains | Operator::NotContains, Kind::Text) => {
                    Pattern::parse(text, true).map(TextTest::Holds)
                }
                _ => Ok(TextTest::Among(vec![text.to_owned()])),
            };
            match is {
                Ok(is) => Test::Text { is, not: !wanted },
                Err(why) => return Ok(Err(why)),
            }
        }
    }))
}

impl Test {
    /// Whether a number passes.
    #[must_use]
    pub fn number(&self, number: f64) -> bool {
        let Test::Number(test) = self else { return false };
        match test {
            NumberTest::Among(numbers, wanted) => numbers.contains(&number) == *wanted,
            NumberTest::Ordered(operator, than) => match operator {
                Operator::Eq => number == *than,
                Operator::Neq => number != *than,
                Operator::Gt => number > *than,
                Operator::Gte => number >= *than,
                Operator::Lt => number < *than,
                Operator::Lte => number <= *than,
                _ => false,
            },
        }
    }

    /// Whether texts pass: one, or those of a list.
    #[must_use]
    pub fn texts<'t>(&self, mut texts: impl Iterator<Item = &'t str>) -> bool {
        let Test::Text { is, not } = self else { return false };
        let any = texts.any(|text| match is {
            TextTest::Among(all) => all.iter().any(|one| same_folded(one, text)),
            TextTest::Holds(pattern) | TextTest::Matches(pattern) => pattern.is_match(text),
        });
        any != *not
    }

    /// Whether a flag passes.
    #[must_use]
    pub fn flag(&self, flag: bool) -> bool {
        *self == Test::Flag(flag)
    }
}

fn same_folded(one: &str, other: &str) -> bool {
    one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}
