//! Films in, films out, by theme.

mod carried;
mod cost;
mod faces;
mod flags;
mod lossless;
mod parts;
