//! Links in the loop: they come with what is shown, once, and go with it.

use super::deck::deck;
use crate::jobs::State;
use crate::terminal::Protocol;
use crate::tui::testing::{job, tell};

const OUTPUT: &str = ";file://box/films/film-A-swapped.mp4\x1b\\";

/// The escape sequences of the last frames.
fn raw(deck: &mut super::deck::Deck) -> String {
    deck.sent().into_iter().map(|(raw, _)| raw).collect()
}

#[tokio::test]
async fn the_output_of_a_job_that_is_done_leads_to_its_file() {
    let mut deck = deck(100, 30, Protocol::Blocks);
    deck.app.model.terminal.links = Some("box".to_owned());
    tell(&mut deck.app.model, vec![job("A", State::Done)]);
    deck.press("enter");
    let first = raw(&mut deck);
    assert_eq!(first.matches(OUTPUT).count(), 1, "{first:?}");
    assert_eq!(first.matches("\x1b]8;;\x1b\\").count(), first.matches("\x1b]8;id=").count());
    deck.app.draw().unwrap();
    assert_eq!(raw(&mut deck), "", "nothing changed");
    // What lies over it takes it away, and gives it back.
    deck.press("?");
    let over = raw(&mut deck);
    assert!(over.contains("\x1b7") && !over.contains("\x1b]8;id="), "{over:?}");
    deck.press("esc");
    assert!(raw(&mut deck).contains(OUTPUT));
    // The screen was cleared.
    deck.press("ctrl-l");
    assert!(raw(&mut deck).contains(OUTPUT));
}

#[tokio::test]
async fn what_is_not_there_yet_and_terminals_without_links_get_none() {
    for (state, links) in [(State::Running, Some("box")), (State::Done, None)] {
        let mut deck = deck(100, 30, Protocol::Blocks);
        deck.app.model.terminal.links = links.map(str::to_owned);
        tell(&mut deck.app.model, vec![job("A", state)]);
        deck.press("enter");
        let sent = raw(&mut deck);
        assert!(!sent.contains(OUTPUT), "{state}: {sent:?}");
        assert_eq!(sent.contains("\x1b]8;"), links.is_some(), "its target is there");
    }
}
