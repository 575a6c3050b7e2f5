//! `profiles list`, `show` and `new`.

use super::{Home, events, printed};
use crate::common::{media, words};

#[test]
fn the_list_says_where_from_and_whether_models_are_here() {
    let home = Home::new();
    home.write("mine", "extends = \"many\"\ndescription = \"my own\"\n");
    home.write("torn", "extends = \n");
    let run = home.profiles(&["list"]);
    let list = printed(&run);
    let line = |name: &str| {
        let mut lines = list.lines();
        let found = lines.find(|line| line.split_whitespace().next() == Some(name));
        found.unwrap_or_else(|| panic!("no {name} in {list}"))
    };
    for name in ["embedded", "fast", "many", "live"] {
        assert!(line(name).contains("here") && line(name).contains("built in"), "{}", line(name));
    }
    assert!(line("roop").contains("3 missing"), "{}", line("roop"));
    assert!(line("mine").contains("my own"), "{}", line("mine"));
    assert!(line("torn").contains("FAULTY"), "{}", line("torn"));
    assert!(words(&run).contains("torn.toml, line 1"), "{}", words(&run));
    let events = events(&home.profiles(&["list", "--json"]));
    let roop = events.iter().find(|event| event["name"] == "roop").expect("roop");
    assert_eq!(roop["missing"].as_array().map(Vec::len), Some(3), "{roop}");
    assert!(roop["description"].as_str().is_some_and(|text| text.contains("roop")), "{roop}");
}

#[test]
fn what_is_shown_can_be_used_as_a_file() {
    let home = Home::new();
    let shown = printed(&home.profiles(&["show", "roop"]));
    assert!(shown.contains("# needs inswapper_128: missing"), "{shown}");
    let marked = shown.lines().filter(|line| line.contains("# default:")).count();
    assert!(marked >= 12, "{marked} keys are marked in {shown}");
    let copy = home.write("copy", &shown);
    let changed = |name: &str| events(&home.profiles(&["show", name, "--json"])).remove(0);
    let (roop, copy) = (changed("roop"), changed(copy.to_str().expect("a path")));
    assert_eq!(roop["profile"], copy["profile"]);
    assert_eq!(roop["changed"]["swap.model"]["value"], "inswapper_128");
    assert_eq!(roop["changed"]["swap.model"]["default"], "mesh");
    assert!(roop["changed"].get("audio.keep").is_none());
    let run = home.profiles(&["show", "roup"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(words(&run).contains("did you mean roop?"), "{}", words(&run));
}

#[test]
fn a_new_profile_is_written_once_and_works() {
    let home = Home::new();
    let set = ["--set", "faces.score=0.4", "--set", "faces.order=left-right"];
    let flags = ["new", "mine", "--from", "many", "--set", "processors=face_swapper"];
    let run = home.profiles(&[&flags[..], &set].concat());
    assert!(run.status.success(), "{}", words(&run));
    let text = std::fs::read_to_string(home.path("mine")).expect("the file");
    for line in ["extends = \"many\"", "[faces]", "score = 0.4", "processors = [\"face_swapper\"]"]
    {
        assert!(text.contains(line), "no {line} in {text}");
    }
    assert!(home.profiles(&["check", "mine"]).status.success());
    // Nobody to ask: it stays as it is.
    let again = home.profiles(&["new", "mine", "--set", "faces.score=0.9"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(words(&again).contains("exists already"), "{}", words(&again));
    assert_eq!(std::fs::read_to_string(home.path("mine")).expect("the file"), text);
    let flags = ["new", "mine", "--overwrite", "--set", "faces.score=0.9", "--json"];
    assert!(home.profiles(&flags).status.success());
    let text = std::fs::read_to_string(home.path("mine")).expect("the file");
    assert!(text.contains("score = 0.9"), "{text}");
    let folder = tempfile::tempdir().expect("a folder");
    let mut swap = home.facedeck();
    swap.args(["swap", "--profile", "mine", "--face-score", "0.3", "-s"]);
    swap.arg(media("grace_hopper.jpg")).arg("-t").arg(media("mona_lisa.jpg")).arg("-o");
    let run = swap.arg(folder.path().join("out.png")).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
}

#[test]
fn nothing_is_written_when_something_is_wrong() {
    let home = Home::new();
    for (flags, says) in [
        (&["new", "../mine"][..], "cannot be a profile's name"),
        (&["new", "mine", "--from", "qualty"], "did you mean quality?"),
        (&["new", "mine", "--set", "swap.modle=x"], "did you mean swap.model?"),
        (&["new", "mine", "--set", "swap.model=nobody_knows"], "nobody_knows"),
    ] {
        let run = home.profiles(flags);
        assert_eq!(run.status.code(), Some(2), "{flags:?}");
        assert!(words(&run).contains(says), "{flags:?}: {}", words(&run));
        assert!(!home.path("mine").exists());
    }
}
