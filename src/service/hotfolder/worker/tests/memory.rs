//! The ledger and the queue in memory.

use super::*;

/// What the ledger and the queue hold.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) rows: BTreeMap<(PathBuf, String), (Option<JobId>, TakenState)>,
    pub(super) jobs: BTreeMap<JobId, NewJob>,
    pub(super) ends: BTreeMap<JobId, bool>,
    pub(super) not_ready: Option<String>,
    pub(super) impossible: BTreeSet<String>,
    pub(super) views: Vec<WatchView>,
    /// Whether everything that ended ended long ago.
    pub(super) long_ago: bool,
}

/// A ledger in memory; it outlives its workers, as the store outlives a service that is killed.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Shelf>>);

impl Memory {
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut Shelf) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// Every job, as target and output names.
    pub(super) fn jobs(&self) -> Vec<(String, String)> {
        let name = |path: &str| Path::new(path).file_name().unwrap().to_string_lossy().into_owned();
        self.with(|shelf| {
            let jobs = shelf.jobs.values();
            jobs.map(|job| (name(&job.target), name(job.output.as_ref().unwrap()))).collect()
        })
    }

    pub(super) fn targets(&self) -> Vec<String> {
        let mut targets: Vec<String> = self.jobs().into_iter().map(|(target, _)| target).collect();
        targets.sort();
        targets
    }

    /// Lets every job come to its end; outputs are written.
    pub(super) fn end_all(&self, well: bool) -> Vec<JobId> {
        self.with(|shelf| {
            let open: Vec<JobId> =
                shelf.jobs.keys().filter(|id| !shelf.ends.contains_key(id)).copied().collect();
            for id in &open {
                if well {
                    fs::write(shelf.jobs[id].output.as_ref().unwrap(), b"result").unwrap();
                }
                shelf.ends.insert(*id, well);
            }
            open
        })
    }

    pub(super) fn states(&self) -> Vec<(String, TakenState)> {
        self.with(|shelf| {
            let rows = shelf.rows.iter();
            rows.map(|((path, _), (_, state))| (path.display().to_string(), *state)).collect()
        })
    }
}

impl Ledger for Memory {
    fn ready(&self, _: &Watch) -> Result<()> {
        self.with(|shelf| shelf.not_ready.clone().map_or(Ok(()), |why| Err(Error::usage(why))))
    }

    fn was_taken(&self, path: &Path, stamp: &str) -> Result<bool> {
        let key = (path.to_owned(), stamp.to_owned());
        Ok(self.with(|shelf| shelf.rows.contains_key(&key)))
    }

    fn is_claimed(&self, output: &Path) -> Result<bool> {
        let output = output.to_str();
        Ok(self.with(|shelf| {
            let mut jobs = shelf.jobs.iter().filter(|(id, _)| !shelf.ends.contains_key(id));
            jobs.any(|(_, job)| job.output.as_deref() == output)
        }))
    }

    fn take(&self, path: &Path, stamp: &str, id: JobId, new: &NewJob) -> Took {
        let key = (path.to_owned(), stamp.to_owned());
        self.with(|shelf| {
            if shelf.impossible.iter().any(|name| new.target.ends_with(name)) {
                return Took::Never(Error::usage("it is no picture").hint("take another"));
            }
            if shelf.rows.contains_key(&key) {
                return Took::Before;
            }
            shelf.rows.insert(key, (Some(id), TakenState::Working));
            shelf.jobs.insert(id, new.clone());
            Took::Job
        })
    }

    fn remember(
        &self,
        path: &Path,
        stamp: &str,
        job: Option<JobId>,
        state: TakenState,
    ) -> Result<()> {
        let key = (path.to_owned(), stamp.to_owned());
        self.with(|shelf| _ = shelf.rows.entry(key).or_insert((job, state)));
        Ok(())
    }

    fn unsettled(&self) -> Result<Vec<Taken>> {
        Ok(self.with(|shelf| {
            let working = shelf.rows.iter().filter(|(_, row)| row.1 == TakenState::Working);
            working
                .map(|((path, stamp), (job, state))| Taken {
                    watch: "w".into(),
                    path: path.clone(),
                    stamp: stamp.clone(),
                    job: *job,
                    state: *state,
                    at: jiff::Timestamp::UNIX_EPOCH,
                })
                .collect()
        }))
    }

    fn fate(&self, job: JobId) -> Result<Fate> {
        Ok(self.with(|shelf| {
            let Some(new) = shelf.jobs.get(&job) else { return Fate::Removed };
            let files = Files {
                sources: new.sources.iter().map(PathBuf::from).collect(),
                target: new.target.clone().into(),
                output: new.output.clone().unwrap().into(),
            };
            match shelf.ends.get(&job) {
                None => Fate::Going(files),
                Some(true) => Fate::Done(files),
                Some(false) => {
                    let what = "there is no face in it".to_owned();
                    let job = Some((job.to_string(), "/log".into()));
                    let outcome = "failed".to_owned();
                    Fate::Ended(Box::new(Reason { outcome, what, job, ..Reason::default() }), files)
                }
            }
        }))
    }

    fn settle(&self, path: &Path, stamp: &str) -> Result<()> {
        let key = (path.to_owned(), stamp.to_owned());
        self.with(|shelf| shelf.rows.get_mut(&key).unwrap().1 = TakenState::Settled);
        Ok(())
    }

    fn forget(&self, path: &Path, stamp: &str) -> Result<()> {
        let key = (path.to_owned(), stamp.to_owned());
        self.with(|shelf| _ = shelf.rows.remove(&key));
        Ok(())
    }

    fn settled_long_ago(&self, after: i64) -> Result<(Vec<Taken>, Option<i64>)> {
        Ok(self.with(|shelf| {
            let ended = |row: &(Option<JobId>, TakenState)| row.1 != TakenState::Working;
            let rows = shelf.rows.iter().filter(|(_, row)| shelf.long_ago && ended(row));
            let rows = rows.map(|((path, stamp), (job, state))| Taken {
                watch: "w".into(),
                path: path.clone(),
                stamp: stamp.clone(),
                job: *job,
                state: *state,
                at: jiff::Timestamp::UNIX_EPOCH,
            });
            // All in one page, and an empty one after it.
            let rows: Vec<Taken> = if after == 0 { rows.collect() } else { Vec::new() };
            let next = (!rows.is_empty()).then_some(1);
            (rows, next)
        }))
    }

    fn forget_all(&self, files: &[Taken]) -> Result<()> {
        files.iter().try_for_each(|file| self.forget(&file.path, &file.stamp))
    }

    fn counts(&self) -> Result<(u64, u64, u64)> {
        Ok(self.with(|shelf| {
            let of = |state| shelf.rows.values().filter(|row| row.1 == state).count() as u64;
            (of(TakenState::Working), of(TakenState::Settled), of(TakenState::Rejected))
        }))
    }

    fn roots(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn publish(&self, view: WatchView) {
        self.with(|shelf| shelf.views.push(view));
    }

    fn is_stopping(&self) -> bool {
        false
    }
}
