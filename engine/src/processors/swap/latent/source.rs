//! What a swapper is told about a person: a vector or a picture, made once for a job.

use crate::error::{Error, Result};
use crate::faces::recognize::Embedding;
use crate::imaging::aligned::{Aligned, Border, Quality};
use crate::inference::{Input as Tensor, Pool, Shared};
use crate::models::catalog::{SourceKind, SwapperSpec};
use crate::models::{Channels, Layout, Role};
use crate::processors::{Person, Setup};
use crate::profiles::LatentRule;

use super::identity::{Identity, normalize, through_emap};
use super::network::SwapNetwork;

/// The numbers for every person of a job, in their order.
///
/// # Errors
/// When a photo cannot be used, a network is missing, or the profile's recognizer is not the one
/// that the swapper understands.
pub fn prepare(
    setup: &Setup<'_>,
    network: &SwapNetwork,
    rule: LatentRule,
) -> Result<Vec<Vec<f32>>> {
    let (spec, id) = (network.spec(), network.id());
    let all: Vec<Vec<f32>> = match spec.source {
        SourceKind::Image => setup
            .people
            .iter()
            .map(|who| picture(setup.pool, id, spec, who))
            .collect::<Result<_>>()?,
        SourceKind::Embedding | SourceKind::Emap => {
            check_recognizer(setup, id)?;
            let vectors = Vectors::build(setup.pool, id, spec, rule)?;
            setup.people.iter().map(|who| vectors.of(who)).collect::<Result<_>>()?
        }
    };
    for numbers in &all {
        network.check_source(numbers.len())?;
    }
    Ok(all)
}

/// Refuses a profile whose recognizer is not the one that the swapper was trained with: its
/// vectors would be anybody's.
fn check_recognizer(setup: &Setup<'_>, id: &str) -> Result<()> {
    let store = setup.pool.store();
    let needs = store.entry(id)?.needs.iter();
    let fitting: Vec<&str> = needs
        .filter(|need| store.entry(need).is_ok_and(|entry| entry.role == Role::Recognizer))
        .map(String::as_str)
        .collect();
    let recognizer = &setup.profile.faces.recognizer;
    if fitting.is_empty() || fitting.contains(&recognizer.as_str()) {
        return Ok(());
    }
    Err(Error::usage(format!("the swapper {id} does not understand the recognizer {recognizer}"))
        .hint(format!("set recognizer = \"{}\" in [faces]", fitting.join("\" or \""))))
}

/// How identities become vectors.
struct Vectors {
    converter: Option<Converter>,
    emap: Option<Vec<f32>>,
    normalize: bool,
    rule: LatentRule,
}

impl Vectors {
    fn build(pool: &Pool, id: &str, spec: &SwapperSpec, rule: LatentRule) -> Result<Self> {
        let emap = match spec.source {
            SourceKind::Emap => Some(crate::models::onnx::emap(&pool.store().locate(id)?)?),
            SourceKind::Embedding | SourceKind::Image => None,
        };
        let converter =
            spec.converter.as_deref().map(|id| Converter::load(pool, id)).transpose()?;
        Ok(Vectors { converter, emap, normalize: spec.normalize, rule })
    }

    fn of(&self, who: &Person) -> Result<Vec<f32>> {
        let mut identity = identity(who)?;
        if let Some(converter) = &self.converter {
            identity.raw = converter.convert(&identity.raw)?;
            identity.unit = identity.raw.clone();
            normalize(&mut identity.unit);
        }
        match &self.emap {
            Some(emap) => through_emap(&identity, emap, self.rule),
            None if self.normalize => Ok(identity.unit),
            None => Ok(identity.raw),
        }
    }
}

fn identity(who: &Person) -> Result<Identity> {
    let embeddings: Vec<&Embedding> = who
        .photos
        .iter()
        .map(|photo| {
            photo.face.embedding.as_ref().ok_or_else(|| {
                Error::failed(format!("the face in {} was not recognized", photo.name))
                    .hint("name a recognizer in [faces]")
            })
        })
        .collect::<Result<_>>()?;
    Identity::mean(&embeddings)
}

/// A network that turns one recognizer's vectors into another's.
struct Converter {
    network: std::sync::Arc<Shared>,
    input: String,
    shape: Vec<usize>,
}

impl Converter {
    fn load(pool: &Pool, id: &str) -> Result<Self> {
        let network = pool.get(id)?;
        let inputs = network.inputs();
        let [input] = inputs.as_slice() else {
            return Err(Error::failed(format!("the converter {id} has {} inputs", inputs.len()))
                .hint("the file does not fit its catalog entry"));
        };
        let shape = input.shape.iter().map(|n| n.unwrap_or(1)).collect();
        Ok(Converter { input: input.name.to_string(), shape, network })
    }

    /// The raw vector converted.
    fn convert(&self, raw: &[f32]) -> Result<Vec<f32>> {
        let id = self.network.model();
        if self.shape.iter().product::<usize>() != raw.len() {
            let message =
                format!("the converter {id} takes {:?} numbers and not {}", self.shape, raw.len());
            return Err(Error::failed(message).hint("it belongs to another recognizer"));
        }
        let outputs = self.network.run(&[Tensor::new(&self.input, &self.shape, raw)])?;
        let output = outputs.into_iter().next().map(|output| output.data).unwrap_or_default();
        if output.is_empty() || output.iter().any(|v| !v.is_finite()) {
            return Err(Error::failed(format!("the converter {id} gives no usable vector")));
        }
        Ok(output)
    }
}

/// The most important photo, aligned, 0..=1, in the order of the target's input.
fn picture(pool: &Pool, id: &str, spec: &SwapperSpec, who: &Person) -> Result<Vec<f32>> {
    let photo = who.photos.first().ok_or_else(|| Error::failed("a person without photos"))?;
    let template = spec.source_template.unwrap_or(spec.template);
    let input = pool.store().entry(id)?.input.as_ref();
    let size = spec.source_size.or_else(|| input.map(|input| input.size().0)).unwrap_or_default();
    let crop = Aligned::new(&photo.face.points, template, size)
        .map_err(|e| Error::failed(format!("the source {} cannot be used", photo.name)).because(e))?
        .crop(&photo.frame, Border::Replicate, Quality::Smooth);
    let mut order = crop.each_ref();
    if input.is_some_and(|input| input.channels == Channels::Bgr) {
        order.reverse();
    }
    let sample = |v: &f32| v / 255.0;
    Ok(match input.map(|input| input.layout) {
        Some(Layout::Nhwc) => {
            (0..size * size).flat_map(|i| order.map(|plane| sample(&plane.data[i]))).collect()
        }
        _ => order.iter().flat_map(|plane| plane.data.iter().map(sample)).collect(),
    })
}
