//! Whether the body of a GraphQL request only asks.
//!
//! The gate lets a `POST` to a GraphQL route pass as a read only if nothing in it can change anything. So this reads the document the way a
//! server does, accepts only what it understands whole, and hands back a body written anew from what was understood: whatever trick
//! a body plays on two parsers (a key twice, a comment, a block string), the server is sent what was judged. It does not validate
//! the document against a schema: that a *query* field changes something is for the platform's own design to answer.

use serde::{Deserialize, Serialize};

/// What a document does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Queries and fragments only.
    Query,
    /// One mutation and nothing else, which asks for these fields of the schema and no fragment.
    Mutation(Vec<String>),
    /// A mutation or a subscription is among more, or a mutation hides in a fragment what it asks for.
    Write,
}

/// Longest document that is read, in bytes.
const MAX_DOCUMENT: usize = 256 * 1024;
/// Deepest nesting of brackets.
const MAX_DEPTH: usize = 64;

/// A GraphQL request over HTTP. Any other key is refused: `extensions` may name a stored document that nobody here has seen.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Body {
    query: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variables: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default, rename = "operationName", skip_serializing_if = "Option::is_none")]
    operation_name: Option<String>,
}

/// Reads a request body: what it does, and the body to send in its place.
///
/// # Errors
/// A sentence that says what is not understood.
pub fn judge(body: &[u8]) -> Result<(Operation, Vec<u8>), String> {
    let body: Body = serde_json::from_slice(body).map_err(|e| format!("the body is not one GraphQL request: {e}"))?;
    let operation = classify(&body.query)?;
    let written = serde_json::to_vec(&body).map_err(|e| format!("the body cannot be written anew: {e}"))?;
    Ok((operation, written))
}

/// What the definitions of a document are.
fn classify(document: &str) -> Result<Operation, String> {
    if document.len() > MAX_DOCUMENT {
        return Err(format!("the GraphQL document is longer than {MAX_DOCUMENT} bytes"));
    }
    if let Some(fields) = lone_mutation(document) {
        return Ok(Operation::Mutation(fields));
    }
    let mut lexer = Lexer { rest: document };
    let mut operation = None;
    while let Some(token) = lexer.next()? {
        let kind = match token {
            Token::Open('{') => {
                lexer.skip_block(1)?;
                operation = operation.or(Some(Operation::Query));
                continue;
            }
            Token::Name("query") => Some(Operation::Query),
            Token::Name("mutation" | "subscription") => Some(Operation::Write),
            Token::Name("fragment") => None,
            other => return Err(format!("a GraphQL document cannot have {other} there")),
        };
        lexer.skip_definition()?;
        operation = match (operation, kind) {
            (Some(Operation::Write), _) | (_, Some(Operation::Write)) => Some(Operation::Write),
            (before, kind) => before.or(kind),
        };
    }
    operation.ok_or_else(|| "the GraphQL document has no operation".to_owned())
}

