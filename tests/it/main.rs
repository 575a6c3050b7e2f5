//! Black-box tests of the real binary, by theme. One program, so that it is linked once.

mod common;

mod bad_input;
mod commands;
mod stills;
mod videos;
