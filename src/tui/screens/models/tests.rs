use std::time::Duration;

use crate::error::Error;
use crate::models::Role;
use crate::service::events::Event;
use crate::service::wire::{LicenseView, ProfileView, RemovedView, VerifiedView};
use crate::tui::call::Answer;
use crate::tui::msg::Msg;
use crate::tui::testing::*;
use crate::tui::update::update;

use super::*;

fn one(id: &str, role: Role, status: &str, bytes: u64) -> ModelView {
    ModelView {
        id: id.to_owned(),
        role,
        summary: format!("does what {id} does"),
        status: status.to_owned(),
        damage: (status == "damaged").then(|| "its SHA-256 is another one".to_owned()),
        bytes: Some(bytes),
        license: LicenseView {
            name: "Apache-2.0".to_owned(),
            note: None,
            url: "https://spdx.org/licenses/Apache-2.0.html".to_owned(),
            commercial: true,
            text: None,
        },
        attribution: "somebody kind".to_owned(),
        upstream: "https://example.org/models".to_owned(),
        needs: Vec::new(),
        can_be_pulled: true,
        notes: String::new(),
    }
}

fn restricted() -> ModelView {
    let mut model = one("inswapper_128", Role::Swapper, "missing", 554_000_000);
    model.license.name = "LicenseRef-InsightFace".to_owned();
    model.license.note = Some("for research only".to_owned());
    model.license.commercial = false;
    model.needs = vec!["w600k_r50".to_owned()];
    model
}

fn five() -> Model {
    let mut model = model();
    press(&mut model, "5");
    let all = vec![
        one("blazeface", Role::Detector, "embedded", 1_100_000),
        one("det_10g", Role::Detector, "damaged", 17_000_000),
        one("w600k_r50", Role::Recognizer, "missing", 174_000_000),
        restricted(),
        one("gfpgan_1.4", Role::Enhancer, "here", 340_000_000),
    ];
    update(&mut model, Msg::Answer(Call::Models, Ok(Answer::Models(all))));
    let profile = ProfileView {
        name: "quality".to_owned(),
        description: "the best likeness".to_owned(),
        from: "built in".to_owned(),
        models: vec!["inswapper_128".to_owned(), "gfpgan_1.4".to_owned()],
        missing: vec!["inswapper_128".to_owned(), "w600k_r50".to_owned()],
        fault: None,
    };
    update(&mut model, Msg::Answer(Call::Profiles, Ok(Answer::Profiles(vec![profile]))));
    calls(&mut model);
    model
}

fn pull(state: &str, done: u64) -> Event {
    let message = if state == "failed" { "the server is away" } else { "" };
    let pull = PullView {
        model: "inswapper_128".to_owned(),
        state: state.to_owned(),
        done,
        total: Some(554_000_000),
        message: message.to_owned(),
    };
    Event::Pull { pull }
}

fn last(model: &Model) -> String {
    model.toasts.history().next().map(|toast| toast.text.clone()).unwrap_or_default()
}