/// The fields that a document asks for if it is one mutation without a fragment; none if it is anything else, or not understood.
fn lone_mutation(document: &str) -> Option<Vec<String>> {
    let mut lexer = Lexer { rest: document };
    if lexer.next().ok()? != Some(Token::Name("mutation")) {
        return None;
    }
    // Name, variables and directives.
    loop {
        match lexer.next().ok()?? {
            Token::Open('{') => break,
            Token::Open(_) => lexer.skip_block(1).ok()?,
            Token::Name(_) | Token::Colon | Token::Other => {}
            Token::Close(_) => return None,
        }
    }
    let mut fields = Vec::new();
    let mut token = lexer.next().ok()??;
    while token != Token::Close('}') {
        let Token::Name(mut name) = token else { return None };
        token = lexer.next().ok()??;
        if token == Token::Colon {
            // That was an alias.
            let Token::Name(field) = lexer.next().ok()?? else { return None };
            name = field;
            token = lexer.next().ok()??;
        }
        fields.push(name.to_owned());
        // Arguments and what is asked for below it. A directive could leave the field out, but not put another one in.
        while let Token::Open(_) = token {
            lexer.skip_block(1).ok()?;
            token = lexer.next().ok()??;
        }
    }
    let is_all = lexer.next().ok()?.is_none() && !fields.is_empty();
    is_all.then_some(fields)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    Open(char),
    Close(char),
    Colon,
    /// Anything else: a number, a string, punctuation.
    Other,
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Name(name) => write!(f, "`{}`", name.chars().take(40).collect::<String>()),
            Token::Open(c) | Token::Close(c) => write!(f, "`{c}`"),
            Token::Colon => f.write_str("`:`"),
            Token::Other => f.write_str("a value"),
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Result<Option<Token<'a>>, String> {
        loop {
            self.rest = self.rest.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r', ',']);
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.find(['\n', '\r']).map_or("", |end| &comment[end..]),
                None => break,
            }
        }
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        let token = match first {
            '{' | '(' | '[' => self.take(1, Token::Open(first)),
            '}' | ')' | ']' => self.take(1, Token::Close(first)),
            ':' => self.take(1, Token::Colon),
            '!' | '$' | '&' | '=' | '@' | '|' => self.take(1, Token::Other),
            '.' if self.rest.starts_with("...") => self.take(3, Token::Other),
            '"' => {
                let length = string_length(self.rest)?;
                self.take(length, Token::Other)
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = run(self.rest, |c| c.is_ascii_alphanumeric() || c == '_');
                self.take(length, Token::Name(&self.rest[..length]))
            }
            '-' | '0'..='9' => {
                let length = run(self.rest, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.' | '_'));
                self.take(length, Token::Other)
            }
            other => return Err(format!("a GraphQL document cannot have {other:?} outside a string")),
        };
        Ok(Some(token))
    }

    fn take(&mut self, length: usize, token: Token<'a>) -> Token<'a> {
        self.rest = &self.rest[length..];
        token
    }

    /// Skips to the end of a definition whose keyword was read: through its first block that is not inside parentheses.
    fn skip_definition(&mut self) -> Result<(), String> {
        loop {
            match self.next()? {
                Some(Token::Open('{')) => return self.skip_block(1),
                Some(Token::Open(_)) => self.skip_block(1)?,
                Some(Token::Close(c)) => return Err(format!("a `{c}` closes nothing")),
                Some(Token::Name(_) | Token::Colon | Token::Other) => {}
                None => return Err("the GraphQL document ends inside a definition".to_owned()),
            }
        }
    }

    /// Skips to the end of a block of which one bracket was read. Brackets of all kinds are counted alike: a document in which
    /// they do not pair is refused by every server, whichever way it is read here.
    fn skip_block(&mut self, mut depth: usize) -> Result<(), String> {
        while depth > 0 {
            match self.next()? {
                Some(Token::Open(_)) if depth == MAX_DEPTH => {
                    return Err(format!("the GraphQL document nests deeper than {MAX_DEPTH}"));
                }
                Some(Token::Open(_)) => depth += 1,
                Some(Token::Close(_)) => depth -= 1,
                Some(_) => {}
                None => return Err("the GraphQL document ends inside a block".to_owned()),
            }
        }
        Ok(())
    }
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Bytes of the string literal that `text` begins with.
fn string_length(text: &str) -> Result<usize, String> {
    let unterminated = || "a string in the GraphQL document does not end".to_owned();
    if let Some(block) = text.strip_prefix("\"\"\"") {
        let mut from = 0;
        loop {
            let end = block[from..].find("\"\"\"").ok_or_else(unterminated)? + from;
            // Only `\"""` escapes in a block string; an even run of backslashes changes nothing there.
            if !block[..end].ends_with('\\') {
                return Ok(end + 6);
            }
            from = end + 3;
        }
    }
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return Err(unterminated()),
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok(at + 1),
            _ => {}
        }
    }
    Err(unterminated())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_classified_as_a_server_would() {
        use Operation::{Query, Write};
        let mutation = |fields: &[&str]| Operation::Mutation(fields.iter().map(|field| (*field).to_owned()).collect());
        for (document, expected) in [
            ("{ user { id } }", Some(Query)),
            ("query { user { id } }", Some(Query)),
            (
                "\u{feff}query Q($a: In = {b: [1, 2.5e3]}) @d(x: {y: \"}\"}) { a(b: $a) { ...F } } fragment F on T { id }",
                Some(Query),
            ),
            ("mutation { a }", Some(mutation(&["a"]))),
            ("subscription { a }", Some(Write)),
            ("query A { a } mutation B { b }", Some(Write)),
            ("{ a } mutation B { b }", Some(Write)),
            ("fragment F on T { a } mutation M { b }", Some(Write)),
            ("# query\nmutation { a }", Some(mutation(&["a"]))),
            ("mutation M($a: In!) @d { x: a(i: {b: [1]}) { c d { e } } b }", Some(mutation(&["a", "b"]))),
            ("mutation { a b: c }", Some(mutation(&["a", "c"]))),
            ("mutation { ...F } fragment F on Mutation { b }", Some(Write)),
            ("mutation { ... on Mutation { b } }", Some(Write)),
            ("mutation { a @skip(if: true) }", Some(Write)),
            ("mutation { a } query { b }", Some(Write)),
            ("mutation { }", Some(Write)),
            ("# mutation {\n{ a }", Some(Query)),
            ("query { a(s: \"} mutation { b }\") }", Some(Query)),
            ("query { a(s: \"\"\" } \\\"\"\" mutation { \"\"\") }", Some(Query)),
            ("query { a(s: \"\"\"\\\\\"\"\") } mutation { b }", None),
            ("query { a(s: \"\\\\\") } mutation { b }", Some(Write)),
            ("query { a(s: \"\\\"\") } mutation { b }", Some(Write)),
            ("query\n{ a }\r# }\rmutation { b }", Some(Write)),
            ("query { a } }", None),
            ("query { a", None),
            ("query", None),
            ("fragment F on T { a }", None),
            ("", None),
            ("type T { a: Int }", None),
            ("extend type T { a: Int }", None),
            ("query { a(s: \"unterminated) }", None),
            ("query { a } ; mutation { b }", None),
            ("{ a } é", None),
        ] {
            assert_eq!(classify(document).ok(), expected, "{document}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |n: usize| format!("{}{}", "{ a ".repeat(n), "}".repeat(n));
        assert!(classify(&deep(60)).is_ok());
        assert!(classify(&deep(100_000)).is_err());
    }

    #[test]
    fn a_body_is_written_anew_and_tricks_are_refused() {
        let (operation, body) =
            judge(br#"{ "variables": {"a": 1}, "query": "{ a }" , "operationName": null}"#).unwrap();
        assert_eq!(operation, Operation::Query);
        assert_eq!(body, br#"{"query":"{ a }","variables":{"a":1}}"#);
        for trick in [
            r#"{"query": "{ a }", "query": "mutation { b }"}"#,
            r#"[{"query": "{ a }"}]"#,
            r#"{"query": "{ a }", "extensions": {"persistedQuery": {"sha256Hash": "x"}}}"#,
            r#"{"query": "{ a }", "variables": []}"#,
            r#"{"query": ["{ a }"]}"#,
            r#"{"variables": {}}"#,
            r#"query=%7Ba%7D"#,
            "{\"query\": \"{ a }\"} {\"query\": \"mutation { a }\"}",
            "",
        ] {
            assert!(judge(trick.as_bytes()).is_err(), "{trick}");
        }
        assert_eq!(judge(br#"{"query": "m\u0075tation { b }"}"#).unwrap().0, Operation::Mutation(vec!["b".to_owned()]));
    }

    proptest::proptest! {
        #[test]
        fn a_mutation_anywhere_is_never_taken_for_a_query(before in "[ -~\n]{0,40}", after in "[ -~\n]{0,40}") {
            // Where a reader finds the word at depth 0 outside strings and comments, the answer is `Write` or a refusal;
            // prepended to a whole document it is always at depth 0.
            let document = format!("mutation M {{ a }} {before} {after}");
            proptest::prop_assert_ne!(classify(&document), Ok(Operation::Query));
            let document = format!("query Q {{ a }} {before}\nmutation M {{ a }}");
            if let Ok(Operation::Query) = classify(&document) {
                // Then `before` opened a string, a comment's line or a block that swallowed it, which the document must close itself.
                let opens = before.contains(['"', '{', '(', '[', '#']);
                proptest::prop_assert!(opens);
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(document in "\\PC{0,200}") {
            let _ = classify(&document);
        }
    }
}
