//! What a job would make of one frame of its target.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::Error;
use crate::imaging::picture::Picture;
use crate::jobs::Origin;
use crate::pipeline::{self, Previewed, Request, Resume};
use crate::service::Core;
use crate::service::fault::{Answer, Fault, FaultKind};

use super::picture::{ImageFormat, encode, within};
use super::{Logged, faces};

/// The longest side of a preview when nothing is said about it, in pixels.
const USUAL_SIDE: u32 = 1920;
/// The shortest and the longest that it can be asked for.
const SIDES: std::ops::RangeInclusive<u32> = 16..=8192;
/// Between the two pictures, in pixels.
const GAP: usize = 8;

/// A job of one frame; its words mean what they mean for a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// Photos of the person who is put in: paths on the service's machine, or `upload:ID`.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Which face of the sources, by size from 0; the largest when not given.
    #[serde(default)]
    pub source_face: Option<usize>,
    /// The picture or video: a path, or `upload:ID`.
    pub target: String,
    /// Which frame of a video, from 0.
    #[serde(default)]
    pub frame: u64,
    /// The name of a profile; `embedded` when not given.
    #[serde(default)]
    pub profile: Option<String>,
    /// Keys of the profile with new values, such as `{"swap.weight": 0.5}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
    /// A whole resolved profile, as its tables; `profile` is then only its name.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub snapshot: Option<Value>,
    /// What is shown.
    #[serde(default)]
    pub side: Side,
    /// As what it is sent.
    #[serde(default)]
    pub format: ImageFormat,
    /// The longer side of the picture (of each of the two) in pixels; it is never enlarged. 1920
    /// when not given.
    #[serde(default)]
    #[schema(minimum = 16, maximum = 8192)]
    pub max_side: Option<u32>,
}

/// What a preview shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The frame as it is.
    Before,
    /// The frame as it would be.
    #[default]
    After,
    /// Both, side by side.
    Both,
}

/// A picture that is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its format.
    pub format: ImageFormat,
    /// How many faces were changed.
    pub faces: usize,
}

/// Makes the preview. Blocks while networks run; the caller holds a [`super::Turn`].
///
/// # Errors
/// Everything that can go wrong with a job of one frame.
pub fn preview(core: &Core, from: &Origin, body: &PreviewBody) -> Answer<Image> {
    let max_side = side_of(body)?;
    let mut profile =
        core.profile(body.profile.as_deref(), &body.settings, body.snapshot.as_ref())?;
    core.admit_profile(from, &mut profile)?;
    let admitted = |role: &str, file: &String| core.admit(from, role, file);
    let request = Request {
        sources: body
            .sources
            .iter()
            .map(|file| admitted("source", file))
            .collect::<Answer<Vec<PathBuf>>>()?,
        source_face: body.source_face,
        target: admitted("target", &body.target)?,
        output: PathBuf::new(),
        overwrite: false,
        resume: Resume::default(),
        profile,
    };
    request.check_inputs()?;
    faces::guarded(core, from, request.inputs().map(|(_, path)| path))?;
    let note = Arc::new(|text: &str| tracing::info!("{text}"));
    let previewed = core.engines.with(&core.directories, &request.profile, note, |engine| {
        pipeline::preview(&request, engine, body.frame, &Logged)
    })?;
    let faces = previewed.faces;
    let bytes = encode(shown(&previewed, body.side, max_side), body.format)?;
    Ok(Image { bytes, format: body.format, faces })
}

fn side_of(body: &PreviewBody) -> Answer<u32> {
    match body.max_side {
        None => Ok(USUAL_SIDE),
        Some(side) if SIDES.contains(&side) => Ok(side),
        Some(side) => {
            let error = Error::usage(format!("max_side: {side} is out of range")).hint(format!(
                "it is {} to {} pixels",
                SIDES.start(),
                SIDES.end()
            ));
            Err(Fault::new(FaultKind::Invalid, error))
        }
    }
}

fn shown(previewed: &Previewed, side: Side, max_side: u32) -> Picture {
    let before = || within(Picture::of(&previewed.before), max_side);
    let after = || within(Picture::of(&previewed.after), max_side);
    match side {
        Side::Before => before(),
        Side::After => after(),
        Side::Both => Picture::sheet(&[vec![before(), after()]], GAP),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_as_large_as_was_asked_within_reason() {
        let body = |max_side| PreviewBody { max_side, ..PreviewBody::default() };
        assert_eq!(side_of(&body(None)).unwrap(), USUAL_SIDE);
        assert_eq!(side_of(&body(Some(16))).unwrap(), 16);
        for side in [0, 15, 8193, u32::MAX] {
            let fault = side_of(&body(Some(side))).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Invalid);
            assert!(fault.error.hint_text().unwrap().contains("8192"));
        }
    }

    #[test]
    fn a_body_is_read_with_little_in_it_and_refused_with_what_is_unknown() {
        let body: PreviewBody = serde_json::from_str(r#"{"target": "a.png"}"#).unwrap();
        assert_eq!((body.side, body.format, body.frame), (Side::After, ImageFormat::Jpeg, 0));
        let wrong = r#"{"target": "a.png", "output": "b.png"}"#;
        assert!(serde_json::from_str::<PreviewBody>(wrong).is_err());
    }
}
