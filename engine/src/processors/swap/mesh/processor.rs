//! The mesh swapper as a processor.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::faces::{Chosen, Face};
use crate::imaging::frame::Frame;
use crate::processors::{Changed, Person, Photo, Processor, Setup, Work};
use crate::saved;

use super::choose::{Choice, Chooser};
use super::compose::swap;
use super::pose::Pose;
use super::source::SourceFace;
use super::target::{TargetFace, TargetTracker};

/// Whose memory the swapper's is.
pub(super) const WHOSE: &str = "mesh swapper";

/// Puts people, each known from one or more photos, onto faces.
pub struct MeshSwapper {
    people: Vec<Sources>,
    still: bool,
    tracks: Tracks,
}

/// The photos of one person.
struct Sources {
    faces: Vec<Arc<SourceFace>>,
    poses: Vec<Pose>,
}

/// What is remembered from frame to frame, by the number of the track.
type Tracks = BTreeMap<u64, Track>;

/// What is remembered of a face from frame to frame.
#[derive(Serialize, Deserialize)]
struct Track {
    person: usize,
    target: TargetTracker,
    chooser: Chooser,
}

impl MeshSwapper {
    /// A swapper for these people. `still` when there is only one frame to come.
    pub fn new(people: Vec<Vec<SourceFace>>, still: bool) -> Self {
        let people = people
            .into_iter()
            .map(|faces| Sources {
                poses: faces.iter().map(|face| face.pose).collect(),
                faces: faces.into_iter().map(Arc::new).collect(),
            })
            .collect();
        MeshSwapper { people, still, tracks: Tracks::new() }
    }

    /// A swapper for the people of a job.
    ///
    /// # Errors
    /// When a photo cannot be used.
    pub fn build(setup: &Setup<'_>) -> Result<Self> {
        let faces = |person: &Person| person.photos.iter().map(source_face).collect();
        let people = setup.people.iter().map(faces).collect::<Result<_>>()?;
        Ok(Self::new(people, setup.still))
    }

    /// Whether a track can be one of this swapper's: what was read from a file may not.
    fn fits(&self, track: &Track) -> bool {
        let sources = self.people.get(track.person);
        sources.is_some_and(|sources| track.chooser.is_among(sources.poses.len()))
            && track.target.is_whole(self.still)
    }

    /// What is to be done to a face; nothing for a person without photos.
    fn plan(&mut self, frame: &Frame, face: &Face, person: usize) -> Result<Option<Swap>> {
        let Some(sources) = self.people.get(person) else { return Ok(None) };
        let landmarks = face.mesh()?;
        let pose = Pose::of(landmarks)?;
        let track = self.tracks.entry(face.track).or_insert_with(|| Track {
            person,
            target: TargetTracker::new(landmarks, self.still),
            chooser: Chooser::new(&sources.poses, &pose),
        });
        if track.person != person {
            // The choice was among another person's photos.
            track.person = person;
            track.chooser = Chooser::new(&sources.poses, &pose);
        }
        let target = track.target.next(frame, landmarks)?;
        let Choice { current, fading } = track.chooser.next(&sources.poses, &pose);
        let pick = |i: usize, weight: f32| {
            sources.faces.get(i).map(|s| (Arc::clone(s), weight)).filter(|(_, w)| *w > 0.0)
        };
        let (previous, weight) = fading.unwrap_or((current, 1.0));
        let sources =
            pick(current, weight).into_iter().chain(pick(previous, 1.0 - weight)).collect();
        Ok(Some(Swap { sources, target }))
    }
}

fn source_face(photo: &Photo) -> Result<SourceFace> {
    SourceFace::new(&photo.frame, photo.face.mesh()?).map_err(|e| {
        Error::new(e.kind().clone(), format!("the source {} cannot be used", photo.name))
            .hint(e.hint_text().unwrap_or("use another photo").to_owned())
            .because(e)
    })
}

/// One face to be swapped.
struct Swap {
    sources: Vec<(Arc<SourceFace>, f32)>,
    target: TargetFace,
}

struct MeshWork(Vec<Swap>);

impl Processor for MeshSwapper {
    fn name(&self) -> &'static str {
        "swap"
    }

    fn prepare(&mut self, frame: &Frame, faces: &[Chosen]) -> Result<Box<dyn Work>> {
        // A face that is gone comes back as another track.
        self.tracks.retain(|id, _| faces.iter().any(|c| c.face.track == *id));
        let mut swaps = Vec::with_capacity(faces.len());
        for Chosen { face, person } in faces {
            swaps.extend(self.plan(frame, face, *person)?);
        }
        Ok(Box::new(MeshWork(swaps)))
    }

    fn save(&self) -> Result<Vec<u8>> {
        saved::pack(WHOSE, &self.tracks)
    }

    fn restore(&mut self, state: &[u8]) -> Result<()> {
        let fits = |tracks: &Tracks| tracks.values().all(|track| self.fits(track));
        self.tracks = saved::unpack(WHOSE, state, fits)?;
        Ok(())
    }
}

impl Work for MeshWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Changed> {
        let mut regions = Vec::new();
        for Swap { sources, target } in &self.0 {
            let sources: Vec<_> = sources.iter().map(|(s, w)| (s.as_ref(), *w)).collect();
            regions.extend(swap(frame, &sources, target)?);
        }
        Ok(Changed::faces(regions))
    }
}

#[cfg(test)]
impl MeshSwapper {
    /// Whether a photo fades into another one.
    pub(super) fn is_fading(&self) -> bool {
        self.tracks.values().any(|track| track.chooser.is_fading())
    }

    /// Whether something is in front of a face.
    pub(super) fn is_covered(&self) -> bool {
        self.tracks.values().any(|track| track.target.is_covered())
    }
}
