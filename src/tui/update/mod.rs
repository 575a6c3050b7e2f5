//! What happens, and what follows from it. Nothing here waits or does anything outside of the state:
//! that is what effects are for.

mod answers;
mod input;
mod mouse;

use std::time::Duration;

use super::action::Action;
use super::desk::{Follow, Link};
use super::effect::{Call, Effect, Timer};
use super::model::{Model, Tab};
use super::msg::Msg;
use super::overlay::{self, Confirm, Danger, Help, Notices, Overlay, Palette, Tone, Welcome};
use super::screens;
use crate::client::Told;
use crate::jobs::State;
use crate::terminal::Protocol;

/// Between two looks at the meters.
pub const METERS: Duration = Duration::from_secs(2);

/// Takes in what happened.
pub fn update(model: &mut Model, msg: Msg) {
    match msg {
        Msg::Terminal(event) => input::event(model, event),
        Msg::Linked(_) => {
            model.desk.link = Link::Up;
            model.overlays.retain(|overlay| !matches!(overlay, Overlay::Welcome(_)));
            screens::entered(model);
            screens::system::linked(model);
            model.effect(Effect::Call(Call::Meters));
            model.effect(Effect::After(METERS, Timer::Meters));
        }
        Msg::Told(told) => hear(model, told),
        Msg::Away(why) => model.desk.link = Link::Away(why),
        Msg::MustAccept => {
            model.system.first_run = true;
            model.overlays.push(Overlay::Welcome(Welcome));
        }
        Msg::Answer(call, result) => answers::answer(model, call, result),
        Msg::Recalled(files) => screens::new_job::recalled(model, files),
        Msg::Loaded(key, result) => model.pictures.loaded(&key, result),
        Msg::Encoded(want, version, result) => model.pictures.encoded(want, version, result),
        Msg::Timer(timer) => timed(model, timer),
        Msg::Continued => model.effect(Effect::Redraw),
        Msg::End => model.leaving = true,
    }
    screens::refresh(model);
}

fn hear(model: &mut Model, told: Told) {
    match model.desk.hear(told) {
        Follow::Nothing => {}
        Follow::Jobs => model.effect(Effect::Call(Call::Jobs)),
        Follow::Notice { what, title, text } => {
            let tone = match what.as_str() {
                "failed" | "refused" => Tone::Error,
                _ => Tone::Done,
            };
            say(model, tone, title.clone());
            model.effect(Effect::Tell { title, text });
        }
    }
}

fn timed(model: &mut Model, timer: Timer) {
    match timer {
        Timer::Soon => screens::queue::settle(model),
        Timer::Meters => {
            // Nobody is asked when nothing happens and nobody looks.
            let looks = model.tab == Tab::System || model.desk.jobs.counts.of(State::Running) > 0;
            if looks && model.desk.link == Link::Up {
                model.effect(Effect::Call(Call::Meters));
            }
            model.effect(Effect::After(METERS, Timer::Meters));
        }
        Timer::Log => screens::job::look_at_log(model),
        Timer::Typed => screens::new_job::check(model),
        // A view follows, which sees to it.
        Timer::Pictures | Timer::Settled => {}
    }
}

/// Says something on the screen.
pub fn say(model: &mut Model, tone: Tone, text: impl Into<String>) {
    let lasts = model.toasts.say(tone, text.into(), model.now, model.clock);
    model.effect(Effect::After(lasts + Duration::from_millis(20), Timer::Soon));
}

/// Goes to another screen.
pub fn go(model: &mut Model, tab: Tab) {
    if model.tab != tab {
        model.tab = tab;
        screens::entered(model);
    }
}

/// Does what a key, a click or the palette asks for.
pub fn act(model: &mut Model, action: Action) {
    if overlay::act(model, action) || screens::act(model, action) {
        return;
    }
    match action {
        Action::Quit => quit(model),
        Action::StopService => stop_service(model),
        Action::Suspend => model.effect(Effect::Suspend),
        Action::Redraw => model.effect(Effect::Redraw),
        Action::Help => model.overlays.push(Overlay::Help(Help::default())),
        Action::Palette => {
            let palette = Palette::new(model);
            model.overlays.push(Overlay::Palette(palette));
        }
        Action::Notices => model.overlays.push(Overlay::Notices(Notices::default())),
        Action::NextTab => step(model, 1),
        Action::PreviousTab => step(model, Tab::ALL.len() - 1),
        Action::TabQueue => go(model, Tab::Queue),
        Action::TabJob => go(model, Tab::Job),
        Action::TabNewJob | Action::Add => go(model, Tab::NewJob),
        Action::TabWatches => go(model, Tab::Watches),
        Action::TabModels => go(model, Tab::Models),
        Action::TabProfiles => go(model, Tab::Profiles),
        Action::TabSystem => go(model, Tab::System),
        Action::Undo => screens::queue::undo(model),
        Action::CycleGraphics => cycle_graphics(model),
        Action::LowBandwidth => {
            model.terminal.low_bandwidth = !model.terminal.low_bandwidth;
            let word = if model.terminal.low_bandwidth { "small" } else { "as large as they fit" };
            say(model, Tone::Note, format!("pictures are {word}"));
        }
        _ => {}
    }
}

fn step(model: &mut Model, by: usize) {
    let now = Tab::ALL.iter().position(|tab| *tab == model.tab).unwrap_or(0);
    go(model, Tab::ALL[(now + by) % Tab::ALL.len()]);
}

/// Leaves; what the user may fear to lose goes on.
fn quit(model: &mut Model) {
    // What was taken out of the list, and could still have come back, goes now.
    screens::queue::finish(model);
    model.leaving = true;
}

/// Stops the service, or starts it where none runs.
fn stop_service(model: &mut Model) {
    if let (Link::Away(_), true) = (&model.desk.link, model.local) {
        model.effect(Effect::StartService { accept_terms: false });
        return say(model, Tone::Note, "the service is started");
    }
    let running = model.desk.jobs.counts.of(State::Running);
    let text = match running {
        0 => "No job runs. Those that wait go on when the service is started again.".to_owned(),
        1 => "One job runs; it begins again when the service is started again.".to_owned(),
        n => format!("{n} jobs run; they begin again when the service is started again."),
    };
    let danger = if running == 0 { Danger::Low } else { Danger::High };
    let confirm = Confirm::new("Stop the service?", text, danger)
        .effects(vec![Effect::Call(Call::StopService)]);
    model.overlays.push(Overlay::Confirm(confirm));
}

fn cycle_graphics(model: &mut Model) {
    let all = match model.terminal.best {
        Protocol::Blocks | Protocol::Off => vec![Protocol::Blocks, Protocol::Off],
        best => vec![best, Protocol::Blocks, Protocol::Off],
    };
    let now = all.iter().position(|protocol| *protocol == model.terminal.how.protocol);
    let next = all[now.map_or(0, |now| (now + 1) % all.len())];
    model.terminal.how.protocol = next;
    model.pictures.redraw();
    model.effect(Effect::Redraw);
    say(model, Tone::Note, format!("pictures: {next}"));
}
