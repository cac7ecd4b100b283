//! One API call after authentication: who asks, with which parameters.

use serde_json::{Map, Value};

use super::envelope::ApiError;
use super::scope::Scope;
use crate::exchange::Request;
use crate::params::Params;

/// Largest page that is ever given.
pub const PAGE_CAP: usize = 100;
/// Rows of a page when `limit` is absent. Assumed: the official client's own default.
const PAGE_DEFAULT: usize = 10;

/// An API call.
#[derive(Debug)]
pub struct Call<'a> {
    /// The request.
    pub request: &'a Request,
    /// Query and body parameters.
    pub params: Params,
    /// The user behind the token, if there is one.
    pub user: Option<u64>,
    /// The advanced scopes of the token.
    pub scopes: Vec<String>,
}

/// Which rows of a list are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Rows at most, never over [`PAGE_CAP`].
    pub limit: usize,
    /// Rows skipped.
    pub offset: usize,
}

impl Page {
    /// The rows of the page.
    pub fn of<T>(self, rows: impl IntoIterator<Item = T>) -> Vec<T> {
        rows.into_iter().skip(self.offset).take(self.limit).collect()
    }
}

impl Call<'_> {
    /// The simulator's time of the call.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.request.now
    }

    /// The user behind the token.
    ///
    /// # Errors
    /// 401 without one.
    pub fn user(&self) -> Result<u64, ApiError> {
        self.user.ok_or_else(ApiError::not_authenticated)
    }

    /// The user behind a token that has `scope`.
    ///
    /// # Errors
    /// 401 without a user, 403 without the scope.
    pub fn user_with(&self, scope: Scope) -> Result<u64, ApiError> {
        let user = self.user()?;
        if self.scopes.iter().any(|name| name == scope.name()) {
            Ok(user)
        } else {
            Err(ApiError::missing_scope(scope.name(), scope.number()))
        }
    }

    /// An integer parameter.
    ///
    /// # Errors
    /// `BAD_FORM` when it is present and no integer.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.params
            .get(name)
            .filter(|text| !text.is_empty())
            .map(|text| {
                text.trim().parse().map_err(|_| ApiError::bad_form(format!("{name} must be an integer, not {text:?}.")))
            })
            .transpose()
    }

    /// A number parameter.
    ///
    /// # Errors
    /// `BAD_FORM` when it is present and no finite number.
    pub fn number(&self, name: &str) -> Result<Option<f64>, ApiError> {
        self.params
            .get(name)
            .filter(|text| !text.is_empty())
            .map(|text| {
                text.trim()
                    .parse::<f64>()
                    .ok()
                    .filter(|number| number.is_finite())
                    .ok_or_else(|| ApiError::bad_form(format!("{name} must be a number, not {text:?}.")))
            })
            .transpose()
    }

    /// A list of integers, empty when absent.
    ///
    /// # Errors
    /// `BAD_FORM` when one is no integer.
    pub fn integers(&self, name: &str) -> Result<Vec<i64>, ApiError> {
        self.params
            .list(name)
            .into_iter()
            .map(|text| {
                text.trim()
                    .parse()
                    .map_err(|_| ApiError::bad_form(format!("{name}[] must hold integers, not {text:?}.")))
            })
            .collect()
    }

    /// `limit` and `offset`. A `limit` over the cap silently gives the cap.
    ///
    /// # Errors
    /// `BAD_FORM` when one is no integer or negative.
    pub fn page(&self) -> Result<Page, ApiError> {
        let natural = |name: &str, default: usize| {
            self.integer(name)?.map_or(Ok(default), |number| {
                usize::try_from(number).map_err(|_| ApiError::bad_form(format!("{name} must not be negative.")))
            })
        };
        Ok(Page { limit: natural("limit", PAGE_DEFAULT)?.min(PAGE_CAP), offset: natural("offset", 0)? })
    }

    /// The body's fields.
    ///
    /// # Errors
    /// `BAD_FORM` when the body claims to be JSON and is no JSON object.
    pub fn fields(&self) -> Result<Map<String, Value>, ApiError> {
        self.request.body_fields().ok_or_else(|| ApiError::bad_form("The body must be a JSON object."))
    }
}

/// A required integer of a body: a JSON integer, or digits in a form.
///
/// # Errors
/// `BAD_FORM` naming the field.
pub fn required_integer(fields: &Map<String, Value>, name: &str) -> Result<i64, ApiError> {
    optional_integer(fields, name)?.ok_or_else(|| ApiError::bad_form(format!("{name} is required.")))
}

/// An optional integer of a body.
///
/// # Errors
/// `BAD_FORM` naming the field when it is present and no integer.
pub fn optional_integer(fields: &Map<String, Value>, name: &str) -> Result<Option<i64>, ApiError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(number.as_i64()),
        Some(Value::String(text)) if text.trim().parse::<i64>().is_ok() => Ok(text.trim().parse().ok()),
        Some(_) => Err(ApiError::bad_form(format!("{name} must be an integer."))),
    }
}

/// A required finite number of a body.
///
/// # Errors
/// `BAD_FORM` naming the field.
pub fn required_number(fields: &Map<String, Value>, name: &str) -> Result<f64, ApiError> {
    optional_number(fields, name)?.ok_or_else(|| ApiError::bad_form(format!("{name} is required.")))
}

/// An optional finite number of a body.
///
/// # Errors
/// `BAD_FORM` naming the field when it is present and no finite number.
pub fn optional_number(fields: &Map<String, Value>, name: &str) -> Result<Option<f64>, ApiError> {
    let number = match fields.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    number
        .filter(|number| number.is_finite())
        .map(Some)
        .ok_or_else(|| ApiError::bad_form(format!("{name} must be a number.")))
}

/// An optional text of a body; empty when absent.
///
/// # Errors
/// `BAD_FORM` naming the field when it is present and no text.
pub fn text(fields: &Map<String, Value>, name: &str) -> Result<String, ApiError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(ApiError::bad_form(format!("{name} must be text."))),
    }
}
