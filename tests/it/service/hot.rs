//! Hot folders: whatever way files come in, each becomes one job, and none is taken half-way.
//!
//! `FACEDECK_SOAK_FILES=1000` makes it a thousand pictures.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::common::{media, names_in, swap, words};
use super::desk::small_target;
use super::{Desk, Server};

fn count() -> usize {
    let given = std::env::var("FACEDECK_SOAK_FILES").ok();
    given.map_or(40, |text| text.parse().expect("FACEDECK_SOAK_FILES=COUNT"))
}

/// A folder that is watched with these further rules.
fn watched(desk: &Desk, rules: &str) -> PathBuf {
    let folder = desk.work().join("hot");
    fs::create_dir_all(&folder).expect("a folder");
    desk.configure(&format!(
        "[[watch]]\nname = \"hot\"\nfolder = {:?}\nsources = [{:?}]\nsettle_seconds = 1.0\n\
         poll_seconds = 0.5\n{rules}\n",
        folder,
        media("grace_hopper.jpg"),
    ));
    folder
}

/// A small JPEG with a face: 1 KB every 50 ms is a matter of a second.
fn slow_bytes() -> Vec<u8> {
    let picture = image::open(small_target()).expect("a picture").to_rgb8();
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 80)
        .encode_image(&picture)
        .expect("a JPEG");
    bytes
}

