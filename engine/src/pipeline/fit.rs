//! Whether a profile fits what there is: its processors, its models and their roles, providers,
//! encoders; and whether the models fit each other.

use crate::media::codec::{PRESETS, VideoEncoder};
use crate::media::{Moment, Scale};
use crate::models::{Role, Store, id};
use crate::processors::registry;
use crate::profiles::sections::{FROM_DETECTOR, MESH};
use crate::profiles::value::one_of;
use crate::profiles::{Complaint, Complaints, MaskKind, Resolved};

use super::ready::network_plan;
use super::suit::{recognizers, suit};

/// Completes a resolved profile with what follows from its choices, and checks it against the
/// registry of processors and the catalog of models.
///
/// # Errors
/// Everything that does not fit, with the place where it was said.
pub fn fit(resolved: Resolved, store: &Store) -> Result<Resolved, Complaints> {
    let resolved = suit(resolved, store)?;
    let mut check = Check { resolved: &resolved, store, complaints: Vec::new() };
    check.names();
    check.models();
    check.pairs();
    let complaints = check.complaints;
    if complaints.is_empty() { Ok(resolved) } else { Err(Complaints(complaints)) }
}

struct Check<'a> {
    resolved: &'a Resolved,
    store: &'a Store,
    complaints: Vec<Complaint>,
}

impl Check<'_> {
    fn say(&mut self, key: &str, message: String, hint: Option<String>) {
        self.complaints.push(self.resolved.complaint(key, message, hint));
    }

    /// Names that are known without the catalog.
    fn names(&mut self) {
        let p = &self.resolved.profile;
        for name in &p.processors {
            if let Err(e) = registry::find(name) {
                self.say("processors", e.to_string(), e.hint_text().map(str::to_owned));
            }
        }
        if let Err(e) = network_plan(&p.run).preference() {
            self.say("run.providers", e.to_string(), e.hint_text().map(str::to_owned));
        }
        let parts = [
            ("video.start", p.video.start.as_deref().map(|text| text.parse::<Moment>().err())),
            ("video.end", p.video.end.as_deref().map(|text| text.parse::<Moment>().err())),
            ("video.scale", p.video.scale.as_deref().map(|text| text.parse::<Scale>().err())),
        ];
        for (key, error) in parts {
            if let Some(e) = error.flatten() {
                self.say(key, e.to_string(), e.hint_text().map(str::to_owned));
            }
        }
        let known = VideoEncoder::ALL.map(VideoEncoder::name);
        for (key, value, known) in [
            ("video.encoder", &p.video.encoder, &known[..]),
            ("video.preset", &p.video.preset, &PRESETS[..]),
        ] {
            if let Some(name) = value
                && !known.contains(&name.as_str())
            {
                self.say(key, format!("there is no \"{name}\""), Some(one_of(name, known)));
            }
        }
    }

    /// Models that are used, or that somebody named though they are not.
    fn models(&mut self) {
        let p = &self.resolved.profile;
        let masks = |kind| p.mask.kinds.contains(&kind);
        let ids = [
            ("faces.detector", &p.faces.detector, Role::Detector, "", true),
            ("faces.landmarks", &p.faces.landmarks, Role::Landmarks, FROM_DETECTOR, true),
            ("faces.recognizer", &p.faces.recognizer, Role::Recognizer, "", true),
            ("swap.model", &p.swap.model, Role::Swapper, MESH, true),
            ("mask.parser", &p.mask.parser, Role::Parser, "", masks(MaskKind::Region)),
            ("mask.occluder", &p.mask.occluder, Role::Occluder, "", masks(MaskKind::Occlusion)),
        ];
        for (key, id, role, own, used) in ids {
            if id != own && (used || self.resolved.origin(key).is_some()) {
                self.role(key, id, role);
            }
        }
        for enhance in &p.enhance {
            self.role("enhance", &enhance.model, Role::Enhancer);
        }
    }

    fn role(&mut self, key: &str, id: &str, role: Role) {
        match self.store.entry(id) {
            Err(e) => self.say(key, e.to_string(), e.hint_text().map(str::to_owned)),
            Ok(entry) if entry.role != role => {
                let like = |entry: &&crate::models::Entry| entry.role == role;
                let known = self.store.entries().iter().filter(like).map(|e| e.id.as_str());
                let known = known.collect::<Vec<_>>().join(", ");
                let message = format!("{id} is a {:?}, not a {role:?}", entry.role).to_lowercase();
                self.say(key, message, Some(format!("the catalog has {known}")));
            }
            Ok(_) => {}
        }
    }

    /// Models that do not work with each other.
    fn pairs(&mut self) {
        let p = &self.resolved.profile;
        if !p.swaps() {
            return;
        }
        if p.swap.model == MESH {
            if p.faces.landmarks != id::LANDMARKS {
                let message = format!(
                    "the swapper mesh works on the points of {}, not on those of {}",
                    id::LANDMARKS,
                    p.faces.landmarks
                );
                let hint =
                    format!("choose another swapper, or faces.landmarks = \"{}\"", id::LANDMARKS);
                self.say("faces.landmarks", message, Some(hint));
            }
            return;
        }
        let recognizers = recognizers(self.store, &p.swap.model);
        if !recognizers.is_empty() && !recognizers.contains(&p.faces.recognizer.as_str()) {
            let wanted = recognizers.join(" or ");
            let message = format!(
                "the swapper {} reads identities of {wanted}, not those of {}",
                p.swap.model, p.faces.recognizer
            );
            let hint =
                format!("add --recognizer {}, or faces.recognizer to the profile", recognizers[0]);
            self.say("swap.model", message, Some(hint));
        }
    }
}
