use proptest::prelude::*;

use super::*;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Sample {
    int: Int,
    float: Float,
    text: Text,
    flag: Flag,
    object: Lax<Box<Sample>>,
    list: LaxList<Sample>,
    texts: Texts,
}

#[test]
fn a_word_is_borrowed_where_the_json_holds_it_as_it_is() {
    for (json, text, number) in [
        ("\"35.0\"", "35.0", Some(35.0)),
        ("35.5", "35.5", Some(35.5)),
        ("\"a\\u0062\"", "ab", None),
        ("\"inf\"", "inf", None),
        ("null", "", None),
        ("[\"x\"]", "", None),
    ] {
        let word: Word<'_> = serde_json::from_str(json).expect(json);
        assert_eq!((word.text(), word.number()), (text, number), "{json}");
    }
    assert!(matches!(serde_json::from_str("\"VERIFIED\""), Ok(Word(Some(Cow::Borrowed("VERIFIED"))))));
}

#[test]
fn slots_keep_the_places_of_what_is_no_object() {
    for (json, slots) in [("[{\"int\":1},null,[],{\"int\":2}]", vec![Some(1), None, None, Some(2)]), ("null", vec![])] {
        let read = record::<Slots<Sample>>(json).expect(json).0;
        assert_eq!(read.into_iter().map(|slot| slot.and_then(|sample| sample.int.0)).collect::<Vec<_>>(), slots);
    }
}

#[test]
fn of_a_list_of_texts_the_texts_are_kept() {
    for (json, texts) in [("[\"a\",null,7,[],\"\",\"b\"]", vec!["a", "7", "b"]), ("null", vec![]), ("\"a\"", vec![])] {
        assert_eq!(record::<Texts>(json).expect(json).0, texts);
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
        assert_eq!(record::<Int>(json), Ok(Int(int)), "{json}");
        assert_eq!(record::<Float>(json), Ok(Float(float)), "{json}");
    }
    for (json, flag) in [("true", Some(true)), ("0", Some(false)), ("\"1\"", Some(true)), ("2", None), ("null", None)] {
        assert_eq!(record::<Flag>(json), Ok(Flag(flag)), "{json}");
    }
    for (json, text) in [("\"a\"", Some("a")), ("5", Some("5")), ("\"\"", None), ("false", None), ("[]", None)] {
        assert_eq!(record::<Text>(json), Ok(Text(text.map(str::to_owned))), "{json}");
    }
}

#[test]
fn half_a_surrogate_pair_costs_one_character_and_no_record() {
    for (json, text) in [
        (r#""cut \ud83d""#, "cut \u{fffd}"),
        (r#""\ude00 tail""#, "\u{fffd} tail"),
        (r#""whole \ud83d\ude00 \ud83d""#, "whole \u{1f600} \u{fffd}"),
        (r#""\\ud83d \ud83d""#, "\\ud83d \u{fffd}"),
    ] {
        assert_eq!(record::<Text>(json), Ok(Text(Some(text.to_owned()))), "{json}");
    }
}

#[test]
fn a_number_that_json_cannot_hold_is_the_matter_of_its_record() {
    let json = r#"[{"int":1},{"int":1e999},{"int":3}]"#;
    let records: Records<'_> = serde_json::from_str(json).expect("a list");
    let read: Vec<_> = records.0.iter().map(|raw| record::<Sample>(raw.get()).map(|s| s.int.0)).collect();
    assert_eq!((&read[0], &read[2]), (&Ok(Some(1)), &Ok(Some(3))));
    assert!(read[1].as_ref().is_err_and(|reason| reason.contains("out of range")));
}

#[test]
fn records_may_come_as_a_list_or_as_an_object() {
    for (json, count) in [("[1,2]", 2), (r#"{"7":1,"8":2}"#, 2), ("null", 0), ("\"x\"", 0), ("3", 0)] {
        assert_eq!(serde_json::from_str::<Records<'_>>(json).expect(json).0.len(), count);
        assert_eq!(serde_json::from_str::<Keyed<'_>>(json).expect(json).0.len(), count);
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

proptest! {
    #[test]
    fn any_json_in_place_of_any_field_is_read(json in any_json()) {
        prop_assert!(record::<Lax<Sample>>(&json.to_string()).is_ok());
        prop_assert!(serde_json::from_str::<Records<'_>>(&json.to_string()).is_ok());
    }

    #[test]
    fn no_text_makes_the_repair_panic(text in "(\\\\|u|d8|3d|de|00|\"|é|x){0,20}") {
        let _ = record::<Text>(&text);
        let _ = whole_surrogates(&text);
    }
}
