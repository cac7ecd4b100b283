//! The value kept at a path: a few named fields, each a secret string.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// The most fields of one secret.
pub const MAX_FIELDS: usize = 32;

/// The longest name of a field, in bytes.
pub const MAX_FIELD_NAME_BYTES: usize = 64;

/// The most bytes of one secret, names and values together.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;

/// Field names with their secret values.
///
/// Has at least one field and obeys [`MAX_FIELDS`], [`MAX_FIELD_NAME_BYTES`] and [`MAX_SECRET_BYTES`].
/// Values are zeroized when dropped and printed by nothing; names are not secret, but `Debug` leaves
/// them out too, so that a value passed where a name belongs is not printed either.
#[derive(Clone)]
pub struct Secret {
    fields: BTreeMap<String, SecretString>,
}

/// Why fields are not a [`Secret`]. Repeats neither a name nor a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// There is no field.
    #[error("a secret needs at least one field; to remove a secret, delete its path")]
    Empty,
    /// There are more than [`MAX_FIELDS`].
    #[error("a secret may have at most {MAX_FIELDS} fields; split it over several paths")]
    TooManyFields,
    /// A name breaks the syntax.
    #[error(
        "the name of a secret's field must have 1 to {MAX_FIELD_NAME_BYTES} characters of a-z, \
        0-9 and '_' and begin with a letter, such as access_token"
    )]
    FieldName,
    /// A name was given twice.
    #[error("a secret's field was given twice; give each name once")]
    DuplicateField,
    /// Names and values together exceed [`MAX_SECRET_BYTES`].
    #[error(
        "a secret may have at most {MAX_SECRET_BYTES} bytes, and this one has {bytes}; split it \
        over several paths"
    )]
    TooLarge {
        /// The size that was refused.
        bytes: usize,
    },
}

impl Secret {
    /// Checks and takes the fields.
    ///
    /// # Errors
    ///
    /// [`InvalidSecret`] says which bound is exceeded.
    pub fn from_fields<N: Into<String>>(
        fields: impl IntoIterator<Item = (N, SecretString)>,
    ) -> Result<Self, InvalidSecret> {
        let mut kept = BTreeMap::new();
        for (name, value) in fields {
            let name = name.into();
            if !is_field_name(&name) {
                return Err(InvalidSecret::FieldName);
            }
            if kept.insert(name, value).is_some() {
                return Err(InvalidSecret::DuplicateField);
            }
            if kept.len() > MAX_FIELDS {
                return Err(InvalidSecret::TooManyFields);
            }
        }
        if kept.is_empty() {
            return Err(InvalidSecret::Empty);
        }
        let secret = Self { fields: kept };
        match secret.bytes() {
            bytes if bytes > MAX_SECRET_BYTES => Err(InvalidSecret::TooLarge { bytes }),
            _ => Ok(secret),
        }
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.fields.get(name)
    }

    /// The fields in the order of their names.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &SecretString)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The size that counts against [`MAX_SECRET_BYTES`].
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.fields.iter().map(|(name, value)| name.len() + value.expose_secret().len()).sum()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} fields, redacted)", self.fields.len())
    }
}

fn is_field_name(name: &str) -> bool {
    name.len() <= MAX_FIELD_NAME_BYTES
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(fields: &[(&str, &str)]) -> Result<Secret, InvalidSecret> {
        Secret::from_fields(fields.iter().map(|(name, value)| (*name, SecretString::from(*value))))
    }

    #[test]
    fn fields_are_accepted_or_refused_by_the_table() {
        let long_name = "n".repeat(MAX_FIELD_NAME_BYTES + 1);
        let fits = "v".repeat(MAX_SECRET_BYTES - 1);
        let large = "v".repeat(MAX_SECRET_BYTES);
        let names: Vec<String> = (0..=MAX_FIELDS).map(|n| format!("f{n}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        type Fields<'a> = &'a [(&'a str, &'a str)];
        let table: &[(Fields<'_>, Option<InvalidSecret>)] = &[
            (&[("access_token", "x"), ("expires_in2", "")], None),
            (&[("a", &fits)], None),
            (&many[..MAX_FIELDS], None),
            (&[], Some(InvalidSecret::Empty)),
            (&many, Some(InvalidSecret::TooManyFields)),
            (&[("", "x")], Some(InvalidSecret::FieldName)),
            (&[("Token", "x")], Some(InvalidSecret::FieldName)),
            (&[("1st", "x")], Some(InvalidSecret::FieldName)),
            (&[("a-b", "x")], Some(InvalidSecret::FieldName)),
            (&[(&long_name, "x")], Some(InvalidSecret::FieldName)),
            (&[("a", "x"), ("a", "y")], Some(InvalidSecret::DuplicateField)),
            (&[("a", &large)], Some(InvalidSecret::TooLarge { bytes: MAX_SECRET_BYTES + 1 })),
        ];
        for (fields, refusal) in table {
            assert_eq!(secret(fields).err(), *refusal);
        }
    }

    #[test]
    fn debug_output_holds_neither_names_nor_values() {
        let printed = format!("{:?}", secret(&[("fieldname", "planted-value")]).expect("valid"));
        assert!(!printed.contains("fieldname") && !printed.contains("planted"), "{printed}");
    }

    #[test]
    fn a_value_given_as_a_name_is_not_repeated() {
        let error = secret(&[("planted value", "")]).expect_err("not a name");
        assert!(!format!("{error} {error:?}").contains("planted"));
    }
}
