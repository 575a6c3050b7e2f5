use jiff::SignedDuration;

use crate::jobs::State;
use crate::models::Role;
use crate::service::doctor::{Machine, Problem};
use crate::service::wire::{
    CpuMeter, DiskMeter, GpuMeter, Health, JobView, LicenseView, MemoryMeter, MetersView,
    ModelView, NetworkView, ProcessMeter, ProfileView,
};
use crate::tui::call::Answer;
use crate::tui::msg::Msg;
use crate::tui::testing::*;
use crate::tui::update::update;

use super::*;

const GB: u64 = 1_000_000_000;

fn meters(second: i64, free: u64) -> MetersView {
    MetersView {
        at: now() + SignedDuration::from_secs(second),
        cpu: CpuMeter {
            percent: (second * 7 % 100) as f32,
            cores: 16,
            load: Some([1.5, 1.25, 1.0]),
        },
        memory: MemoryMeter {
            total: 64 * GB,
            used: 20 * GB,
            available: 44 * GB,
            swap_total: 0,
            swap_used: 0,
        },
        process: ProcessMeter { memory: 2 * GB, cpu_percent: 250.0 },
        disks: vec![DiskMeter { folder: "/films".to_owned(), total: 500 * GB, free }],
        gpus: Vec::new(),
    }
}

fn gpu() -> GpuMeter {
    GpuMeter {
        index: 0,
        name: "NVIDIA H100 80GB HBM3".to_owned(),
        percent: Some(93),
        memory_total: Some(80 * GB),
        memory_used: Some(79 * GB),
        power: Some(512.0),
        power_limit: Some(700.0),
        temperature: Some(86),
        throttled: vec!["temperature".to_owned()],
    }
}

fn measure(model: &mut Model, meters: MetersView) {
    update(model, Msg::Answer(Call::Meters, Ok(Answer::Meters(Box::new(meters)))));
}

fn findings(problems: Vec<Problem>) -> Box<Findings> {
    Box::new(Findings {
        version: "0.1.0".to_owned(),
        ready: problems.is_empty(),
        problems,
        ffmpeg: None,
        runtime: None,
        providers: Vec::new(),
        models: Vec::new(),
        faster: Vec::new(),
        machine: Machine {
            platform: "linux x86_64".to_owned(),
            cpu: Some("a fine processor".to_owned()),
            cores: 16,
            features: vec!["avx2".to_owned()],
            memory: Some(64 * GB),
            gpus: Vec::new(),
        },
        directories: crate::service::doctor::Folders {
            config: "/c".into(),
            data: "/d".into(),
            cache: "/e".into(),
            state: "/s".into(),
        },
    })
}

fn lacks(fixable: bool) -> Problem {
    Problem {
        message: "ONNX Runtime is not installed".to_owned(),
        hint: Some("facedeck doctor --fix".to_owned()),
        fixable,
    }
}

fn doctor(model: &mut Model, problems: Vec<Problem>) {
    update(model, Msg::Answer(Call::Doctor, Ok(Answer::Findings(findings(problems)))));
}

fn told(model: &Model) -> Vec<String> {
    model.toasts.history().map(|toast| toast.text.clone()).collect()
}

/// A job runs, 100 s are left, and the disk loses 1 GB a second.
fn running(free: u64) -> Model {
    let mut model = with_jobs(vec![job("A", State::Running)]);
    let event =
        crate::service::events::Event::Progress { id: "A".to_owned(), progress: progress(0, 2500) };
    hear(&mut model, event);
    for second in 0..=10 {
        measure(&mut model, meters(second, free - second as u64 * GB));
    }
    model
}

#[test]
fn a_disk_that_will_be_full_is_told_once_and_before() {
    let model = running(60 * GB);
    let told = told(&model);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("/films will be full in 52 s, and what runs needs 1 min 40 s"),
        "{told:?}"
    );
    let mut model = running(300 * GB);
    assert!(super::tests::told(&model).is_empty());
    press(&mut model, "7");
    assert!(screen_text(&mut model, 120, 40).contains("190 GB left when the jobs are done"));
}

#[test]
fn what_comes_to_be_right_and_goes_wrong_again_is_news() {
    let mut model = model();
    measure(&mut model, meters(0, GB));
    measure(&mut model, meters(2, GB));
    assert_eq!(told(&model), ["only 1.0 GB are free on the disk of /films"]);
    measure(&mut model, meters(4, 9 * GB));
    model.clock += std::time::Duration::from_secs(60);
    measure(&mut model, meters(6, GB));
    assert_eq!(told(&model).len(), 2);
}

fn with_gpu_job() -> Model {
    let waits = JobView {
        device: "gpu:0".to_owned(),
        profile: "quality".to_owned(),
        ..job("B", State::Queued)
    };
    let mut model = with_jobs(vec![waits]);
    model.desk.profiles = vec![ProfileView {
        name: "quality".to_owned(),
        description: String::new(),
        from: "built in".to_owned(),
        models: vec!["big".to_owned()],
        missing: Vec::new(),
        fault: None,
    }];
    model.desk.models = vec![ModelView {
        id: "big".to_owned(),
        role: Role::Swapper,
        summary: String::new(),
        status: "here".to_owned(),
        damage: None,
        bytes: Some(2 * GB),
        license: LicenseView {
            name: "MIT".to_owned(),
            note: None,
            url: String::new(),
            commercial: true,
            text: None,
        },
        attribution: String::new(),
        upstream: String::new(),
        needs: Vec::new(),
        can_be_pulled: true,
        notes: String::new(),
    }];
    model
}

