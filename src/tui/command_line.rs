//! The command line that would add a job.

use serde_json::{Map, Value};

use super::options::text_of;
use super::words::shell_word;

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct CommandLine<'a> {
    /// The photos.
    pub sources: &'a [String],
    /// Which face of them.
    pub source_face: Option<usize>,
    /// What is changed.
    pub target: &'a str,
    /// Where the result goes; beside the target where it is empty.
    pub output: &'a str,
    /// An existing output is replaced.
    pub overwrite: bool,
    /// The profile.
    pub profile: &'a str,
    /// Keys that differ from it.
    pub settings: Map<String, Value>,
    /// What people call it; the name of the target where it is empty.
    pub name: &'a str,
    /// Its priority.
    pub priority: i32,
    /// It waits until somebody resumes it.
    pub hold: bool,
    /// The service that gets it, where that is not the one of this machine.
    pub host: Option<&'a str>,
}

impl CommandLine<'_> {
    /// As a shell takes it.
    pub fn text(&self) -> String {
        let mut words = vec!["facedeck".to_owned(), "add".to_owned()];
        for source in self.sources {
            flag(&mut words, "-s", source);
        }
        if let Some(face) = self.source_face {
            flag(&mut words, "--source-face", &face.to_string());
        }
        flag(&mut words, "-t", self.target);
        if !self.output.is_empty() {
            flag(&mut words, "-o", self.output);
        }
        flag(&mut words, "--profile", self.profile);
        for (key, value) in &self.settings {
            flag(&mut words, "--set", &format!("{key}={}", text_of(value)));
        }
        if !self.name.is_empty() {
            flag(&mut words, "--name", self.name);
        }
        if let Some(host) = self.host {
            flag(&mut words, "--host", host);
            // A socket is of this machine, whose files it sees.
            if !host.starts_with("unix:") {
                words.push("--remote-paths".to_owned());
            }
        }
        if self.priority != 0 {
            words.push(format!("--priority={}", self.priority));
        }
        if self.hold {
            words.push("--hold".to_owned());
        }
        if self.overwrite {
            words.push("--overwrite".to_owned());
        }
        words.join(" ")
    }
}

fn flag(words: &mut Vec<String>, name: &str, value: &str) {
    words.extend([name.to_owned(), shell_word(value)]);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::profiles::{Origin, Setting, schema};
    use crate::tui::options::difference;

    #[test]
    fn what_is_written_is_what_the_command_line_reads() {
        for (key, value) in [
            ("swap.weight", json!(0.5)),
            ("faces.select", json!("many")),
            ("faces.reference_picture", json!("/a b/\"c\".jpg")),
            ("faces.reference_picture", json!("default")),
            ("mask.kinds", json!(["box", "region"])),
            ("mask.kinds", json!([])),
            ("run.providers", json!(["default"])),
            ("run.providers", json!(["a,b", "c"])),
            ("faces.age", json!([20, 40])),
            ("mask.padding", json!([1, 2, 3, 4])),
            ("audio.keep", json!(false)),
            ("swap.pixel_boost", json!(2)),
            ("enhance", json!([{ "model": "gfpgan", "blend": 0.5 }])),
            ("faces.map", json!([{ "who": "/a,b.png", "faces": ["/it's.png", "/d e.png"] }])),
        ] {
            let text = text_of(&value);
            let setting =
                Setting::parse(schema::find(key).unwrap(), &text, Origin::Flag(key.into()));
            let read = setting.unwrap_or_else(|e| panic!("{key}={text}: {e:?}")).value.unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), value, "{key}={text}");
        }
        assert_eq!(text_of(&Value::Null), "default");
        assert_eq!(text_of(&json!(["box", "region"])), "box,region");
        assert_eq!(text_of(&json!(f64::from(0.85f32))), "0.85");
    }

    #[test]
    fn a_job_is_a_line() {
        let settings =
            [("swap.weight".to_owned(), json!(0.5)), ("video.fps".to_owned(), json!(null))];
        let sources = ["/me.jpg".to_owned(), "/it's me.jpg".to_owned()];
        let line = CommandLine {
            sources: &sources,
            target: "/film.mp4",
            profile: "quality",
            settings: settings.into_iter().collect(),
            priority: -5,
            hold: true,
            ..CommandLine::default()
        };
        assert_eq!(
            line.text(),
            "facedeck add -s /me.jpg -s '/it'\\''s me.jpg' -t /film.mp4 --profile quality \
             --set swap.weight=0.5 --set video.fps=default --priority=-5 --hold"
        );
    }

    #[test]
    fn only_what_differs_is_set() {
        let from =
            json!({ "description": "x", "swap": { "weight": 0.5, "model": "a" }, "enhance": [] });
        let of = json!({ "swap": { "model": "b", "weight": null }, "enhance": [] });
        let set = difference(&of, &from);
        assert_eq!(Value::Object(set), json!({ "swap.model": "b", "swap.weight": null }));
        assert!(difference(&from, &from).is_empty());
    }
}
