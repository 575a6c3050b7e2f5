use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

#[tokio::test]
async fn without_the_token_every_path_gets_the_same_answer() {
    let house = House::new();
    let router = house.network();
    let token = house.token.reveal();
    let wrong: Vec<Vec<(&str, String)>> = vec![
        vec![],
        vec![("authorization", String::new())],
        vec![("authorization", token.to_owned())],
        vec![("authorization", "Bearer".into())],
        vec![("authorization", "Bearer ".into())],
        vec![("authorization", format!("Bearer {}", &token[1..]))],
        vec![("authorization", format!("Bearer {token}x"))],
        vec![("authorization", format!("Basic {}", STANDARD.encode(format!("me:{token}"))))],
        vec![("authorization", format!("Digest {token}"))],
    ];
    let mut bodies = std::collections::BTreeSet::new();
    for headers in &wrong {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        for (method, path) in [
            ("GET", "/v1/jobs"),
            ("POST", "/v1/jobs"),
            ("PUT", "/v1/jobs"),
            ("DELETE", "/v1/health"),
            ("GET", "/v1/health/"),
            ("GET", "/v1/health/../jobs"),
            ("GET", "//v1/health"),
            ("GET", "/v1/events"),
            ("GET", "/nothing"),
            ("OPTIONS", "/v1/jobs"),
            ("POST", "/v1/service/stop"),
            ("GET", &format!("/v1/jobs?token={token}")),
        ] {
            let answer = ask(&router, method, path, &headers).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path} {headers:?}");
            assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"facedeck\"");
            assert_eq!(answer.fault(), FaultKind::Unauthorized);
            bodies.insert(answer.body);
        }
    }
    assert_eq!(bodies.len(), 1);
    assert!(!house.core.stopping.is_set());
    assert_eq!(ask(&router, "GET", "/v1/health", &[]).await.json()["status"], "ok");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let shown = format!("{scheme} {token}");
        let answer = ask(&router, "GET", "/v1/version", &[("authorization", &shown)]).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_password_opens_the_page_and_nothing_else() {
    let house = House::new();
    let router = house.network();
    let shown = format!("Basic {}", STANDARD.encode(format!("any:{}", house.token.reveal())));
    let wrong = format!("Basic {}", STANDARD.encode("any:thing"));
    for path in ["/docs/", "/docs/swagger-ui.css", "/v1/openapi.json"] {
        let answer = ask(&router, "GET", path, &[("authorization", &shown)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        for headers in [vec![], vec![("authorization", wrong.as_str())]] {
            let answer = ask(&router, "GET", path, &headers).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            let asked = answer.headers.get_all("www-authenticate").iter();
            assert!(asked.into_iter().any(|ask| ask.to_str().unwrap().starts_with("Basic ")));
        }
    }
    for (method, path) in [("GET", "/v1/jobs"), ("POST", "/docs/"), ("GET", "/docsx")] {
        let answer = ask(&router, method, path, &[("authorization", &shown)]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
    }
}

#[tokio::test]
async fn what_only_a_local_user_may_do_is_forbidden_over_the_network() {
    let house = House::new();
    let bearer = house.bearer();
    let token = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let router = house.network();
    let rules = r#"{"name": "x", "folder": "/etc"}"#;
    for (method, path, body) in [
        ("POST", "/v1/service/stop", ""),
        ("POST", "/v1/watches", rules),
        ("POST", "/v1/watches?dry_run=true", rules),
        ("PUT", "/v1/watches/x", rules),
        ("DELETE", "/v1/watches/x", ""),
    ] {
        let answer = send(&router, method, path, &token, Body::from(body)).await;
        assert_eq!((answer.status, answer.fault()), (StatusCode::FORBIDDEN, FaultKind::Forbidden));
    }
    assert!(!house.core.stopping.is_set());
    let answer = ask(&house.local(), "POST", "/v1/service/stop", &[]).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.json()["stopping"], true);
    assert!(house.core.stopping.is_set());
}

#[tokio::test]
async fn browsers_may_ask_from_the_origins_that_are_named_only() {
    let origin = "https://deck.example";
    let named = Service { cors: vec![origin.into()], ..Service::default() };
    let preflight = [
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];
    let house = House::with(named);
    for (from, allowed) in [(origin, true), ("https://evil.example", false), ("null", false)] {
        let mut headers = preflight.to_vec();
        headers.push(("origin", from));
        let answer = ask(&house.network(), "OPTIONS", "/v1/jobs", &headers).await;
        let allow = answer.headers.get("access-control-allow-origin");
        assert_eq!(allow.is_some_and(|allow| allow == from), allowed, "{from}");
        let answer = ask(&house.network(), "GET", "/v1/jobs", &[("origin", from)]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let house = House::new();
    let mut headers = preflight.to_vec();
    headers.push(("origin", origin));
    let answer = ask(&house.network(), "OPTIONS", "/v1/jobs", &headers).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.headers.get("access-control-allow-origin").is_none());
    for strange in ["*", "deck.example", "https://", "https://a/b", "https://a\nb"] {
        let house = House::with(Service { cors: vec![strange.into()], ..Service::default() });
        let built = router::build(&house.core, &house.desk, Door::Network, None);
        assert_eq!(built.unwrap_err().exit_code(), 2, "{strange}");
    }
}

#[tokio::test]
async fn every_answer_is_sealed() {
    let house = House::new();
    let router = house.local();
    for path in ["/v1/health", "/v1/jobs", "/v1/nothing", "/docs/"] {
        let answer = ask(&router, "GET", path, &[]).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{path}");
    }
}

#[tokio::test]
async fn a_mistake_of_the_service_is_an_answer_too() {
    use axum::routing::get;
    async fn mistaken() -> &'static str {
        panic!("a secret path")
    }
    let router = Router::new().route("/", get(mistaken));
    let router = router.layer(super::super::router::panics());
    let answer = ask(&router, "GET", "/", &[]).await;
    assert_eq!(
        (answer.status, answer.fault()),
        (StatusCode::INTERNAL_SERVER_ERROR, FaultKind::Internal)
    );
    // The words of a panic are for the log.
    assert!(!String::from_utf8(answer.body).unwrap().contains("secret"));
}
