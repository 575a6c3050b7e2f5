//! Picking files on the service's machine: folders, and small pictures of what is in them.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::Path;

use facedeck::client::{Blocking, Host, Options, Thumbnail};
use facedeck::service::wire::{FileKind, FilesView, ThumbnailQuery};
use image::{Rgb, RgbImage};

use super::super::common::ffmpeg;
use super::client::client;
use super::desk::{Answer, exchange, small_target};
use super::{Desk, Server};

/// A service that listens on the network, too.
struct Net<'a> {
    server: Server<'a>,
    address: String,
    token: String,
}

impl<'a> Net<'a> {
    fn of(desk: &'a Desk) -> Self {
        let server = desk.serve_with(&["--listen", "127.0.0.1:0"]);
        let address = server.get("/v1/service")["listen"].as_str().expect("an address").to_owned();
        let token = fs::read_to_string(desk.home().join("config/token")).expect("a token");
        Net { server, address, token: token.trim().to_owned() }
    }

    fn client(&self) -> Blocking {
        let host = Host::Http(format!("http://{}", self.address));
        let token = Some(self.token.clone());
        Blocking::connect(&Options { host, token, ..Options::default() }).expect("a service")
    }

    fn get(&self, path: &str) -> Answer {
        let stream = TcpStream::connect(&self.address).expect("the service listens");
        let token = format!("Authorization: Bearer {}\r\n", self.token);
        exchange(stream, "GET", path, &token, b"").expect("an answer")
    }
}

