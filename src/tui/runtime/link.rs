//! The line to the service: found, listened to, and found again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::client::{Client, Host, Options, Told};
use crate::error::{Error, Result};

use super::super::msg::Msg;
use super::super::overlay::toasts::words;
use super::Tasks;

/// Between two looks for a service that is away: this much at first, twice as much each time.
const AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(4));

/// Looks for the service, listens to it, and looks for it again when it goes away, until nobody
/// wants to hear of it.
pub(super) async fn link(tasks: Tasks, consented: bool) {
    let local = matches!(tasks.options.host, Host::Local);
    let mut start = tasks.options.start && local;
    let mut accept = tasks.options.accept_terms;
    if start && !consented && !accept {
        // One that runs was started by somebody who did accept.
        let runs = Client::connect(&Options { start: false, ..tasks.options.clone() }).await;
        if runs.is_err() {
            if tasks.to.send(Msg::MustAccept).await.is_err() {
                return;
            }
            tasks.started.notified().await;
            accept = tasks.accept.load(Ordering::SeqCst);
        }
    }
    let mut pause = AGAIN.0;
    loop {
        let options = Options { start, accept_terms: accept, ..tasks.options.clone() };
        let error = match Client::connect(&options).await {
            Ok(client) => {
                pause = AGAIN.0;
                // It is started once: who stops it meanwhile means it.
                start = false;
                let client = Arc::new(client);
                tasks.set_client(Some(Arc::clone(&client)));
                let version = client.version().version.clone();
                if tasks.to.send(Msg::Linked(version)).await.is_err() {
                    return;
                }
                match listen(&tasks, &client).await {
                    Ok(()) => return,
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        tasks.set_client(None);
        if tasks.to.send(Msg::Away(words(&error))).await.is_err() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(AGAIN.1),
            () = tasks.started.notified() => {
                start = local;
                accept = tasks.accept.load(Ordering::SeqCst);
            }
        }
    }
}

/// Hands everything on that the service tells; ends when nobody listens, with an error when the
/// service is gone.
async fn listen(tasks: &Tasks, client: &Client) -> Result<()> {
    let mut events = client.events().await?;
    loop {
        let told = events.next().await?;
        let cut = told == Told::Cut;
        if tasks.to.send(Msg::Told(told)).await.is_err() {
            return Ok(());
        }
        // Another service may be behind the same socket: it says again which version it is.
        if cut {
            return Err(Error::failed("the line was cut"));
        }
    }
}
