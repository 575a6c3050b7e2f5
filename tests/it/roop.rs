//! roop's command lines after `facedeck swap`, and what each flag does.

mod film;
mod flags;
mod int8;
mod models;
