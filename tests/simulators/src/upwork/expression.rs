//! Search expressions: as much of Lucene's syntax as is documented ("partial Lucene syntax").
//!
//! Words side by side must all match (assumed), `AND`, `OR`, `NOT`, `+`, `-`, parentheses, "phrases",
//! `word*` and `title:` / `skills:` do what they do in Lucene. What is broken is read as well as it goes.

use super::catalog::Facts;

/// Deepest nesting that is followed; deeper parentheses are skipped.
const MAX_DEPTH: usize = 40;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    /// All of them; none at all matches everything.
    All(Vec<Expression>),
    /// One of them.
    Any(Vec<Expression>),
    /// Not this.
    Not(Box<Expression>),
    /// A word or phrase in a field.
    Term(Field, String),
}

/// Where a term is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// Title, description and skills.
    Everywhere,
    /// The title.
    Title,
    /// The skills' names.
    Skills,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Or,
    And,
    Not,
    Term(Field, String),
}

impl Expression {
    /// Parses any text.
    pub fn parse(text: &str) -> Self {
        let tokens = tokens(text);
        let mut at = 0;
        let mut parts = Vec::new();
        // A surplus closing parenthesis ends a group that was not opened: go on behind it.
        while at < tokens.len() {
            parts.push(any(&tokens, &mut at, 0));
            at += usize::from(tokens.get(at) == Some(&Token::Close));
        }
        flat(parts, Self::All)
    }

    /// Whether a posting matches.
    pub fn matches(&self, facts: &Facts) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(facts)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(facts)),
            Self::Not(part) => !part.matches(facts),
            Self::Term(Field::Everywhere, term) => holds(&facts.text, term),
            Self::Term(Field::Title, term) => holds(&facts.title, term),
            Self::Term(Field::Skills, term) => facts.skills.iter().any(|skill| holds(skill, term)),
        }
    }

    /// How many terms stand in the title.
    pub fn weight(&self, facts: &Facts) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(|part| part.weight(facts)).sum(),
            Self::Not(_) => 0,
            Self::Term(_, term) => usize::from(holds(&facts.title, term)),
        }
    }
}

/// Whether a text in lower case holds a word or phrase in lower case, `word*` being the start of a word.
pub(super) fn holds(text: &str, term: &str) -> bool {
    let (term, open_ended) = match term.strip_suffix('*') {
        Some(start) => (start, true),
        None => (term, false),
    };
    let is_word = |character: char| character.is_alphanumeric();
    if term.is_empty() {
        return open_ended;
    }
    text.match_indices(term).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        let begins = !before.is_some_and(is_word) || !term.starts_with(is_word);
        let ends = open_ended || !after.is_some_and(is_word) || !term.ends_with(is_word);
        begins && ends
    })
}

fn any(tokens: &[Token], at: &mut usize, depth: usize) -> Expression {
    let mut parts = vec![all(tokens, at, depth)];
    while tokens.get(*at) == Some(&Token::Or) {
        *at += 1;
        parts.push(all(tokens, at, depth));
    }
    flat(parts, Expression::Any)
}

fn all(tokens: &[Token], at: &mut usize, depth: usize) -> Expression {
    let mut parts = Vec::new();
    while let Some(token) = tokens.get(*at) {
        match token {
            Token::Or | Token::Close => break,
            Token::And => *at += 1,
            _ => parts.push(one(tokens, at, depth)),
        }
    }
    flat(parts, Expression::All)
}

fn one(tokens: &[Token], at: &mut usize, depth: usize) -> Expression {
    let mut negated = false;
    while tokens.get(*at) == Some(&Token::Not) {
        negated = !negated;
        *at += 1;
    }
    let part = match tokens.get(*at) {
        Some(Token::Term(field, term)) => {
            *at += 1;
            Expression::Term(*field, term.clone())
        }
        Some(Token::Open) => {
            *at += 1;
            if depth >= MAX_DEPTH {
                return Expression::All(Vec::new());
            }
            let group = any(tokens, at, depth + 1);
            *at += usize::from(tokens.get(*at) == Some(&Token::Close));
            group
        }
        _ => return Expression::All(Vec::new()),
    };
    if negated { Expression::Not(Box::new(part)) } else { part }
}

