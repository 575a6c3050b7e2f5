//! Listens to what the system says about a folder.

use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::error::{Error, Result};

use super::area::Area;
use super::mailbox::{Heard, Mailbox};

/// Listens until it is dropped.
#[derive(Debug)]
pub(super) struct Ear {
    _watcher: RecommendedWatcher,
}

impl Ear {
    /// Begins to listen; what is heard goes to the mailbox.
    ///
    /// # Errors
    /// When the system has no more listeners to give, or the folder is gone.
    pub(super) fn open(area: &Arc<Area>, mailbox: &Arc<Mailbox>) -> Result<Self> {
        let folder = area.folder.clone();
        let mode =
            if area.is_deep() { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        let (area, mailbox) = (Arc::clone(area), Arc::clone(mailbox));
        let hear = move |event| hear(&area, &mailbox, event);
        let no_links = Config::default().with_follow_symlinks(false);
        let fail = |e: notify::Error| {
            let many = matches!(e.kind, notify::ErrorKind::MaxFilesWatch);
            let error = Error::failed(format!("cannot listen to {}", folder.display())).because(e);
            match many {
                true => error.hint("raise it: sysctl fs.inotify.max_user_watches=524288"),
                false => error,
            }
        };
        let mut watcher = RecommendedWatcher::new(hear, no_links).map_err(&fail)?;
        watcher.watch(&folder, mode).map_err(&fail)?;
        Ok(Ear { _watcher: watcher })
    }
}

fn hear(area: &Area, mailbox: &Mailbox, event: notify::Result<Event>) {
    let Ok(event) = event else { return mailbox.lost() };
    if event.need_rescan() {
        return mailbox.lost();
    }
    let heard = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Heard::Closed,
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Heard::Closed,
        // It comes after the two halves of it, which say the same.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => return,
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => Heard::Gone,
        EventKind::Modify(ModifyKind::Data(_)) => Heard::Written,
        EventKind::Create(CreateKind::File | CreateKind::Folder) => Heard::Appeared,
        EventKind::Create(_) | EventKind::Modify(_) => Heard::Appeared,
        // Reading changes nothing, and jobs read a lot.
        EventKind::Access(_) | EventKind::Any | EventKind::Other => return,
    };
    for path in event.paths {
        // The folder itself is one of the paths when something happens to it.
        if path == area.folder || area.objection(&path).is_none() {
            mailbox.file(path, heard);
        }
    }
}
