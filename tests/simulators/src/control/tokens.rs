//! The routes below a platform's name that steer its authorisation server.

use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::exchange::Reply;
use crate::oauth::AuthorizationServer;

/// What a token is minted with when the wish names nothing.
#[derive(Debug, Clone)]
pub struct Minting<'m> {
    /// The scopes.
    pub scopes: Vec<String>,
    /// The answer's `scope`, where the platform gives one.
    pub scope: Option<&'m str>,
}

/// Answers `tokens`, `revoke` and `expire` below a platform's name; `None` for other routes.
pub fn answer(
    oauth: &mut AuthorizationServer,
    route: (&Method, &[&str]),
    fields: &Map<String, Value>,
    minting: Minting<'_>,
    now: i64,
) -> Option<Reply> {
    let user = fields.get("user").and_then(Value::as_u64).unwrap_or(oauth.account.id);
    let reply = match route {
        (&Method::POST, ["revoke"]) => Reply::json(200, &json!({"revoked": oauth.revoke_user(user)})),
        (&Method::POST, ["expire"]) => {
            let flag = |name: &str, default: bool| fields.get(name).and_then(Value::as_bool).unwrap_or(default);
            let ended = oauth.expire(flag("access", true), flag("refresh", false), now);
            Reply::json(200, &json!({"expired": ended}))
        }
        (&Method::GET, ["tokens"]) => {
            Reply::json(200, &json!({"access": oauth.access_tokens(), "refresh": oauth.refresh_tokens()}))
        }
        (&Method::POST, ["tokens"]) => {
            let scopes = match fields.get("scopes") {
                Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                _ => minting.scopes,
            };
            oauth.mint(user, scopes, now).reply(minting.scope)
        }
        _ => return None,
    };
    Some(reply)
}
