//! One enhancer: a face's crop through the network and back into the frame.

use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::faces::Face;
use crate::imaging::aligned::{Aligned, Border, Quality, whole_steps};
use crate::imaging::crop_mask;
use crate::imaging::field::Field;
use crate::imaging::frame::Frame;
use crate::imaging::region::Rect;
use crate::inference::{Input as Tensor, Pool, Values};
use crate::models::catalog::EnhancerSpec;
use crate::processors::masks::Networks;
use crate::processors::network::{PictureNetwork, output_named};
use crate::profiles::sections::Enhance;

/// How soft the edge of the enhanced square is: FaceFusion's default.
const BLUR: f32 = 0.3;
/// Larger crops are worked on one at a time, whatever the number of threads: one of 2048 × 2048
/// takes about 200 MB on its way.
const LARGE: usize = 512;

/// A loaded enhancer and how it is used.
pub struct Stage {
    network: PictureNetwork,
    spec: EnhancerSpec,
    /// The name of the weight's input, where the network has one, and the weight.
    weight: Option<(String, f64)>,
    blend: f32,
    /// The crop less its edges, times `blend`.
    mask: Field,
    /// Input tensors that wait to be used again.
    tensors: Mutex<Vec<Vec<f32>>>,
    /// Held while a large crop is worked on.
    turn: Mutex<()>,
}

impl Stage {
    /// The enhancer of one `[[enhance]]`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the model is no enhancer or a value makes no sense,
    /// [`crate::error::Kind::Missing`] when the model is not here, a failure when its file is not
    /// what the catalog says.
    pub fn build(pool: &Pool, asked: &Enhance) -> Result<Self> {
        let Enhance { model, blend, weight } = asked;
        for (key, value) in [("blend", *blend), ("weight", *weight)] {
            if !(0.0..=1.0).contains(&value) {
                let message = format!("enhance.{key} of {model} is {value}, which is not 0 to 1");
                return Err(Error::usage(message));
            }
        }
        let entry = pool.store().entry(model)?;
        let spec = entry.enhancer.clone().ok_or_else(|| {
            Error::usage(format!("the model {model} is no enhancer"))
                .hint("see which there are: facedeck models list")
        })?;
        let network = PictureNetwork::load(pool, model)?;
        let (size, height) = network.size();
        if size != height {
            return Err(Error::usage(format!("the model {model} does not take square crops")));
        }
        let weight = weight_input(&network, &spec)?.map(|name| (name, f64::from(*weight)));
        let mask = crop_mask::box_mask(size, BLUR, [0; 4]).map(|v| v * blend);
        let (tensors, turn) = (Mutex::default(), Mutex::default());
        Ok(Stage { network, spec, weight, blend: *blend, mask, tensors, turn })
    }

    /// Enhances one face in place. Returns the rectangle that may have changed; `None` when the
    /// face lies outside the frame.
    ///
    /// # Errors
    /// When the face's points coincide or a network fails.
    pub fn enhance(
        &self,
        frame: &mut Frame,
        face: &Face,
        occlusion: &Networks,
    ) -> Result<Option<Rect>> {
        let size = self.network.size().0;
        let aligned = Aligned::new(&face.points, self.spec.template, size)?;
        let _turn = (size > LARGE).then(|| lock(&self.turn));
        let mut tensor = lock(&self.tensors).pop().unwrap_or_default();
        let covered = {
            // The crop is not kept while the network runs.
            let crop = aligned.crop(frame, Border::Replicate, Quality::Smooth);
            self.network.feed(&crop, &mut tensor);
            (!occlusion.is_empty()).then(|| occlusion.mask(face, &aligned, &crop))
        };
        let covered = covered.transpose()?;
        let weight = self.weight.as_ref().map(|(name, v)| (name.as_str(), [*v]));
        let weight =
            weight.as_ref().map(|(name, v)| Tensor { name, shape: &[1], values: Values::F64(v) });
        let outputs = self.network.run_fed(&tensor, weight.as_slice())?;
        lock(&self.tensors).push(tensor);
        let output = output_named(outputs, self.spec.output.as_deref(), self.network.id())?;
        let mut enhanced = self.network.picture(&output, self.spec.range)?;
        drop(output);
        if whole_steps(&frame.format) {
            enhanced = enhanced.map(|plane| plane.map(f32::round));
        }
        Ok(match covered {
            None => aligned.paste(frame, &enhanced, &self.mask),
            Some(bare) => {
                let mask = bare.zip(&self.mask, |bare, most| (bare * self.blend).min(most));
                aligned.paste(frame, &enhanced, &mask)
            }
        })
    }
}

/// The input that takes the weight: exports of one network name it differently, so where the name
/// is not there the only other input is meant.
fn weight_input(network: &PictureNetwork, spec: &EnhancerSpec) -> Result<Option<String>> {
    let others = network.other_inputs();
    match (&spec.weight_input, others.as_slice()) {
        (None, []) => Ok(None),
        (Some(_), [only]) => Ok(Some(only.name.to_string())),
        (says, _) => {
            let names: Vec<&str> = others.iter().map(|info| &*info.name).collect();
            let (id, says) = (network.id(), says.as_deref().unwrap_or("none"));
            let has = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let message = format!("the model {id} has as further inputs {has}, not {says}");
            Err(Error::failed(message).hint("the file does not fit its catalog entry"))
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
