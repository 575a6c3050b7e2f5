//! The source photos: screened, searched for a face, made ready for the swapper.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::faces::recognize::Embedding;
use crate::imaging::frame::Frame;
use crate::media::image_file;
use crate::media::probe::probe;
use crate::processors::{Person, Photo};

use super::request::Request;
use super::{Engine, Observer};

/// Loads the people who are put in: with a map one for each of its entries, else the one of the
/// sources, if there are any.
///
/// # Errors
/// [`crate::error::Kind::Refused`] when the content filter fires, [`crate::error::Kind::NoFace`]
/// when a photo shows no (such) face, or the file cannot be read.
pub fn load(
    request: &Request,
    engine: &mut Engine,
    observer: &dyn Observer,
) -> Result<Vec<Person>> {
    engine.adapt(&request.profile)?;
    let map = &request.profile.faces.map;
    let people: Vec<&[PathBuf]> = match (map.is_empty(), request.sources.is_empty()) {
        (false, _) => map.iter().map(|map| map.faces.as_slice()).collect(),
        (true, false) => vec![request.sources.as_slice()],
        (true, true) => Vec::new(),
    };
    let mut one = |photos: &[PathBuf]| person(photos, request.source_face, engine, observer);
    people.into_iter().map(&mut one).collect()
}

/// One person from one or more photos.
fn person(
    paths: &[PathBuf],
    position: Option<usize>,
    engine: &mut Engine,
    observer: &dyn Observer,
) -> Result<Person> {
    if paths.is_empty() {
        return Err(Error::usage("a person of the map has no photo")
            .hint("every [[faces.map]] needs at least one file in `faces`"));
    }
    let mut photos = Vec::with_capacity(paths.len());
    for path in paths {
        let (name, frame) = read_photo(engine, path, "source")?;
        let mut faces = engine.models.analyze_still(&frame)?;
        let count = faces.len();
        if count == 0 {
            return Err(Error::no_face(format!("there is no face in the source {name}"))
                .hint("use a photo that shows the face from the front, well lit"));
        }
        let chosen = position.unwrap_or(0);
        if chosen >= count {
            return Err(Error::no_face(format!(
                "the source {name} has {count} face(s), there is no face {chosen}"
            ))
            .hint(format!("see which there are: facedeck faces {name}")));
        }
        if count > 1 && position.is_none() {
            observer.note(&format!(
                "the source {name} shows {count} faces; the largest is used \
                 (--source-face N chooses)"
            ));
        }
        photos.push(Photo { name, frame, face: faces.swap_remove(chosen) });
    }
    warn_of_strangers(&photos, observer);
    Ok(Person { photos })
}

/// A photo, checked and in sRGB, with its name. `role` says in messages what it is for.
///
/// # Errors
/// When the file is no picture, cannot be read, or is refused.
pub fn read_photo(engine: &mut Engine, path: &Path, role: &str) -> Result<(String, Frame)> {
    let name = path.display().to_string();
    if !probe(&engine.tools, path)?.is_still() {
        return Err(Error::usage(format!("the {role} {name} is a video"))
            .hint("take one frame of it as a picture and use that"));
    }
    let still = image_file::to_srgb(&image_file::read(path)?)?;
    engine.filter.check(&still.frame, &name)?;
    Ok((name, still.frame))
}

/// Photos of one person should look alike.
fn warn_of_strangers(photos: &[Photo], observer: &dyn Observer) {
    let Some((first, others)) = photos.split_first() else { return };
    for photo in others {
        let Some((a, b)) = first.face.embedding.as_ref().zip(photo.face.embedding.as_ref()) else {
            continue;
        };
        let cosine = a.cosine(b);
        if cosine < Embedding::SAME_PERSON {
            observer.note(&format!(
                "{} does not look like the person in {} (cosine {cosine:.2})",
                photo.name, first.name
            ));
        }
    }
}
