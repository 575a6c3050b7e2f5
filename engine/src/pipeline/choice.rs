//! Who is swapped: the rule of a profile, with the faces that it refers to looked up.

use std::path::Path;

use crate::error::{Error, Result};
use crate::faces::Face;
use crate::faces::recognize::Embedding;
use crate::faces::select::{Rule, Selector, sort};
use crate::imaging::frame::Frame;
use crate::profiles::sections::MESH;
use crate::profiles::{Faces, Select};

use super::request::Request;
use super::sources::read_photo;
use super::{Engine, Observer};

/// The selector of a job. `frame_at` reads a frame of the target: the one that shows the reference
/// face, where there is one.
///
/// # Errors
/// When a picture or frame cannot be read, is refused, or shows no face.
pub fn selector(
    request: &Request,
    engine: &mut Engine,
    frame_at: &mut dyn FnMut(&Engine, u64) -> Result<Frame>,
    observer: &dyn Observer,
) -> Result<Selector> {
    let faces = &request.profile.faces;
    let rule = if faces.map.is_empty() {
        match faces.select {
            Select::One => Rule::One(faces.position),
            Select::Many => Rule::Many,
            Select::Reference => {
                let who = reference(request, engine, frame_at, observer)?;
                Rule::Reference { who, distance: faces.distance, first: faces.first_match }
            }
        }
    } else {
        Rule::Map { who: wanted(faces, engine, observer)?, distance: faces.distance }
    };
    let swap = &request.profile.swap;
    // A swapper that weighs the source against the target needs to know who the target is.
    let recognize = swap.model != MESH && swap.weight.is_some();
    Ok(Selector::new(faces, rule, recognize))
}

/// Who the reference face is: in a picture, or in a frame of the target.
fn reference(
    request: &Request,
    engine: &mut Engine,
    frame_at: &mut dyn FnMut(&Engine, u64) -> Result<Frame>,
    observer: &dyn Observer,
) -> Result<Embedding> {
    let faces = &request.profile.faces;
    if let Some(path) = &faces.reference_picture {
        let (name, frame) = read_photo(engine, path, "reference picture")?;
        return at_position(engine, &frame, &name, faces, observer);
    }
    let name = request.target.display().to_string();
    let frame = frame_at(engine, faces.reference_frame)?;
    engine.filter.check(&frame, &name)?;
    at_position(engine, &frame, &name, faces, observer)
}

/// Who is at the profile's position of the profile's order in a frame. Beyond the last face, the
/// last one counts, as in roop.
fn at_position(
    engine: &Engine,
    frame: &Frame,
    name: &str,
    faces: &Faces,
    observer: &dyn Observer,
) -> Result<Embedding> {
    let mut found = engine.models.analyze_still(frame)?;
    sort(&mut found, faces.order);
    let (count, position, index) = (found.len(), faces.position, frame.index);
    if (1..=position).contains(&count) {
        observer.note(&format!(
            "frame {index} of {name} has {count} face(s), there is none at position {position}; \
             the last one is the reference"
        ));
    }
    let face = found.into_iter().nth(position.min(count.saturating_sub(1)));
    face.map(|face| identity(engine, frame, face)).transpose()?.ok_or_else(|| {
        Error::no_face(format!("frame {index} of {name} shows no face to be the reference"))
            .hint(format!("see which faces there are: facedeck faces {name} --frame {index}"))
    })
}

/// Who the people of the map are: the largest face of each picture.
fn wanted(faces: &Faces, engine: &mut Engine, observer: &dyn Observer) -> Result<Vec<Embedding>> {
    let mut all: Vec<(String, Embedding)> = Vec::with_capacity(faces.map.len());
    for map in &faces.map {
        let (name, who) = largest(engine, &map.who)?;
        if let Some((other, _)) = all.iter().find(|(_, e)| e.cosine(&who) > Embedding::SAME_PERSON)
        {
            observer.note(&format!("{name} and {other} seem to show the same person"));
        }
        all.push((name, who));
    }
    Ok(all.into_iter().map(|(_, who)| who).collect())
}

fn largest(engine: &mut Engine, path: &Path) -> Result<(String, Embedding)> {
    let (name, frame) = read_photo(engine, path, "person of the map")?;
    let face = engine.models.analyze_still(&frame)?.into_iter().next().ok_or_else(|| {
        Error::no_face(format!("there is no face in {name}"))
            .hint("name a picture that shows the person who is to be changed")
    })?;
    let who = identity(engine, &frame, face)?;
    Ok((name, who))
}

fn identity(engine: &Engine, frame: &Frame, face: Face) -> Result<Embedding> {
    match face.embedding {
        Some(who) => Ok(who),
        None => engine.models.embed(frame, &face),
    }
}
