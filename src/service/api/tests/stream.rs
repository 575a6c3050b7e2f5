use std::time::Duration;

use axum::body::BodyDataStream;
use futures_util::StreamExt;
use serde_json::Value;

use crate::service::events::Event;
use crate::service::wire::Progress;

use super::*;

/// A client that listens.
struct Listener {
    body: BodyDataStream,
    text: String,
}

impl Listener {
    async fn open(router: &Router, path: &str, last: Option<&str>) -> Result<Self, FaultKind> {
        let mut request = Request::builder().uri(path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        if response.status() != StatusCode::OK {
            let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
            return Err(serde_json::from_slice::<FaultBody>(&body).unwrap().error.kind);
        }
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Ok(Listener { body: response.into_body().into_data_stream(), text: String::new() })
    }

    /// The next event: its id, its name and its data; nothing at the end of the stream.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines = event.lines();
                    lines.find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim().to_owned()
                };
                let (id, name, data) = (field("id:"), field("event:"), field("data:"));
                self.text = rest.to_owned();
                return Some((id, name, serde_json::from_str(&data).unwrap()));
            }
            let piece = tokio::time::timeout(Duration::from_secs(20), self.body.next());
            let piece = piece.await.expect("an event comes")?;
            self.text.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
        }
    }
}

fn progress(id: &str, frames: u64) -> Event {
    Event::Progress { id: id.into(), progress: Progress { frames, ..Progress::default() } }
}

#[tokio::test]
async fn a_client_hears_a_snapshot_and_then_every_change_with_its_number() {
    let house = House::new();
    let router = house.local();
    let job = house.job("film");
    let mut listener = Listener::open(&router, "/v1/events", None).await.unwrap();
    let (id, name, data) = listener.next().await.unwrap();
    assert_eq!((name.as_str(), id), ("snapshot", format!("{}-0", house.desk.boot)));
    assert_eq!(
        (data["type"].as_str(), data["jobs"].as_array().unwrap().len()),
        (Some("snapshot"), 1)
    );
    house.core.pause(job.id, false).ok();
    for frames in 1..4 {
        house.core.events.publish(progress("x", frames));
    }
    let mut last = String::new();
    for frames in 1..4 {
        let (id, name, data) = listener.next().await.unwrap();
        assert_eq!((name.as_str(), &data["progress"]["frames"]), ("progress", &frames.into()));
        assert_eq!(id, format!("{}-{frames}", house.desk.boot));
        last = id;
    }
    drop(listener);
    house.core.events.publish(progress("x", 4));
    // It comes back, by the header or by the query, and misses nothing.
    let by_query = format!("/v1/events?after={last}");
    for (path, header) in [("/v1/events", Some(last.as_str())), (by_query.as_str(), None)] {
        let mut listener = Listener::open(&router, path, header).await.unwrap();
        let (_, name, data) = listener.next().await.unwrap();
        assert_eq!((name.as_str(), &data["progress"]["frames"]), ("progress", &4.into()));
    }
    // A number of another run of the service, and none.
    for strange in ["01J8ZQ4T5V6W7X8Y9Z0A1B2C3D-3", "3", "", "-", &format!("{last}9")] {
        let mut listener = Listener::open(&router, "/v1/events", Some(strange)).await.unwrap();
        assert_eq!(listener.next().await.unwrap().1, "snapshot", "{strange}");
    }
}

#[tokio::test]
async fn who_asks_about_one_job_hears_of_that_job_alone() {
    let house = House::new();
    let router = house.local();
    let (mine, other) = (house.job("mine").id.to_string(), house.job("other").id.to_string());
    let path = format!("/v1/events?job={mine}");
    let mut listener = Listener::open(&router, &path, None).await.unwrap();
    let (_, _, data) = listener.next().await.unwrap();
    let ids: Vec<&str> =
        data["jobs"].as_array().unwrap().iter().map(|j| j["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [mine.as_str()]);
    house.core.events.publish(progress(&other, 1));
    house.core.events.publish(Event::WatchRemoved { name: "x".into() });
    house.core.events.publish(progress(&mine, 2));
    let (id, _, data) = listener.next().await.unwrap();
    assert_eq!(
        (data["id"].as_str(), &data["progress"]["frames"]),
        (Some(mine.as_str()), &2.into())
    );
    assert_eq!(id, format!("{}-3", house.desk.boot));
    let gone = Listener::open(&router, "/v1/events?job=01J8ZQ4T5V6W7X8Y9Z0A1B2C3D", None).await;
    assert_eq!(gone.err(), Some(FaultKind::NotFound));
}

#[tokio::test]
async fn who_reads_too_slowly_gets_a_snapshot_again() {
    let house = House::new();
    let router = house.local();
    let mut listener = Listener::open(&router, "/v1/events", None).await.unwrap();
    assert_eq!(listener.next().await.unwrap().1, "snapshot");
    for frames in 0..5000 {
        house.core.events.publish(progress("x", frames));
    }
    let (id, name, _) = listener.next().await.unwrap();
    assert_eq!((name.as_str(), id), ("snapshot", format!("{}-5000", house.desk.boot)));
    house.core.events.publish(progress("x", 7));
    assert_eq!(listener.next().await.unwrap().2["progress"]["frames"], 7);
}

#[tokio::test]
async fn streams_end_with_the_service_after_its_last_word() {
    let house = House::new();
    let router = house.local();
    let mut listener = Listener::open(&router, "/v1/events", None).await.unwrap();
    assert_eq!(listener.next().await.unwrap().1, "snapshot");
    house.core.stop();
    house.desk.ending.cancel();
    assert_eq!(listener.next().await.unwrap().1, "stopping");
    assert!(listener.next().await.is_none());
}

#[tokio::test]
async fn only_so_many_listen_and_who_leaves_makes_room() {
    let house = House::new();
    let router = house.local();
    let all = super::super::desk::MOST_STREAMS as u32;
    let others = Arc::clone(&house.desk.streams).acquire_many_owned(all - 1).await.unwrap();
    let listener = Listener::open(&router, "/v1/events", None).await.unwrap();
    let refused = Listener::open(&router, "/v1/events", None).await;
    assert_eq!(refused.err(), Some(FaultKind::Busy));
    drop(listener);
    assert!(Listener::open(&router, "/v1/events", None).await.is_ok());
    drop(others);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_many_ask_for_is_made_once_and_is_never_older_than_the_question() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let house = House::new();
    let made = Arc::new(AtomicUsize::new(0));
    let state = Arc::new(AtomicUsize::new(0));
    let ask = || {
        let (core, desk) = (Arc::clone(&house.core), Arc::clone(&house.desk));
        let (made, state) = (Arc::clone(&made), Arc::clone(&state));
        async move {
            let make = move |_: &Arc<Core>| {
                made.fetch_add(1, Ordering::SeqCst);
                let seen = state.load(Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(20));
                Ok(seen)
            };
            let text = desk.pages.get(&core, "key".into(), make).await.unwrap();
            serde_json::from_slice::<usize>(&text).unwrap()
        }
    };
    let began = std::time::Instant::now();
    futures_util::future::join_all((0..50).map(|_| ask())).await;
    let rounds = began.elapsed().as_secs() as usize + 1;
    assert!(made.load(Ordering::SeqCst) <= 2 * rounds, "{}", made.load(Ordering::SeqCst));
    for now in 1..20 {
        state.store(now, Ordering::SeqCst);
        house.core.events.publish(progress("x", 0));
        let seen = futures_util::future::join_all((0..8).map(|_| ask())).await;
        assert!(seen.iter().all(|seen| *seen == now), "{now}: {seen:?}");
    }
}
