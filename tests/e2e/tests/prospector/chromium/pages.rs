//! Small pages, served on loopback.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

const STRICT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'";

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Owls</title>\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"stylesheet\" href=\"/style.css\">";

const OWLS: &str = "<script src=\"/script.js\" defer></script></head><body><main><h1>Owls of the \"old\" wood</h1>\
    <p id=\"width\">They see well.</p><p hidden>Only for later</p>\
    <form action=\"/more\"><label>Name <input id=\"name\" name=\"name\"></label> <button>Greet</button></form>\
    <p role=\"status\">Nobody is greeted yet</p><noscript><p>Without scripts, send the form.</p></noscript>\
    <p><a href=\"/more\">More</a></p></main></body></html>";

// What comes of the button comes later, as from a server.
const SCRIPT: &str = "document.forms[0].addEventListener('submit', event => { event.preventDefault(); \
    const said = 'Hello ' + document.getElementById('name').value; \
    setTimeout(() => { document.querySelector('[role=status]').textContent = said }, 200); });";

const STYLE: &str = "body { background: #fff; color: #000 } a { color: #00c }\
    @media (max-width: 500px) { #width { color: #000080 } }\
    @media (prefers-color-scheme: dark) { body { background: #101020; color: #eee } #width { color: #eee } a { color: #9cf } }\
    .wide { width: 2000px }";

const REFUSED: &str = "<script src=\"/broken.js\"></script></head><body><main><h1>No</h1><p style=\"color: red\">Red</p></main></body></html>";

const UNTIDY: &str = "<!doctype html><html><head><meta charset=\"utf-8\"><title>Untidy</title></head>\
    <body style=\"background:#fff\"><p id=\"pale\" style=\"color:#bbb\">Hardly to be read</p>\
    <img src=\"data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=\"><input></body></html>";

/// A site whose pages hold to the rules, under a strict policy; its origin. `/wide` and `/refused` are its bad ones.
pub fn site() -> String {
    let page = |body: &'static str| {
        get(move || async move {
            let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, STRICT)];
            (headers, format!("{HEAD}{body}"))
        })
    };
    let file = |kind: &'static str, text: &'static str| get(move || async move { ([(CONTENT_TYPE, kind)], text) });
    serve(
        Router::new()
            .route("/", page(OWLS))
            .route("/more", page("</head><body><main><h1>More</h1><p>That is all.</p></main></body></html>"))
            .route("/wide", page("</head><body><main><h1>Wide</h1><div class=\"wide\">far</div></main></body></html>"))
            .route("/refused", page(REFUSED))
            .route("/script.js", file("text/javascript", SCRIPT))
            .route("/broken.js", file("text/javascript", "nothing.at.all();"))
            .route("/style.css", file("text/css", STYLE)),
    )
}

/// A page with four faults, under a policy that allows no script; its address.
pub fn untidy() -> String {
    let policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
    let page = move || async move {
        ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, policy)], UNTIDY).into_response()
    };
    serve(Router::new().route("/", get(page)))
}

/// Serves on a free port of 127.0.0.1 until the process ends; the origin.
pub fn serve(router: Router) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("it can be waited for");
    let origin = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    std::thread::spawn(move || {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await
        })
    });
    origin
}
