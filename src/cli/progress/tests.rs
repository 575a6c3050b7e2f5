use std::io;
use std::sync::Arc;

use super::*;

type Lines = Arc<Mutex<Vec<String>>>;

/// A progress whose lines are kept.
fn listened(mode: OutputMode, total: Option<u64>) -> (Progress, Lines) {
    let lines = Lines::default();
    let sink = {
        let lines = Arc::clone(&lines);
        Box::new(move |text: &str| lines.lock().unwrap().push(text.to_owned()))
    };
    (Progress::with(mode, total, None, sink), lines)
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn events(lines: &Lines) -> Vec<Value> {
    lines.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn events_come_at_most_four_a_second_with_the_first_and_the_last() {
    let (progress, lines) = listened(OutputMode::Json, Some(100));
    for i in 0..=100 {
        progress.update_at(ms(i * 20), i, "swap");
    }
    progress.finish_at(ms(2010));
    progress.finish_at(ms(2020));
    let events = events(&lines);
    assert!((8..=10).contains(&events.len()), "{} events in 2 s", events.len());
    assert_eq!(events[0]["frame"], 0);
    assert!(events[0]["fps"].is_null() && events[0]["eta"].is_null());
    let last = events.last().unwrap();
    assert_eq!((&last["frame"], &last["frames"]), (&json!(100), &json!(100)));
    assert_eq!((&last["eta"], &last["stage"]), (&json!(0.0), &json!("swap")));
    assert!((last["fps"].as_f64().unwrap() - 50.0).abs() < 3.0, "{last}");
    assert_eq!(events.iter().filter(|e| e["frame"] == 100).count(), 1, "the last once");
    let middle = &events[4];
    let frame = middle["frame"].as_f64().unwrap();
    let eta = middle["eta"].as_f64().unwrap();
    assert!((eta - (100.0 - frame) / 50.0).abs() < 0.3, "{middle}");
}

#[test]
fn an_error_still_tells_programs_the_last_state() {
    let (progress, lines) = listened(OutputMode::Json, None);
    progress.update_at(ms(0), 1, "decode");
    progress.update_at(ms(10), 2, "decode");
    drop(progress);
    let events = events(&lines);
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["frame"], 2);
    assert!(events[1]["frames"].is_null());
}

#[test]
fn a_log_gets_a_line_every_few_seconds_and_none_for_short_work() {
    let (progress, lines) = listened(OutputMode::Plain, Some(10));
    progress.update_at(ms(100), 1, "swap");
    progress.update_at(ms(900), 10, "swap");
    progress.finish_at(ms(950));
    assert!(lines.lock().unwrap().is_empty());

    let (progress, lines) = listened(OutputMode::Plain, Some(300));
    for i in 0..=300 {
        progress.update_at(ms(i * 40), i, "encode");
    }
    progress.finish_at(ms(12_100));
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[0].starts_with("frame 125/300 (41%) · 25.0 fps · eta 0:07 · encode"),
        "{lines:?}"
    );
    assert!(lines[2].starts_with("frame 300/300 (100%)"), "{lines:?}");
}

#[test]
fn quiet_is_quiet() {
    let (progress, lines) = listened(OutputMode::Quiet, Some(10));
    progress.update_at(ms(0), 1, "swap");
    progress.update_at(ms(60_000), 10, "swap");
    progress.finish();
    assert!(lines.lock().unwrap().is_empty());
}

#[test]
fn nothing_follows_the_end() {
    let (progress, lines) = listened(OutputMode::Json, Some(10));
    progress.update_at(ms(0), 1, "swap");
    progress.finish_at(ms(1000));
    progress.update_at(ms(2000), 5, "swap");
    assert_eq!(lines.lock().unwrap().len(), 1);
}

#[test]
fn clocks() {
    for (seconds, text) in [(0.0, "0:00"), (6.2, "0:07"), (754.0, "12:34"), (3723.0, "1:02:03")] {
        assert_eq!(clock(seconds), text);
    }
}

/// A terminal of one line that remembers what stood on it.
#[derive(Debug, Clone, Default)]
struct Screen(Arc<Mutex<(String, Vec<String>)>>);

impl indicatif::TermLike for Screen {
    fn width(&self) -> u16 {
        100
    }
    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap().0.push_str(text);
        Ok(())
    }
    fn clear_line(&self) -> io::Result<()> {
        self.0.lock().unwrap().0.clear();
        Ok(())
    }
    fn flush(&self) -> io::Result<()> {
        let mut screen = self.0.lock().unwrap();
        let now = screen.0.trim_end().to_owned();
        screen.1.push(now);
        Ok(())
    }
}

/// A progress on a screen, and the screen.
fn watched(total: Option<u64>) -> (Progress, Screen) {
    let screen = Screen::default();
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let bar = bar(total, target, false);
    (Progress::with(OutputMode::Terminal, total, Some(bar), Box::new(|_| {})), screen)
}

#[test]
fn the_bar_shows_everything_and_goes_away() {
    let (progress, screen) = watched(Some(200));
    progress.update_at(ms(0), 0, "decode");
    progress.update_at(ms(4000), 100, "swap");
    if let Some(bar) = &progress.bar {
        bar.force_draw();
    }
    let shown = screen.0.lock().unwrap().1.last().unwrap().clone();
    for part in ["━━━━━━━━━━━━━━", " 50%", "100/200", "25.0 fps", "eta 0:04", "swap"]
    {
        assert!(shown.contains(part), "{part} is missing in {shown:?}");
    }
    assert!(!shown.contains('\x1b'), "color without color: {shown:?}");
    progress.finish();
    assert_eq!(screen.0.lock().unwrap().0.trim(), "", "the bar is still there");
}

#[test]
fn without_a_total_there_is_a_spinner() {
    let (progress, screen) = watched(None);
    progress.update_at(ms(0), 7, "decode");
    if let Some(bar) = &progress.bar {
        bar.force_draw();
    }
    let shown = screen.0.lock().unwrap().1.last().unwrap().clone();
    assert!(shown.contains("frame 7") && !shown.contains('%'), "{shown:?}");
}

#[test]
fn an_error_clears_the_bar_too() {
    let (progress, screen) = watched(Some(10));
    progress.update_at(ms(0), 5, "swap");
    drop(progress);
    assert_eq!(screen.0.lock().unwrap().0.trim(), "");
}

#[test]
fn the_templates_are_valid() {
    for (total, color) in [(Some(1), true), (Some(1), false), (None, true), (None, false)] {
        let bar = bar(total, ProgressDrawTarget::hidden(), color);
        bar.set_message("x");
        bar.tick();
    }
}
