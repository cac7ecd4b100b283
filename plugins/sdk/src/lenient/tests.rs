use proptest::prelude::*;

use super::*;

crate::record! {
    struct Sample {
        int: Int,
        float: Float,
        text: Text,
        flag: Flag,
        object: Lax<Inner>,
        list: LaxList<Inner>,
        texts: Texts,
    }

    struct Inner {
        int: Int,
        named: Text = "aName" | "another",
    }
}

/// One field, read from JSON of its own.
fn field<T: for<'a> Field<'a>>(json: &str) -> T {
    read(json, |json| T::of(json)).expect(json)
}

#[test]
fn a_word_is_borrowed_where_the_json_holds_it_as_it_is() {
    for (json, text) in [("\"35.0\"", "35.0"), ("35.5", "35.5"), ("\"a\\u0062\"", "ab"), ("null", ""), ("[\"x\"]", "")]
    {
        read(json, |json| assert_eq!(Word::of(json).text(), text)).expect(json);
    }
    let borrowed = read("\"VERIFIED\"", |json| matches!(Word::of(json), Word(Some(Cow::Borrowed("VERIFIED")))));
    assert!(borrowed.expect("JSON"));
}

#[test]
fn a_field_is_found_by_a_name_with_escapes_and_by_no_other() {
    for (name, is_it) in [
        (r"\u0069nt", true),
        (r"i\u006et", true),
        (r"in\u0074", true),
        (r"\u0069\u006e\u0074", true),
        (r"in\u0074\u0074", false),
        (r"in\u0075", false),
        (r"\u0069n", false),
        (r"int\n", false),
        (r"int\\", false),
        (r"\int", false),
        (r"\ud83d\udc80", false),
    ] {
        let json = format!("{{\"{name}\":1}}");
        assert_eq!(field::<Lax<Sample>>(&json).0.expect("an object").int.0, is_it.then_some(1), "{json}");
    }
}

#[test]
fn fields_are_found_by_their_keys_in_any_order() {
    for json in [
        r#"{"int":1,"aName":"x","text":"no"}"#,
        r#"{"another":"x","int":"1"}"#,
        r#"{"aName":null,"another":"x","more":{"int":5},"int":1.5}"#,
    ] {
        let inner: Inner = read_record(json).expect(json);
        assert_eq!((inner.int.0, inner.named.0.as_deref()), (Some(1), Some("x")), "{json}");
    }
    assert_eq!(read_record::<Inner>("[1]").expect("JSON"), Inner::default());
}

#[test]
fn slots_keep_the_places_of_what_is_no_object() {
    for (json, slots) in [("[{\"int\":1},null,[],{\"int\":2}]", vec![Some(1), None, None, Some(2)]), ("null", vec![])] {
        let numbers = read(json, |json| Slots::<Sample>::of(json).map(|slot| slot?.int.0).collect::<Vec<_>>());
        assert_eq!(numbers.expect(json), slots);
    }
}

#[test]
fn of_a_list_of_texts_the_texts_are_kept() {
    for (json, texts) in [("[\"a\",null,7,[],\"\",\"b\"]", vec!["a", "7", "b"]), ("null", vec![]), ("\"a\"", vec![])] {
        assert_eq!(field::<Texts>(json).0, texts);
    }
}

#[test]
fn a_field_takes_what_can_be_meant_by_a_value() {
    for (json, int, float) in [
        ("17", Some(17), Some(17.0)),
        ("\" 17 \"", Some(17), Some(17.0)),
        ("17.9", Some(17), Some(17.9)),
        ("\"1e3\"", Some(1000), Some(1000.0)),
        ("1e300", None, Some(1e300)),
        ("18446744073709551615", None, Some(18_446_744_073_709_551_615.0)),
        ("\"NaN\"", None, None),
        ("\"inf\"", None, None),
        ("null", None, None),
        ("true", None, None),
        ("[1]", None, None),
        ("{\"a\":1}", None, None),
    ] {
        assert_eq!(field::<Int>(json), Int(int), "{json}");
        assert_eq!(field::<Float>(json), Float(float), "{json}");
    }
    for (json, flag) in [("true", Some(true)), ("0", Some(false)), ("\"1\"", Some(true)), ("2", None), ("null", None)] {
        assert_eq!(field::<Flag>(json), Flag(flag), "{json}");
    }
    for (json, text) in [
        ("\"a\"", Some("a")),
        ("5", Some("5")),
        ("1.5", Some("1.5")),
        ("1e300", None),
        ("1e-300", None),
        ("0.0", Some("0")),
        ("\"\"", None),
        ("false", None),
        ("[]", None),
    ] {
        assert_eq!(field::<Text>(json), Text(text.map(str::to_owned)), "{json}");
    }
}

