//! Black-box tests of the real binary, by theme. One program, so that it is linked once.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod clips;
mod common;
mod measure;

mod bad_input;
mod batch;
mod commands;
mod corpus;
mod dashboard;
mod enhance;
mod golden;
mod models;
mod people;
mod plugins;
mod profiles;
mod providers;
mod resume;
mod roop;
mod service;
mod stills;
mod swappers;
mod videos;
