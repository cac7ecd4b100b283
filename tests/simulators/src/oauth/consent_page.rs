//! The pages that a person sees in the browser.

use super::AuthorizationRequest;
use crate::exchange::Reply;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;background:#f3f5f7;color:#1f2836;margin:0}\
main{max-width:26rem;margin:10vh auto;background:#fff;border-radius:8px;padding:2rem;box-shadow:0 1px 6px #0002}\
h1{font-size:1.25rem;margin-top:0}code{background:#f3f5f7;padding:0 .25em;overflow-wrap:anywhere}\
button{font:inherit;padding:.5rem 1.5rem;border-radius:4px;border:1px solid #0a5ec2;margin-right:.5rem;cursor:pointer}\
.allow{background:#0a5ec2;color:#fff}.deny{background:#fff;color:#0a5ec2}small{color:#5b6675}";

/// Asks whether the application may act for the account.
pub(super) fn consent(
    platform: &str,
    action: &str,
    ticket: &str,
    account: &str,
    request: &AuthorizationRequest,
) -> Reply {
    let rights: String = std::iter::once("basic information and search")
        .chain(request.scopes.iter().map(String::as_str))
        .map(|scope| format!("<li>{}</li>", escaped(scope)))
        .collect();
    let body = format!(
        "<h1>Authorise an application</h1>\
         <p>The application <code>{client}</code> would like to act for <strong>{account}</strong>:</p>\
         <ul>{rights}</ul>\
         <form method=\"post\" action=\"{action}\">\
         <input type=\"hidden\" name=\"ticket\" value=\"{ticket}\">\
         <button class=\"allow\" name=\"decision\" value=\"allow\">Allow</button>\
         <button class=\"deny\" name=\"decision\" value=\"deny\">Deny</button></form>\
         <p><small>You return to <code>{redirect}</code>. This is a simulated {platform}: nobody's real \
         account is involved.</small></p>",
        client = escaped(&request.client_id),
        account = escaped(account),
        action = escaped(action),
        ticket = escaped(ticket),
        redirect = escaped(&request.redirect_uri),
        platform = escaped(platform),
    );
    page(200, platform, "Authorise an application", &body)
}

/// Tells the person why the application's request goes nowhere.
pub(super) fn refusal(platform: &str, title: &str, reason: &str) -> Reply {
    let body = format!("<h1>{}</h1><p>{}</p>", escaped(title), escaped(reason));
    page(400, platform, title, &body)
}

fn page(status: u16, platform: &str, title: &str, body: &str) -> Reply {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\">\
         <title>{} - {}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>",
        escaped(title),
        escaped(platform),
    );
    Reply::html(status, html).with_header("cache-control", "no-store").with_header("x-frame-options", "DENY")
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
