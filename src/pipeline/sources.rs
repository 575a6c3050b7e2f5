//! The source photos: screened, searched for a face, made ready for the swapper.

use crate::error::{Error, Result};
use crate::faces::recognize::Embedding;
use crate::media::image_file;
use crate::media::probe::probe;
use crate::processors::swap::mesh::SourceFace;

use super::request::Request;
use super::{Engine, Observer};

/// One photo of the person who is put in.
pub struct Source {
    /// The face, ready for the swapper.
    pub face: SourceFace,
    /// Who it is.
    pub embedding: Embedding,
}

/// Loads every source of a request.
///
/// # Errors
/// [`crate::error::Kind::Refused`] when the content filter fires, [`crate::error::Kind::NoFace`]
/// when a photo shows no (such) face, or the file cannot be read.
pub fn load(
    request: &Request,
    engine: &mut Engine,
    observer: &dyn Observer,
) -> Result<Vec<Source>> {
    let all: Vec<Source> = request
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
            let face = faces.swap_remove(chosen);
            let embedding = match face.embedding {
                Some(embedding) => embedding,
                None => engine.models.recognizer.embed(&still.frame, &face.landmarks)?,
            };
            let face = SourceFace::new(&still.frame, &face.landmarks).map_err(|e| {
                Error::new(e.kind().clone(), format!("the source {name} cannot be used"))
                    .hint(e.hint_text().unwrap_or("use another photo").to_owned())
                    .because(e)
            })?;
            Ok(Source { face, embedding })
        })
        .collect::<Result<_>>()?;
    for (path, source) in request.sources.iter().zip(&all).skip(1) {
        let cosine = source.embedding.cosine(&all[0].embedding);
        if cosine < 0.35 {
            observer.note(&format!(
                "{} does not look like the person in {} (cosine {cosine:.2})",
                path.display(),
                request.sources[0].display()
            ));
        }
    }
    Ok(all)
}