fn flat(mut parts: Vec<Expression>, join: impl FnOnce(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => Expression::All(parts),
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut field = Field::Everywhere;
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        match first {
            '(' => found.push(Token::Open),
            ')' => found.push(Token::Close),
            '-' | '!' => found.push(Token::Not),
            '"' => {
                let (phrase, behind) = behind.split_once('"').unwrap_or((behind, ""));
                push_term(&mut found, &mut field, phrase);
                rest = behind;
                continue;
            }
            '+' | ':' => {}
            space if space.is_whitespace() => {}
            _ => {
                let end = rest
                    .find(|character: char| character.is_whitespace() || "()\":".contains(character))
                    .unwrap_or(rest.len());
                let (word, behind) = rest.split_at(end);
                rest = behind;
                match word {
                    "AND" | "&&" => found.push(Token::And),
                    "OR" | "||" => found.push(Token::Or),
                    "NOT" => found.push(Token::Not),
                    "title" if rest.starts_with(':') => field = Field::Title,
                    "skills" if rest.starts_with(':') => field = Field::Skills,
                    word => push_term(&mut found, &mut field, word),
                }
                continue;
            }
        }
        rest = behind;
    }
    found
}

fn push_term(found: &mut Vec<Token>, field: &mut Field, term: &str) {
    let term = term.trim().to_lowercase();
    let field = std::mem::replace(field, Field::Everywhere);
    if !term.is_empty() {
        found.push(Token::Term(field, term));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upwork::catalog::Posting;
    use proptest::prelude::*;
    use serde_json::json;

    fn facts() -> Facts {
        let node = json!({"id": "1", "title": "Rust backend (C++ port)", "description": "A .NET shop; e-mail, PDF tools.",
            "skills": [{"name": "rust", "prettyName": "Rust"}, {"name": "node-js", "prettyName": "Node.js"}]});
        Posting::of(node.as_object().cloned().expect("an object")).expect("an id").facts
    }

    #[test]
    fn expressions_match_as_lucene_does() {
        let facts = facts();
        for (text, expected) in [
            ("", true),
            ("rust", true),
            ("RUST pdf", true),
            ("rus", false),
            ("rus*", true),
            ("rust python", false),
            ("rust OR python", true),
            ("python OR java OR pdf", true),
            ("rust AND NOT python", true),
            ("rust -pdf", false),
            ("+rust +tools", true),
            ("\"pdf tools\"", true),
            ("\"tools pdf\"", false),
            ("(python OR rust) AND (pdf OR excel)", true),
            ("(python OR java) AND rust", false),
            ("title:backend", true),
            ("title:pdf", false),
            ("skills:\"node.js\"", true),
            ("title:\"rust backend\" OR x", true),
            ("c++", true),
            (".net", true),
            ("NOT NOT rust", true),
            ("rust )( pdf", true),
            ("((rust", true),
            ("\"pdf too", false),
        ] {
            assert_eq!(Expression::parse(text).matches(&facts), expected, "{text}: {:?}", Expression::parse(text));
        }
        assert!(Expression::parse("rust pdf").weight(&facts) == 1);
    }

    #[test]
    fn endless_parentheses_are_no_danger() {
        let facts = facts();
        for text in ["(".repeat(100_000), "-(".repeat(100_000), ")".repeat(100_000), "!".repeat(100_000)] {
            let _matched = Expression::parse(&text).matches(&facts);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_expression(text in "\\PC{0,40}|[()\"+\\-!:*a-c AORND]{0,60}") {
            let facts = facts();
            let expression = Expression::parse(&text);
            prop_assert_eq!(expression.matches(&facts), expression.clone().matches(&facts));
        }
    }
}
