//! Every fault names the file, the line, the key and what would be right; exit code 2.

use super::{Home, events};
use crate::common::{fails, media, words};

/// A swap with a profile of this text must be refused with these words.
fn refused(text: &str, says: &[&str]) {
    let home = Home::new();
    let path = home.write("mine", text);
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = home.facedeck();
    command.args(["swap", "--profile", "mine", "-s"]).arg(media("grace_hopper.jpg")).arg("-t");
    command.arg(media("mona_lisa.jpg")).arg("-o").arg(folder.path().join("out.png"));
    let said = fails(&mut command, folder.path(), 2, says);
    assert!(said.contains(&path.display().to_string()), "{said}");
}

#[test]
fn unknown_names_get_the_nearest_known_one() {
    refused("[swap]\n\nmodle = \"mesh\"\n", &["line 3", "\"modle\" in [swap]", "swap.model?"]);
    refused("[fases]\nscore = 1\n", &["line 1", "\"fases\"", "did you mean faces?"]);
    refused("pixel_boost = 2\n", &["line 1", "\"pixel_boost\"", "swap.pixel_boost?"]);
    refused("\nextends = \"qualty\"\n", &["line 2", "\"qualty\"", "did you mean quality?"]);
    refused("[faces]\norder = \"left\"\n", &["line 2", "faces.order", "left-right"]);
    refused("[mask]\nregions = [\"skin\", \"noes\"]\n", &["line 2", "noes", "mean nose?"]);
    refused("processors = [\"face_swaper\"]\n", &["line 1", "face_swaper", "face_swapper"]);
    refused("[swap]\nmodel = \"inswaper_128\"\n", &["line 2", "inswaper_128", "inswapper_128"]);
    refused("[video]\nencoder = \"x264\"\n", &["line 2", "video.encoder", "libx264"]);
    refused("[run]\nproviders = [\"quda\"]\n", &["line 2", "run.providers", "quda", "cuda"]);
}

#[test]
fn wrong_values_get_what_would_be_right() {
    refused("[faces]\nscore = 2\n", &["line 2", "faces.score: 2", "between 0 and 1"]);
    refused("[faces]\ndistance = -1\n", &["line 2", "faces.distance", "between 0 and 4"]);
    refused("[swap]\npixel_boost = 5\n", &["line 2", "swap.pixel_boost", "1, 2, 3, 4, 6, 8"]);
    refused("[swap]\nkeep_eyes = \"yes\"\n", &["line 2", "swap.keep_eyes", "true or false"]);
    refused("[mask]\npadding = [1]\n", &["line 2", "mask.padding", "4 members"]);
    refused("[faces]\nage = [50, 20]\n", &["line 2", "faces.age", "lower age first"]);
    refused("[[faces.map]]\nwho = \"a.png\"\n", &["faces.map", "\"faces\" is missing"]);
    refused("[[enhance]]\nmodel = \"gfpgan_1.4\"\nblend = 3\n", &["line 3", "between 0 and 1"]);
    refused("[video]\nfps = = 3\n", &["line 2"]);
}

#[test]
fn models_that_do_not_fit_each_other_are_refused() {
    let wrong_role = "[faces]\ndetector = \"inswapper_128\"\n";
    refused(wrong_role, &["line 2", "is a swapper, not a detector", "det_10g"]);
    let strangers = "[faces]\nrecognizer = \"mobilefacenet\"\n[swap]\nmodel = \"inswapper_128\"\n";
    refused(strangers, &["line 4", "identities of w600k_r50", "--recognizer w600k_r50"]);
    let points = "[faces]\nlandmarks = \"detector\"\n";
    refused(points, &["line 2", "the swapper mesh", "face_landmarks_478"]);
}

#[test]
fn variables_and_flags_are_named_as_they_are_written() {
    let home = Home::new();
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |variables: &[(&str, &str)], flags: &[&str], says: &[&str]| {
        let mut command = home.facedeck();
        command.arg("swap").arg("-s").arg(media("grace_hopper.jpg")).arg("-t");
        command.arg(media("mona_lisa.jpg")).arg("-o").arg(folder.path().join("out.png"));
        command.args(flags).envs(variables.iter().copied());
        fails(&mut command, folder.path(), 2, says);
    };
    let modle = ("FACEDECK_SWAP_MODLE", "mesh");
    refused(&[modle], &[], &["FACEDECK_SWAP_MODLE", "did you mean FACEDECK_SWAP_MODEL?"]);
    refused(&[("FACEDECK_FACES_SCORE", "much")], &[], &["FACEDECK_FACES_SCORE", "between 0 and 1"]);
    refused(&[("FACEDECK_PROFILE", "qualty")], &[], &["\"qualty\"", "quality"]);
    refused(&[], &["--set", "swap.modle=mesh"], &["'--set", "did you mean swap.model?"]);
    refused(&[], &["--set", "swap.weight=2"], &["'--set", "between 0 and 1"]);
    refused(&[], &["--weight", "2"], &["--weight: 2 is out of range", "between 0 and 1"]);
    refused(&[], &["--pixel-boost", "5"], &["'5'", "1, 2, 3, 4, 6, 8"]);
    refused(&[], &["--mask", "bx"], &["'bx'", "box, ellipse, region, occlusion, area"]);
    refused(&[], &["--cosine", "1.5"], &["'1.5'", "between -1 and 1"]);
    refused(&[], &["--age", "40-20"], &["'40-20'", "20-40"]);
    refused(&[], &["--map", "a.png"], &["'a.png'", "WHO.jpg=FACE.jpg"]);
    refused(&[], &["--map", "a.png=b.png"], &["cannot be used with"]);
    refused(&[], &["--recognizer", "xseg_3"], &["--recognizer", "is a occluder, not a recognizer"]);
    refused(&[], &["--fps", "25", "--keep-fps"], &["cannot be used with"]);
    let both = ["--quality", "90", "--output-video-quality", "10"];
    refused(&[], &both, &["cannot be used with"]);
}

#[test]
fn check_finds_everything_at_once() {
    let home = Home::new();
    let good = home.write("good", "extends = \"roop\"\n");
    let bad = home.write("bad", "colour = 1\n[swap]\npixel_boost = 5\n[mask]\nblur = 2\n");
    let run = home.profiles(&["check", "good"]);
    assert!(run.status.success(), "{}", words(&run));
    let run = home.profiles(&["check", good.to_str().unwrap(), bad.to_str().unwrap(), "gone"]);
    assert_eq!(run.status.code(), Some(2));
    let said = words(&run);
    for place in ["line 1: there", "line 3: swap.pixel_boost", "line 5: mask.blur", "\"gone\""] {
        assert!(said.contains(place), "no {place} in {said}");
    }
    assert!(said.contains("2 of 3 profiles cannot be used"), "{said}");
    // Without names, all of them; the built-in ones have no fault.
    std::fs::remove_file(&bad).expect("a file");
    let run = home.profiles(&["check", "--json"]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    let events = events(&run);
    assert_eq!(events.len(), 8, "{events:?}");
    assert!(events.iter().all(|event| event["faults"] == serde_json::json!([])), "{events:?}");
}
