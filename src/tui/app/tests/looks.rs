//! How everything looks, at the sizes that matter: what the real loop draws after these keys.

use super::deck::{Deck, asking};
use super::service::{answer, begins};
use super::*;
use crate::terminal::Protocol;

const SIZES: [(u16, u16); 3] = [(60, 20), (80, 24), (120, 40)];

/// A dashboard whose service has told everything, at each size; `drive` presses keys.
async fn look(name: &str, drive: fn(&mut Deck)) {
    for (width, height) in SIZES {
        let mut deck = asking(width, height, Protocol::Blocks, answer);
        for msg in begins() {
            deck.send(msg).await;
        }
        deck.settle().await;
        drive(&mut deck);
        deck.settle().await;
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), deck.text());
    }
}

#[tokio::test]
async fn the_job() {
    look("job_running", |deck| deck.press("enter")).await;
    look("job_failed", |deck| deck.press("G enter L")).await;
    look("job_done", |deck| deck.press("G k enter b")).await;
    look("job_queued", |deck| deck.press("j j enter")).await;
    look("job_log_searched", |deck| {
        deck.press("enter e /");
        deck.enter("nobody");
    })
    .await;
    look("job_none", |deck| {
        deck.press("/");
        deck.enter("nothing like this");
        deck.press("enter 2");
    })
    .await;
}

#[tokio::test]
async fn the_help() {
    look("help", |deck| deck.press("?")).await;
    look("help_further", |deck| deck.press("? pagedown")).await;
    look("help_searched", |deck| {
        deck.press("?");
        deck.enter("remo");
    })
    .await;
}

#[tokio::test]
async fn the_palette() {
    look("palette", |deck| deck.press(":")).await;
    look("palette_searched", |deck| {
        deck.press(":");
        deck.enter("canc");
    })
    .await;
}

#[tokio::test]
async fn questions() {
    look("confirm_high", |deck| deck.press("x")).await;
    look("confirm_low", |deck| deck.press("4 n enter N i enter esc")).await;
    look("confirm_several", |deck| deck.press("A x")).await;
}

#[tokio::test]
async fn what_is_said() {
    look("toasts", |deck| {
        deck.press("G D g g j j j r");
    })
    .await;
    look("notices", |deck| {
        deck.press("G D u g g r c");
        deck.rest(30);
        deck.press("N");
    })
    .await;
    look("notices_none", |deck| deck.press("N")).await;
}

#[tokio::test]
async fn texts() {
    look("text_why", |deck| deck.press("G y")).await;
    look("text_where", |deck| deck.press("G k enter o")).await;
}

#[tokio::test]
async fn lines_to_write() {
    look("prompt_path", |deck| {
        deck.press("5 I");
        deck.enter("/srv/models/a folder whose name is much too long for this line/weights.onnx");
    })
    .await;
    look("prompt_name", |deck| deck.press("6 n")).await;
    look("line_of_a_form", |deck| {
        deck.press("4 n j enter");
        deck.enter("/srv/in");
    })
    .await;
}

#[tokio::test]
async fn one_of_several() {
    look("choices", |deck| deck.press("f down")).await;
    look("choices_profile", |deck| deck.press("a P")).await;
    look("choices_none", |deck| {
        deck.press("f");
        deck.enter("xyz");
    })
    .await;
}

/// A form with a photo and a film.
fn fill(deck: &mut Deck) {
    deck.press("a");
    let paths = "/faces/me.jpg /films/summer.mp4".to_owned();
    deck.take(Msg::Terminal(crossterm::event::Event::Paste(paths)));
    deck.rest(1);
}

#[tokio::test]
async fn options() {
    look("options", |deck| {
        fill(deck);
        deck.press("O enter down enter down down");
    })
    .await;
    look("options_searched", |deck| {
        fill(deck);
        deck.press("O /");
        deck.enter("face");
    })
    .await;
}

#[tokio::test]
async fn files() {
    look("files", |deck| {
        deck.press("a f down space");
        deck.rest(1);
    })
    .await;
    look("files_refused", |deck| deck.press("a f down down enter")).await;
    look("files_folder", |deck| deck.press("a j j f")).await;
    look("files_any", |deck| {
        deck.press("5 I");
        deck.enter("/faces/n");
        deck.press("ctrl-o");
    })
    .await;
}

#[tokio::test]
async fn faces() {
    look("faces", |deck| {
        fill(deck);
        deck.press(". . F");
        deck.rest(1);
        deck.press("down m enter");
        deck.rest(30);
    })
    .await;
    look("faces_photo", |deck| {
        fill(deck);
        deck.press("home F");
        deck.rest(30);
    })
    .await;
}

#[tokio::test]
async fn the_first_run() {
    for (width, height) in SIZES {
        let mut deck = asking(width, height, Protocol::Blocks, |_| None);
        deck.send(Msg::MustAccept).await;
        deck.settle().await;
        insta::assert_snapshot!(format!("welcome_{width}x{height}"), deck.text());
    }
}
