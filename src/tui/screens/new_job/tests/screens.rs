//! How it looks, at the sizes that matter.

use super::looks::{picking, two};
use super::*;
use crate::tui::testing::screen_text;

const SIZES: [(u16, u16); 3] = [(60, 20), (80, 24), (120, 40)];

fn at_all_sizes(name: &str, make: fn(u16, u16) -> Model) {
    for (columns, rows) in SIZES {
        let mut model = make(columns, rows);
        // What was said comes and goes.
        model.clock += std::time::Duration::from_secs(60);
        let text = screen_text(&mut model, columns, rows);
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), text);
    }
}

#[test]
fn the_empty_form() {
    at_all_sizes("empty", |columns, rows| {
        let mut model = known(columns, rows);
        press(&mut model, "a");
        model
    });
}

#[test]
fn the_filled_form() {
    at_all_sizes("filled", |columns, rows| {
        let mut model = filled(columns, rows);
        press(&mut model, "P down enter >");
        settle(&mut model, 1);
        model
    });
}

#[test]
fn the_file_picker() {
    at_all_sizes("files", |columns, rows| {
        let mut model = picking(columns, rows);
        press(&mut model, "down");
        settle(&mut model, 2);
        model
    });
}

#[test]
fn the_options() {
    at_all_sizes("options", |columns, rows| {
        let mut model = filled(columns, rows);
        press(&mut model, "P down enter O enter down down enter down down");
        model
    });
}

#[test]
fn the_faces() {
    at_all_sizes("faces", |columns, rows| {
        let mut model = two(columns, rows);
        press(&mut model, "down m enter");
        model
    });
}
