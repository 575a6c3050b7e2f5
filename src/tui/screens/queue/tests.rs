use std::time::Duration;

use crossterm::event::{Event as Typed, MouseButton, MouseEvent, MouseEventKind};

use crate::jobs::Failure;
use crate::jobs::store::Counts;
use crate::service::events::Event;
use crate::service::wire::{EditJob, PlaceView, Progress};
use crate::tui::effect::{Call, Timer};
use crate::tui::msg::Msg;
use crate::tui::testing::*;
use crate::tui::update::update;

use super::*;

fn six() -> Model {
    let mut failed = job("E", State::Failed);
    let hint = Some("free some space and retry: facedeck jobs retry E");
    failed.failure = Some(Failure::of_kind("failed", "the disk is full", hint));
    let mut waits = job("C", State::Queued);
    waits.waiting = Some("waits for job B (queued)".to_owned());
    waits.place = 2;
    let jobs = vec![
        job("A", State::Running),
        JobView { place: 1, ..job("B", State::Queued) },
        waits,
        JobView { place: 3, profile: "quality".to_owned(), ..job("D", State::Queued) },
        failed,
        job("F", State::Done),
    ];
    let mut model = with_jobs(jobs);
    for frames in (0..12).map(|n| 10 * n) {
        let progress = Progress { fps: 20.0 + (frames % 7) as f64, ..progress(frames, 250) };
        hear(&mut model, Event::Progress { id: "A".to_owned(), progress });
    }
    model
}

fn ids(model: &Model) -> String {
    model.queue.rows.iter().map(|job| job.id.as_str()).collect()
}

#[test]
fn the_queue_looks_like_this() {
    let mut model = six();
    for (width, height) in [(60, 20), (80, 24), (120, 40)] {
        let screen = screen_text(&mut model, width, height);
        insta::assert_snapshot!(format!("queue_{width}x{height}"), screen);
    }
}

#[test]
fn an_empty_queue_says_what_could_be_done() {
    let mut model = with_jobs(vec![]);
    insta::assert_snapshot!("queue_empty", screen_text(&mut model, 80, 24));
}

#[test]
fn the_chosen_job_stays_chosen_when_others_come_and_go() {
    let mut model = six();
    press(&mut model, "j j");
    assert_eq!(model.queue.chosen.as_deref(), Some("C"));
    let mut first = job("G", State::Running);
    first.started = None;
    hear(&mut model, Event::Job { job: Box::new(first), counts: Counts::default() });
    assert_eq!(ids(&model), "GABCDFE");
    assert_eq!(model.queue.job().unwrap().id, "C");
    hear(&mut model, Event::Removed { id: "C".to_owned(), counts: Counts::default() });
    assert_eq!(model.queue.job().unwrap().id, "D", "the one that came into its line");
    press(&mut model, "G");
    assert_eq!(model.queue.job().unwrap().id, "E");
    press(&mut model, "g g");
    assert_eq!(model.queue.job().unwrap().id, "G");
}

#[test]
fn the_filter_is_written_as_one_types_and_taken_back() {
    let mut model = six();
    press(&mut model, "/");
    assert!(model.typing());
    // Letters that are keys elsewhere are letters here.
    enter(&mut model, "film-d");
    assert_eq!(ids(&model), "D");
    press(&mut model, "enter");
    assert!(!model.typing());
    assert_eq!(ids(&model), "D");
    press(&mut model, "esc");
    assert_eq!(ids(&model).len(), 6);
    press(&mut model, "/");
    enter(&mut model, "nothing like this");
    assert!(screen_text(&mut model, 80, 24).contains("no job fits"));
    press(&mut model, "esc");
    assert_eq!(ids(&model).len(), 6);
    press(&mut model, "f");
    enter(&mut model, "fail");
    press(&mut model, "enter");
    assert_eq!(ids(&model), "E");
    press(&mut model, "esc g g j j j F");
    assert_eq!(ids(&model), "D", "only its profile");
}

#[test]
fn verbs_go_to_the_marked_jobs_or_to_the_chosen_one() {
    let mut model = six();
    press(&mut model, "p");
    assert_eq!(calls(&mut model), [Call::Pause("A".to_owned())]);
    press(&mut model, "j space space p");
    assert_eq!(calls(&mut model), [Call::Pause("B".to_owned()), Call::Pause("C".to_owned())]);
    press(&mut model, "esc");
    assert!(model.queue.marked.is_empty());
    // The range from the last mark to here.
    press(&mut model, "g g j space j v r");
    assert_eq!(model.queue.marked.len(), 3);
    assert_eq!(calls(&mut model), [], "none of them has ended");
    press(&mut model, "A A r");
    let retry = |id: &str| Call::Retry { id: id.to_owned(), from_scratch: false };
    assert_eq!(calls(&mut model), [retry("E")], "what is done is done");
}

#[test]
fn what_loses_work_is_asked_for_and_enter_is_no_yes() {
    let mut model = six();
    press(&mut model, "x");
    assert!(screen_text(&mut model, 80, 24).contains("is lost"));
    press(&mut model, "enter");
    assert_eq!((calls(&mut model), model.overlays.len()), (vec![], 0));
    press(&mut model, "x n x esc");
    assert_eq!(calls(&mut model), []);
    press(&mut model, "x y");
    assert_eq!(calls(&mut model), [Call::Cancel("A".to_owned())]);
    // What only waits is not worth a question.
    press(&mut model, "j x");
    assert_eq!(calls(&mut model), [Call::Cancel("B".to_owned())]);
}

