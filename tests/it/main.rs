//! Black-box tests of the real binary, by theme. One program, so that it is linked once.

mod clips;
mod common;
mod measure;

mod bad_input;
mod commands;
mod stills;
mod videos;
