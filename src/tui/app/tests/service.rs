//! A service with a little of everything, and with names that are too long for most screens.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::client::Told;
use crate::jobs::{Failure, State, Transition};
use crate::service::events::Event;
use crate::service::wire::{
    CpuMeter, DiskMeter, JobDetail, JobView, MemoryMeter, MetersView, ProcessMeter, Progress,
};
use crate::tui::call::Answer;
use crate::tui::effect::Call;
use crate::tui::msg::Msg;
use crate::tui::testing::{faces, job, known, now, progress, snapshot};

/// What the service says at first: its jobs, and how far the one is that runs.
pub fn begins() -> Vec<Msg> {
    let told = |event| Msg::Told(Told::Event(Box::new(event)));
    let mut all = vec![Msg::Linked("0.1.0".to_owned()), told(snapshot(jobs()))];
    for frames in (0..12).map(|n| 10 * n) {
        let progress = Progress { fps: 20.0 + (frames % 7) as f64, ..progress(frames, 250) };
        all.push(told(Event::Progress { id: "A".to_owned(), progress }));
    }
    all
}

/// One that runs, two that wait, one that is done, one that failed.
fn jobs() -> Vec<JobView> {
    let mut failed = job("E", State::Failed);
    let hint = Some("free some space and retry: facedeck jobs retry E");
    failed.failure = Some(Failure {
        causes: vec!["cannot write /films/film-E-swapped.mp4.part".to_owned()],
        ..Failure::of_kind("failed", "the disk is full", hint)
    });
    let mut waits = job("C", State::Queued);
    waits.waiting = Some("waits for job B (queued)".to_owned());
    waits.place = 2;
    let mut done = job("F", State::Done);
    done.name = "Grandmother's eightieth birthday, second reel, restored 映画.mp4".to_owned();
    done.target = format!("/srv/films/families/1987/restored/{}", done.name);
    done.output = done.target.replace(".mp4", "-swapped.mp4");
    done.summary = Some(json!({
        "frames": 2250, "swapped": 2114, "fps": 27.25, "peak_memory": 1_610_612_736u64,
        "frames_without_swap": [[0, 12], [40, 40], [71, 80]],
    }));
    vec![
        job("A", State::Running),
        JobView { place: 1, ..job("B", State::Queued) },
        waits,
        failed,
        done,
    ]
}

/// What the service answers.
pub fn answer(call: &Call) -> Option<Answer> {
    Some(match call {
        Call::Meters => Answer::Meters(Box::new(meters())),
        Call::Capabilities => Answer::Capabilities(Box::new(known::capabilities())),
        Call::Profiles => Answer::Profiles(known::profiles()),
        Call::Profile(name) => {
            let of_name = known::details().into_iter().find(|one| one.profile.name == *name);
            Answer::Profile(Box::new(of_name?))
        }
        Call::Detail(id) => Answer::Detail(Box::new(detail(id)?)),
        Call::Log(id) => Answer::Text(log(id)),
        Call::Files { .. } => Answer::Files(Box::new(known::folder())),
        Call::About(path) => Answer::About(Box::new(known::film(path))),
        Call::Faces(body) => {
            let mut view = faces(&body.file, 2);
            view.frame = body.frame;
            for face in view.faces.iter_mut().filter(|_| body.compare.is_some()) {
                face.distance = Some(0.9 + face.index as f32 * 0.75);
            }
            Answer::Faces(Box::new(view))
        }
        Call::CutOut(_) => Answer::Text("upload:7".to_owned()),
        Call::CheckProfile(_) => Answer::Checked(Box::default()),
        _ => return None,
    })
}

fn detail(id: &str) -> Option<JobDetail> {
    let job = jobs().into_iter().find(|job| job.id == id)?;
    let begin = Timestamp::from_second(1_790_000_000).ok()?;
    let added = Transition { at: begin, from: None, to: State::Queued, reason: String::new() };
    let begun = Transition {
        at: begin + SignedDuration::from_secs(60),
        from: Some(State::Queued),
        to: State::Running,
        reason: String::new(),
    };
    let history = if job.attempts > 0 { vec![added, begun] } else { vec![added] };
    Some(JobDetail { job, settings: json!({}), history })
}

fn log(id: &str) -> String {
    let lines = [
        "14:14:20  INFO probe: 1920x1080, 25 fps, 10 s, H.264 with AAC",
        "14:14:20  INFO plan: 1 segment of 250 frames",
        "14:14:21  WARN detect: nobody is seen in the frames 0 to 12",
        "14:14:22  INFO swap: 25.0 frames a second on cpu",
    ];
    let mut log = lines.join("\n");
    if id == "E" {
        log += "\n14:15:20 ERROR encode: cannot write /films/film-E-swapped.mp4.part: the disk is full";
    }
    log
}

fn meters() -> MetersView {
    const GB: u64 = 1_000_000_000;
    MetersView {
        at: now(),
        cpu: CpuMeter { percent: 63.0, cores: 16, load: Some([10.5, 9.25, 4.0]) },
        memory: MemoryMeter {
            total: 64 * GB,
            used: 20 * GB,
            available: 44 * GB,
            swap_total: 0,
            swap_used: 0,
        },
        process: ProcessMeter { memory: 2 * GB, cpu_percent: 250.0 },
        disks: vec![DiskMeter { folder: "/films".to_owned(), total: 500 * GB, free: 90 * GB }],
        gpus: Vec::new(),
    }
}
