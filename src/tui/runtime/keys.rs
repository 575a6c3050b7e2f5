//! What the terminal sends: keys, the mouse, pastes, sizes, the focus.

use crossterm::event::EventStream;
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::super::msg::Msg;

/// Hands everything on; says that it is over when the terminal is gone.
pub(super) async fn keys(to: mpsc::Sender<Msg>) {
    let mut events = EventStream::new();
    while let Some(Ok(event)) = events.next().await {
        if to.send(Msg::Terminal(event)).await.is_err() {
            return;
        }
    }
    let _ = to.send(Msg::End).await;
}
