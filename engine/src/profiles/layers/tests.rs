use super::*;
use crate::profiles::schema::find;
use crate::profiles::{Detection, Order, PasteRule, Select, variables};

fn flags(pairs: &[(&str, &str)]) -> Vec<Setting> {
    let one = |(key, text): &(&str, &str)| {
        let origin = Origin::Flag(format!("--set {key}"));
        Setting::parse(find(key).unwrap(), text, origin).unwrap()
    };
    pairs.iter().map(one).collect()
}

fn library(files: &[(&str, &str)]) -> (tempfile::TempDir, Library) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let library = Library::at(folder.path().to_owned());
    (folder, library)
}

#[test]
fn the_usual_profile_is_the_default() {
    let (_folder, library) = library(&[]);
    let usual = resolve(&library, crate::profiles::library::USUAL, Vec::new()).unwrap();
    let description = usual.profile.description.clone();
    assert!(!description.is_empty());
    assert_eq!(usual.profile, Profile { description, ..Profile::default() });
}

#[test]
fn every_built_in_profile_is_whole_and_says_what_it_is_for() {
    let (_folder, library) = library(&[]);
    let of = |name: &str| resolve(&library, name, Vec::new()).unwrap().profile;
    for name in library.names() {
        let description = of(&name).description;
        assert!((20..=100).contains(&description.len()), "{name}: {description}");
    }
    let roop = of("roop");
    assert_eq!(roop.faces.select, Select::Reference);
    assert_eq!((roop.faces.order, roop.faces.detection), (Order::Score, Detection::EveryFrame));
    assert_eq!((roop.video.fps, roop.video.roop_quality), (Some(30.0), Some(35)));
    assert_eq!(roop.swap.paste, PasteRule::Insightface);
    assert_eq!(roop.processors, ["face_swapper"]);
    assert_eq!(of("archive").swap, of("quality").swap);
    assert_eq!(of("archive").video.quality, Some(100));
    assert_eq!(of("many").faces.select, Select::Many);
}

#[test]
fn the_last_layer_wins_and_default_puts_back() {
    let file = "extends = \"roop\"\ndescription = \"mine\"\n[faces]\ndistance = 0.5\n\
                [video]\nfps = \"default\"\n";
    let (_folder, library) = library(&[("mine.toml", file)]);
    let environment = [("FACEDECK_FACES_DISTANCE", "0.6"), ("FACEDECK_FACES_SCORE", "0.4")];
    let environment = environment.map(|(n, v)| (n.to_owned(), v.to_owned()));
    let environment = variables::settings(environment).unwrap();
    let layers = vec![environment, flags(&[("faces.score", "0.3")])];
    let mine = resolve(&library, "mine", layers).unwrap();
    let p = &mine.profile;
    assert_eq!(p.description, "mine");
    assert_eq!((p.faces.distance, p.faces.score), (0.6, 0.3));
    assert_eq!(p.video.fps, None);
    assert_eq!(p.faces.detector, "det_10g");
    assert_eq!(mine.origin("faces.score").unwrap().to_string(), "--set faces.score");
    assert_eq!(mine.origin("faces.distance").unwrap().to_string(), "FACEDECK_FACES_DISTANCE");
    let inherited = mine.origin("swap.model").unwrap().to_string();
    assert!(inherited.starts_with("the built-in profile roop, line "), "{inherited}");
    assert!(mine.is_from("roop") && !mine.is_from("fast"));
    // A profile does not inherit what another one says about itself.
    let bare = std::fs::write(library.folder().join("bare.toml"), "extends = \"roop\"");
    bare.unwrap();
    assert_eq!(resolve(&library, "bare", Vec::new()).unwrap().profile.description, "");
}

#[test]
fn a_later_quality_replaces_the_other_scale() {
    let (_folder, library) = library(&[("x.toml", "[video]\nquality = 3\nroop_quality = 4\n")]);
    let with = |pairs| resolve(&library, "roop", vec![flags(pairs)]).unwrap().profile.video;
    let ours = with(&[("video.quality", "90")]);
    assert_eq!((ours.quality, ours.roop_quality), (Some(90), None));
    let same = with(&[("video.quality", "default")]);
    assert_eq!((same.quality, same.roop_quality), (None, Some(35)));
    let error = resolve(&library, "x", Vec::new()).unwrap_err();
    assert!(error.message().contains("x.toml, line 3: video.roop_quality"), "{error}");
}

#[test]
fn an_enhancer_without_a_model_gets_the_usual_one() {
    let (_folder, library) = library(&[]);
    let layer = flags(&[("processors", "face_swapper,face_enhancer")]);
    let p = resolve(&library, "embedded", vec![layer.clone()]).unwrap().profile;
    assert_eq!(p.enhance, [Enhance::default()]);
    let p = resolve(&library, "roop", vec![layer]).unwrap().profile;
    assert_eq!(p.enhance[0].blend, 1.0);
}

#[test]
fn contradictions_are_named_with_the_line() {
    let (_folder, library) = library(&[
        ("age.toml", "[faces]\nage = [40, 20]\n"),
        ("pad.toml", "[mask]\npadding = [60, 0, 40, 0]\n"),
        ("box.toml", "[mask]\nkinds = [\"ellipse\"]\npadding = [6, 0, 0, 0]\n"),
    ]);
    for (name, says) in [
        ("age", "age.toml, line 2: faces.age: 40 is more than 20"),
        ("pad", "pad.toml, line 2: mask.padding: nothing of the face is left"),
        ("box", "box.toml, line 3: mask.padding: only the mask \"box\""),
    ] {
        let error = resolve(&library, name, Vec::new()).unwrap_err();
        assert!(error.message().ends_with(says) || error.message().contains(says), "{error}");
        assert_eq!(error.exit_code(), 2);
    }
}
