//! What has to be done outside of the state, and what is asked of the service.

use std::sync::Arc;
use std::time::Duration;

use image::RgbImage;

use crate::service::wire::{
    CheckBody, EditJob, FacesBody, ImportBody, NewJob, NewProfile, PreviewBody,
};
use crate::settings::config::Watch;

use super::picture::{Cut, How, Key, Want};

/// Something to be done. Its outcome comes back as a [`super::msg::Msg`].
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Something is asked of the service.
    Call(Call),
    /// A picture is loaded, with at most so many pixels to a side.
    Load(Key, u32),
    /// A picture is encoded.
    Encode {
        /// For what.
        want: Want,
        /// Which version of it.
        version: u64,
        /// Its pixels.
        pixels: Vec<Arc<RgbImage>>,
        /// How.
        how: How,
    },
    /// A message comes back after a while.
    After(Duration, Timer),
    /// A text goes to the clipboard of the terminal (OSC 52).
    Copy(String),
    /// Somebody is told on the desktop, or by the bell.
    Tell {
        /// In one line.
        title: String,
        /// More about it.
        text: String,
    },
    /// The service of this machine is started.
    StartService {
        /// The user accepted the terms.
        accept_terms: bool,
    },
    /// The files that were used lately are read.
    Recall(String),
    /// The files that were used lately are kept, for each host.
    Remember {
        /// Whose files they are.
        host: String,
        /// The last one first.
        files: Vec<String>,
    },
    /// Back to the shell until `fg`.
    Suspend,
    /// Everything is drawn again.
    Redraw,
}

/// What comes back after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timer {
    /// Toasts and removals may be over.
    Soon,
    /// The machine is measured again.
    Meters,
    /// A live picture may be another one.
    Pictures,
    /// The log of the job may be longer.
    Log,
    /// The size of the window has not changed for a while.
    Settled,
    /// What was typed is checked.
    Typed,
}

/// Something that is asked of the service.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // They are the verbs of the client.
pub enum Call {
    Jobs,
    Detail(String),
    Log(String),
    Add(Box<NewJob>),
    Edit(String, Box<EditJob>),
    Pause(String),
    Resume(String),
    Cancel(String),
    Retry { id: String, from_scratch: bool },
    Remove(String),
    Service,
    StopService,
    Meters,
    Health,
    Doctor,
    Mend,
    Capabilities,
    Watches,
    AddWatch(Box<Watch>),
    ChangeWatch(Box<Watch>),
    RehearseWatch(Box<Watch>),
    RemoveWatch(String),
    PauseWatch { name: String, paused: bool },
    Models,
    Model(String),
    Pull(String),
    CancelPull(String),
    VerifyModel(String),
    ImportModels(ImportBody),
    RemoveModel(String),
    Profiles,
    Profile(String),
    SaveProfile { name: String, new: Box<NewProfile> },
    RemoveProfile(String),
    CheckProfile(Box<CheckBody>),
    Files { path: String, hidden: bool },
    About(String),
    Faces(Box<FacesBody>),
    CutOut(Cut),
    Preview { number: u64, body: Box<PreviewBody> },
}
