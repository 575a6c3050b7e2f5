//! The source photos: screened, searched for a face, made ready for the swapper.

use crate::error::{Error, Result};
use crate::faces::recognize::Embedding;
use crate::media::image_file;
use crate::media::probe::probe;
use crate::processors::{Person, Photo};

use super::request::Request;
use super::{Engine, Observer};

/// Loads every source of a request.
///
/// # Errors
/// [`crate::error::Kind::Refused`] when the content filter fires, [`crate::error::Kind::NoFace`]
/// when a photo shows no (such) face, or the file cannot be read.
pub fn load(request: &Request, engine: &mut Engine, observer: &dyn Observer) -> Result<Person> {
    let photos: Vec<Photo> = request
        .sources
        .iter()
        .map(|path| {
            let name = path.display().to_string();
            if !probe(&engine.tools, path)?.is_still() {
                return Err(Error::usage(format!("the source {name} is a video"))
                    .hint("take one frame of it as a picture and use that"));
            }
            let still = image_file::to_srgb(&image_file::read(path)?)?;
            engine.filter.check(&still.frame, &name)?;
            let mut faces = engine.models.analyze_still(&still.frame)?;
            let count = faces.len();
            if count == 0 {
                return Err(Error::no_face(format!("there is no face in the source {name}"))
                    .hint("use a photo that shows the face from the front, well lit"));
            }
            let chosen = request.source_face.unwrap_or(0);
            if chosen >= count {
                return Err(Error::no_face(format!(
                    "the source {name} has {count} face(s), there is no face {chosen}"
                ))
                .hint(format!("see which there are: facedeck faces {name}")));
            }
            if count > 1 && request.source_face.is_none() {
                observer.note(&format!(
                    "the source {name} shows {count} faces; the largest is used \
                     (--source-face N chooses)"
                ));
            }
            let mut face = faces.swap_remove(chosen);
            if face.embedding.is_none() {
                let who = engine.models.recognizer.embed(&still.frame, &face.points)?;
                face.embedding = Some(who);
            }
            Ok(Photo { name, frame: still.frame, face })
        })
        .collect::<Result<_>>()?;
    warn_of_strangers(&photos, observer);
    Ok(Person { photos })
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
