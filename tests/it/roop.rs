//! roop's command lines after `facedeck swap`, and what each flag does.

mod flags;
mod models;
