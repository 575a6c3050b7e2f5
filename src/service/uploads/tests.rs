use super::*;

const LARGEST: u64 = 1 << 20;

async fn send(uploads: &Uploads, name: &str, bytes: &[u8]) -> Answer<String> {
    let mut coming = uploads.begin(name, None, LARGEST, 8)?;
    for piece in bytes.chunks(1000) {
        coming.write(piece).await?;
    }
    coming.finish().await.map(|(id, _)| id)
}

fn left(uploads: &Uploads) -> usize {
    std::fs::read_dir(&uploads.folder).map_or(0, Iterator::count)
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..500 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come to pass");
}

#[tokio::test]
async fn what_was_sent_lies_whole_under_its_name_and_only_its_owner_reads_it() {
    use std::os::unix::fs::MetadataExt;
    let home = tempfile::tempdir().unwrap();
    let uploads = Uploads::at(home.path().join("uploads"));
    let bytes: Vec<u8> = (0..5000u32).map(|i| i as u8).collect();
    let id = send(&uploads, "C:\\photos\\me.jpg", &bytes).await.unwrap();
    for name in [id.clone(), format!("upload:{id}"), id.to_lowercase()] {
        let path = uploads.path(&name).unwrap();
        assert!(path.ends_with(format!("{id}/me.jpg")), "{}", path.display());
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!(std::fs::metadata(path).unwrap().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(&uploads.folder).unwrap().mode() & 0o777, 0o700);
    for strange in ["", "upload:", "../../etc/passwd", "upload:..", &"7".repeat(26), "\u{1b}[2J"] {
        let fault = uploads.path(strange).unwrap_err();
        assert_eq!(fault.kind, FaultKind::NotFound, "{strange}");
        assert!(!fault.error.message().contains('\u{1b}'));
    }
}

#[tokio::test]
async fn what_is_too_large_empty_or_broken_off_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let uploads = Uploads::at(home.path().join("uploads"));
    let announced = uploads.begin("a.jpg", Some(LARGEST + 1), LARGEST, 8).unwrap_err();
    assert_eq!(announced.kind, FaultKind::TooLarge);
    let no_room = uploads.begin("a.jpg", Some(1 << 60), u64::MAX, 8).unwrap_err();
    assert_eq!(no_room.kind, FaultKind::TooLarge);
    assert!(no_room.error.message().contains("no room"));
    let grown = send(&uploads, "a.jpg", &vec![1; LARGEST as usize + 1]).await.unwrap_err();
    assert_eq!(grown.kind, FaultKind::TooLarge);
    assert_eq!(send(&uploads, "a.jpg", b"").await.unwrap_err().kind, FaultKind::Invalid);
    let mut broken = uploads.begin("a.jpg", None, LARGEST, 8).unwrap();
    broken.write(b"half").await.unwrap();
    drop(broken);
    until(|| left(&uploads) == 0 && uploads.known().entries.is_empty()).await;
    assert_eq!(uploads.known().coming, 0);
    assert!(send(&uploads, "a.jpg", &vec![1; LARGEST as usize]).await.is_ok());
}

#[tokio::test]
async fn only_so_many_come_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let uploads = Uploads::at(home.path().join("uploads"));
    let first = uploads.begin("a", None, LARGEST, 2).unwrap();
    let second = uploads.begin("b", None, LARGEST, 2).unwrap();
    assert_eq!(uploads.begin("c", None, LARGEST, 2).unwrap_err().kind, FaultKind::Busy);
    drop(first);
    assert!(uploads.begin("c", None, LARGEST, 2).is_ok());
    drop(second);
}

#[tokio::test]
async fn a_file_of_two_jobs_stays_until_both_gave_it_up() {
    let home = tempfile::tempdir().unwrap();
    let uploads = Uploads::at(home.path().join("uploads"));
    let id = send(&uploads, "me.jpg", b"x").await.unwrap();
    let path = uploads.path(&id).unwrap();
    let [a, b] = [JobId::generate(), JobId::generate()];
    uploads.claim(a, &[&path, Path::new("/elsewhere/me.jpg")]);
    uploads.claim(b, &[&path]);
    assert_eq!(uploads.remove(&id).unwrap_err().kind, FaultKind::Conflict);
    uploads.sweep(SystemTime::now() + 10 * KEPT_FOR);
    uploads.release(a);
    uploads.release(a);
    assert!(path.exists());
    uploads.release(b);
    assert!(!path.exists());
    assert_eq!(uploads.path(&id).unwrap_err().kind, FaultKind::NotFound);
    assert_eq!(left(&uploads), 0);
}

