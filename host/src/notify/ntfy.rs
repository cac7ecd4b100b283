//! ntfy: a message to a topic of a server, published as JSON (<https://docs.ntfy.sh/publish/#publish-as-json>), where no text can be mistaken for a header.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

use super::channel::{Failure, Sender};
use super::event::Message;
use super::{http, secret_file};
use crate::config::Ntfy;

/// A topic.
pub(super) struct NtfyChannel {
    server: String,
    topic: String,
    token: Option<PathBuf>,
}

impl NtfyChannel {
    pub(super) fn new(ntfy: Ntfy, base: &Path) -> Self {
        Self { server: ntfy.server, topic: ntfy.topic, token: ntfy.token_file.map(|file| base.join(file)) }
    }
}

#[async_trait]
impl Sender for NtfyChannel {
    async fn send(&self, message: &Message) -> Result<(), Failure> {
        let url = Url::parse(&self.server).map_err(|_| Failure::new("its server's address is not a URL"))?;
        let client = http::client_for(&url)?;
        // What is handed over twice, because the program was killed before it noted that, is one notification on the phone: from ntfy 2.16 on a
        // message takes the place of another of its sequence; older servers pass over that.
        let body = json!({
            "topic": self.topic, "title": message.title, "message": message.body, "tags": [message.kind], "sequence_id": message.id,
        });
        let mut request = client.post(url).header(CONTENT_TYPE, "application/json").body(body.to_string());
        if let Some(file) = &self.token {
            request = request.header(AUTHORIZATION, bearer(file)?);
        }
        http::send(&client, request.build().map_err(|_| Failure::new("the request cannot be made"))?).await
    }
}

fn bearer(file: &Path) -> Result<HeaderValue, Failure> {
    let token = secret_file::read(file).map_err(Failure::new)?;
    let words = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
    let mut value = HeaderValue::from_str(&words)
        .map_err(|_| Failure::new(format!("the token in {} has characters that no token has", file.display())))?;
    value.set_sensitive(true);
    Ok(value)
}
