//! The service, the networks that it has loaded, the terminal, and what the doctor found.

use crate::jobs::State;
use crate::tui::action::Action;
use crate::tui::canvas::Canvas;
use crate::tui::desk::Link;
use crate::tui::facts::{Facts, signed};
use crate::tui::theme::Role;
use crate::tui::words::{bytes, duration};

/// The service about itself.
pub(super) fn service(canvas: &Canvas<'_>, facts: &mut Facts) {
    let model = canvas.model;
    facts.title("Service");
    if let Link::Away(why) = &model.desk.link {
        facts.say("away", why, Role::Failed);
    }
    let Some(service) = &model.desk.service else { return };
    facts.say("version", format!("{}, API {}", service.version, service.protocol), Role::Text);
    facts.say("process", service.pid.to_string(), Role::Text);
    facts.say("up for", duration(service.uptime_seconds), Role::Text);
    if let Some(now) = model.desk.meters.back() {
        let text =
            format!("{}, {:.0} % of a core", bytes(now.process.memory), now.process.cpu_percent);
        facts.say("takes", text, Role::Text);
    }
    facts.say("socket", &service.socket, Role::Text);
    facts.say("network", service.listen.as_deref().unwrap_or("does not listen there"), Role::Text);
    facts.say("log", &service.log, Role::Text);
    facts.say("home", &service.home, Role::Text);
}

/// Which networks are loaded, each with the provider that it really runs on.
pub(super) fn networks(canvas: &Canvas<'_>, facts: &mut Facts) {
    facts.title("Networks");
    let networks = canvas.model.desk.health.iter().flat_map(|health| &health.networks);
    let mut some = false;
    for network in networks {
        some = true;
        let role = if network.provider == "cpu" { Role::Muted } else { Role::Done };
        let sign = canvas.theme().signs.mark();
        let mut spans = signed(canvas, sign, &format!("{:<24}", network.model), Role::Text);
        spans.push(canvas.span(format!(" {}", network.provider), role));
        facts.line("", spans);
    }
    if !some {
        facts.say("", "none is loaded; the first job loads what it needs", Role::Muted);
    }
}

/// How this terminal is drawn on.
pub(super) fn terminal(canvas: &Canvas<'_>, facts: &mut Facts) {
    let model = canvas.model;
    let terminal = &model.terminal;
    facts.title("Terminal");
    facts.say("pictures", terminal.how.protocol.to_string(), Role::Text);
    facts.say("because", &terminal.why, Role::Muted);
    let (columns, rows) = terminal.size;
    let cell = terminal.how.cell;
    let text = format!("{columns} x {rows}, cells of {} x {} pixels", cell.0, cell.1);
    facts.say("size", text, Role::Text);
    let line = match (terminal.low_bandwidth, terminal.remote) {
        (true, _) => "slow: small pictures, seldom",
        (_, true) => "remote: a picture a second at most",
        _ => "on this machine",
    };
    facts.say("line", line, Role::Text);
    let traffic = &model.traffic;
    if traffic.frames() > 0 {
        let text = format!("{} in {} frames", bytes(traffic.bytes()), traffic.frames());
        facts.say("written", text, Role::Muted);
    }
    let keys = format!(
        "{} draws pictures in another way, {} smaller",
        model.key(Action::CycleGraphics),
        model.key(Action::LowBandwidth)
    );
    facts.say("", keys, Role::Muted);
}

/// What will go wrong.
pub(super) fn warnings(canvas: &Canvas<'_>, facts: &mut Facts) {
    let warnings = &canvas.model.system.warnings;
    if !warnings.is_empty() {
        facts.title("Before it hurts");
    }
    for warning in warnings {
        let sign = canvas.theme().signs.state(State::Failed);
        facts.say(sign.to_string(), &warning.text, Role::Warning);
    }
}

/// What the doctor found.
pub(super) fn findings(canvas: &Canvas<'_>, facts: &mut Facts) {
    let model = canvas.model;
    let system = &model.system;
    let signs = canvas.theme().signs;
    facts.title("Findings");
    if system.mending {
        facts.say("", "fetching what is missing", Role::Focus);
    }
    let Some(found) = &system.findings else {
        let word = if system.looking { "the doctor is looking" } else { "nobody has looked yet" };
        facts.say("", word, Role::Muted);
        return;
    };
    if system.looking {
        facts.say("", "looking again", Role::Focus);
    }
    for problem in &found.problems {
        facts.say(signs.state(State::Failed).to_string(), &problem.message, Role::Failed);
        if problem.fixable {
            let text = format!("{} mends it", model.key(Action::Fix));
            facts.say("", text, Role::Accent);
        } else if let Some(hint) = &problem.hint {
            facts.say("", format!("try: {hint}"), Role::Warning);
        }
    }
    if found.ready {
        facts.line(
            "",
            signed(
                canvas,
                signs.state(State::Done),
                "everything is here that is needed",
                Role::Done,
            ),
        );
    }
    if let Some(ffmpeg) = &found.ffmpeg {
        facts.say("ffmpeg", &ffmpeg.version, Role::Text);
    }
    if let Some(runtime) = &found.runtime {
        let text = format!("ONNX Runtime {}, {}", runtime.version, runtime.origin.describe());
        facts.say("runtime", text, Role::Text);
    }
    for provider in &found.providers {
        let (sign, role) = match provider.works {
            true => (signs.state(State::Done), Role::Done),
            false => (signs.state(State::Cancelled), Role::Muted),
        };
        let mut text = format!("{:<10}", provider.name);
        match (provider.milliseconds, &provider.error) {
            (Some(took), _) => text += &format!(" {took:.2} ms a test run"),
            (None, _) if !provider.works => text += " not here",
            (None, _) => {}
        }
        facts.line("provider", signed(canvas, sign, &text, role));
    }
    let machine = &found.machine;
    facts.say("processor", machine.cpu.as_deref().unwrap_or_default(), Role::Text);
    facts.say("features", machine.features.join(" "), Role::Muted);
    for gpu in &machine.gpus {
        let driver = gpu.driver.as_ref().map(|driver| format!(", driver {driver}"));
        facts.say("GPU", format!("{}{}", gpu.name, driver.unwrap_or_default()), Role::Text);
    }
}
