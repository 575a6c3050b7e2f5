//! Signals: the end of this program, and going on after a stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::super::msg::Msg;

/// Hands SIGTERM, SIGHUP, SIGINT and SIGCONT on.
pub(super) async fn signals(to: mpsc::Sender<Msg>) {
    let of = |kind| signal(kind).ok();
    let (Some(mut term), Some(mut hup), Some(mut int), Some(mut cont)) = (
        of(SignalKind::terminate()),
        of(SignalKind::hangup()),
        of(SignalKind::interrupt()),
        of(SignalKind::from_raw(libc::SIGCONT)),
    ) else {
        return;
    };
    loop {
        let msg = tokio::select! {
            _ = term.recv() => Msg::End,
            _ = hup.recv() => Msg::End,
            _ = int.recv() => Msg::End,
            _ = cont.recv() => Msg::Continued,
        };
        if to.send(msg).await.is_err() {
            return;
        }
    }
}