/// Waits until so many jobs have ended, and none is left.
fn ended(server: &Server<'_>, count: usize) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60 + 2 * count as u64);
    loop {
        let counts = server.get("/v1/service")["counts"].clone();
        let number = |state: &str| counts[state].as_u64().expect("a count") as usize;
        if number("done") + number("failed") >= count && number("queued") + number("running") == 0 {
            return counts;
        }
        assert!(Instant::now() < deadline, "{counts}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Every job, by the name of its target.
fn jobs(server: &Server<'_>) -> BTreeMap<String, Vec<Value>> {
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut offset = 0;
    loop {
        let page = server.get(&format!("/v1/jobs?limit=500&offset={offset}"));
        for job in page["jobs"].as_array().expect("jobs") {
            let target = Path::new(job["target"].as_str().expect("a path"));
            let name = target.file_name().expect("a name").to_string_lossy().into_owned();
            all.entry(name).or_default().push(job.clone());
        }
        match page["next_offset"].as_u64() {
            Some(next) => offset = next,
            None => return all,
        }
    }
}

fn inputs_left(folder: &Path) -> Vec<String> {
    let own = ["output", "done", "failed"];
    names_in(folder).into_iter().filter(|name| !own.contains(&name.as_str())).collect()
}

/// Puts many files in by every way that there is, in `folder`, and kills the service meanwhile.
fn storm(rules: &str) {
    let desk = Desk::new();
    let folder = watched(&desk, rules);
    let count = count();
    let reference = desk.work().join("reference.png");
    assert!(swap(&media("grace_hopper.jpg"), small_target(), &reference, &[]).status.success());
    let right = image::open(&reference).expect("a picture");
    let picture = fs::read(small_target()).expect("a picture");
    let slow = slow_bytes();
    let mut server = desk.serve();
    let ways = ["copied", "renamed", "rsynced", "slow"];
    std::thread::scope(|scope| {
        let (folder, picture, slow) = (&folder, &picture, &slow);
        scope.spawn(move || {
            let all: Vec<PathBuf> = (0..count)
                .filter(|i| i % 4 == 0)
                .map(|i| folder.join(format!("copied-{i:04}.png")))
                .collect();
            all.iter().for_each(|path| _ = fs::copy(small_target(), path).expect("a copy"));
        });
        scope.spawn(move || {
            for i in (0..count).filter(|i| i % 4 == 1) {
                let elsewhere = folder.with_file_name(format!("elsewhere-{i}.png"));
                fs::write(&elsewhere, picture).expect("a file");
                fs::rename(&elsewhere, folder.join(format!("renamed-{i:04}.png"))).expect("a name");
            }
        });
        scope.spawn(move || {
            for i in (0..count).filter(|i| i % 4 == 2) {
                let hidden = folder.join(format!(".rsynced-{i:04}.png.aB3xY9"));
                let mut file = fs::File::create(&hidden).expect("a file");
                for part in picture.chunks(picture.len() / 3 + 1) {
                    file.write_all(part).expect("a part");
                    std::thread::sleep(Duration::from_millis(2));
                }
                drop(file);
                fs::rename(&hidden, folder.join(format!("rsynced-{i:04}.png"))).expect("a name");
            }
        });
        // Several that are slow at a time, or it takes for ever.
        for lane in 0..8 {
            scope.spawn(move || {
                for i in (0..count).filter(|i| i % 4 == 3).filter(|i| i / 4 % 8 == lane) {
                    let path = folder.join(format!("slow-{i:04}.jpg"));
                    let mut file = fs::File::create(&path).expect("a file");
                    for part in slow.chunks(1024) {
                        file.write_all(part).expect("a part");
                        file.flush().expect("a part");
                        std::thread::sleep(Duration::from_millis(50));
                    }
                }
            });
        }
        // In the middle of all that the service is killed.
        for _ in 0..2 {
            // Something gets done before each, or one job would be blamed for both.
            let done = |server: &Server<'_>| {
                server.get("/v1/service")["counts"]["done"].as_u64().expect("a count")
            };
            let (before, deadline) = (done(&server), Instant::now() + Duration::from_secs(60));
            while done(&server) == before {
                assert!(Instant::now() < deadline, "nothing gets done");
                std::thread::sleep(Duration::from_millis(20));
            }
            std::thread::sleep(Duration::from_millis(700));
            let old = std::mem::replace(&mut server, placeholder(&desk));
            old.kill();
            server = desk.serve();
        }
    });
    let counts = ended(&server, count);
    assert_eq!(counts["done"], count, "{counts}: {:#?}", failures(&server));
    let jobs = jobs(&server);
    assert_eq!(jobs.len(), count);
    for (name, jobs) in &jobs {
        assert_eq!(jobs.len(), 1, "{name} became {} jobs", jobs.len());
        let output = image::open(jobs[0]["output"].as_str().expect("a path")).expect("a picture");
        if name.ends_with(".png") {
            assert_eq!(output, right, "{name}");
        }
        assert_eq!((output.width(), output.height()), (256, 256), "{name}");
    }
    for way in ways {
        let of = jobs.keys().filter(|name| name.starts_with(way)).count();
        println!("{way}: {of} pictures, each once");
    }
    // Every input lies in done, whole.
    let deadline = Instant::now() + Duration::from_secs(20);
    while !inputs_left(&folder).is_empty() {
        assert!(Instant::now() < deadline, "{:?} are left", inputs_left(&folder));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(names_in(&folder.join("done")).len(), count);
    for name in names_in(&folder.join("done")) {
        let bytes = fs::read(folder.join("done").join(&name)).expect("a file");
        assert!(bytes == picture || bytes == slow, "{name} is not whole");
    }
}

/// Stands where a service stood for the moment in which there is none.
fn placeholder(desk: &Desk) -> Server<'_> {
    let child = std::process::Command::new("true").spawn().expect("a program");
    Server { desk, child }
}

fn failures(server: &Server<'_>) -> Vec<Value> {
    let page = server.get("/v1/jobs?state=failed&limit=20");
    page["jobs"].as_array().expect("jobs").iter().map(|job| job["failure"].clone()).collect()
}

#[test]
fn a_storm_of_files_on_a_folder_that_the_system_watches() {
    storm("look = \"notify\"");
}

#[test]
fn a_storm_of_files_on_a_folder_that_is_polled() {
    storm("look = \"poll\"");
}

#[test]
fn a_failure_lies_beside_its_reason_and_the_next_file_goes_on() {
    let desk = Desk::new();
    let folder = watched(&desk, "");
    let server = desk.serve();
    fs::write(folder.join("broken.png"), b"no picture at all").expect("a file");
    image::RgbImage::from_pixel(200, 200, image::Rgb([10, 90, 10]))
        .save(folder.join("meadow.png"))
        .expect("a picture");
    fs::copy(small_target(), folder.join("good.png")).expect("a copy");
    fs::write(folder.join("notes.txt"), "not for us").expect("a file");
    fs::write(folder.join("half.png.part"), "half").expect("a file");
    let deadline = Instant::now() + Duration::from_secs(60);
    let reason = |name: &str| {
        let path = folder.join("failed").join(format!("{name}.reason.txt"));
        fs::read_to_string(path).unwrap_or_default()
    };
    while reason("broken.png").is_empty()
        || reason("meadow.png").is_empty()
        || !folder.join("done/good.png").exists()
        // The reason is there a moment before the picture.
        || !folder.join("failed/meadow.png").exists()
        || !folder.join("failed/broken.png").exists()
    {
        assert!(Instant::now() < deadline, "{:?}", names_in(&folder));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(reason("meadow.png").contains("no face"), "{}", reason("meadow.png"));
    assert_eq!(inputs_left(&folder), ["half.png.part", "notes.txt"]);
    assert_eq!(names_in(&folder.join("output")), ["good-swapped.png"]);
    assert_eq!(server.get("/v1/watches")[0]["name"], "hot");
}

#[test]
fn a_folder_that_goes_and_comes_back_takes_nothing_twice() {
    let desk = Desk::new();
    let folder = watched(&desk, "input = \"keep\"");
    let server = desk.serve();
    fs::copy(small_target(), folder.join("first.png")).expect("a copy");
    ended(&server, 1);
    // As an unmounted share: the place is gone, then it is there again with all that it had.
    let away = folder.with_file_name("away");
    fs::rename(&folder, &away).expect("a name");
    let deadline = Instant::now() + Duration::from_secs(90);
    while server.get("/v1/watches")[0]["status"] != "gone" {
        assert!(Instant::now() < deadline, "{}", server.get("/v1/watches"));
        std::thread::sleep(Duration::from_millis(50));
    }
    fs::copy(small_target(), away.join("second.png")).expect("a copy");
    fs::rename(&away, &folder).expect("a name");
    ended(&server, 2);
    std::thread::sleep(Duration::from_secs(2));
    let names: Vec<String> = jobs(&server).into_keys().collect();
    assert_eq!(names, ["first.png", "second.png"]);
    assert_eq!(server.get("/v1/jobs")["total"], 2, "one was taken twice");
}

#[test]
fn folders_pairs_and_job_files_become_jobs_once_they_are_complete() {
    let desk = Desk::new();
    let server_rules = |name: &str, rule: &str| {
        let folder = desk.work().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        format!(
            "[[watch]]\nname = \"{name}\"\nfolder = {folder:?}\nrule = \"{rule}\"\n\
             settle_seconds = 0.5\n"
        )
    };
    desk.configure(
        &[
            server_rules("folders", "folder"),
            server_rules("pairs", "pair"),
            server_rules("tickets", "job"),
        ]
        .concat(),
    );
    let server = desk.serve();
    let at = |path: &str| desk.work().join(path);
    let face = media("grace_hopper.jpg");
    fs::create_dir(at("folders/one")).expect("a folder");
    fs::copy(small_target(), at("folders/one/target.png")).expect("a copy");
    fs::copy(small_target(), at("pairs/x.target.png")).expect("a copy");
    fs::copy(small_target(), at("tickets/film.png")).expect("a copy");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(server.get("/v1/jobs")["total"], 0, "something was taken before it was complete");
    fs::copy(&face, at("folders/one/source-1.jpg")).expect("a copy");
    fs::copy(media("mona_lisa.jpg"), at("folders/one/source-2.jpg")).expect("a copy");
    fs::copy(&face, at("pairs/x.source.jpg")).expect("a copy");
    let ticket = format!("sources = [{face:?}]\ntarget = \"film.png\"\nname = \"by ticket\"\n");
    fs::write(at("tickets/film.job.toml"), ticket).expect("a file");
    let counts = ended(&server, 3);
    assert_eq!(counts["done"], 3, "{:#?}", failures(&server));
    let page = server.get("/v1/jobs");
    let all = page["jobs"].as_array().expect("jobs");
    let of = |watch: &str| {
        let origin = json!({ "kind": "watch", "name": watch });
        all.iter().find(|job| job["origin"] == origin).unwrap_or_else(|| panic!("{page:#}"))
    };
    assert_eq!(of("folders")["sources"].as_array().expect("sources").len(), 2);
    assert_eq!(of("tickets")["name"], "by ticket");
    assert!(of("pairs")["target"].as_str().expect("a path").ends_with("x.target.png"));
}

#[test]
fn what_a_folder_would_do_is_said_and_not_done() {
    let desk = Desk::new();
    let _server = desk.serve();
    let folder = desk.work().join("hot");
    fs::create_dir(&folder).expect("a folder");
    fs::copy(small_target(), folder.join("a.png")).expect("a copy");
    fs::write(folder.join("b.txt"), "x").expect("a file");
    let face = media("grace_hopper.jpg").display().to_string();
    let place = folder.display().to_string();
    let rehearsed = desk.run(&["watch", "add", "trial", &place, "-s", &face, "--dry-run"]);
    let said = format!("{}{}", words(&rehearsed), String::from_utf8_lossy(&rehearsed.stdout));
    assert!(rehearsed.status.success() && said.contains("a.png"), "{said}");
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(names_in(&folder), ["a.png", "b.txt"]);
    assert!(!desk.ok(&["watch", "list", "--json"]).contains("trial"));
}
