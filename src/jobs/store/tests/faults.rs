//! A full disk, a spec that is not understood, threads that meet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::jobs::store::{Edit, Filter};

/// Writes this in place of what is stored of a job.
fn tamper(home: &Home, id: JobId, spec: &str) {
    let sql = "UPDATE specs SET spec = ?2 WHERE job = ?1";
    assert_eq!(home.raw().execute(sql, [&id.to_string(), spec]).unwrap(), 1);
}

/// A spec with a key that this facedeck does not know.
fn of_tomorrow(name: &str) -> String {
    let mut value = serde_json::to_value(spec(name)).unwrap();
    value["profile"]["swap"]["age_of_the_moon"] = json!(3);
    value.to_string()
}

#[test]
fn a_full_disk_says_so_and_loses_nothing() {
    let home = home();
    let [id] = home.jobs(["job"]);
    let limit = |pages: i64| {
        let writer = home.store.writer.lock().unwrap();
        writer.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    limit(1); // As many as there are by now.
    let rows: Vec<NewRow> = (0..500).map(|number| row(&format!("{number}"))).collect();
    let error = home.add(&rows, at(0)).unwrap_err();
    assert!(error.message().contains(&home.path().display().to_string()), "{}", error.chain());
    assert!(error.hint_text().unwrap().contains("full"), "{}", error.chain());
    let counts = home.counts().unwrap();
    assert_eq!((counts.queued, home.queue()), (1, vec!["job".to_owned()]));
    limit(1_000_000);
    home.add(&rows, at(0)).unwrap();
    home.run_to_the_end(id);
}

#[test]
fn a_job_that_is_not_understood_is_named_and_hides_no_other() {
    let home = home();
    let [a, b, c] = home.jobs(["a", "b", "c"]);
    tamper(&home, a, &of_tomorrow("a"));
    tamper(&home, b, "{ no JSON");
    for id in [a, b] {
        for error in [
            home.job(id).unwrap_err(),
            home.change(id, &Change::Start, at(1)).unwrap_err(),
            home.edit(id, &Edit::default()).unwrap_err(),
        ] {
            assert!(error.message().contains(&id.to_string()), "{}", error.chain());
            assert!(error.hint_text().unwrap().contains("remove"));
        }
    }
    assert!(home.next(at(1), &[]).unwrap_err().message().contains(&a.to_string()));
    let page = home.list(&Filter { limit: 9, ..Filter::default() }).unwrap();
    assert_eq!(page.total, 3);
    let names: Vec<&str> = page.jobs.iter().map(|job| job.spec.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let failure = page.jobs[0].failure.as_ref().unwrap();
    assert!(failure.chain().contains("age_of_the_moon"), "{failure:?}");
    assert_eq!(page.jobs[0].spec.sources, spec("a").sources);
    assert_eq!(page.jobs[1].spec.output, spec("b").output);
    assert_eq!(page.jobs[2].failure, None);

    // At the next start they are out of the way of the others.
    let sql = "UPDATE meta SET value = '0.0.1' WHERE key = 'version'";
    home.raw().execute(sql, []).unwrap();
    let home = home.again().unwrap();
    assert_eq!(home.next_name(1, &[]).as_deref(), Some("c"));
    assert_eq!(home.in_state(State::Failed).unwrap().len(), 2);
    let history = home.history(a).unwrap();
    assert!(history[1].reason.contains("age_of_the_moon"), "{history:?}");
    assert!(home.change(a, &Change::Retry { from_scratch: false }, at(1)).is_err());
    // The facedeck that understands it goes on with it.
    tamper(&home, a, &serde_json::to_string(&spec("a")).unwrap());
    home.step(a, &Change::Retry { from_scratch: false });
    home.run_to_the_end(a);
    assert_eq!(home.remove(b).unwrap().unwrap().id, b);
    assert_eq!(home.job(c).unwrap().unwrap().state, State::Queued);
}

#[test]
fn a_job_that_is_not_understood_can_be_given_up() {
    let home = home();
    let [a] = home.jobs(["a"]);
    tamper(&home, a, &of_tomorrow("a"));
    let job = home.step(a, &Change::Cancel { reason: because("of no use") });
    assert_eq!((job.state, home.counts().unwrap().cancelled), (State::Cancelled, 1));
}

#[test]
fn a_damaged_row_is_left_out_of_the_list() {
    let home = home();
    let [a, _] = home.jobs(["a", "b"]);
    let sql = "UPDATE jobs SET created = 9223372036854775807 WHERE id = ?1";
    home.raw().execute(sql, [a.to_string()]).unwrap();
    assert!(home.job(a).is_err());
    let page = home.list(&Filter { limit: 9, ..Filter::default() }).unwrap();
    assert_eq!((page.jobs.len(), page.jobs[0].spec.name.as_str()), (1, "b"));
}

#[test]
fn an_older_spec_without_a_newer_key_is_understood() {
    let home = home();
    let [id] = home.jobs(["a"]);
    let mut value = serde_json::to_value(spec("a")).unwrap();
    value["profile"].as_object_mut().unwrap().remove("mask").unwrap();
    value["profile"]["swap"].as_object_mut().unwrap().remove("weight").unwrap();
    tamper(&home, id, &value.to_string());
    assert_eq!(home.job(id).unwrap().unwrap().spec, spec("a"));
}

#[test]
fn threads_that_add_change_and_read_at_once_see_whole_jobs() {
    let home = home();
    home.store.writer.lock().unwrap().pragma_update(None, "synchronous", "OFF").unwrap();
    let Home { store, folder: _folder } = home;
    let store = Arc::new(store);
    let finished = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (store, finished) = (Arc::clone(&store), Arc::clone(&finished));
            std::thread::spawn(move || {
                let mut looks = 0;
                while !finished.load(Ordering::Relaxed) || looks == 0 {
                    let page = store.list(&Filter { limit: 1000, ..Filter::default() }).unwrap();
                    // Both are of one moment.
                    assert_eq!(page.jobs.len() as u64, page.total);
                    for job in &page.jobs {
                        let running = job.state == State::Running || job.state == State::Done;
                        assert_eq!(job.started.is_some(), running, "{job:?}");
                    }
                    looks += 1;
                }
                looks
            })
        })
        .collect();
    let workers: Vec<_> = (0..2)
        .map(|worker| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || {
                for number in 0..50 {
                    store.add(&[row(&format!("{worker} {number}"))], at(0)).unwrap();
                    // Both workers want the same job, and one gets it.
                    let job = store.next(at(1), &[]).unwrap();
                    let Some(job) = job else { continue };
                    if store.change(job.id, &Change::Start, at(1)).unwrap().is_some() {
                        store.change(job.id, &finish(), at(2)).unwrap().unwrap();
                    }
                }
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    finished.store(true, Ordering::Relaxed);
    for reader in readers {
        assert!(reader.join().unwrap() > 0);
    }
    let counts = store.counts().unwrap();
    assert_eq!((counts.queued + counts.done, counts.running), (100, 0));
    for id in store.in_state(State::Done).unwrap() {
        assert_eq!(store.history(id).unwrap().len(), 3, "each ran once");
    }
}
