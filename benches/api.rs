//! How quickly the service answers with a long queue and many clients.
//!
//! `cargo bench --bench api [-- SECONDS]`: 10,000 jobs in the store; 200 clients at a time, half of
//! them asking for the list of jobs over and over, half of them listening to the events, while jobs
//! change ten times a second. Prints what the clients waited and what the service took.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use facedeck::jobs::store::NewRow;
use facedeck::jobs::{JobId, JobSpec, Origin, State, Store};
use facedeck::profiles::Profile;
use futures_util::StreamExt;

const JOBS: usize = 10_000;
const CLIENTS: usize = 200;

fn main() {
    let seconds = std::env::args().filter_map(|a| a.parse::<u64>().ok()).next().unwrap_or(60);
    // The library that speaks TLS wants to be told by whose arithmetic, also where none is spoken.
    tokio_rustls::rustls::crypto::ring::default_provider().install_default().expect("the first");
    let home = tempfile::tempdir().expect("a folder");
    let ids = fill(home.path());
    let port = {
        let probe = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        probe.local_addr().expect("an address").port()
    };
    let mut service = Service(start(home.path(), port));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(load(&mut service, home.path(), port, &ids, seconds));
}

struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Puts jobs that are held into the store of a home.
fn fill(home: &Path) -> Vec<JobId> {
    let store = Store::open(&home.join("state/jobs.sqlite3")).expect("a store");
    let rows: Vec<NewRow> = (0..JOBS)
        .map(|number| NewRow {
            id: JobId::generate(),
            spec: JobSpec {
                name: format!("film-{number:05}.mp4"),
                sources: vec![format!("/faces/{}.jpg", number % 50).into()],
                source_face: None,
                target: format!("/films/film-{number:05}.mp4").into(),
                output: format!("/films/film-{number:05}-swapped.mp4").into(),
                overwrite: false,
                profile_name: "embedded".to_owned(),
                profile: Profile::default(),
                origin: Origin::Local,
            },
            state: State::Paused,
            priority: (number % 3) as i32,
            after: Vec::new(),
            not_before: None,
            max_attempts: 3,
        })
        .collect();
    let jobs = store.add(&rows, jiff::Timestamp::now()).expect("jobs");
    jobs.iter().map(|job| job.id).collect()
}

fn start(home: &Path, port: u16) -> Child {
    Command::new(env!("CARGO_BIN_EXE_facedeck"))
        .env("FACEDECK_HOME", home)
        .env("FACEDECK_ACCEPT_TERMS", "1")
        .args(["service", "run", "--listen", &format!("127.0.0.1:{port}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the service starts")
}

fn resident(service: &Service) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.0.id()));
    let status = status.unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) / 1024
}

fn cpu(service: &Service) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", service.0.id()));
    let stat = stat.unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

async fn load(service: &mut Service, home: &Path, port: u16, ids: &[JobId], seconds: u64) {
    let url = format!("http://127.0.0.1:{port}");
    let began = Instant::now();
    while reqwest::get(format!("{url}/v1/health")).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "the service does not answer");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let token = std::fs::read_to_string(home.join("config/token")).expect("a token");
    let client = {
        let token = token.trim().to_owned();
        move || {
            let mut headers = reqwest::header::HeaderMap::new();
            let value = format!("Bearer {token}").parse().expect("a header");
            headers.insert(reqwest::header::AUTHORIZATION, value);
            reqwest::Client::builder().default_headers(headers).build().expect("a client")
        }
    };
    let over = Arc::new(AtomicBool::new(false));
    let heard = Arc::new(AtomicU64::new(0));
    let mut listeners = Vec::new();
    for _ in 0..CLIENTS / 2 {
        let (client, url) = (client(), format!("{url}/v1/events"));
        let heard = Arc::clone(&heard);
        listeners.push(tokio::spawn(async move {
            let answer = client.get(url).send().await.expect("a stream");
            assert_eq!(answer.status(), 200);
            let mut stream = answer.bytes_stream();
            while let Some(Ok(part)) = stream.next().await {
                let events = part.windows(5).filter(|w| w == b"data:").count() as u64;
                heard.fetch_add(events, Ordering::Relaxed);
            }
        }));
    }
    let changer = {
        let (client, url, over, ids) = (client(), url.clone(), Arc::clone(&over), ids.to_vec());
        tokio::spawn(async move {
            let mut changes = 0_usize;
            while !over.load(Ordering::Relaxed) {
                let id = ids[changes * 37 % ids.len()];
                let body = serde_json::json!({ "priority": changes % 5 });
                let answer = client.patch(format!("{url}/v1/jobs/{id}")).json(&body).send().await;
                assert_eq!(answer.expect("an answer").status(), 200);
                changes += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            changes
        })
    };
    let mut askers = Vec::new();
    for _ in 0..CLIENTS / 2 {
        let (client, url, over) = (client(), format!("{url}/v1/jobs"), Arc::clone(&over));
        askers.push(tokio::spawn(async move {
            let mut waited = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let asked = Instant::now();
                let answer = client.get(&url).send().await.expect("an answer");
                assert_eq!(answer.status(), 200);
                let body = answer.bytes().await.expect("a body");
                assert!(body.len() > 10_000, "{} bytes are no page", body.len());
                waited.push(asked.elapsed());
            }
            waited
        }));
    }
    let cpu_before = cpu(service);
    let mut memory = Vec::new();
    for second in 1..=seconds {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if second % (seconds / 6).max(1) == 0 {
            memory.push(format!("{} MB after {second} s", resident(service)));
        }
    }
    let cpu = cpu(service) - cpu_before;
    over.store(true, Ordering::Relaxed);
    let mut waited = Vec::new();
    for asker in askers {
        waited.extend(asker.await.expect("a client"));
    }
    let changes = changer.await.expect("a client");
    for listener in listeners {
        listener.abort();
    }
    waited.sort_unstable();
    let at = |share: f64| waited[((waited.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{CLIENTS} clients for {seconds} s on {JOBS} jobs, {changes} changes");
    println!(
        "GET /v1/jobs: {} answers, {:.0} a second",
        waited.len(),
        waited.len() as f64 / seconds as f64
    );
    println!(
        "waited, ms: median {:.1}, p90 {:.1}, p99 {:.1}, most {:.1}",
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
    println!("events heard: {}", heard.load(Ordering::Relaxed));
    println!("service: {:.0} % of one core; {}", cpu / seconds as f64 * 100.0, memory.join(", "));
}
