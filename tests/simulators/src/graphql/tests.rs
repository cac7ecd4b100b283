use std::borrow::Cow;

use super::*;

const SCHEMA: &str = r#"
    directive @access(any: [String!]!) on OBJECT | FIELD_DEFINITION
    type Query { books(by: ID, tags: [ID!], filter: Filter): [Book!] @access(any: ["read"]) me: Me }
    input Filter { shelf_eq: Shelf, pages: Int tags: [ID!] }
    enum Shelf { TOP LOW }
    type Me @access(any: ["common"]) { name: String! me: Me }
    type Book { id: ID! title: String! author: Author shelf: Shelf }
    type Author { name: String! }
"#;

fn contract() -> Contract {
    Contract::new(&[("schema.graphql", SCHEMA)], |_| ()).expect("valid")
}

fn ask(body: &Value, root: Value) -> Value {
    let contract = contract();
    let call = match Call::read(body.to_string().as_bytes()) {
        Ok(call) => call,
        Err(errors) => return refused(errors),
    };
    match contract.prepare(call) {
        Ok(prepared) => contract.execute(&prepared, &Record { type_name: "Query", value: Cow::Owned(root) }),
        Err(errors) => refused(errors),
    }
}

#[test]
fn what_is_wrong_with_a_document_is_said_as_graphql_java_says_it() {
    for (body, class, words) in [
        (
            json!({"query": "{ books { titel } }"}),
            "ValidationError",
            "Validation error (FieldUndefined@[books/titel]) : Field 'titel' in type 'Book' is undefined",
        ),
        (json!({"query": "{ books(colour: 1) { id } }"}), "ValidationError", "UnknownArgument@[books]"),
        (json!({"query": "{ books }"}), "ValidationError", "SubselectionRequired@[books]"),
        (json!({"query": "{ books { id { x } } }"}), "ValidationError", "SubselectionNotAllowed@[books/id]"),
        (json!({"query": "{ books(filter: {shelf_eq: MIDDLE}) { id } }"}), "ValidationError", "WrongType"),
        (json!({"query": "{ books(filter: {colour: 1}) { id } }"}), "ValidationError", "WrongType"),
        (json!({"query": "query($t: ID) { books(tags: $t) { id } }"}), "ValidationError", "VariableTypeMismatch"),
        (json!({"query": "query($t: [ID!]) { books(by: $t) { id } }"}), "ValidationError", "VariableTypeMismatch"),
        (json!({"query": "query($t: [ID]) { books(tags: $t) { id } }"}), "ValidationError", "VariableTypeMismatch"),
        (
            json!({"query": "query($t: ID) { books(filter: {tags: $t}) { id } }"}),
            "ValidationError",
            "Validation error (VariableTypeMismatch@[books]) : Variable type 'ID' does not match expected type '[ID!]'",
        ),
        (json!({"query": "query($t: ID) { books(tags: [$t]) { id } }"}), "ValidationError", "expected type 'ID!'"),
        (json!({"query": "mutation { x }"}), "ValidationError", "UnknownOperation"),
        (
            json!({"query": "query($f: Filter) { books(filter: $f) { id } }", "variables": {"f": {"colour": 1}}}),
            "ValidationError",
            "The variables input contains a field name 'colour' that is not defined for input object type 'Filter' ",
        ),
        (
            json!({"query": "query($f: Filter) { books(filter: $f) { id } }", "variables": {"f": {"shelf_eq": ["TOP"]}}}),
            "ValidationError",
            "Shelf",
        ),
        (
            json!({"query": "query($t: [ID!]) { books(tags: $t) { id } }", "variables": {"t": [null]}}),
            "ValidationError",
            "non-null",
        ),
        (json!({"query": "{ books { "}), "InvalidSyntax", "Invalid syntax"),
        (json!({"query": 3}), "InvalidSyntax", "no GraphQL request"),
        (json!({"query": "query A { me { name } } query B { me { name } }"}), "ValidationError", "operation"),
    ] {
        let answer = ask(&body, json!({}));
        assert_eq!(answer["data"], Value::Null, "{answer}");
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["classification"], class, "{body}: {answer}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(words)), "{body}: {answer}");
    }
}

#[test]
fn a_null_where_none_may_be_takes_the_nearest_nullable_place_with_it() {
    let books = json!([{"id": "1", "title": "A", "author": {}}, {"id": 2, "title": "B", "author": {"name": "C"}}]);
    let answer = ask(&json!({"query": "{ books { id author { name } } }"}), json!({"books": books}));
    assert_eq!(answer["data"], json!({"books": [{"id": "1", "author": null}, {"id": "2", "author": {"name": "C"}}]}));
    let error = &answer["errors"][0];
    assert_eq!(error["message"], "Cannot return null for non-nullable field name");
    assert_eq!(error["path"], json!(["books", 0, "author", "name"]));
    assert_eq!(error["extensions"]["classification"], "NullValueInNonNullableField");
    assert!(error["locations"][0]["line"].is_u64());
}

#[test]
fn fields_that_lack_a_permission_are_told_by_their_type() {
    let contract = contract();
    let text = "{ books { id author { name } } ...M } fragment M on Query { me { __typename name me { name } } }";
    let call = Call { query: text.to_owned(), ..Call::default() };
    let prepared = contract.prepare(call).expect("valid");
    let lacking = |granted: &[&str]| {
        contract.not_granted(&prepared, &granted.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(lacking(&["read", "common"]), [""; 0]);
    assert_eq!(lacking(&["read"]), ["Me.me", "Me.name"]);
    assert_eq!(lacking(&[]), ["Me.me", "Me.name", "Query.books"]);
}

#[test]
fn fragments_that_double_themselves_are_refused() {
    let mut text = "{ me { ...F0 } }".to_owned();
    for index in 0..40 {
        let next = index + 1;
        text.push_str(&format!(" fragment F{index} on Me {{ a: me {{ ...F{next} }} b: me {{ ...F{next} }} }}"));
    }
    text.push_str(" fragment F40 on Me { name }");
    let answer = ask(&json!({"query": text}), json!({}));
    assert_eq!(answer["errors"][0]["extensions"]["classification"], "ExecutionAborted", "{answer}");
}

#[test]
fn the_schema_is_told_to_who_asks_in_good_faith() {
    let contract = contract();
    let once = "{ __schema { types { name fields { name } inputFields { name } } } }";
    let twice = "{ a: __type(name: \"Book\") { fields { name } } b: __type(name: \"Me\") { fields { name } } }";
    for (text, rule, allowed) in [
        (once, Introspection::GoodFaith, true),
        (twice, Introspection::GoodFaith, false),
        (twice, Introspection::Open, true),
        (once, Introspection::Off, false),
    ] {
        let prepared = contract.prepare(Call { query: text.to_owned(), ..Call::default() }).expect("valid");
        assert_eq!(prepared.check_introspection(rule).is_ok(), allowed, "{text}");
    }
}
