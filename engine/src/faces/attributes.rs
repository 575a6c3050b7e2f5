//! Sex and age, as insightface's `genderage` guesses them.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::imaging::aligned::{Border, Quality};
use crate::imaging::frame::Frame;
use crate::imaging::turn::Turn;
use crate::inference::Pool;
use crate::models::{Role, Store, id};
use crate::profiles::Sex;

use super::Attributes;
use super::crop::around;
use super::network::Network;

/// What the network says about one look at a face; several are averaged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Guess {
    /// How much it speaks for female and for male.
    pub sexes: [f32; 2],
    /// Years.
    pub age: f32,
}

impl Guess {
    /// The answer.
    pub fn attributes(self) -> Attributes {
        let [female, male] = self.sexes;
        Attributes { sex: if male > female { Sex::Male } else { Sex::Female }, age: self.age }
    }
}

/// The network.
pub struct AttributeNetwork {
    network: Network,
    side: usize,
}

impl AttributeNetwork {
    /// The catalog id of the network to use: one that is here, else the usual one.
    pub fn id(store: &Store) -> String {
        let here = store
            .entries()
            .iter()
            .find(|e| e.role == Role::Attributes && store.locate(&e.id).is_ok());
        here.map_or_else(|| id::ATTRIBUTES.to_owned(), |e| e.id.clone())
    }

    /// Loads the network.
    ///
    /// # Errors
    /// [`crate::error::Kind::Missing`] when it is not here.
    pub fn load(pool: &Pool) -> Result<Self> {
        let id = Self::id(pool.store());
        let entry = Network::entry(pool, &id, Role::Attributes, "model for sex and age")?;
        let network = Network::load(pool, entry)?;
        Ok(AttributeNetwork { side: network.side()?, network })
    }

    /// What it says about the face in a box, so turned; `None` for a box without an area.
    ///
    /// # Errors
    /// When the network fails.
    pub fn guess(&self, frame: &Frame, bounds: [f32; 4], turn: Turn) -> Result<Option<Guess>> {
        let Some(crop) = around(bounds, turn, self.side, self.side as f64 / 1.5) else {
            return Ok(None);
        };
        let outputs = self.network.run_crop(&crop.crop(frame, Border::Black, Quality::Plain))?;
        match outputs.first().map(|o| o.data.as_slice()) {
            Some(&[female, male, age]) => {
                // The network counts in centuries.
                Ok(Some(Guess { sexes: [female, male], age: (100.0 * age).round() }))
            }
            _ => Err(self.network.misfit("no output of three numbers")),
        }
    }
}
