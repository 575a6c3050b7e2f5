use std::time::Duration;

use axum::body::Bytes;
use futures_util::StreamExt;

use super::super::answer::LARGEST_JSON;
use super::super::body::{Incoming, collect};
use super::*;

/// A body whose pieces come so far apart.
fn slowly(pieces: usize, bytes: usize, pause: Duration) -> Body {
    let pieces = futures_util::stream::iter(0..pieces).then(move |_| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, std::io::Error>(Bytes::from(vec![b' '; bytes]))
    });
    Body::from_stream(pieces)
}

#[tokio::test]
async fn a_body_that_drips_ends_and_one_that_is_only_slow_does_not() {
    let patience = Duration::from_millis(200);
    let read = |body| async move {
        let mut incoming = Incoming::with_patience(body, patience);
        let mut bytes = 0;
        while let Some(piece) = incoming.next().await.map_err(|fault| fault.kind)? {
            bytes += piece.len();
        }
        Ok::<_, FaultKind>(bytes)
    };
    let drips = slowly(200, 1, Duration::from_millis(10));
    assert_eq!(read(drips).await, Err(FaultKind::TooSlow));
    let stands = slowly(1, 5000, Duration::from_secs(60));
    assert_eq!(read(stands).await, Err(FaultKind::TooSlow));
    let slow = slowly(8, 1024, Duration::from_millis(50));
    assert_eq!(read(slow).await, Ok(8192));
    let broken = Body::from_stream(futures_util::stream::iter([
        Ok(Bytes::from_static(b"x")),
        Err(std::io::Error::other("gone")),
    ]));
    assert_eq!(read(broken).await, Err(FaultKind::Invalid));
}

#[tokio::test]
async fn a_body_is_as_large_as_allowed_and_no_larger() {
    assert_eq!(collect(Body::from(vec![1; 100]), 100).await.unwrap().len(), 100);
    let fault = collect(Body::from(vec![1; 101]), 100).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::TooLarge);
    let many = slowly(11, 10, Duration::ZERO);
    assert_eq!(collect(many, 100).await.unwrap_err().kind, FaultKind::TooLarge);
}

