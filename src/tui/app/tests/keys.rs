//! Keys and the line to the service in the loop.

use crossterm::event::{
    Event as Typed, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::deck::deck;
use super::*;
use crate::terminal::Protocol;
use crate::tui::testing::{key, press};

#[tokio::test]
async fn keys_reach_the_screen_through_the_loop_and_silence_sends_nothing() {
    let mut deck = deck(100, 30, Protocol::Blocks);
    deck.send(key(KeyCode::Char('j'), KeyModifiers::NONE)).await;
    deck.send(key(KeyCode::Char('?'), KeyModifiers::NONE)).await;
    deck.run(300).await;
    assert!(deck.text().contains("Search"), "{}", deck.text());
    assert!(!deck.sent().is_empty());
    // Nothing happens: nothing is drawn.
    let frames = deck.app.drawn;
    deck.app.dirty = false;
    tokio::time::timeout(Duration::from_millis(400), async {
        // The loop proper, without the first frame of `run`.
        deck.from.recv().await
    })
    .await
    .unwrap_err();
    assert_eq!(deck.app.drawn, frames);
    assert!(deck.sent().is_empty());
}

#[tokio::test]
async fn ten_thousand_random_keys_break_nothing() {
    let mut deck = deck(100, 30, Protocol::Blocks);
    deck.run(100).await;
    let keys = "?:/jkhlgGpxrRDuvAstfFyibcCLoezw1234567[]nNPOSTIVM.,<>+ ";
    let special = [
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::F(1),
    ];
    let mut seed = 20_261_126_u32;
    let mut next = |most: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 10) as usize % most
    };
    for round in 0..10_000 {
        let modifiers = match next(12) {
            0 => KeyModifiers::CONTROL,
            1 => KeyModifiers::ALT,
            _ => KeyModifiers::NONE,
        };
        let code = match next(3) {
            0 => special[next(special.len())],
            _ => KeyCode::Char(keys.as_bytes()[next(keys.len())] as char),
        };
        let before = deck.app.model.leaving;
        deck.app.take(key(code, modifiers)).unwrap();
        deck.app.model.leaving = before;
        deck.clock.set(deck.clock.get() + Duration::from_millis(30));
        if round % 7 == 0 {
            deck.app.draw().unwrap();
        }
        while let Ok(msg) = deck.from.try_recv() {
            deck.app.take(msg).unwrap();
        }
        assert!(deck.app.model.overlays.len() < 20, "popups pile up");
    }
    assert!(!deck.app.runner.calls.is_empty());
    // It still does what it is told.
    deck.app.model.overlays.clear();
    for _ in 0..3 {
        press(&mut deck.app.model, "esc");
    }
    deck.app.model.overlays.clear();
    press(&mut deck.app.model, "1");
    deck.app.draw().unwrap();
    assert!(deck.text().contains("Queue"), "{}", deck.text());
}

#[tokio::test]
async fn the_service_comes_and_goes() {
    let mut deck = deck(100, 30, Protocol::Blocks);
    deck.run(100).await;
    deck.app.take(Msg::Away("cannot reach the service".into())).unwrap();
    deck.app.draw().unwrap();
    assert!(deck.text().contains("no service (Q starts one): cannot reach the service"));
    deck.app.take(Msg::Linked("0.1.0".into())).unwrap();
    deck.app.draw().unwrap();
    assert!(!deck.text().contains("no service"));
}

/// Clicks on a word in the last line.
fn click(deck: &mut super::deck::Deck, word: &str) {
    let text = deck.text();
    let (row, line) = text.lines().enumerate().last().unwrap();
    let at = line.find(word).unwrap_or_else(|| panic!("no {word} in {line}"));
    let kind = MouseEventKind::Down(MouseButton::Left);
    let (column, row) = (line[..at].chars().count() as u16, row as u16);
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    deck.take(Msg::Terminal(Typed::Mouse(event)));
}

#[tokio::test]
async fn the_last_line_tells_the_answers_to_a_question_and_a_click_gives_them() {
    let last = |deck: &mut super::deck::Deck| deck.text().lines().last().unwrap().to_owned();
    let mut deck = deck(100, 30, Protocol::Blocks);
    deck.press("x");
    assert_eq!(last(&mut deck), " y yes  n no", "Enter is no answer where work would be lost");
    deck.press("enter");
    assert!(deck.app.runner.calls.is_empty() && deck.app.model.overlays.is_empty());
    deck.press("x");
    click(&mut deck, "no");
    assert!(deck.app.runner.calls.is_empty() && deck.app.model.overlays.is_empty());
    deck.press("x");
    click(&mut deck, "yes");
    assert_eq!(deck.app.runner.calls, [crate::tui::effect::Call::Cancel("A".into())]);
    // Two that wait: little is lost, so Enter is told, and answers.
    let queued = |id| crate::tui::testing::job(id, crate::jobs::State::Queued);
    crate::tui::testing::tell(&mut deck.app.model, vec![queued("B"), queued("C")]);
    deck.press("A x");
    assert_eq!(last(&mut deck), " Enter yes  n no");
    deck.press("enter");
    assert_eq!(deck.app.runner.calls.len(), 3);
}
