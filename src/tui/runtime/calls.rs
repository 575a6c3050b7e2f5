//! Questions to the service.

use std::sync::Arc;

use crate::client::Client;
use crate::error::{Context, Error, Result};
use crate::provision;
use crate::service::wire::{ListQuery, ThumbnailQuery};

use super::super::call::Answer;
use super::super::desk::MOST;
use super::super::effect::Call;
use super::super::msg::Msg;
use super::Tasks;
use super::pictures::{cut_out, decode};

/// Asks, and hands the answer on.
pub(super) async fn call(tasks: Tasks, call: Call) {
    let _turn = tasks.calls.acquire().await;
    let result = match tasks.client() {
        Some(client) => ask(&client, &call).await,
        None => Err(Error::failed("the service is away")),
    };
    let _ = tasks.to.send(Msg::Answer(call, result.map_err(Arc::new))).await;
}

async fn ask(client: &Client, call: &Call) -> Result<Answer> {
    let boxed = |job| Answer::Job(Box::new(job));
    Ok(match call {
        Call::Jobs => Answer::Jobs(client.list_all(&ListQuery::default(), MOST as u64).await?),
        Call::Detail(id) => Answer::Detail(Box::new(client.show(id).await?)),
        Call::Log(id) => Answer::Text(client.log(id, 1000).await?),
        Call::Add(new) => boxed(client.add(new).await?),
        Call::Edit(id, edit) => boxed(client.edit(id, edit).await?),
        Call::Pause(id) => boxed(client.pause(id, false).await?),
        Call::Resume(id) => boxed(client.resume(id).await?),
        Call::Cancel(id) => boxed(client.cancel(id).await?),
        Call::Retry { id, from_scratch } => boxed(client.retry(id, *from_scratch).await?),
        Call::Remove(id) => done(client.remove(id).await)?,
        Call::Service => Answer::Service(Box::new(client.service().await?)),
        Call::StopService => done(client.stop_service().await)?,
        Call::Meters => Answer::Meters(Box::new(client.meters().await?)),
        Call::Health => Answer::Health(Box::new(client.health().await?)),
        Call::Doctor => Answer::Findings(Box::new(client.doctor().await?)),
        Call::Mend => Answer::Lines(mend().await?),
        Call::Capabilities => Answer::Capabilities(Box::new(client.capabilities().await?)),
        Call::Watches => Answer::Watches(client.watches().await?),
        Call::AddWatch(watch) => Answer::Watch(Box::new(client.add_watch(watch).await?)),
        Call::ChangeWatch(watch) => Answer::Watch(Box::new(client.change_watch(watch).await?)),
        Call::RehearseWatch(watch) => Answer::Lines(client.rehearse_watch(watch).await?),
        Call::RemoveWatch(name) => done(client.remove_watch(name).await)?,
        Call::PauseWatch { name, paused } => {
            Answer::Watch(Box::new(client.set_watch_paused(name, *paused).await?))
        }
        Call::Models => Answer::Models(client.models().await?),
        Call::Model(id) => Answer::Model(Box::new(client.model(id).await?)),
        Call::Pull(id) => Answer::Pull(Box::new(client.pull_model(id, true).await?)),
        Call::CancelPull(id) => Answer::Pull(Box::new(client.cancel_pull(id).await?)),
        Call::VerifyModel(id) => Answer::Verified(Box::new(client.verify_model(id).await?)),
        Call::ImportModels(body) => Answer::Imported(client.import_models(body).await?),
        Call::RemoveModel(id) => Answer::Removed(Box::new(client.remove_model(id).await?)),
        Call::Profiles => Answer::Profiles(client.profiles().await?),
        Call::Profile(name) => Answer::Profile(Box::new(client.profile(name).await?)),
        Call::SaveProfile { name, new } => done(client.write_profile(name, new).await)?,
        Call::RemoveProfile(name) => done(client.remove_profile(name).await)?,
        Call::CheckProfile(body) => Answer::Checked(Box::new(client.check_profile(body).await?)),
        Call::Files { path, hidden } => Answer::Files(Box::new(client.files(path, *hidden).await?)),
        Call::About(path) => {
            let query =
                ThumbnailQuery { path: path.clone(), width: Some(16), ..Default::default() };
            Answer::About(Box::new(client.thumbnail(&query).await?))
        }
        Call::Faces(body) => Answer::Faces(Box::new(client.faces(body).await?)),
        Call::Preview { body, .. } => {
            let made = client.preview(body).await?;
            Answer::Preview { faces: made.faces, picture: decode(made.bytes).await? }
        }
        Call::CutOut(cut) => Answer::Text(cut_out(client, cut).await?),
    })
}

fn done(result: Result<()>) -> Result<Answer> {
    result.map(|()| Answer::Nothing)
}

/// Fetches what is missing on this machine, as `facedeck doctor --fix` does; what it said.
async fn mend() -> Result<Vec<String>> {
    let work = || {
        let mut lines = Vec::new();
        provision::ensure(&mut |line| lines.push(line.to_owned()), true).map(|_| lines)
    };
    tokio::task::spawn_blocking(work).await.context(|| "what is missing was not fetched".into())?
}
