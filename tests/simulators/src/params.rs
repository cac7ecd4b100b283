//! Parameters as the platforms read them: repeated names, and PHP's `name[]` for lists.

use serde_json::{Map, Value};

/// Query or form parameters in their order of arrival.
#[derive(Debug, Clone, Default)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

impl Params {
    /// Parses `a=1&b=2`. Never fails: broken escapes are taken literally, bad UTF-8 is replaced.
    #[must_use]
    pub fn from_urlencoded(text: &[u8]) -> Self {
        Self { pairs: url::form_urlencoded::parse(text).into_owned().collect() }
    }

    /// The first value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether `name` is present, with whatever value, an empty one included.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The values of a list parameter: `name[]=a&name[]=b` or `name[0]=a`. A plain `name=a` is no list.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.pairs.iter().filter(|(key, _)| is_list_item(key, name)).map(|(_, value)| value.as_str()).collect()
    }

    /// Adds the fields of a JSON object or form: arrays repeat their name, scalars become text,
    /// `null` and objects are left out.
    pub fn extend_from_fields(&mut self, fields: &Map<String, Value>) {
        for (name, value) in fields {
            match value {
                Value::Array(items) => {
                    let list_name = if name.ends_with(']') { name.clone() } else { format!("{name}[]") };
                    self.pairs.extend(items.iter().filter_map(scalar_text).map(|text| (list_name.clone(), text)));
                }
                other => self.pairs.extend(scalar_text(other).map(|text| (name.clone(), text))),
            }
        }
    }

    /// A JSON object of the parameters: list parameters become arrays, of others the first value counts.
    #[must_use]
    pub fn into_fields(self) -> Map<String, Value> {
        let mut fields = Map::new();
        for (name, value) in self.pairs {
            if name.ends_with(']') {
                if let Value::Array(items) = fields.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
                    items.push(Value::String(value));
                }
            } else {
                fields.entry(name).or_insert(Value::String(value));
            }
        }
        fields
    }
}

fn is_list_item(key: &str, name: &str) -> bool {
    key.strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('['))
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|index| index.bytes().all(|byte| byte.is_ascii_digit()))
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_need_brackets_and_flags_need_only_be_present() {
        let params = Params::from_urlencoded(b"jobs%5B%5D=3&jobs[]=17&jobs[2]=9&jobs=4&compact=");
        assert_eq!(params.list("jobs"), ["3", "17", "9"]);
        assert!(params.has("compact"));
        assert!(!params.has("job"));
    }

    #[test]
    fn a_json_body_reads_like_a_form() {
        let mut params = Params::default();
        let fields = json!({"jobs[]": [3, 4], "users": [5], "amount": 2.5, "none": null});
        params.extend_from_fields(fields.as_object().expect("an object"));
        assert_eq!(params.list("jobs"), ["3", "4"]);
        assert_eq!(params.list("users"), ["5"]);
        assert_eq!(params.get("amount"), Some("2.5"));
        assert!(!params.has("none"));
    }
}
