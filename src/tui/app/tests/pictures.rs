//! Pictures in the loop: none is drawn twice, none stays where it should not.

use crossterm::event::{Event as Typed, KeyCode, KeyModifiers};

use super::deck::deck;
use super::*;
use crate::terminal::Protocol;
use crate::tui::testing::key;

/// The beginning of a picture.
const SIXEL: &str = "\x1bP9;1;0q";

/// How many pictures are drawn by these sequences.
fn pictures(sent: &[(String, usize)]) -> usize {
    sent.iter().map(|(raw, _)| raw.matches(SIXEL).count()).sum()
}

#[tokio::test]
async fn a_frame_without_a_change_sends_nothing() {
    let mut deck = deck(100, 30, Protocol::Sixel);
    deck.run(300).await;
    assert!(pictures(&deck.sent()) >= 2, "thumbnails are there");
    for _ in 0..5 {
        deck.app.draw().unwrap();
    }
    assert_eq!(deck.sent(), []);
}

#[tokio::test]
async fn popups_and_screens_leave_no_ghost_of_a_picture() {
    let mut deck = deck(100, 30, Protocol::Sixel);
    deck.run(300).await;
    let first = pictures(&deck.sent());
    assert!(first >= 2, "{first}");
    for _ in 0..50 {
        // The help lies over the pictures: they are painted over with blanks, once each.
        deck.app.take(key(KeyCode::Char('?'), KeyModifiers::NONE)).unwrap();
        deck.app.draw().unwrap();
        let opened = deck.sent();
        assert_eq!(pictures(&opened), 0);
        let blanks = opened.iter().map(|(raw, _)| raw.matches("\x1b[48;2;10;14;26m").count());
        assert_eq!(blanks.sum::<usize>(), first, "{opened:?}");
        deck.app.take(key(KeyCode::Esc, KeyModifiers::NONE)).unwrap();
        deck.app.draw().unwrap();
        assert_eq!(pictures(&deck.sent()), first, "and they come back");
    }
    deck.app.take(key(KeyCode::Char('7'), KeyModifiers::NONE)).unwrap();
    deck.app.draw().unwrap();
    let sent = deck.sent();
    assert!(sent[0].0.contains("\x1b[48;2;10;14;26m") && pictures(&sent) == 0, "{sent:?}");
}

#[tokio::test]
async fn sizes_from_tiny_to_huge_are_drawn_in_a_storm() {
    let mut deck = deck(80, 24, Protocol::Sixel);
    deck.run(200).await;
    let mut seed = 7_u32;
    for _ in 0..200 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (width, height) = ((seed >> 8) as u16 % 320 + 1, (seed >> 20) as u16 % 110 + 1);
        deck.app.screen().backend.resize(width, height);
        deck.app.take(Msg::Terminal(Typed::Resize(width, height))).unwrap();
        deck.app.draw().unwrap();
        if width < 40 || height < 10 {
            let shown = deck.text();
            let says = shown.contains("too small") || width < 36;
            assert!(says, "{width}x{height}: {shown}");
        }
        // No picture reaches the last row.
        for (raw, _) in deck.sent() {
            assert!(!raw.contains(&format!("\x1b[{height};")) || !raw.contains(SIXEL));
        }
    }
}