#[test]
fn what_is_removed_can_be_called_back_for_ten_seconds() {
    let mut model = six();
    press(&mut model, "G D");
    assert_eq!(ids(&model), "ABCDF");
    assert_eq!(calls(&mut model), []);
    press(&mut model, "u");
    assert_eq!(ids(&model), "ABCDFE");
    press(&mut model, "D");
    model.clock += Duration::from_secs(9);
    update(&mut model, Msg::Timer(Timer::Soon));
    assert_eq!(calls(&mut model), []);
    model.clock += Duration::from_secs(2);
    update(&mut model, Msg::Timer(Timer::Soon));
    assert_eq!(calls(&mut model), [Call::Remove("E".to_owned())]);
    press(&mut model, "u");
    assert!(screen_text(&mut model, 80, 24).contains("nothing to take back"));
    // Who leaves meant it; what runs is not removed.
    press(&mut model, "g g D j D q");
    assert_eq!(calls(&mut model), [Call::Remove("B".to_owned())]);
    assert!(model.leaving);
}

#[test]
fn the_screen_of_a_job_removes_it_as_the_queue_does() {
    let mut model = six();
    press(&mut model, "enter D");
    assert_eq!((model.tab, ids(&model).len()), (Tab::Job, 6), "what runs stays");
    press(&mut model, "1 G enter D");
    assert_eq!((model.tab, ids(&model).as_str()), (Tab::Queue, "ABCDF"));
    press(&mut model, "u");
    assert_eq!(ids(&model), "ABCDFE");
}

#[test]
fn jobs_are_moved_by_keys_and_moved_back() {
    let mut model = six();
    let edit = |id: &str, place: PlaceView| {
        Call::Edit(id.to_owned(), Box::new(EditJob { place: Some(place), ..EditJob::default() }))
    };
    press(&mut model, "j j ctrl-k");
    assert_eq!(calls(&mut model), [edit("C", PlaceView::Up)]);
    press(&mut model, "u");
    assert_eq!(calls(&mut model), [edit("C", PlaceView::Before("D".to_owned()))]);
    press(&mut model, "t");
    assert_eq!(calls(&mut model), [edit("C", PlaceView::Top)]);
    press(&mut model, "g g ctrl-j");
    assert_eq!(calls(&mut model), [], "what runs has no place");
    press(&mut model, "j j s ctrl-j");
    assert_eq!(calls(&mut model), [], "in another order places mean nothing");
}

fn mouse(model: &mut Model, kind: MouseEventKind, column: u16, row: u16) {
    let modifiers = crossterm::event::KeyModifiers::NONE;
    let event = MouseEvent { kind, column, row, modifiers };
    update(model, Msg::Terminal(Typed::Mouse(event)));
}

#[test]
fn jobs_are_dragged_to_another_place() {
    let mut model = six();
    let screen = screen_text(&mut model, 80, 24);
    let row = |id: &str| {
        let name = format!("film-{id}.mp4");
        screen.lines().position(|line| line.contains(&name)).unwrap() as u16
    };
    let (left, b, d) = (MouseButton::Left, row("B"), row("D"));
    mouse(&mut model, MouseEventKind::Down(left), 10, b);
    assert_eq!(model.queue.chosen.as_deref(), Some("B"));
    mouse(&mut model, MouseEventKind::Drag(left), 10, d);
    mouse(&mut model, MouseEventKind::Up(left), 10, d);
    let place = Some(PlaceView::Behind("D".to_owned()));
    let edit = EditJob { place, ..EditJob::default() };
    assert_eq!(calls(&mut model), [Call::Edit("B".to_owned(), Box::new(edit))]);
    // A click alone moves nothing.
    mouse(&mut model, MouseEventKind::Down(left), 10, d);
    mouse(&mut model, MouseEventKind::Up(left), 10, d);
    assert_eq!(calls(&mut model), []);
}

#[test]
fn the_wheel_moves_and_two_clicks_open() {
    let mut model = six();
    let screen = screen_text(&mut model, 80, 24);
    let row = screen.lines().position(|line| line.contains("film-C")).unwrap() as u16;
    mouse(&mut model, MouseEventKind::ScrollDown, 10, row);
    assert_eq!(model.queue.job().unwrap().id, "D");
    let left = MouseEventKind::Down(MouseButton::Left);
    mouse(&mut model, left, 10, row);
    assert_eq!((model.tab, model.queue.job().unwrap().id.as_str()), (Tab::Queue, "C"));
    mouse(&mut model, left, 10, row);
    assert_eq!((model.tab, model.job.id.as_deref()), (Tab::Job, Some("C")));
}

#[test]
fn why_is_said() {
    let mut model = six();
    press(&mut model, "j j y");
    assert!(screen_text(&mut model, 80, 24).contains("waits for job B"));
    press(&mut model, "esc G y");
    let screen = screen_text(&mut model, 80, 24);
    assert!(screen.contains("the disk is full") && screen.contains("free some space"), "{screen}");
}

#[test]
fn ten_thousand_jobs_scroll() {
    let jobs = (0..10_000).map(|n| JobView { place: n, ..job(&format!("{n:05}"), State::Queued) });
    let mut model = with_jobs(jobs.collect());
    press(&mut model, "G");
    assert!(screen_text(&mut model, 120, 40).contains("film-09999"));
    for _ in 0..50 {
        press(&mut model, "ctrl-u");
        screen_text(&mut model, 120, 40);
    }
    assert!(model.queue.at < 9_900);
}
