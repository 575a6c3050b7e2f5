use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;

fn key(code: KeyCode, modifiers: KeyModifiers) -> KeyCombination {
    KeyCombination::from(KeyEvent::new(code, modifiers))
}

fn plain(letter: char) -> KeyCombination {
    key(KeyCode::Char(letter), KeyModifiers::NONE)
}

const QUEUE: [Scope; 3] = [Scope::Queue, Scope::List, Scope::Global];

#[test]
fn every_key_means_one_thing_in_its_part() {
    let keymap = Keymap::default();
    for (at, binding) in keymap.bindings.iter().enumerate() {
        assert!(!binding.help.is_empty() && !binding.help.ends_with('.'), "{binding:?}");
        for other in &keymap.bindings[at + 1..] {
            let same = other.scope == binding.scope;
            let shared = binding.keys.iter().find(|keys| other.keys.contains(keys));
            assert!(!(same && shared.is_some()), "{binding:?} and {other:?}");
        }
    }
}

#[test]
fn keys_are_found_where_the_focus_is() {
    let keymap = Keymap::default();
    assert_eq!(keymap.find(&QUEUE, None, plain('p')), Found::Action(Action::Pause));
    assert_eq!(keymap.find(&[Scope::Global], None, plain('p')), Found::Nothing);
    // A terminal says shift with a capital, or without.
    for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
        let big = key(KeyCode::Char('Q'), modifiers);
        assert_eq!(keymap.find(&QUEUE, None, big), Found::Action(Action::StopService));
    }
    let help = key(KeyCode::Char('?'), KeyModifiers::SHIFT);
    assert_eq!(keymap.find(&QUEUE, None, help), Found::Action(Action::Help));
    let up = key(KeyCode::Char('k'), KeyModifiers::CONTROL);
    assert_eq!(keymap.find(&QUEUE, None, up), Found::Action(Action::MoveUp));
    let back = key(KeyCode::BackTab, KeyModifiers::SHIFT);
    assert_eq!(keymap.find(&QUEUE, None, back), Found::Action(Action::PreviousPane));
}

#[test]
fn two_keys_follow_each_other() {
    let keymap = Keymap::default();
    assert_eq!(keymap.find(&QUEUE, None, plain('g')), Found::Begun);
    assert_eq!(keymap.find(&QUEUE, Some(plain('g')), plain('g')), Found::Action(Action::Top));
    assert_eq!(keymap.find(&QUEUE, Some(plain('g')), plain('x')), Found::Nothing);
}

#[test]
fn a_file_changes_some_keys_and_takes_them_from_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keymap.toml");
    assert_eq!(read(&path).unwrap(), Keymap::default());
    std::fs::write(&path, "[queue]\npause = \"x\"\ndelete = []\n").unwrap();
    let keymap = read(&path).unwrap();
    assert_eq!(keymap.find(&QUEUE, None, plain('x')), Found::Action(Action::Pause));
    assert_eq!(keymap.find(&QUEUE, None, plain('p')), Found::Nothing);
    assert_eq!(keymap.label(&QUEUE, Action::Cancel), "");
    assert_eq!(keymap.label(&QUEUE, Action::Retry), "r");
    for (text, word) in [
        ("[queue]\npaus = \"x\"", "did you mean \"pause\""),
        ("[que]\npause = \"x\"", "did you mean \"queue\""),
        ("[queue]\npause = \"hyper-x\"", "is no key"),
        ("[queue]\npause = \"a b c\"", "neither one key nor two"),
        ("[queue]\npause = 7", "takes a key"),
        ("queue = 1", "must be a table"),
        ("[queue", "is no TOML"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = read(&path).unwrap_err();
        let told = format!("{} {}", error.chain(), error.hint_text().unwrap_or_default());
        assert!(told.contains(word) && told.contains("keymap.toml"), "{text}: {told}");
    }
}

#[test]
fn keys_are_shown_as_people_write_them() {
    let keymap = Keymap::default();
    assert_eq!(keymap.label(&QUEUE, Action::MoveUp), "Ctrl-k");
    assert_eq!(keymap.label(&QUEUE, Action::Top), "g g");
    assert_eq!(keymap.label(&QUEUE, Action::Delete), "D");
    assert_eq!(keymap.label(&QUEUE, Action::Help), "?");
}
