//! Every kind of terminal gets the pictures that it can show; none hangs; all are given back.

use super::super::common::media;
use super::super::service::Desk;
use super::{Plays, Pty};

/// A desk with a held job: its pictures are shown, and nothing moves.
fn desk() -> Desk {
    let desk = Desk::new();
    let target = desk.work().join("target.png");
    std::fs::copy(media("astronaut.png"), &target).unwrap();
    let (source, target) =
        (media("grace_hopper.jpg").display().to_string(), target.display().to_string());
    desk.ok(&["add", "-s", &source, "-t", &target, "--hold"]);
    desk
}

/// What begins a picture, by the way in which it is drawn.
const SIXEL: &[u8] = b"\x1bP9;1;0q";
const KITTY: &[u8] = b"\x1b_Ga=T";
const ITERM2: &[u8] = b"\x1b]1337;File=";
/// The upper half of a cell.
const BLOCK: &str = "▀";

#[test]
fn each_kind_of_terminal_is_drawn_on_as_it_can() {
    let desk = desk();
    let all = [
        (Plays::Silent, None),
        (Plays::Plain, None),
        (Plays::Sixel, Some(SIXEL)),
        (Plays::Kitty, Some(KITTY)),
        (Plays::Iterm2, Some(ITERM2)),
        (Plays::Late, None),
        (Plays::Garbage, None),
    ];
    for (plays, picture) in all {
        let mut pty = Pty::start(&desk, plays, (100, 30), &[]);
        pty.shows("target.png");
        match picture {
            Some(begins) => pty.gets(begins),
            None => drop(pty.shows(BLOCK)),
        }
        for other in [SIXEL, KITTY, ITERM2].into_iter().filter(|other| Some(*other) != picture) {
            assert!(
                !pty.was_sent(other),
                "{plays:?} was sent {:?}",
                String::from_utf8_lossy(other)
            );
        }
        // Late answers and nonsense must not be taken for keys.
        assert!(pty.text().contains("1 Queue"), "{plays:?}:\n{}", pty.text());
        pty.type_in("q");
        assert_eq!(pty.end(), 0, "{plays:?}");
        pty.is_restored();
    }
}

#[test]
fn pictures_can_be_switched_off_and_small_windows_say_so() {
    let desk = desk();
    let mut pty = Pty::start(&desk, Plays::Sixel, (100, 30), &["--graphics", "off"]);
    pty.shows("target.png");
    pty.resize(38, 9);
    pty.shows("too small");
    pty.resize(80, 24);
    pty.shows("target.png");
    assert!(!pty.was_sent(SIXEL));
    pty.type_in("\x1bq");
    pty.waits("end", || true);
    pty.type_in("q");
    assert_eq!(pty.end(), 0);
    pty.is_restored();
}

#[test]
fn a_storm_of_sizes_leaves_a_whole_screen() {
    let desk = desk();
    let mut pty = Pty::start(&desk, Plays::Sixel, (100, 30), &[]);
    pty.gets(SIXEL);
    let mut seed = 11_u32;
    for _ in 0..60 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        pty.resize((seed >> 8) as u16 % 200 + 20, (seed >> 20) as u16 % 60 + 5);
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    pty.resize(120, 40);
    pty.waits("whole screen", || {
        let screen = pty.text();
        ["facedeck", "7 System", "target.png", "q leave"].iter().all(|word| screen.contains(word))
    });
    pty.type_in("q");
    assert_eq!(pty.end(), 0);
    pty.is_restored();
}