#[tokio::test]
async fn the_sweep_takes_what_is_old_and_nobody_needs() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("uploads");
    let uploads = Uploads::at(folder.clone());
    let [needed, old] = [
        send(&uploads, "needed.jpg", b"x").await.unwrap(),
        send(&uploads, "old.jpg", b"x").await.unwrap(),
    ];
    let half = uploads.begin("half.jpg", None, LARGEST, 8).unwrap();
    std::fs::write(folder.join("notes.txt"), "not an upload").unwrap();
    // What came in this run is not judged by the clock.
    uploads.sweep(SystemTime::now() + 2 * KEPT_FOR);
    assert_eq!(left(&uploads), 4);
    // The service was killed and runs again.
    std::mem::forget(half);
    let uploads = Uploads::at(folder);
    let job = JobId::generate();
    let path = uploads.find(&needed).unwrap().1;
    uploads.claim(job, &[&path]);
    uploads.sweep(SystemTime::now());
    uploads.sweep(SystemTime::now() - 2 * KEPT_FOR);
    assert_eq!(left(&uploads), 4);
    uploads.sweep(SystemTime::now() + KEPT_FOR + Duration::from_secs(60));
    assert_eq!(left(&uploads), 2);
    assert!(path.exists());
    assert_eq!(uploads.path(&old).unwrap_err().kind, FaultKind::NotFound);
}

#[tokio::test]
async fn who_removes_an_upload_finds_it_gone() {
    let home = tempfile::tempdir().unwrap();
    let uploads = Uploads::at(home.path().join("uploads"));
    let id = send(&uploads, "me.jpg", b"x").await.unwrap();
    uploads.remove(&id).unwrap();
    assert_eq!(uploads.remove(&id).unwrap_err().kind, FaultKind::NotFound);
    assert_eq!(left(&uploads), 0);
}

#[test]
fn names_lose_what_could_do_harm_and_keep_their_extension() {
    for (name, expected) in [
        ("me.jpg", "me.jpg"),
        ("../../etc/passwd", "passwd"),
        ("/abs/äö ü.PNG", "äö ü.PNG"),
        ("..\\..\\x.mp4", "x.mp4"),
        (".hidden", "hidden"),
        ("-rf.jpg", "rf.jpg"),
        ("a\u{1b}[31m\n\0b.jpg", "a[31mb.jpg"),
        ("a.tar.gz", "a.tar.gz"),
    ] {
        assert_eq!(clean(name).unwrap(), expected, "{name:?}");
    }
    let long = clean(&format!("{}.jpeg", "ü".repeat(300))).unwrap();
    assert!(long.len() <= LONGEST_NAME && long.ends_with("ü.jpeg"));
    let dots = clean(&format!("a.{}", "b".repeat(300))).unwrap();
    assert_eq!(dots.len(), LONGEST_NAME);
    for nothing in ["", "/", "..", "a/", " . ", "\n"] {
        assert_eq!(clean(nothing).unwrap_err().kind, FaultKind::Invalid, "{nothing:?}");
    }
}

proptest::proptest! {
    #[test]
    fn a_clean_name_is_one_part_of_a_path(name in "\\PC{0,300}|.{0,40}") {
        if let Ok(name) = clean(&name) {
            proptest::prop_assert!(name.len() <= LONGEST_NAME);
            proptest::prop_assert!(!name.starts_with(['.', '-']));
            proptest::prop_assert!(!name.contains(['/', '\\', '\0']));
            proptest::prop_assert_eq!(Path::new(&name).components().count(), 1);
            proptest::prop_assert_ne!(name.as_str(), coming::HIDDEN);
        }
    }
}