fn names(view: &FilesView) -> Vec<&str> {
    view.entries.iter().map(|entry| entry.name.as_str()).collect()
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

fn of(path: &Path) -> ThumbnailQuery {
    ThumbnailQuery { path: text(path), ..ThumbnailQuery::default() }
}

fn picture(small: &Thumbnail) -> RgbImage {
    let format = image::guess_format(&small.jpeg).expect("a picture");
    assert_eq!(format, image::ImageFormat::Jpeg);
    image::load_from_memory(&small.jpeg).expect("a picture").into_rgb8()
}

/// How far two pictures of one size are apart, on average over all samples.
fn apart(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.iter().zip(b.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

#[test]
fn a_folder_is_listed_for_the_user_of_the_machine() {
    let desk = Desk::new();
    let server = desk.serve();
    let client = client(&server);
    let target = desk.target("me.png");
    fs::create_dir(desk.work().join("films")).expect("a folder");
    fs::write(desk.work().join("films/a.mp4"), "no film").expect("a file");
    fs::write(desk.work().join(".secret"), "").expect("a file");
    let list = |path: &Path, hidden| client.run(async |c| c.files(&text(path), hidden).await);
    let view = list(&desk.work(), false).expect("a list");
    assert_eq!((names(&view), view.truncated), (vec!["films", "me.png"], false));
    assert_eq!(view.path, text(&desk.work()));
    assert_eq!(view.parent, desk.work().parent().map(text));
    let me = &view.entries[1];
    assert_eq!((me.kind, &me.path), (FileKind::Picture, &text(&target)));
    assert_eq!(me.bytes, fs::metadata(&target).ok().map(|file| file.len()));
    assert!(me.modified.is_some() && view.entries[0].kind == FileKind::Folder);
    let films = list(&desk.work().join("films/"), false).expect("a list");
    assert_eq!((films.entries[0].kind, films.parent), (FileKind::Video, Some(view.path)));
    assert_eq!(names(&list(&desk.work(), true).expect("a list"))[1], ".secret");
    let home = client.run(async |c| c.files("", false).await).expect("a list");
    assert!(home.path.starts_with('/') && home.parent.is_some() || home.path == "/", "{home:?}");
    assert_eq!(list(Path::new("/"), false).expect("a list").parent, None);
    for (path, status, word) in [
        (desk.work().join("gone"), 404, "there is no folder"),
        (target, 422, "is no folder"),
        ("work".into(), 422, "no absolute path"),
    ] {
        let (answered, answer) =
            server.ask("GET", &format!("/v1/files?path={}", text(&path)), None);
        assert_eq!(answered, status, "{answer}");
        let message = answer["error"]["message"].as_str().expect("words");
        assert!(message.contains(word) && message.contains(&text(&path)), "{message}");
    }
    assert_eq!(server.ask("GET", "/v1/files?pfad=/", None).0, 422);
}

#[test]
fn the_network_sees_open_folders_and_no_way_out_of_them() {
    let desk = Desk::new();
    let open = desk.work().join("open");
    let secret = desk.work().join("secret.png");
    fs::create_dir_all(open.join("sub")).expect("a folder");
    fs::copy(small_target(), &secret).expect("a copy");
    fs::copy(small_target(), open.join("target.png")).expect("a copy");
    symlink(&secret, open.join("link.png")).expect("a link");
    symlink(desk.work(), open.join("up")).expect("a link");
    symlink("target.png", open.join("same.png")).expect("a link");
    desk.configure(&format!("[service]\nroots = [{open:?}]\n"));
    let net = Net::of(&desk);
    let client = net.client();
    let list = |path: &str| client.run(async |c| c.files(path, true).await).expect("a list");
    let top = list("");
    let real = text(&fs::canonicalize(&open).expect("a path"));
    assert_eq!((top.path.as_str(), &top.parent), ("", &None));
    assert_eq!((top.entries.len(), &top.entries[0].path), (1, &real));
    let inside = list(&top.entries[0].path);
    assert_eq!(names(&inside), ["sub", "same.png", "target.png"], "no link leads out");
    assert_eq!(inside.parent.as_deref(), Some(""), "back to the open folders");
    assert_eq!(list(&text(&open.join("sub"))).parent, Some(real));
    let small = client.run(async |c| c.thumbnail(&of(&open.join("same.png"))).await);
    assert_eq!(small.expect("a picture").width, 256);
    for way in ["..", "up", "../secret.png", "link.png", "up/secret.png", "sub/../../secret.png"] {
        let path = text(&open.join(way));
        for path in [format!("/v1/files?path={path}"), format!("/v1/thumbnail?path={path}")] {
            let answer = net.get(&path);
            assert_eq!(
                (answer.status, &answer.json()["error"]["type"]),
                (403, &"forbidden".into())
            );
        }
    }
    for path in ["/v1/files?path=/", "/v1/files?path=/nowhere", "/v1/thumbnail?path=/etc/passwd"] {
        assert_eq!(net.get(path).status, 403, "{path}");
    }
    let upload = client.run(async |c| c.upload(small_target(), |_| {}).await).expect("an upload");
    let query = ThumbnailQuery { path: upload.id, ..ThumbnailQuery::default() };
    let small = client.run(async |c| c.thumbnail(&query).await).expect("a picture");
    assert_eq!((small.width, small.height), (256, 256));
    // What clients see is no more than the user of the machine sees.
    assert_eq!(
        net.server.get(&format!("/v1/files?path={}", text(&open)))["entries"][1]["name"],
        "up"
    );
}

#[test]
fn a_thumbnail_is_the_picture_or_a_part_of_it() {
    let desk = Desk::new();
    let server = desk.serve();
    let client = client(&server);
    let ask = |query: &ThumbnailQuery| client.run(async |c| c.thumbnail(query).await);
    let original = image::open(small_target()).expect("a picture").to_rgb8();
    let whole = ask(&of(small_target())).expect("a picture");
    assert_eq!((whole.width, whole.height, whole.frame, whole.video), (256, 256, 0, None));
    assert!(apart(&picture(&whole), &original) < 3.0);
    let narrow = ask(&ThumbnailQuery { width: Some(64), ..of(small_target()) }).expect("a picture");
    assert_eq!((picture(&narrow).dimensions(), narrow.width), ((64, 64), 256));
    let part = |[x, y, w, h]: [u32; 4]| ThumbnailQuery {
        x: Some(x),
        y: Some(y),
        w: Some(w),
        h: Some(h),
        ..of(small_target())
    };
    let face = ask(&part([61, 33, 120, 90])).expect("a picture");
    let cut = image::imageops::crop_imm(&original, 61, 33, 120, 90).to_image();
    assert_eq!((face.width, face.height), (256, 256), "of the original");
    assert!(apart(&picture(&face), &cut) < 3.0);
    let corner = ask(&part([200, 240, 500, 500])).expect("a picture");
    assert_eq!(picture(&corner).dimensions(), (56, 16));

    let half = ThumbnailQuery { h: None, ..part([0, 0, 9, 9]) };
    for (query, word) in [
        (part([256, 0, 9, 9]), "outside the picture"),
        (half, "x, y, w and h"),
        (ThumbnailQuery { width: Some(4000), ..of(small_target()) }, "width: 4000"),
        (ThumbnailQuery { frame: Some(1), ..of(small_target()) }, "no frame 1"),
        (ThumbnailQuery { time: Some(-1.0), ..of(small_target()) }, "time: -1"),
        (of(&desk.work()), "is a folder"),
        (of(Path::new("/gone.png")), "/gone.png"),
        (of(Path::new("upload:01ARZ3NDEKTSV4RRFFQ69G5FAV")), "upload"),
    ] {
        let error = ask(&query).expect_err(word);
        assert!(error.chain().contains(word), "{word}: {}", error.chain());
    }
}

#[test]
fn a_thumbnail_of_a_film_is_one_of_its_frames() {
    let desk = Desk::new();
    let film = desk.work().join("film.mp4");
    // Each frame is brighter than the one before it.
    let source = "nullsrc=s=64x48:r=10:d=1,geq=lum='16+20*N':cb=128:cr=128";
    ffmpeg(&["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", &text(&film)]);
    let server = desk.serve();
    let client = client(&server);
    let ask = |query: &ThumbnailQuery| client.run(async |c| c.thumbnail(query).await);
    let at_frame = |index| ThumbnailQuery { frame: Some(index), ..of(&film) };
    let at_time = |time| ThumbnailQuery { time: Some(time), ..of(&film) };
    for (query, index) in
        [(of(&film), 0), (at_frame(4), 4), (at_time(0.3), 3), (at_time(0.79), 7), (at_frame(9), 9)]
    {
        let small = ask(&query).expect("a picture");
        let video = small.video.expect("a video");
        assert_eq!((small.frame, small.width, small.height), (index, 64, 48));
        assert_eq!((video.frames, video.fps), (Some(10), 10.0));
        assert!(video.duration.is_some_and(|seconds| (seconds - 1.0).abs() < 0.01), "{video:?}");
        let light = (20.0 * index as f64 * 255.0 / 219.0) as u8;
        let plain = RgbImage::from_pixel(64, 48, Rgb([light; 3]));
        assert!(apart(&picture(&small), &plain) < 4.0, "frame {index}");
    }
    for query in [at_frame(10), at_time(1.0), at_time(1e300)] {
        let error = ask(&query).expect_err("no frame");
        assert!(error.chain().contains("has no frame"), "{}", error.chain());
    }
}
