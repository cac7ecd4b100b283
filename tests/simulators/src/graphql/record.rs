//! A GraphQL object over JSON: each field is the member of its name, and `null` where there is none.

use std::borrow::Cow;

use apollo_compiler::ast::Type;
use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::JsonValue;
use serde_json::Value;

/// An object of the schema whose fields are those of a JSON object.
#[derive(Debug, Clone)]
pub struct Record<'v> {
    /// Its type's name.
    pub type_name: &'v str,
    /// The JSON object.
    pub value: Cow<'v, Value>,
}

impl ObjectValue for Record<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let value = self.value.get(info.field_name()).unwrap_or(&Value::Null);
        Ok(resolved(Cow::Borrowed(value), info))
    }
}

/// A JSON value as the field that is being resolved: lists, objects and leaves by the field's type.
#[must_use]
pub fn resolved<'a>(value: Cow<'a, Value>, info: &'a ResolveInfo<'a>) -> ResolvedValue<'a> {
    let ty = &info.field_definition().ty;
    let is_object = info.schema().get_object(ty.inner_named_type()).is_some();
    of_type(value, ty, is_object)
}

fn of_type<'a>(value: Cow<'a, Value>, ty: &'a Type, is_object: bool) -> ResolvedValue<'a> {
    match value {
        Cow::Borrowed(Value::Array(items)) => {
            ResolvedValue::list(items.iter().map(move |item| of_type(Cow::Borrowed(item), ty.item_type(), is_object)))
        }
        Cow::Owned(Value::Array(items)) => {
            ResolvedValue::list(items.into_iter().map(move |item| of_type(Cow::Owned(item), ty.item_type(), is_object)))
        }
        value if !is_object => match value.as_ref() {
            Value::Number(number) if ty.inner_named_type() == "ID" => ResolvedValue::leaf(number.to_string()),
            other => ResolvedValue::Leaf(leaf(other)),
        },
        value if value.is_object() => {
            ResolvedValue::object(Record { type_name: ty.inner_named_type().as_str(), value })
        }
        // Anything else in an object's place is as good as nothing.
        _ => ResolvedValue::null(),
    }
}

/// JSON in the executor's form.
#[must_use]
pub fn leaf(value: &Value) -> JsonValue {
    match value {
        Value::Null => JsonValue::Null,
        Value::Bool(flag) => JsonValue::Bool(*flag),
        Value::Number(number) => JsonValue::Number(number.clone()),
        Value::String(text) => JsonValue::from(text.as_str()),
        Value::Array(items) => JsonValue::Array(items.iter().map(leaf).collect()),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.as_str(), leaf(value))).collect(),
    }
}
