//! A job as the command line that would add it again.

use serde_json::Map;

use crate::service::wire::{JobDetail, JobView, ProfileDetail};
use crate::tui::call::Answer;
use crate::tui::command_line::CommandLine;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::options::difference;
use crate::tui::overlay::Tone;
use crate::tui::update::say;

/// A command line that is copied once everything is known that it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copying {
    id: String,
    profile: String,
    /// There is no profile of this name any more.
    unknown: bool,
}

/// The command; the keys that are not as in the profile are set.
fn command(
    job: &JobView,
    detail: Option<&JobDetail>,
    profile: Option<&ProfileDetail>,
    host: Option<&str>,
) -> String {
    let settings = detail
        .zip(profile)
        .map_or_else(Map::new, |(detail, profile)| difference(&detail.settings, &profile.settings));
    let name = match job.target.rsplit_once('/') {
        Some((_, name)) if name == job.name => "",
        _ => &job.name,
    };
    let line = CommandLine {
        sources: &job.sources,
        target: &job.target,
        output: &job.output,
        profile: &job.profile,
        settings,
        name,
        priority: job.priority,
        host,
        ..CommandLine::default()
    };
    line.text()
}

/// Copies the command line that would add the job again.
pub fn copy_command(model: &mut Model, id: &str) {
    let Some(profile) = model.desk.jobs.get(id).map(|job| job.profile.clone()) else { return };
    // It may have been changed since it was asked for last.
    model.desk.profile_details.remove(&profile);
    model.effect(Effect::Call(Call::Profile(profile.clone())));
    model.effect(Effect::Call(Call::Detail(id.to_owned())));
    model.job.copying = Some((Copying { id: id.to_owned(), profile, unknown: false }, None));
}

/// Something was answered: the command line may be complete now.
pub fn heard(model: &mut Model, call: &Call, answer: &Answer) {
    let Some((copying, detail)) = &mut model.job.copying else { return };
    match (call, answer) {
        (Call::Detail(id), Answer::Detail(all)) if *id == copying.id => {
            *detail = Some((**all).clone());
        }
        (Call::Profile(name), Answer::Profile(profile)) if *name == copying.profile => {
            model.desk.profile_details.insert(name.clone(), (**profile).clone());
        }
        _ => return,
    }
    finish(model);
}

/// Something could not be answered; whether that was about the command line.
pub fn failed(model: &mut Model, call: &Call) -> bool {
    let Some((copying, _)) = &mut model.job.copying else { return false };
    match call {
        Call::Profile(name) if *name == copying.profile => copying.unknown = true,
        Call::Detail(id) if *id == copying.id => {
            model.job.copying = None;
            say(model, Tone::Error, "the command line was not copied: the job is gone");
            return true;
        }
        _ => return false,
    }
    finish(model);
    true
}

/// Whether files are named that were sent to the service: it keeps each in a folder of its own,
/// which is called after an id.
fn names_sent(text: &str) -> bool {
    let ids = text.split("/uploads/").skip(1);
    ids.map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).count()).any(|n| n == 26)
}

fn finish(model: &mut Model) {
    let Some((copying, Some(detail))) = &model.job.copying else { return };
    let profile = model.desk.profile_details.get(&copying.profile);
    if profile.is_none() && !copying.unknown {
        return;
    }
    let host = (!model.local).then_some(model.host.as_str());
    let text = command(&detail.job, Some(detail), profile, host);
    let (tone, words) = if copying.unknown {
        let name = &copying.profile;
        let words = format!("copied, without what was changed: the profile {name} cannot be read");
        (Tone::Warning, words)
    } else if names_sent(&text) {
        let words = "copied; it names files that were sent to the service, which go with the job";
        (Tone::Warning, words.to_owned())
    } else {
        (Tone::Done, "the command line is on the clipboard".to_owned())
    };
    model.job.copying = None;
    model.effect(Effect::Copy(text));
    say(model, tone, words);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::error::Error;
    use crate::jobs::State;
    use crate::service::wire::ProfileView;
    use crate::tui::msg::Msg;
    use crate::tui::testing::{self, job};
    use crate::tui::update::update;

    fn copied(model: &mut Model) -> Option<String> {
        std::mem::take(&mut model.effects).into_iter().find_map(|effect| match effect {
            Effect::Copy(text) => Some(text),
            _ => None,
        })
    }

    fn detail(settings: Value) -> Answer {
        let job = job("A", State::Done);
        Answer::Detail(Box::new(JobDetail { job, settings, history: Vec::new() }))
    }

    #[test]
    fn the_keys_that_differ_from_the_profile_are_named() {
        let mut model = testing::model();
        model.desk.jobs.put(job("A", State::Done), None);
        copy_command(&mut model, "A");
        assert!(model.effects.contains(&Effect::Call(Call::Detail("A".into()))));
        assert_eq!(copied(&mut model), None, "it is not known yet");
        let settings = json!({ "swap": { "weight": 0.5 }, "audio": { "keep": true } });
        update(&mut model, Msg::Answer(Call::Detail("A".into()), Ok(detail(settings))));
        assert_eq!(copied(&mut model), None);
        let profile = ProfileDetail {
            profile: ProfileView {
                name: "embedded".into(),
                description: String::new(),
                from: String::new(),
                models: Vec::new(),
                missing: Vec::new(),
                fault: None,
            },
            lineage: Vec::new(),
            changed: std::collections::BTreeMap::new(),
            settings: json!({ "audio": { "keep": true } }),
        };
        let answer = Answer::Profile(Box::new(profile));
        update(&mut model, Msg::Answer(Call::Profile("embedded".into()), Ok(answer)));
        assert_eq!(
            copied(&mut model).as_deref(),
            Some(
                "facedeck add -s /faces/me.jpg -t /films/film-A.mp4 \
                 -o /films/film-A-swapped.mp4 --profile embedded --set swap.weight=0.5"
            )
        );
    }

    #[test]
    fn a_profile_that_is_gone_is_said() {
        let mut model = testing::model();
        model.desk.jobs.put(job("A", State::Done), None);
        copy_command(&mut model, "A");
        let gone = Err(Arc::new(Error::usage("there is no such profile")));
        update(&mut model, Msg::Answer(Call::Profile("embedded".into()), gone));
        update(&mut model, Msg::Answer(Call::Detail("A".into()), Ok(detail(json!({})))));
        assert!(copied(&mut model).is_some_and(|text| text.ends_with("--profile embedded")));
        let said = model.toasts.history().next().unwrap().text.clone();
        assert!(said.contains("embedded cannot be read"), "{said}");
    }

    #[test]
    fn what_was_sent_is_known_by_its_folder() {
        let id = "01M8B4AJS8VYX0N9JZ6AVM1AMF";
        assert!(names_sent(&format!("-s /home/me/.local/state/facedeck/uploads/{id}/a.jpg")));
        assert!(!names_sent("-s /home/me/uploads/a.jpg -t /uploads/summer/b.mp4"));
    }
}
