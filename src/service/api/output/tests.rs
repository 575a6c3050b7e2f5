use axum::http::Request as HttpRequest;

use super::*;

const TEXT: &[u8] = b"0123456789abcdefghij";

struct Film(tempfile::TempDir);

impl Film {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ä film.mp4"), TEXT).unwrap();
        Film(folder)
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("ä film.mp4")
    }

    async fn get(
        &self,
        method: &str,
        headers: &[(&str, &str)],
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = HttpRequest::builder().method(method).uri("/v1/jobs/x/output");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = send(&self.path(), request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, parts.headers, body.to_vec())
    }
}

#[tokio::test]
async fn a_file_comes_whole_with_its_kind_and_its_name() {
    let film = Film::new();
    let (status, headers, body) = film.get("GET", &[]).await;
    assert_eq!((status, body.as_slice()), (StatusCode::OK, TEXT));
    assert_eq!(headers["content-type"], "video/mp4");
    assert_eq!(headers["content-length"], "20");
    assert_eq!(headers["accept-ranges"], "bytes");
    let named = "attachment; filename*=UTF-8''%C3%A4%20film.mp4";
    assert_eq!(headers["content-disposition"], named);
    let (status, headers, body) = film.get("HEAD", &[]).await;
    assert_eq!((status, body.len()), (StatusCode::OK, 0));
    assert_eq!(headers["content-length"], "20");
}

#[tokio::test]
async fn a_range_is_a_part_and_one_beyond_the_end_says_how_long_the_file_is() {
    let film = Film::new();
    for (range, part, said) in [
        ("bytes=0-3", "0123", "bytes 0-3/20"),
        ("bytes=16-", "ghij", "bytes 16-19/20"),
        ("bytes=-2", "ij", "bytes 18-19/20"),
        ("bytes=10-999", "abcdefghij", "bytes 10-19/20"),
    ] {
        let (status, headers, body) = film.get("GET", &[("range", range)]).await;
        assert_eq!((status, body.as_slice()), (StatusCode::PARTIAL_CONTENT, part.as_bytes()));
        assert_eq!(headers["content-range"], said);
    }
    for range in ["bytes=20-", "bytes=99-100"] {
        let (status, headers, body) = film.get("GET", &[("range", range)]).await;
        assert_eq!(status, StatusCode::RANGE_NOT_SATISFIABLE, "{range}");
        assert_eq!(headers["content-range"], "bytes */20");
        let fault: FaultBody = serde_json::from_slice(&body).unwrap();
        assert_eq!(fault.error.kind, FaultKind::Invalid);
    }
}

#[tokio::test]
async fn a_download_that_goes_on_gets_the_rest_of_the_same_file_only() {
    let film = Film::new();
    let etag = film.get("GET", &[]).await.1["etag"].to_str().unwrap().to_owned();
    let rest = [("range", "bytes=10-"), ("if-range", etag.as_str())];
    assert_eq!(film.get("GET", &rest).await.2, b"abcdefghij");
    let (status, _, _) = film.get("GET", &[("if-none-match", &etag)]).await;
    assert_eq!(status, StatusCode::NOT_MODIFIED);
    std::fs::write(film.path(), b"another film altogether").unwrap();
    let (status, _, body) = film.get("GET", &rest).await;
    assert_eq!((status, body.as_slice()), (StatusCode::OK, b"another film altogether".as_slice()));
    let (status, _, _) = film.get("GET", &[("if-match", &etag)]).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_found() {
    let film = Film::new();
    let request = HttpRequest::new(Body::empty());
    let fault = send(&film.0.path().join("gone.mp4"), request).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotFound);
}

#[test]
fn the_end_of_a_log_begins_with_a_whole_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    assert_eq!(tail(&path, None, 100).unwrap(), "");
    std::fs::write(&path, "one\ntwo\nthree\nfour\n").unwrap();
    assert_eq!(tail(&path, None, 100).unwrap(), "one\ntwo\nthree\nfour\n");
    assert_eq!(tail(&path, Some(2), 100).unwrap(), "three\nfour\n");
    assert_eq!(tail(&path, Some(1), 100).unwrap(), "four\n");
    assert_eq!(tail(&path, Some(9), 100).unwrap(), "one\ntwo\nthree\nfour\n");
    assert_eq!(tail(&path, None, 8).unwrap(), "four\n");
    assert_eq!(tail(&path, Some(1), 3).unwrap(), "");
    std::fs::write(&path, "no end").unwrap();
    assert_eq!(tail(&path, Some(1), 100).unwrap(), "no end");
    std::fs::write(&path, b"a \xff b\n").unwrap();
    assert_eq!(tail(&path, None, 100).unwrap(), "a \u{fffd} b\n");
}
