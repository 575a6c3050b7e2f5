//! Who is found, and who gets whose face: detectors and other networks of the catalog, orders, maps
//! of several people, people who cross.

mod crossing;
mod detectors;
mod map;
pub mod networks;
pub mod painted;
