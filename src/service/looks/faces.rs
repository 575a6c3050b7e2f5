//! Who is in a picture or a frame of a video.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::jobs::Origin;
use crate::pipeline::{Engine, Seen, check_input, identity, read_frame, see};
use crate::profiles::Order;
use crate::service::Core;
use crate::service::fault::Answer;
use crate::service::guard::guard;

/// Where to look for faces.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FacesBody {
    /// The picture or video: a path on the service's machine, or `upload:ID`.
    pub file: String,
    /// Which frame of a video, from 0.
    #[serde(default)]
    pub frame: u64,
    /// A photo with whose largest face every face is compared: a path, or `upload:ID`.
    #[serde(default)]
    pub compare: Option<String>,
    /// The name of the profile whose networks look; `embedded` when not given.
    #[serde(default)]
    pub profile: Option<String>,
    /// Keys of the profile with new values, such as `{"faces.order": "left-right"}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
}

/// Who was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FacesView {
    /// The file, as it was named.
    pub file: String,
    /// The frame.
    pub frame: u64,
    /// Width and height of the frame in pixels.
    pub size: [u32; 2],
    /// The faces; none where nobody is seen.
    pub faces: Vec<Seen>,
}

/// Looks who is there. Blocks while networks run; the caller holds a [`super::Turn`].
///
/// # Errors
/// [`crate::service::FaultKind::Refused`] when the content filter refuses the picture or the photo;
/// [`crate::service::FaultKind::NoFace`] when the photo shows nobody; when a file cannot be read.
pub fn faces(core: &Core, from: &Origin, body: &FacesBody) -> Answer<FacesView> {
    let file = core.admit(from, "picture", &body.file)?;
    let compare =
        body.compare.as_deref().map(|photo| core.admit(from, "photo", photo)).transpose()?;
    let mut profile = core.profile(body.profile.as_deref(), &body.settings, None)?;
    core.admit_profile(from, &mut profile)?;
    check_input("picture", &file)?;
    if let Some(photo) = &compare {
        check_input("photo", photo)?;
    }
    guarded(core, from, std::iter::once(file.as_path()).chain(compare.as_deref()))?;
    let note = Arc::new(|text: &str| tracing::info!("{text}"));
    let (size, faces) = core.engines.with(&core.directories, &profile, note, |engine| {
        look(engine, &file, body.frame, compare.as_deref(), profile.faces.order)
    })?;
    Ok(FacesView { file: body.file.clone(), frame: body.frame, size, faces })
}

/// Makes sure that files of the network are not too large to be looked at.
pub(super) fn guarded<'a>(
    core: &Core,
    from: &Origin,
    mut files: impl Iterator<Item = &'a Path>,
) -> Answer<()> {
    if *from != Origin::Network {
        return Ok(());
    }
    let config = core.config();
    files.try_for_each(|file| guard(file, &config.service))
}

/// The size of the frame, and who is in it.
fn look(
    engine: &mut Engine,
    file: &Path,
    index: u64,
    compare: Option<&Path>,
    order: Order,
) -> Result<([u32; 2], Vec<Seen>)> {
    let frame = screened(engine, file, index)?;
    let known = match compare {
        Some(photo) => {
            let picture = screened(engine, photo, 0)?;
            Some(identity(engine, &picture, &photo.display().to_string())?)
        }
        None => None,
    };
    let faces = see(engine, &frame, order)?;
    let seen = faces.iter().enumerate().map(|(i, face)| Seen::new(i, face, known.as_ref()));
    Ok(([frame.format.width, frame.format.height], seen.collect()))
}

/// A frame that the content filter let pass.
fn screened(engine: &mut Engine, file: &Path, index: u64) -> Result<Frame> {
    let frame = read_frame(&engine.tools, file, index)?;
    engine.filter.check(&frame, &file.display().to_string())?;
    Ok(frame)
}
