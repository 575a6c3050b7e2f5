//! What comes back: keys, events of the service, answers, pictures, time.

use std::sync::Arc;

use image::RgbImage;

use crate::client::Told;
use crate::error::Error;

use super::call::Answer;
use super::effect::{Call, Timer};
use super::picture::{Encoded, Key, Want};

/// Something that happened.
#[derive(Debug)]
pub enum Msg {
    /// A key, the mouse, a paste, another size, the focus.
    Terminal(crossterm::event::Event),
    /// The service was reached, and is of this version.
    Linked(String),
    /// The event stream says something.
    Told(Told),
    /// The service is not there, for this reason.
    Away(String),
    /// No service runs here, and the terms were not accepted yet.
    MustAccept,
    /// An answer of the service.
    Answer(Call, Result<Answer, Arc<Error>>),
    /// A picture was loaded; `None` when there is none yet.
    Loaded(Key, Result<Option<Arc<RgbImage>>, String>),
    /// The files that were used lately were read.
    Recalled(Vec<String>),
    /// A picture was encoded.
    Encoded(Want, u64, Result<Encoded, String>),
    /// Time went by.
    Timer(Timer),
    /// Back from the shell.
    Continued,
    /// Somebody asks the dashboard to end: SIGTERM, SIGHUP.
    End,
}
