//! What can be drawn.

use crate::error::{Error, Result};

/// One thing that is drawn on every chosen face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// The face's box.
    Box,
    /// Eyes, nose and mouth corners.
    Points,
    /// The mesh or the 68 points, whichever is known.
    Landmarks,
    /// The outline of what `[mask]` lets through.
    Mask,
    /// The track's number: it stays as long as it is the same person in one shot.
    Track,
    /// Whose face it gets: the person's number, from 0.
    Person,
    /// The detector's score.
    Score,
    /// Sex and age, where they are known.
    Attributes,
}

/// The items by their names in `debug.items`.
pub const ITEMS: [(&str, Item); 8] = [
    ("box", Item::Box),
    ("points", Item::Points),
    ("landmarks", Item::Landmarks),
    ("mask", Item::Mask),
    ("track", Item::Track),
    ("person", Item::Person),
    ("score", Item::Score),
    ("attributes", Item::Attributes),
];

/// The items of `debug.items`.
///
/// # Errors
/// [`crate::error::Kind::Usage`] that names the first unknown one.
pub fn parse(names: &[String]) -> Result<Vec<Item>> {
    let item = |name: &String| {
        let known = ITEMS.iter().find(|(known, _)| known == name);
        known.map(|(_, item)| *item).ok_or_else(|| {
            let known: Vec<&str> = ITEMS.iter().map(|(name, _)| *name).collect();
            Error::usage(format!("debug.items: there is no item \"{name}\""))
                .hint(format!("known ones: {}", known.join(", ")))
        })
    };
    names.iter().map(item).collect()
}