#[test]
fn a_job_that_will_not_fit_in_vram_is_told_before_it_runs() {
    let mut model = with_gpu_job();
    measure(&mut model, MetersView { gpus: vec![gpu()], ..meters(0, 90 * GB) });
    let all = told(&model);
    let fits = "film-B.mp4 will not fit in the memory of GPU 0: its networks alone take 2.0 GB, and 1.0 GB are free";
    assert!(all.iter().any(|text| text == fits), "{all:?}");
    assert!(
        all.iter().any(|text| text == "GPU 0 is slowed down by its temperature at 86 °C"),
        "{all:?}"
    );
    // What is loaded already takes no more.
    let mut model = with_gpu_job();
    let network = NetworkView { model: "big".to_owned(), provider: "cuda".to_owned() };
    let health = Health {
        status: "ok".to_owned(),
        version: String::new(),
        protocol: 1,
        networks: vec![network],
    };
    update(&mut model, Msg::Answer(Call::Health, Ok(Answer::Health(Box::new(health)))));
    measure(&mut model, MetersView { gpus: vec![gpu()], ..meters(0, 90 * GB) });
    assert!(!told(&model).iter().any(|text| text.contains("will not fit")));
}

#[test]
fn the_first_run_tells_what_the_doctor_found() {
    let mut model = model();
    update(&mut model, Msg::MustAccept);
    update(&mut model, Msg::Linked("0.1.0".to_owned()));
    assert!(calls(&mut model).contains(&Call::Doctor));
    doctor(&mut model, vec![lacks(true), lacks(false)]);
    assert_eq!(told(&model), ["2 findings: 7 shows them"]);
    // Later ones are seen where they are looked for.
    press(&mut model, "7 r");
    assert_eq!(calls(&mut model).iter().filter(|call| **call == Call::Doctor).count(), 1);
    doctor(&mut model, vec![lacks(true)]);
    assert!(!told(&model).iter().any(|text| text.starts_with("1 finding")));
}

#[test]
fn a_usual_run_does_not_ask_the_doctor_until_the_screen_is_shown() {
    let mut model = model();
    update(&mut model, Msg::Linked("0.1.0".to_owned()));
    assert!(!calls(&mut model).contains(&Call::Doctor));
    press(&mut model, "7");
    assert!(calls(&mut model).contains(&Call::Doctor));
}

#[test]
fn what_can_be_mended_is_mended_after_a_yes() {
    let mut model = model();
    press(&mut model, "7");
    doctor(&mut model, vec![lacks(false)]);
    calls(&mut model);
    press(&mut model, "F");
    assert!(screen_text(&mut model, 80, 24).contains("try: facedeck doctor --fix"));
    press(&mut model, "esc");
    doctor(&mut model, vec![lacks(true)]);
    press(&mut model, "F y F");
    assert_eq!(calls(&mut model), [Call::Mend], "once");
    assert!(screen_text(&mut model, 80, 24).contains("fetching what is missing"));
    let lines = vec!["ONNX Runtime 1.23 is at /lib".to_owned()];
    update(&mut model, Msg::Answer(Call::Mend, Ok(Answer::Lines(lines))));
    assert_eq!(calls(&mut model), [Call::Doctor]);
    assert!(screen_text(&mut model, 80, 24).contains("1.23 is at /lib"));
}

#[test]
fn on_another_machine_it_is_said_how_to_mend() {
    let mut model = model();
    (model.local, model.host) = (false, "gpu-box".to_owned());
    press(&mut model, "7");
    doctor(&mut model, vec![lacks(true)]);
    calls(&mut model);
    press(&mut model, "F");
    assert!(calls(&mut model).is_empty());
    assert!(told(&model)[0].contains("facedeck doctor --fix on gpu-box"), "{:?}", told(&model));
}

#[test]
fn it_looks_like_this() {
    for (width, height) in [(60, 20), (80, 24), (120, 40)] {
        let mut model = with_gpu_job();
        press(&mut model, "7");
        let network = NetworkView { model: "blazeface".to_owned(), provider: "cuda".to_owned() };
        let health = Health {
            status: "ok".to_owned(),
            version: String::new(),
            protocol: 1,
            networks: vec![network],
        };
        update(&mut model, Msg::Answer(Call::Health, Ok(Answer::Health(Box::new(health)))));
        for second in 0..60 {
            measure(&mut model, MetersView { gpus: vec![gpu()], ..meters(second, 90 * GB) });
        }
        doctor(&mut model, vec![lacks(true)]);
        // What was said lies over the screen for a while.
        model.clock += std::time::Duration::from_secs(60);
        insta::assert_snapshot!(
            format!("top_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
        press(&mut model, "G");
        insta::assert_snapshot!(
            format!("end_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
    }
}
