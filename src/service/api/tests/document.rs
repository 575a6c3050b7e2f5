use std::collections::BTreeSet;

use serde_json::Value;

use super::super::document;
use super::*;

/// Every operation: its method, its path, and what the document says about it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if ["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                all.push((method.to_uppercase(), path.clone(), operation.clone()));
            }
        }
    }
    all
}

fn concrete(path: &str) -> String {
    path.replace("{id}", "01J8ZQ4T5V6W7X8Y9Z0A1B2C3D").replace("{name}", "x")
}

#[test]
fn the_document_is_whole() {
    let document = serde_json::to_value(&*document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ids = BTreeSet::new();
    let all = operations(&document);
    assert!(all.len() >= 24, "{}", all.len());
    for (method, path, operation) in &all {
        let what = format!("{method} {path}");
        // Prometheus asks where it always asks.
        assert!(path.starts_with("/v1/") || path == "/metrics", "{what}");
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(!id.is_empty() && ids.insert(id.to_owned()), "{what}: {id}");
        assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{what}");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{what}");
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses {
            let what = format!("{what} {status}");
            assert!(response["description"].as_str().is_some_and(|d| !d.is_empty()), "{what}");
            let content = response["content"].as_object();
            if ["204", "304"].contains(&status.as_str()) {
                assert!(content.is_none(), "{what}");
                continue;
            }
            for (kind, body) in content.unwrap_or_else(|| panic!("{what} has no content")) {
                assert!(body["schema"].is_object(), "{what} {kind}");
            }
            if status.as_str() >= "400" {
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/FaultBody", "{what}");
            }
        }
        let open = path == "/v1/health";
        assert_eq!(responses.contains_key("401"), !open, "{what}");
        assert_eq!(operation["security"][0].get("bearer").is_some(), !open, "{what}");
        let named: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let told: BTreeSet<&str> = parameters
            .iter()
            .filter(|p| p["in"] == "path")
            .map(|p| p["name"].as_str().unwrap())
            .collect();
        assert_eq!(named, told, "{what}");
        if operation.get("requestBody").is_some() {
            assert!(responses.contains_key("408") && responses.contains_key("413"), "{what}");
        }
    }
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

#[test]
fn everything_that_the_document_points_at_is_in_it() {
    fn walk(value: &Value, document: &Value, seen: &mut usize) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(target)) = map.get("$ref") {
                    *seen += 1;
                    let pointer = target.strip_prefix('#').unwrap_or_else(|| panic!("{target}"));
                    assert!(document.pointer(pointer).is_some(), "{target} is not there");
                }
                map.values().for_each(|value| walk(value, document, seen));
            }
            Value::Array(list) => list.iter().for_each(|value| walk(value, document, seen)),
            _ => {}
        }
    }
    let document = serde_json::to_value(&*document()).unwrap();
    let mut seen = 0;
    walk(&document, &document, &mut seen);
    assert!(seen > 50, "{seen}");
}

#[tokio::test]
async fn every_operation_of_the_document_is_a_route_and_no_other_method_is() {
    let house = House::new();
    let router = house.local();
    let document = serde_json::to_value(&*document()).unwrap();
    let all = operations(&document);
    let paths: BTreeSet<&String> = all.iter().map(|(_, path, _)| path).collect();
    for path in paths {
        // No route knows this one.
        let answer = ask(&router, "OPTIONS", &concrete(path), &[]).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.fault(), FaultKind::Invalid);
        let allowed = answer.headers["allow"].to_str().unwrap();
        let mut allowed: BTreeSet<&str> = allowed.split(',').map(str::trim).collect();
        allowed.remove("HEAD");
        let told: BTreeSet<&str> =
            all.iter().filter(|(_, p, _)| p == path).map(|(m, ..)| m.as_str()).collect();
        assert_eq!(allowed, told, "{path}");
    }
    let answer = ask(&router, "GET", "/v1/nothing", &[]).await;
    assert_eq!((answer.status, answer.fault()), (StatusCode::NOT_FOUND, FaultKind::NotFound));
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let house = House::new();
    let router = house.local();
    let answer = ask(&router, "GET", "/docs", &[]).await;
    assert!(answer.status.is_redirection());
    assert_eq!(answer.headers["location"], "docs/");
    let page = ask(&router, "GET", "/docs/", &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("connect-src 'self'"));
    assert!(!policy.contains("http"), "{policy}");
    let html = String::from_utf8(page.body).unwrap();
    assert!(!html.contains("//"), "{html}");
    let mut files = 0;
    for name in html.split(['"']).filter(|part| part.ends_with(".js") || part.ends_with(".css")) {
        let path = format!("/docs/{}", name.trim_start_matches("./"));
        let file = ask(&router, "GET", &path, &[]).await;
        assert_eq!(file.status, StatusCode::OK, "{name}");
        assert_eq!(file.headers["x-content-type-options"], "nosniff");
        files += 1;
        if name.contains("initializer") {
            let text = String::from_utf8(file.body).unwrap();
            assert!(text.contains("../v1/openapi.json"), "{text}");
            assert!(text.contains(r#""validatorUrl": "none""#), "{text}");
            assert!(!text.contains("://"), "{text}");
        }
    }
    assert!(files >= 4, "{files}");
    let gone = ask(&router, "GET", "/docs/../../etc/passwd", &[]).await;
    assert_eq!((gone.status, gone.fault()), (StatusCode::NOT_FOUND, FaultKind::NotFound));
}
