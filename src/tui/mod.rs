//! The dashboard: a client of the service and nothing else.
//!
//! A key becomes an [`action::Action`], actions and everything else that happens ([`msg::Msg`])
//! change the [`model::Model`] and leave [`effect::Effect`]s behind, which are done by the
//! [`runtime`] and come back as messages. [`view`] paints the model and nothing else; [`app`] is
//! the loop around it.

pub mod action;
pub mod app;
pub mod call;
pub mod canvas;
mod command_line;
mod complete;
pub mod desk;
pub mod effect;
mod facts;
mod fuzzy;
pub mod hint;
mod input;
pub mod keymap;
pub mod model;
pub mod msg;
mod options;
pub mod overlay;
pub mod painted;
pub mod picture;
mod plain;
mod run;
pub mod runtime;
pub mod screens;
mod sheet;
mod shelf;
#[cfg(test)]
pub(crate) mod testing;
pub mod theme;
pub mod tty;
pub mod update;
pub mod view;
mod words;

pub use plain::plain;
pub use run::{Wishes, run};
