//! What a selector asks about a face when places do not tell.

use crate::error::Result;
use crate::imaging::frame::Frame;

use super::super::attributes::Guess;
use super::super::recognize::Embedding;
use super::super::{Face, FaceModels};

/// Answers questions about faces of the present frame.
pub trait Look {
    /// Whose face it is.
    ///
    /// # Errors
    /// When recognition fails.
    fn who(&mut self, face: &Face) -> Result<Embedding>;

    /// Sex and age, where a network for them runs.
    ///
    /// # Errors
    /// When the network fails.
    fn guess(&mut self, face: &Face) -> Result<Option<Guess>>;
}

/// The networks, looking at a frame.
pub struct Eyes<'a> {
    /// The networks.
    pub models: &'a FaceModels,
    /// The frame.
    pub frame: &'a Frame,
}

impl Look for Eyes<'_> {
    fn who(&mut self, face: &Face) -> Result<Embedding> {
        match &face.embedding {
            Some(who) => Ok(who.clone()),
            None => self.models.embed(self.frame, face),
        }
    }

    fn guess(&mut self, face: &Face) -> Result<Option<Guess>> {
        self.models.guess(self.frame, face)
    }
}
