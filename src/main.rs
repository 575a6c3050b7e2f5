//! The facedeck binary.

fn main() {}