#[test]
fn nothing_is_fetched_before_its_license_was_shown_and_accepted() {
    let mut model = five();
    press(&mut model, "j j j p");
    let asked = calls(&mut model);
    assert_eq!(asked.last(), Some(&Call::Model("inswapper_128".into())));
    assert!(model.overlays.is_empty());
    let view = Answer::Model(Box::new(restricted()));
    update(&mut model, Msg::Answer(Call::Model("inswapper_128".into()), Ok(view)));
    let text = screen_text(&mut model, 80, 24);
    for word in ["no commercial use", "for research only", "w600k_r50", "728 MB to fetch"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    press(&mut model, "enter");
    assert!(model.overlays.is_empty() && calls(&mut model).is_empty(), "Enter is no yes");
    press(&mut model, "p");
    calls(&mut model);
    let view = Answer::Model(Box::new(restricted()));
    update(&mut model, Msg::Answer(Call::Model("inswapper_128".into()), Ok(view)));
    press(&mut model, "y");
    assert_eq!(calls(&mut model), [Call::Pull("inswapper_128".into())]);
}

#[test]
fn a_long_license_can_be_read_to_its_end() {
    let mut model = five();
    press(&mut model, "j j j p");
    let mut view = restricted();
    view.license.text = Some((0..80).map(|n| format!("clause {n}\n")).collect());
    let call = Call::Model("inswapper_128".into());
    update(&mut model, Msg::Answer(call, Ok(Answer::Model(Box::new(view)))));
    assert!(!screen_text(&mut model, 80, 24).contains("clause 79"));
    for _ in 0..10 {
        press(&mut model, "space");
        screen_text(&mut model, 80, 24);
    }
    let text = screen_text(&mut model, 80, 24);
    assert!(text.contains("clause 79") && text.contains("y yes"), "{text}");
}

#[test]
fn what_cannot_be_fetched_says_why() {
    let mut model = five();
    press(&mut model, "p");
    assert_eq!(last(&model), "blazeface is a part of facedeck");
    model.desk.models[3].can_be_pulled = false;
    press(&mut model, "j j j p");
    assert!(last(&model).contains("nobody knows where to fetch inswapper_128; I imports"));
    press(&mut model, "x");
    assert_eq!(last(&model), "inswapper_128 is not being fetched");
}

#[test]
fn a_fetch_is_followed_to_its_end() {
    let mut model = five();
    press(&mut model, "j j j");
    calls(&mut model);
    hear(&mut model, pull("queued", 0));
    hear(&mut model, pull("running", 0));
    for second in 1..5 {
        model.clock += Duration::from_secs(1);
        hear(&mut model, pull("running", 20_000_000 * second));
    }
    let text = screen_text(&mut model, 120, 40);
    assert!(text.contains("20 MB/s") && text.contains("80 MB of 554 MB"), "{text}");
    press(&mut model, "x");
    assert_eq!(calls(&mut model), [Call::CancelPull("inswapper_128".into())]);
    // The answer to the first request may come after its events.
    let Event::Pull { pull: late } = pull("queued", 0) else { unreachable!() };
    let call = Call::Pull("inswapper_128".into());
    update(&mut model, Msg::Answer(call, Ok(Answer::Pull(Box::new(late)))));
    assert_eq!(super::pull(&model, "inswapper_128").unwrap().state, "running");
    hear(&mut model, pull("done", 554_000_000));
    assert_eq!(last(&model), "inswapper_128 is here");
    assert_eq!(calls(&mut model), [Call::Models, Call::Profiles]);
    hear(&mut model, pull("queued", 0));
    hear(&mut model, pull("failed", 0));
    assert_eq!(last(&model), "inswapper_128 was not fetched: the server is away");
}

#[test]
fn what_ended_before_anybody_looked_is_no_news() {
    let mut model = five();
    hear(&mut model, pull("failed", 0));
    assert_eq!(last(&model), "");
}

#[test]
fn a_file_is_checked_once_at_a_time() {
    let mut model = five();
    press(&mut model, "j v v");
    let asked: Vec<Call> =
        calls(&mut model).into_iter().filter(|call| matches!(call, Call::VerifyModel(_))).collect();
    assert_eq!(asked, [Call::VerifyModel("det_10g".into())]);
    assert!(screen_text(&mut model, 120, 40).contains("checking"));
    let found = VerifiedView {
        id: "det_10g".to_owned(),
        status: "damaged".to_owned(),
        good: false,
        damage: Some("its SHA-256 is another one".to_owned()),
        sha256: None,
        pinned: false,
    };
    update(&mut model, Msg::Answer(asked[0].clone(), Ok(Answer::Verified(Box::new(found)))));
    assert_eq!(last(&model), "det_10g: its SHA-256 is another one");
    press(&mut model, "v");
    let error = Error::failed("the disk cannot be read");
    update(&mut model, Msg::Answer(Call::VerifyModel("det_10g".into()), Err(error.into())));
    assert!(model.models.busy.is_empty());
}

#[test]
fn removing_says_who_will_miss_it() {
    let mut model = five();
    press(&mut model, "D");
    assert_eq!(last(&model), "blazeface is a part of facedeck and stays");
    press(&mut model, "G D");
    let text = screen_text(&mut model, 80, 24);
    assert!(text.contains("do not work without it: quality"), "{text}");
    press(&mut model, "y");
    assert_eq!(calls(&mut model).last(), Some(&Call::RemoveModel("gfpgan_1.4".into())));
    let gone = RemovedView { id: "gfpgan_1.4".to_owned(), bytes: 340_000_000 };
    let call = Call::RemoveModel("gfpgan_1.4".into());
    update(&mut model, Msg::Answer(call, Ok(Answer::Removed(Box::new(gone)))));
    assert_eq!(last(&model), "gfpgan_1.4 was removed; 340 MB are free again");
}

#[test]
fn a_file_is_imported_for_what_it_is_or_for_the_chosen_model() {
    let mut model = five();
    press(&mut model, "j j j I");
    enter(&mut model, "'/tmp/in swapper.onnx'");
    press(&mut model, "enter");
    enter(&mut model, "take link");
    press(&mut model, "enter");
    let asked = calls(&mut model);
    let Some(Call::ImportModels(body)) = asked.last() else { panic!("{asked:?}") };
    assert_eq!(body.path, "/tmp/in swapper.onnx");
    assert_eq!(body.id.as_deref(), Some("inswapper_128"));
    assert!(body.link);
}

#[test]
fn the_search_finds_by_role_license_and_words() {
    let mut model = five();
    press(&mut model, "/");
    enter(&mut model, "enhancer");
    press(&mut model, "enter");
    assert_eq!(model.models.shelf.rows, ["gfpgan_1.4"]);
    press(&mut model, "esc /");
    enter(&mut model, "insightface");
    press(&mut model, "enter");
    assert_eq!(model.models.shelf.rows, ["inswapper_128"]);
}

#[test]
fn a_path_to_import_is_completed_or_chosen_from_files() {
    let mut model = five();
    let call = Call::Files { path: "/faces".to_owned(), hidden: false };
    let folder = || Ok(Answer::Files(Box::new(known::folder())));
    press(&mut model, "I");
    enter(&mut model, "/faces/n");
    press(&mut model, "tab");
    assert_eq!(calls(&mut model), std::slice::from_ref(&call));
    update(&mut model, Msg::Answer(call.clone(), folder()));
    assert!(screen_text(&mut model, 80, 24).contains("/faces/notes.txt"));
    press(&mut model, "ctrl-o");
    update(&mut model, Msg::Answer(call, folder()));
    enter(&mut model, "you");
    press(&mut model, "enter");
    assert!(screen_text(&mut model, 80, 24).contains("/faces/you.png"), "it comes into the line");
    press(&mut model, "enter enter");
    let asked = calls(&mut model);
    let path =
        |call: &Call| matches!(call, Call::ImportModels(body) if body.path == "/faces/you.png");
    assert!(asked.iter().any(path), "{asked:?}");
}

#[test]
fn it_looks_like_this() {
    for (width, height) in [(60, 20), (80, 24), (120, 40)] {
        let mut model = five();
        press(&mut model, "j j j");
        hear(&mut model, pull("running", 0));
        model.clock += Duration::from_secs(2);
        hear(&mut model, pull("running", 138_000_000));
        insta::assert_snapshot!(
            format!("list_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
        press(&mut model, "k k enter");
        insta::assert_snapshot!(
            format!("detail_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
        press(&mut model, "esc j p");
        let view = five().desk.models[2].clone();
        let call = Call::Model("w600k_r50".into());
        update(&mut model, Msg::Answer(call, Ok(Answer::Model(Box::new(view)))));
        insta::assert_snapshot!(
            format!("license_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
    }
}
