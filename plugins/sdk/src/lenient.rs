//! JSON fields of platforms that do not keep their own word: numbers as strings, floats for integers, nulls anywhere, a
//! list where an object belongs.
//!
//! The field types here take any JSON and hold a value or none, so that one odd field never costs a record, nor one odd
//! record a page. Give structs `#[serde(default)]`, so that absent fields are none too.
//!
//! ```
//! use prospector_plugin::lenient::{self, Int, Lax, Text};
//! #[derive(Default, serde::Deserialize)]
//! #[serde(default)]
//! struct Project { id: Int, title: Text, budget: Lax<Budget> }
//! #[derive(Default, serde::Deserialize)]
//! #[serde(default)]
//! struct Budget { minimum: Int }
//!
//! let project: Project = lenient::record(r#"{"id":"17","title":null,"budget":[]}"#).unwrap();
//! assert_eq!((project.id.0, project.title.0, project.budget.0.is_none()), (Some(17), None, true));
//! ```

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A whole number: also `"17"`, `17.0` and `17.9`, which counts as 17.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Int(pub Option<i64>);

/// A finite number: also `"17.5"`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Float(pub Option<f64>);

/// A text: also a number, as its digits. Not an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Option<String>);

/// A text that is only looked at, so it is not copied if the JSON holds it as it is: also a number. Not an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word<'a>(pub Option<Cow<'a, str>>);

/// A list of texts; what is no text in it is left out, and anything else is an empty list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

/// Yes or no: also `0`, `1`, `"true"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flag(pub Option<bool>);

/// An object that is read as `T`; anything else is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lax<T>(pub Option<T>);

/// A list of objects; what is no object in it is left out, and anything else is an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaxList<T>(pub Vec<T>);

/// A list of objects that keeps its places: what is no object in it is none, and anything else is an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots<T>(pub Vec<Option<T>>);

/// Records that are not read yet: the elements of a list, or the values of an object.
#[derive(Debug, Clone, Default)]
pub struct Records<'a>(pub Vec<&'a RawValue>);

/// Records that are not read yet, by their keys.
#[derive(Debug, Clone, Default)]
pub struct Keyed<'a>(pub Vec<(String, &'a RawValue)>);

impl<T> Default for Lax<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for LaxList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl Int {
    /// The number, if it is one that fits.
    #[must_use]
    pub fn unsigned(self) -> Option<u32> {
        self.0.and_then(|number| u32::try_from(number).ok())
    }
}

impl Word<'_> {
    /// The text; an empty one if there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The finite number that it spells.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        self.text().trim().parse().ok().filter(|number: &f64| number.is_finite())
    }
}

/// Reads one record. Halves of surrogate pairs, which platforms make by cutting texts, are replaced.
///
/// # Errors
/// Why it cannot be read, in a sentence.
pub fn record<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json)
        .or_else(|fault| match whole_surrogates(json) {
            Cow::Owned(repaired) => serde_json::from_str(&repaired),
            Cow::Borrowed(_) => Err(fault),
        })
        .map_err(|fault| format!("It is not readable as JSON: {fault}"))
}

/// `json` with every `\uD8xx` that has no other half as `\ufffd`. For records that borrow; [`record`] does it by itself.
#[must_use]
pub fn whole_surrogates(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let unit = |at: usize| -> Option<u16> {
        (bytes.get(at) == Some(&b'\\') && bytes.get(at + 1) == Some(&b'u'))
            .then(|| json.get(at + 2..at + 6))
            .flatten()
            .and_then(|digits| u16::from_str_radix(digits, 16).ok())
    };
    let mut repaired = String::new();
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                repaired.push_str(&json[copied..at]);
                repaired.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            _ => at += 2,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    repaired.push_str(&json[copied..]);
    Cow::Owned(repaired)
}

/// Any JSON value, reduced to what the field types can use.
enum Scalar<'de> {
    Nothing,
    Flag(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'de, str>),
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Flag(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Scalar::Float(value as f64), Scalar::Int))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }
}

