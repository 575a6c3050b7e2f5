//! Files that hot folders took.

use super::*;
use crate::jobs::store::{Taken, TakenState};

fn taken(path: impl Into<PathBuf>, stamp: &str) -> Taken {
    Taken {
        watch: "inbox".into(),
        path: path.into(),
        stamp: stamp.into(),
        job: None,
        state: TakenState::Working,
        at: at(4),
    }
}

#[test]
fn a_file_is_taken_once_with_its_job_also_across_restarts() {
    let home = home();
    let (file, new) = (taken("/in/a.png", "1"), row("a"));
    let job = home.take(&file, Some(&new), at(4)).unwrap().unwrap().unwrap();
    assert_eq!((job.id, job.created), (new.id, at(4)));
    let home = home.again().unwrap();
    assert_eq!(home.take(&file, Some(&row("again")), at(5)).unwrap(), None);
    assert_eq!(home.counts().unwrap().queued, 1);
    assert!(home.was_taken("inbox", &file.path, "1").unwrap());
    // Another file of the same name, and another folder, are something else.
    assert!(!home.was_taken("inbox", &file.path, "2").unwrap());
    assert!(!home.was_taken("outbox", &file.path, "1").unwrap());
    let known = Taken { job: Some(new.id), ..file.clone() };
    assert_eq!(home.taken_for(new.id).unwrap(), Some(known.clone()));
    assert_eq!(home.unsettled("inbox").unwrap(), [known]);
    // Removing the job does not make the file be taken again.
    home.remove(new.id).unwrap().unwrap();
    assert_eq!(home.take(&file, Some(&row("again")), at(5)).unwrap(), None);
    home.forget_taken("inbox", &file.path, "1").unwrap();
    assert!(home.take(&file, Some(&row("again")), at(5)).unwrap().is_some());
}

#[test]
fn a_job_that_cannot_be_added_takes_no_file() {
    let home = home();
    let (file, mut new) = (taken("/in/a.png", "1"), row("a"));
    new.after = vec![JobId::generate()];
    assert!(home.take(&file, Some(&new), at(4)).is_err());
    assert!(!home.was_taken("inbox", &file.path, "1").unwrap());
}

#[test]
fn files_are_settled_and_counted() {
    use std::os::unix::ffi::OsStrExt;
    let home = home();
    let odd: PathBuf = std::ffi::OsStr::from_bytes(b"/in/\xff.png").into();
    let rejected = Taken { state: TakenState::Rejected, ..taken(&odd, "1") };
    assert_eq!(home.take(&rejected, None, at(4)).unwrap(), Some(None));
    assert_eq!(home.take(&rejected, None, at(4)).unwrap(), None, "not even bytes are taken twice");
    assert!(home.was_taken("inbox", &odd, "1").unwrap());
    for name in ["a", "b", "c"] {
        home.take(&taken(format!("/in/{name}"), "1"), Some(&row(name)), at(4)).unwrap();
    }
    assert_eq!(home.taken_counts("inbox").unwrap(), (3, 0, 1));
    home.settle("inbox", Path::new("/in/b"), "1", TakenState::Settled).unwrap();
    home.settle("inbox", Path::new("/in/nobody"), "1", TakenState::Settled).unwrap();
    assert_eq!(home.taken_counts("inbox").unwrap(), (2, 1, 1));
    let left: Vec<_> = home.unsettled("inbox").unwrap().into_iter().map(|file| file.path).collect();
    assert_eq!(left, [PathBuf::from("/in/a"), PathBuf::from("/in/c")]);
    assert_eq!(home.taken_counts("outbox").unwrap(), (0, 0, 0));
    assert_eq!(home.taken_for(JobId::generate()).unwrap(), None);
}

#[test]
fn what_ended_long_ago_is_listed_by_pages_and_forgotten_at_once() {
    let home = home();
    let states = [
        ("a", TakenState::Settled, 1),
        ("b", TakenState::Working, 1),
        ("c", TakenState::Rejected, 2),
        ("d", TakenState::Settled, 3),
        ("young", TakenState::Settled, 10),
    ];
    for (name, state, time) in states {
        let file = Taken { state, at: at(time), ..taken(format!("/in/{name}"), "1") };
        home.take(&file, None, at(time)).unwrap();
    }
    let other = Taken { watch: "outbox".into(), state: TakenState::Settled, ..taken("/o", "1") };
    home.take(&other, None, at(1)).unwrap();
    let names =
        |files: &[Taken]| -> Vec<PathBuf> { files.iter().map(|file| file.path.clone()).collect() };
    let (first, place) = home.settled_before("inbox", at(10), 0, 2).unwrap();
    assert_eq!(names(&first), [PathBuf::from("/in/a"), PathBuf::from("/in/c")]);
    // What is forgotten between two pages moves nothing.
    home.forget_all_taken(&first).unwrap();
    let (second, end) = home.settled_before("inbox", at(10), place.unwrap(), 2).unwrap();
    assert_eq!((names(&second), end), (vec![PathBuf::from("/in/d")], None));
    assert_eq!(home.taken_counts("inbox").unwrap(), (1, 2, 0));
    assert_eq!(home.taken_counts("outbox").unwrap(), (0, 1, 0));
}