#[test]
fn half_a_surrogate_pair_costs_one_character_and_no_record() {
    for (json, text) in [
        (r#""cut \ud83d""#, "cut \u{fffd}"),
        (r#""\ude00 tail""#, "\u{fffd} tail"),
        (r#""whole \ud83d\ude00 \ud83d""#, "whole \u{1f600} \u{fffd}"),
        (r#""\\ud83d \ud83d""#, "\\ud83d \u{fffd}"),
        (r#""\" 1e999 \ud83d""#, "\" 1e999 \u{fffd}"),
    ] {
        assert_eq!(field::<Text>(json), Text(Some(text.to_owned())), "{json}");
    }
}

#[test]
fn a_number_that_json_cannot_hold_costs_its_field_alone() {
    let json = r#"[{"int":1},{"int":-1e999,"text":"1e999"},{"int":3,"float":1e+308}]"#;
    let samples = field::<LaxList<Sample>>(json).0;
    let ints: Vec<_> = samples.iter().map(|sample| sample.int.0).collect();
    assert_eq!((ints, samples[1].text.0.as_deref()), (vec![Some(1), None, Some(3)], Some("1e999")));
}

#[test]
fn what_is_nested_absurdly_deep_costs_itself_alone() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let sample: Sample = read_record(&format!(r#"{{"list":{deep},"int":1}}"#)).expect("JSON");
    assert_eq!(sample.int.0, Some(1));
}

#[test]
fn elements_may_come_as_a_list_or_as_an_object() {
    for (json, count) in [("[1,2]", 2), (r#"{"7":1,"8":2}"#, 2), ("null", 0), ("\"x\"", 0), ("3", 0)] {
        assert_eq!(read(json, |json| json.elements().len()).expect(json), count);
    }
    let json = r#"{"7":{"int":1},"8":null,"9":{"int":2}}"#;
    let keyed: Vec<_> = read(json, |json| {
        Keyed::<Inner>::of(json).0.into_iter().map(|(key, inner)| (key.into_owned(), inner.int.0)).collect()
    })
    .expect(json);
    assert_eq!(keyed, [("7".to_owned(), Some(1)), ("9".to_owned(), Some(2))]);
}

#[test]
fn what_is_no_json_is_an_error() {
    for json in ["", "{", "{\"a\":1,}", "1e999x", "nul", "[1] 2", "{\"int\":NaN}"] {
        assert!(read(json, |_| ()).is_err(), "{json}");
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".*".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("int|float|text|flag|object|list|texts|x", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Whether a value is what serde_json's own tree holds.
fn is_same(ours: Json<'_>, value: &serde_json::Value) -> bool {
    match (ours, value) {
        (Json::Nothing, serde_json::Value::Null) => true,
        (Json::Flag(ours), serde_json::Value::Bool(flag)) => ours == *flag,
        (Json::Int(ours), serde_json::Value::Number(number)) => number.as_i64() == Some(ours),
        // serde_json is quick, and off by a last digit at times.
        (Json::Float(ours), serde_json::Value::Number(number)) => {
            let near =
                |theirs: f64| (ours - theirs).abs() <= (theirs.abs() * 4.0 * f64::EPSILON).max(f64::MIN_POSITIVE);
            !number.is_i64() && number.as_f64().is_some_and(near)
        }
        (Json::Text(ours), serde_json::Value::String(text)) => ours == *text,
        (Json::List(ours), serde_json::Value::Array(list)) => {
            ours.len() == list.len() && ours.zip(list).all(|(ours, value)| is_same(ours, value))
        }
        // Of fields of one name serde_json keeps the last.
        (Json::Object(ours), serde_json::Value::Object(map)) => {
            let ours: std::collections::BTreeMap<_, _> = ours.fields().collect();
            let same = |(name, value): (Cow<'_, str>, Json<'_>)| map.get(&*name).is_some_and(|of| is_same(value, of));
            ours.len() == map.len() && ours.into_iter().all(same)
        }
        _ => false,
    }
}

#[test]
fn a_text_may_hold_what_json_forbids_there() {
    for (json, text) in [
        ("\"a\nb\t\u{1}\"", "a\nb\t\u{1}"),
        (r#""\x \u12 \u+123 \ é""#, "\u{fffd}x \u{fffd}12 \u{fffd}+123 \u{fffd} é"),
        (r#""\u0041\\\/\b\f\n\r\t\"""#, "A\\/\u{8}\u{c}\n\r\t\""),
    ] {
        assert_eq!(field::<Text>(json), Text(Some(text.to_owned())), "{json}");
    }
}

#[test]
fn a_text_is_found_whole_wherever_its_end_lies() {
    // Sixteen bytes are looked at together.
    for length in 0..70 {
        for (tail, meant) in [("", ""), ("\\n", "\n"), ("\\\"", "\""), ("ä", "ä")] {
            let plain = "x".repeat(length);
            let json = format!(r#"{{"{plain}{tail}":1,"text":"{plain}{tail}{plain}","int":2}}"#);
            let sample: Sample = read_record(&json).expect(&json);
            let text = format!("{plain}{meant}{plain}");
            assert_eq!((sample.text.0.unwrap_or_default(), sample.int.0), (text, Some(2)), "{json}");
            let name = read(&json, |json| match json {
                Json::Object(mut object) => object.get(&format!("{plain}{meant}")),
                _ => Json::Nothing,
            } == Json::Int(1));
            assert!(name.expect("JSON"), "{json}");
        }
    }
}

#[test]
fn of_fields_of_one_name_each_is_found_in_turn() {
    read(r#"{"a":1,"b":2,"a":3}"#, |json| {
        let Json::Object(mut object) = json else { panic!("an object") };
        let found = ["a", "a", "a", "b", "c"].map(|name| object.get(name));
        assert_eq!(found, [Json::Int(1), Json::Int(3), Json::Int(1), Json::Int(2), Json::Nothing]);
    })
    .expect("JSON");
}

#[test]
fn what_is_no_json_says_where_and_whether_it_ends_early() {
    for (json, at, ends_early) in [
        ("", 0, true),
        ("{\"a\":[1,", 8, true),
        ("{\"a\":\"b", 7, true),
        ("{\"a\":\"b\\", 8, true),
        ("[tru", 4, true),
        ("[trup]", 4, false),
        ("[1 2]", 3, false),
        ("{\"a\" 1}", 5, false),
        ("{1:2}", 1, false),
        ("[1}", 2, false),
        ("<html>", 0, false),
        ("[] []", 3, false),
    ] {
        assert_eq!(read(json, |_| ()), Err(Malformed { at, ends_early }), "{json}");
    }
}

proptest! {
    #[test]
    fn any_json_in_place_of_any_field_is_read(json in any_json()) {
        prop_assert!(read(&json.to_string(), |json| drop(Lax::<Sample>::of(json))).is_ok());
    }

    #[test]
    fn values_are_what_serde_json_reads(json in any_json(), is_pretty: bool) {
        let text = if is_pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) }.expect("JSON");
        let read_anew: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        prop_assert!(read(&text, |ours| is_same(ours, &read_anew)).expect("JSON"));
    }

    #[test]
    fn what_serde_json_takes_is_read_alike_and_nothing_panics(
        text in "([\\[\\]{}:, \n]|\"|\\\\|u|d83d|de00|00e9|n|null|true|false|é|x|-|9|e|\\.|\"int\":|\"a\\\\u0062\"){0,24}",
    ) {
        let ours = read(&text, |json| { let _ = Lax::<Sample>::of(json.clone()); format!("{json:?}") });
        if let Ok(theirs) = serde_json::from_str::<serde_json::Value>(&text) {
            prop_assert!(ours.is_ok());
            prop_assert!(read(&text, |ours| is_same(ours, &theirs)).expect("JSON"), "{}", text);
        }
    }
}