/// Whole part of a float that an `i64` holds for sure.
fn whole(number: f64) -> Option<i64> {
    (number.abs() < 9.0e15).then_some(number as i64)
}

impl<'de> Deserialize<'de> for Int {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Scalar::deserialize(deserializer)? {
            Scalar::Int(number) => Some(number),
            Scalar::Float(number) => whole(number),
            Scalar::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
            }
            Scalar::Nothing | Scalar::Flag(_) => None,
        }))
    }
}

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = match Scalar::deserialize(deserializer)? {
            Scalar::Int(number) => Some(number as f64),
            Scalar::Float(number) => Some(number),
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Nothing | Scalar::Flag(_) => None,
        };
        Ok(Self(number.filter(|number| number.is_finite())))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Scalar::deserialize(deserializer)? {
            Scalar::Text(text) => Some(text.into_owned()),
            Scalar::Int(number) => Some(number.to_string()),
            Scalar::Float(number) => Some(number.to_string()),
            Scalar::Nothing | Scalar::Flag(_) => None,
        };
        Ok(Self(text.filter(|text| !text.is_empty())))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Scalar::deserialize(deserializer)? {
            Scalar::Text(text) => Some(text),
            Scalar::Int(number) => Some(Cow::Owned(number.to_string())),
            Scalar::Float(number) => Some(Cow::Owned(number.to_string())),
            Scalar::Nothing | Scalar::Flag(_) => None,
        };
        Ok(Self(text.filter(|text| !text.is_empty())))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = entries::<Text, D>(deserializer)?;
        Ok(Self(entries.into_iter().filter_map(|(_, text)| text.0).collect()))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Scalar::deserialize(deserializer)? {
            Scalar::Flag(flag) => Some(flag),
            Scalar::Int(0) => Some(false),
            Scalar::Int(1) => Some(true),
            Scalar::Text(text) => match text.trim() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            Scalar::Nothing | Scalar::Int(_) | Scalar::Float(_) => None,
        }))
    }
}

/// Takes an object as `T`, and anything else as none.
struct LaxVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for LaxVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        ScalarVisitor.visit_seq(items).map(|_| None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lax<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LaxVisitor(PhantomData)).map(Self)
    }
}

/// Collects the elements of a list or the values of an object, with their keys; anything else is empty.
struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Vec<(String, T)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(item) = items.next_element()? {
            entries.push((String::new(), item));
        }
        Ok(entries)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
}

fn entries<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, T)>, D::Error> {
    deserializer.deserialize_any(EntriesVisitor(PhantomData))
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for LaxList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = entries::<Lax<T>, D>(deserializer)?;
        Ok(Self(entries.into_iter().filter_map(|(_, item)| item.0).collect()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Slots<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = entries::<Lax<T>, D>(deserializer)?;
        Ok(Self(entries.into_iter().map(|(_, item)| item.0).collect()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Records<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = entries::<&'de RawValue, D>(deserializer)?;
        Ok(Self(entries.into_iter().map(|(_, record)| record).collect()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Keyed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        entries::<&'de RawValue, D>(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
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
        for (json, slots) in
            [("[{\"int\":1},null,[],{\"int\":2}]", vec![Some(1), None, None, Some(2)]), ("null", vec![])]
        {
            let read = record::<Slots<Sample>>(json).expect(json).0;
            assert_eq!(read.into_iter().map(|slot| slot.and_then(|sample| sample.int.0)).collect::<Vec<_>>(), slots);
        }
    }

    #[test]
    fn of_a_list_of_texts_the_texts_are_kept() {
        for (json, texts) in
            [("[\"a\",null,7,[],\"\",\"b\"]", vec!["a", "7", "b"]), ("null", vec![]), ("\"a\"", vec![])]
        {
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
        for (json, flag) in
            [("true", Some(true)), ("0", Some(false)), ("\"1\"", Some(true)), ("2", None), ("null", None)]
        {
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
}
