//! Answers of servers that mean no good, as the gate bears them for a guest.

use std::io::Write as _;

use axum::body::Body;
use axum::http::Response as Answer;
use prospector_hostile::guest;
use prospector_hostile::posting::Told;
use prospector_hostile::scene::Scene;
use prospector_hostile::server::Server;

use crate::asking::Ask;

async fn asked(server: &Server, timeout: i64) -> Told {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    Ask::get(format!("{}/read", server.origin())).within(timeout).during_search(&work).await
}

#[tokio::test]
async fn an_answer_of_more_than_8_mib_is_too_large() {
    let server = Server::start(|_| Answer::new(Body::from(vec![b'x'; (8 << 20) + 1]))).await;
    let told = asked(&server, 30_000).await;
    assert_eq!((told.0.id.as_str(), told.fact("kind")), ("refusal", "ErrorKind::TooLarge"));
    assert!(told.0.description.contains("8 MiB"), "{}", told.0.description);
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_large_one_is_too_large() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0; 1 << 20];
    for _ in 0..64 {
        packer.write_all(&zeros).expect("memory takes it");
    }
    let bomb = packer.finish().expect("memory takes it");
    assert!(bomb.len() < 1 << 20);
    let server = Server::start(move |_| {
        Answer::builder().header("content-encoding", "gzip").body(Body::from(bomb.clone())).expect("an answer")
    })
    .await;
    assert_eq!(asked(&server, 30_000).await.fact("kind"), "ErrorKind::TooLarge");
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_unavailable_when_its_time_is_up() {
    for bytes in [&b""[..], b"HTTP/1.1 200 OK\r\nX-Slow", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome"] {
        let server = Server::raw(bytes, true).await;
        let told = asked(&server, 200).await;
        assert_eq!((told.fact("kind"), told.fact("delivery")), ("ErrorKind::Unavailable", "Delivery::Unknown"));
        assert!(told.0.description.contains("did not answer within 0.2 s"), "{}", told.0.description);
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_off_or_not_http_is_unavailable_and_never_half_an_answer() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\x00\xff\x00\xff",
    ] {
        let server = Server::raw(bytes, false).await;
        let told = asked(&server, 5_000).await;
        let shown = String::from_utf8_lossy(bytes);
        assert_eq!(
            (told.0.id.as_str(), told.fact("kind")),
            ("refusal", "ErrorKind::Unavailable"),
            "{shown}: {}",
            told.all()
        );
        assert!(["Delivery::Sent", "Delivery::Unknown"].contains(&told.fact("delivery")), "{shown}");
    }
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let server = Server::start(|_| {
        let mut answer = Answer::builder();
        for number in 0..2000 {
            answer = answer.header(format!("x-{number}"), "v".repeat(1000));
        }
        answer.body(Body::empty()).expect("an answer")
    })
    .await;
    let told = asked(&server, 5_000).await;
    assert_eq!(told.fact("kind"), "ErrorKind::Unavailable", "{}", told.outcome());
}

#[tokio::test]
async fn a_server_that_is_not_there_was_sent_nothing() {
    let address = {
        let gone = Server::raw(b"", false).await;
        gone.origin()
    };
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    // The port is closed once the task that listens has ended.
    tokio::task::yield_now().await;
    let work = scene.work(&plugin, &[("api", &address)]);
    let told = Ask::get(format!("{address}/read")).during_search(&work).await;
    assert_eq!(
        (told.fact("kind"), told.fact("delivery")),
        ("ErrorKind::Unavailable", "Delivery::NotSent"),
        "{}",
        told.all()
    );
}
