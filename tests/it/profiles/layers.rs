//! Which layer wins, seen from outside.

use serde_json::{Value, json};

use super::{Home, events, printed};
use crate::common::{media, words};

/// The value of a key in what `profiles show --json` prints without a name.
fn effective(home: &Home, variables: &[(&str, &str)], key: &str) -> (Value, Value) {
    let mut command = home.facedeck();
    command.args(["profiles", "show", "--json"]).envs(variables.iter().copied());
    let run = command.output().expect("it starts");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    let event = events(&run).remove(0);
    let (table, name) = key.split_once('.').expect("a table");
    (event["profile"][table][name].clone(), event["changed"][key]["from"].clone())
}

#[test]
fn defaults_then_the_profile_then_the_environment() {
    let home = Home::new();
    let mine = home.write("mine", "extends = \"many\"\n\n[faces]\nscore = 0.25\n");
    assert_eq!(effective(&home, &[], "faces.score"), (json!(0.5), Value::Null));
    let named = [("FACEDECK_PROFILE", "mine")];
    let from = json!(format!("{}, line 4", mine.display()));
    assert_eq!(effective(&home, &named, "faces.score"), (json!(0.25), from));
    let from = json!("the built-in profile many, line 4");
    assert_eq!(effective(&home, &named, "faces.select"), (json!("many"), from));
    let both = [("FACEDECK_PROFILE", "mine"), ("FACEDECK_FACES_SCORE", "0.75")];
    let from = json!("FACEDECK_FACES_SCORE");
    assert_eq!(effective(&home, &both, "faces.score"), (json!(0.75), from));
    // An empty variable is none, and "default" takes back what was said below.
    let both = [("FACEDECK_PROFILE", "mine"), ("FACEDECK_FACES_SCORE", "")];
    assert_eq!(effective(&home, &both, "faces.score").0, json!(0.25));
    let both = [("FACEDECK_PROFILE", "mine"), ("FACEDECK_FACES_SCORE", "default")];
    assert_eq!(effective(&home, &both, "faces.score").0, json!(0.5));
}

#[test]
fn a_file_of_the_users_replaces_a_built_in_profile() {
    let home = Home::new();
    home.write("fast", "extends = \"fast\"\n[video]\nquality = 33\n");
    let shown = printed(&home.profiles(&["show", "fast"]));
    assert!(shown.contains("quality = 33"), "{shown}");
    assert!(shown.contains("preset = \"superfast\""), "it is built on what it replaces: {shown}");
    // A file of any folder may be named, and one may be built on a file beside it.
    let other = home.write("other", "extends = \"./fast.toml\"\n[video]\npreset = \"slow\"\n");
    let shown = printed(&home.profiles(&["show", other.to_str().expect("a path")]));
    assert!(shown.contains("quality = 33") && shown.contains("preset = \"slow\""), "{shown}");
}

/// A swap of one picture that must succeed; says how many faces it changed.
fn swap(home: &Home, variables: &[(&str, &str)], more: &[&str]) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = home.facedeck();
    command.args(["swap", "--json", "-s"]).arg(media("grace_hopper.jpg")).arg("-t");
    command.arg(media("mona_lisa.jpg")).arg("-o").arg(folder.path().join("out.png"));
    let run = command.args(more).envs(variables.iter().copied()).output().expect("it starts");
    let events = events(&run);
    let last = events.last().expect("an event");
    assert!(run.status.success(), "{last}");
    last["faces_swapped"].as_u64().expect("a number")
}

#[test]
fn flags_win_over_everything() {
    let home = Home::new();
    home.write("shy", "[faces]\nscore = 1\n[run]\nthreads = 1\n");
    let shy = [("FACEDECK_PROFILE", "shy")];
    // Nobody is as sure as that, unless a flag says otherwise.
    assert_eq!(swap(&home, &shy, &["--face-score", "0.5"]), 1);
    assert_eq!(swap(&home, &shy, &["--set", "faces.score=0.5"]), 1);
    assert_eq!(swap(&home, &shy, &["--set", "faces.score=default"]), 1);
    let variables = [("FACEDECK_PROFILE", "shy"), ("FACEDECK_FACES_SCORE", "0.5")];
    assert_eq!(swap(&home, &variables, &[]), 1);
    assert_eq!(swap(&home, &shy, &["--profile", "embedded"]), 1);
}

#[test]
fn a_model_that_is_not_here_is_named_with_the_command() {
    let home = Home::new();
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = home.facedeck();
    command.args(["swap", "--profile", "roop", "-s"]).arg(media("grace_hopper.jpg")).arg("-t");
    command.arg(media("mona_lisa.jpg")).arg("-o").arg(folder.path().join("out.png"));
    let run = command.output().expect("it starts");
    assert_eq!(run.status.code(), Some(5), "{}", words(&run));
    let said = words(&run);
    for word in ["inswapper_128", "528.6 MiB", "not for commercial use", "facedeck models pull"] {
        assert!(said.contains(word), "no {word} in {said}");
    }
    assert_eq!(crate::common::names_in(folder.path()), [""; 0]);
}
