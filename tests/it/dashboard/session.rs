//! A whole session by keys alone: the first run, a job, its facts, again, the end.

use super::super::common::{media, picture};
use super::super::service::Desk;
use super::{Plays, Pty};

#[test]
fn somebody_swaps_a_face_without_leaving_the_keyboard() {
    let desk = Desk::new();
    let target = desk.work().join("it's a target.png");
    std::fs::copy(media("astronaut.png"), &target).unwrap();
    let mut pty = Pty::start_first(&desk, Plays::Plain, (120, 40));

    pty.shows("Welcome to facedeck");
    pty.type_in("y");
    pty.shows("nothing to do");

    // Two files are dropped on the window: the first picture is the source, the last the target.
    let dropped = format!("{} '{}'", media("grace_hopper.jpg").display(), quoted(&target));
    pty.paste(&dropped);
    pty.shows("New job");
    pty.shows("1 face found");
    pty.type_in("p");
    pty.shows("1 face changed");

    pty.type_in("\x13"); // Ctrl-s
    pty.shows("1 done");
    let output = desk.work().join("it's a target-swapped.png");
    assert!(differs(&picture(&output).data, &picture(&target).data), "no face was swapped");

    // Its facts; what is done is not tried again.
    pty.type_in("1\r");
    let facts = pty.shows("attempts");
    assert!(facts.contains("1 of 3"), "{facts}");
    pty.type_in("r");
    pty.shows("only what failed can be tried again");

    // Leaving it, coming back, stopping the service.
    pty.type_in("q");
    assert_eq!(pty.end(), 0);
    pty.is_restored();
    let mut again = Pty::start(&desk, Plays::Plain, (120, 40), &[]);
    again.shows("it's a target.png");
    again.type_in("Q");
    again.shows("Stop the service?");
    again.type_in("y");
    again.shows("no service");
    again.type_in("q");
    assert_eq!(again.end(), 0);
}

/// A path within quotes, as a shell wants it.
fn quoted(path: &std::path::Path) -> String {
    path.display().to_string().replace('\'', r"'\''")
}

/// Whether a part of the picture is another one, and most of it the same.
fn differs(one: &[u8], other: &[u8]) -> bool {
    assert_eq!(one.len(), other.len());
    let changed = one.iter().zip(other).filter(|(a, b)| a.abs_diff(**b) > 8).count();
    changed > one.len() / 200 && changed < one.len() / 2
}
