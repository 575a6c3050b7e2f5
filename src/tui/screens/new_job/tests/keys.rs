//! Keys pressed in the form: what has to be done then, with every view painted between, as it is in
//! the loop.

use std::time::Duration;

use ratatui::buffer::Buffer;

use crate::tui::desk::Link;
use crate::tui::effect::{Effect, Timer};
use crate::tui::model::Model;
use crate::tui::msg::Msg;
use crate::tui::testing;
use crate::tui::theme::{Depth, Theme};
use crate::tui::update::update;

/// The dashboard on a terminal of this size without colors, and the line to the service up.
pub fn model(columns: u16, rows: u16) -> Model {
    let mut model = testing::model();
    model.terminal.size = (columns, rows);
    model.theme = Theme::navy(Depth::Mono);
    model.host = "local".to_owned();
    model.desk.link = Link::Up;
    model.clock = Duration::from_secs(60);
    model
}

/// The same, and the service has told everything.
pub fn known(columns: u16, rows: u16) -> Model {
    let mut model = model(columns, rows);
    model.desk.capabilities = Some(Box::new(testing::known::capabilities()));
    model.desk.profiles = testing::known::profiles();
    let details = testing::known::details().into_iter();
    model.desk.profile_details =
        details.map(|detail| (detail.profile.name.clone(), detail)).collect();
    model
}

/// Presses keys; gives what has to be done then.
pub fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    for key in keys.split_whitespace() {
        testing::press(model, key);
        draw(model);
    }
    std::mem::take(&mut model.effects)
}

/// Types a text, letter by letter; gives what has to be done then.
pub fn type_text(model: &mut Model, text: &str) -> Vec<Effect> {
    testing::enter(model, text);
    draw(model);
    std::mem::take(&mut model.effects)
}

/// Everything rests for a while; gives what has to be done then.
pub fn rest(model: &mut Model) -> Vec<Effect> {
    model.clock += Duration::from_secs(1);
    update(model, Msg::Timer(Timer::Typed));
    std::mem::take(&mut model.effects)
}

/// Paints the model, and remembers what was painted where.
pub fn draw(model: &mut Model) -> Buffer {
    let (columns, rows) = model.terminal.size;
    testing::paint(model, columns, rows)
}
