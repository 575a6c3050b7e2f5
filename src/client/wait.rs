//! Waiting for jobs to end.

use std::collections::HashMap;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::service::events::Event;
use crate::service::wire::{JobView, Progress};

use super::{Client, EventStream, Told};

/// How often a Ctrl-C is looked for.
const TICK: Duration = Duration::from_millis(100);

/// What happens to a job that is waited for.
#[derive(Debug)]
pub enum Heard<'a> {
    /// It changed.
    Job(&'a JobView),
    /// It came further.
    Progress(&'a str, &'a Progress),
}

impl Client {
    /// Waits until all of these jobs, by their full ids, have ended, and gives them as they ended,
    /// in the same order. The jobs go on when the waiting is interrupted.
    ///
    /// # Errors
    /// [`crate::error::Kind::Interrupted`]; when a job is removed, or the service goes away.
    pub async fn wait(
        &self,
        ids: &[String],
        interrupt: &Interrupt,
        mut hear: impl FnMut(Heard<'_>),
    ) -> Result<Vec<JobView>> {
        let mut ended: HashMap<String, JobView> = HashMap::new();
        let mut stream = self.events().await?;
        self.look(ids, &mut ended, &mut hear).await?;
        while !ids.iter().all(|id| ended.contains_key(id)) {
            match next(&mut stream, interrupt).await? {
                Told::Cut => {}
                // Events may have been lost with a service that was killed.
                Told::Again => self.look(ids, &mut ended, &mut hear).await?,
                Told::Event(event) => match *event {
                    Event::Job { job, .. } if ids.contains(&job.id) => {
                        note(&job, &mut ended, &mut hear);
                    }
                    Event::Progress { id, progress } if ids.contains(&id) => {
                        hear(Heard::Progress(&id, &progress));
                    }
                    Event::Removed { id, .. } if ids.contains(&id) && !ended.contains_key(&id) => {
                        return Err(Error::failed(format!("the job {id} was removed")));
                    }
                    // Sent when this client was too slow to hear everything.
                    Event::Snapshot { .. } => self.look(ids, &mut ended, &mut hear).await?,
                    _ => {}
                },
            }
        }
        Ok(ids.iter().filter_map(|id| ended.get(id).cloned()).collect())
    }

    /// Looks at every job that has not ended.
    async fn look(
        &self,
        ids: &[String],
        ended: &mut HashMap<String, JobView>,
        hear: &mut impl FnMut(Heard<'_>),
    ) -> Result<()> {
        for id in ids {
            if !ended.contains_key(id) {
                note(&self.show(id).await?.job, ended, hear);
            }
        }
        Ok(())
    }
}

fn note(job: &JobView, ended: &mut HashMap<String, JobView>, hear: &mut impl FnMut(Heard<'_>)) {
    hear(Heard::Job(job));
    if job.state.is_final() {
        ended.insert(job.id.clone(), job.clone());
    } else {
        // Somebody tried it again.
        ended.remove(&job.id);
    }
}

async fn next(stream: &mut EventStream<'_>, interrupt: &Interrupt) -> Result<Told> {
    // One and the same future, so that a line that is slow to come back is not begun anew.
    let mut told = std::pin::pin!(stream.next());
    loop {
        interrupt.check()?;
        if let Ok(told) = tokio::time::timeout(TICK, told.as_mut()).await {
            return told;
        }
    }
}
