use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinHandle;

use super::super::Listeners;
use super::super::serve::{Patience, serve};
use super::*;

/// A service that listens.
struct Open {
    house: House,
    socket: PathBuf,
    address: SocketAddr,
    task: JoinHandle<crate::error::Result<()>>,
}

impl Open {
    fn new(service: Service, patience: Patience) -> Self {
        let house = House::with(service);
        let socket = house.home.path().join("socket");
        let unix = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        unix.set_nonblocking(true).unwrap();
        tcp.set_nonblocking(true).unwrap();
        let address = tcp.local_addr().unwrap();
        let listeners = Listeners { unix, tcp: Some(tcp) };
        let task = tokio::spawn(serve(Arc::clone(&house.core), listeners, patience));
        Open { house, socket, address, task }
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn unix(&self) -> UnixStream {
        UnixStream::connect(&self.socket).await.unwrap()
    }
}

fn quick() -> Patience {
    Patience { head: Duration::from_millis(300), stalled: Duration::from_millis(300) }
}

/// What comes until the other side hangs up.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes));
    // A reset is an end too.
    let _ = read.await.expect("the other side hangs up");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn get(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), path: &str, more: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(stream).await
}

#[tokio::test]
async fn the_socket_needs_no_token_and_the_network_does() {
    let open = Open::new(Service::default(), Patience::default());
    let text = get(&mut open.unix().await, "/v1/version", "").await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    let text = get(&mut open.tcp().await, "/v1/version", "").await;
    assert!(text.starts_with("HTTP/1.1 401"), "{text}");
    let bearer = format!("Authorization: {}\r\n", open.house.bearer());
    let text = get(&mut open.tcp().await, "/v1/version", &bearer).await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

#[tokio::test]
async fn who_never_ends_a_head_or_never_begins_one_is_hung_up_on() {
    let open = Open::new(Service::default(), quick());
    let mut silent = open.tcp().await;
    let mut drips = open.tcp().await;
    let began = Instant::now();
    drips.write_all(b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX-A: ").await.unwrap();
    let dripping = async {
        while drips.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), dripping).await.expect("it is hung up on");
    rest(&mut silent).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(began.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn who_reads_nothing_is_hung_up_on() {
    let open = Open::new(Service::default(), quick());
    let mut stalled = open.unix().await;
    stalled.write_all(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // Until it listens nothing is sent to it.
    let mut head = [0; 15];
    stalled.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let title = "x".repeat(100_000);
        let notice = crate::service::events::Event::Notice {
            what: "done".into(),
            title,
            text: String::new(),
            job: None,
        };
        open.house.core.events.publish(notice);
        tokio::time::sleep(Duration::from_millis(10)).await;
        // What is sent to a stream that was hung up on fails.
        if stalled.write_all(b"x").await.is_err() {
            break;
        }
        assert!(Instant::now() < deadline, "it is still held");
    }
}

#[tokio::test]
async fn a_client_that_is_refused_while_it_sends_sees_why() {
    let open = Open::new(Service { max_upload: 0.001, ..Service::default() }, Patience::default());
    let bearer = format!("Authorization: {}\r\n", open.house.bearer());
    for (token, told, status) in [(bearer.as_str(), 8 << 20, "413"), ("", 1 << 19, "401")] {
        for sized in [true, false] {
            let mut stream = open.tcp().await;
            let length = match sized {
                true => format!("Content-Length: {told}\r\n"),
                false => "Transfer-Encoding: chunked\r\n".to_owned(),
            };
            let head = format!(
                "POST /v1/uploads?name=a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{token}{length}\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            // As simple clients do: first it sends everything, then it reads.
            let piece = vec![7; 1 << 16];
            for _ in 0..told >> 16 {
                if !sized {
                    stream.write_all(b"10000\r\n").await.unwrap();
                }
                stream.write_all(&piece).await.unwrap();
                if !sized {
                    stream.write_all(b"\r\n").await.unwrap();
                }
            }
            if !sized {
                stream.write_all(b"0\r\n\r\n").await.unwrap();
            }
            let text = rest(&mut stream).await;
            assert!(text.starts_with(&format!("HTTP/1.1 {status}")), "{status} {sized}: {text}");
            assert!(text.contains("\"type\":"), "{text}");
        }
    }
    let left = std::fs::read_dir(open.house.core.directories.state.join("uploads"));
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut left = left.map_or(0, Iterator::count);
    while left > 0 {
        assert!(Instant::now() < deadline, "{left} uploads are left");
        tokio::time::sleep(Duration::from_millis(10)).await;
        left =
            std::fs::read_dir(open.house.core.directories.state.join("uploads")).unwrap().count();
    }
}

#[tokio::test]
async fn a_crowd_on_the_network_does_not_lock_the_local_user_out() {
    let open = Open::new(Service { max_connections: 4, ..Service::default() }, Patience::default());
    let bearer = open.house.bearer();
    let mut crowd = Vec::new();
    for _ in 0..4 {
        let mut stream = open.tcp().await;
        let request =
            format!("GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.read_exact(&mut [0; 15]).await.unwrap();
        crowd.push(stream);
    }
    let text = get(&mut open.unix().await, "/v1/version", "").await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    // One more waits outside until somebody leaves.
    let mut late = open.tcp().await;
    late.write_all(b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let early = tokio::time::timeout(Duration::from_millis(300), late.read_u8()).await;
    assert!(early.is_err(), "it was let in");
    crowd.pop();
    let text = rest(&mut late).await;
    assert!(text.starts_with("TTP/1.1 200") || text.starts_with("HTTP/1.1 200"), "{text}");
}

#[tokio::test]
async fn the_end_of_the_service_ends_streams_and_idle_connections_soon() {
    let open = Open::new(Service::default(), Patience::default());
    let mut listener = open.unix().await;
    listener.write_all(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    listener.read_exact(&mut [0; 15]).await.unwrap();
    let mut idle = open.tcp().await;
    idle.write_all(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    idle.read_exact(&mut [0; 15]).await.unwrap();
    let began = Instant::now();
    open.house.core.stop();
    assert!(rest(&mut listener).await.contains("event: stopping"));
    rest(&mut idle).await;
    open.task.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test]
async fn with_a_certificate_the_network_speaks_tls() {
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::crypto::ring::default_provider;
    use tokio_rustls::rustls::pki_types::ServerName;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};
    let pems = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| pems.path().join(name));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let config =
        Service { tls_cert: Some(cert.clone()), tls_key: Some(key.clone()), ..Service::default() };
    let open = Open::new(config.clone(), quick());
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(client));
    let mut stream = connector.connect(name, open.tcp().await).await.unwrap();
    let bearer = format!("Authorization: {}\r\n", open.house.bearer());
    let text = get(&mut stream, "/v1/version", &bearer).await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    // No word without TLS, and no seat for who does not shake hands.
    let plain = get(&mut open.tcp().await, "/v1/health", "").await;
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
    let mut silent = open.tcp().await;
    rest(&mut silent).await;
    // What cannot be used is said at the start.
    for (cert, key) in
        [(key.clone(), key.clone()), (cert.clone(), cert), (pems.path().join("x"), key)]
    {
        let config = Service { tls_cert: Some(cert), tls_key: Some(key), ..config.clone() };
        let error = super::super::tls::acceptor(&config).err().unwrap();
        assert_eq!(error.exit_code(), 2);
    }
}