#[tokio::test]
async fn what_is_not_what_is_expected_is_invalid_and_says_why() {
    let house = House::new();
    let router = house.local();
    let json = [("content-type", "application/json; charset=utf-8")];
    let deep = format!(r#"{{"target": "a", "snapshot": {}"#, "[".repeat(100_000));
    let large = " ".repeat(LARGEST_JSON + 1);
    for (headers, body, status, word) in [
        (&json[..], "", 422, "no body"),
        (&json, "{", 422, "EOF"),
        (&json, r#"[["a"], null, "b"]"#, 422, "object"),
        (&json, "3", 422, "object"),
        (&json, r#"{"target": 3}"#, 422, "string"),
        (&json, r#"{"target": "a", "colour": 1}"#, 422, "colour"),
        (&json, &deep, 422, "recursion"),
        (&json, &large, 413, "bytes"),
        (&[], r#"{"target": "a"}"#, 422, "Content-Type"),
        (&[("content-type", "text/plain")], r#"{"target": "a"}"#, 422, "Content-Type"),
    ] {
        let answer = send(&router, "POST", "/v1/jobs", headers, Body::from(body.to_owned())).await;
        let text = String::from_utf8(answer.body.clone()).unwrap();
        assert_eq!(answer.status.as_u16(), status, "{text}");
        assert!(text.contains(word), "no {word} in {text}");
    }
    for path in ["/v1/jobs?limit=x", "/v1/jobs?no=1", "/v1/jobs?state=odd", "/v1/events?x=1"] {
        let answer = ask(&router, "GET", path, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.fault()), (422, FaultKind::Invalid), "{path}");
    }
    for id in ["x", "01J8ZQ4T5V6W7X8Y9Z0A1B2C3D", "%2e%2e", "%00", "%ff", "ä"] {
        let path = format!("/v1/jobs/{}", id.replace('ä', "%C3%A4"));
        let answer = ask(&router, "GET", &path, &[]).await;
        assert!([404, 422].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
        answer.fault();
    }
}

#[tokio::test]
async fn an_upload_comes_by_the_api_and_goes_by_it() {
    let house = House::with(Service { max_upload: 1e-5, max_uploads: 1, ..Service::default() });
    let router = house.network();
    let bearer = house.bearer();
    let token = [("authorization", bearer.as_str())];
    let post = |bytes: usize| {
        let body = Body::from(vec![7; bytes]);
        send(&router, "POST", "/v1/uploads?name=me.jpg", &token, body)
    };
    let answer = post(10_000).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.json()["bytes"], 10_000);
    assert_eq!(std::fs::read(house.core.uploads.path(&id).unwrap()).unwrap(), vec![7; 10_000]);
    let answer = post(10_001).await;
    assert_eq!((answer.status.as_u16(), answer.fault()), (413, FaultKind::TooLarge));
    let answer = post(0).await;
    assert_eq!((answer.status.as_u16(), answer.fault()), (422, FaultKind::Invalid));
    let answer = ask(&router, "POST", "/v1/uploads", &token).await;
    assert_eq!((answer.status.as_u16(), answer.fault()), (422, FaultKind::Invalid));
    let held = house.core.uploads.begin("x", None, 1, 1).unwrap();
    let answer = post(1).await;
    assert_eq!((answer.status.as_u16(), answer.fault()), (429, FaultKind::Busy));
    drop(held);
    let path = format!("/v1/uploads/{id}");
    assert_eq!(ask(&router, "DELETE", &path, &token).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ask(&router, "DELETE", &path, &token).await.fault(), FaultKind::NotFound);
}

#[tokio::test]
async fn a_job_is_listed_shown_and_steered() {
    let house = House::new();
    let router = house.local();
    let job = house.job("film");
    let id = job.id.to_string();
    let list = ask(&router, "GET", "/v1/jobs", &[]).await.json();
    assert_eq!((&list["total"], &list["jobs"][0]["id"]), (&1.into(), &id.as_str().into()));
    let shown = ask(&router, "GET", &format!("/v1/jobs/{}", &id[..12]), &[]).await.json();
    assert_eq!(shown["state"], "paused");
    let path = |end: &str| format!("/v1/jobs/{id}{end}");
    let json = [("content-type", "application/json")];
    let edit = Body::from(r#"{"priority": 7}"#);
    let edited = send(&router, "PATCH", &path(""), &json, edit).await;
    assert_eq!(edited.json()["priority"], 7);
    assert_eq!(ask(&router, "GET", "/v1/jobs", &[]).await.json()["jobs"][0]["priority"], 7);
    assert_eq!(ask(&router, "POST", &path("/resume"), &[]).await.json()["state"], "queued");
    assert_eq!(ask(&router, "POST", &path("/pause"), &[]).await.json()["state"], "paused");
    for (end, kind) in [
        ("/output", FaultKind::Conflict),
        ("/frame", FaultKind::NotFound),
        ("/still", FaultKind::NotFound),
        ("/frame?width=1", FaultKind::Invalid),
        ("/frame?side=left", FaultKind::Invalid),
        ("/log?lines=0", FaultKind::Invalid),
    ] {
        assert_eq!(ask(&router, "GET", &path(end), &[]).await.fault(), kind, "{end}");
    }
    let log = ask(&router, "GET", &path("/log"), &[]).await;
    assert_eq!((log.status, log.body.len()), (StatusCode::OK, 0));
    assert_eq!(log.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(ask(&router, "POST", &path("/cancel"), &[]).await.json()["state"], "cancelled");
    assert_eq!(ask(&router, "DELETE", &path(""), &[]).await.status, StatusCode::OK);
    assert_eq!(ask(&router, "GET", &path(""), &[]).await.fault(), FaultKind::NotFound);
}
