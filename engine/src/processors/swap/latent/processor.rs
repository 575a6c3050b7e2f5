//! The swapper on aligned crops as a processor.

use std::sync::Arc;

use crate::error::Result;
use crate::faces::recognize::Embedding;
use crate::faces::{Chosen, Face};
use crate::imaging::aligned::{Aligned, Border, Quality, whole_steps};
use crate::imaging::color::Planes;
use crate::imaging::color_match::match_color;
use crate::imaging::crop_mask::ellipse_mask;
use crate::imaging::field::Field;
use crate::imaging::frame::Frame;
use crate::imaging::region::Rect;
use crate::imaging::template::Template;
use crate::models::catalog::SourceKind;
use crate::processors::masks::{Networks, drawn::drawn};
use crate::processors::network::PictureNetwork;
use crate::processors::{Changed, Processor, Setup, Work};
use crate::profiles::sections::PasteRule;

use super::identity::balanced;
use super::keep::kept;
use super::network::{SwapNetwork, Swapped};
use super::settings::Settings;
use super::source;

/// Puts people onto faces with a network of the catalog.
pub struct LatentSwapper(Arc<Swapper>);

/// All that one face needs; the same for every frame.
struct Swapper {
    network: SwapNetwork,
    settings: Settings,
    /// The numbers that stand for each person.
    people: Vec<Vec<f32>>,
    /// Tells who the target is, where that is mixed in.
    recognizer: Option<PictureNetwork>,
    /// The masks that are the same for every face.
    drawn: Field,
    networks: Networks,
}

impl LatentSwapper {
    /// The swapper of a profile.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when a value makes no sense or the model is no swapper,
    /// [`crate::error::Kind::Missing`] when a model is not here, a failure when a file is not what
    /// the catalog says or a photo cannot be used.
    pub fn build(setup: &Setup<'_>) -> Result<Self> {
        let profile = setup.profile;
        let settings = Settings::of(profile)?;
        let network = SwapNetwork::load(setup.pool, &profile.swap.model)?;
        let people = source::prepare(setup, &network, settings.latent)?;
        let told_by_vector = network.spec().source != SourceKind::Image;
        let recognizer = (settings.weight.is_some() && told_by_vector)
            .then(|| PictureNetwork::load(setup.pool, &profile.faces.recognizer))
            .transpose()?;
        let size = network.size() * settings.boost;
        let (drawn, networks) = match settings.paste {
            // insightface's mask is its own; this one says under what colors are compared.
            PasteRule::Insightface => {
                (ellipse_mask(size, 0.0, [0; 4]), Networks::only(setup, &[])?)
            }
            PasteRule::Crop => (drawn(&profile.mask, size), Networks::build(setup)?),
        };
        Ok(LatentSwapper(Arc::new(Swapper {
            network,
            settings,
            people,
            recognizer,
            drawn,
            networks,
        })))
    }
}

impl Processor for LatentSwapper {
    fn name(&self) -> &'static str {
        "swap"
    }

    fn prepare(&mut self, _frame: &Frame, faces: &[Chosen]) -> Result<Box<dyn Work>> {
        Ok(Box::new(LatentWork { swapper: Arc::clone(&self.0), faces: faces.to_vec() }))
    }
}

struct LatentWork {
    swapper: Arc<Swapper>,
    faces: Vec<Chosen>,
}

impl Work for LatentWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Changed> {
        let mut regions = Vec::new();
        for Chosen { face, person } in &self.faces {
            // A person without photos is nobody.
            let Some(source) = self.swapper.people.get(*person) else { continue };
            regions.extend(self.swapper.swap(frame, face, source)?);
        }
        Ok(Changed::faces(regions))
    }
}

impl Swapper {
    /// Swaps one face in place; the rectangle that may have changed, `None` when it lies outside
    /// the frame.
    fn swap(&self, frame: &mut Frame, face: &Face, source: &[f32]) -> Result<Option<Rect>> {
        let Swapper { network, settings, .. } = self;
        let size = network.size() * settings.boost;
        let aligned = Aligned::new(&face.points, network.spec().template, size)?;
        let (border, quality) = settings.sampling();
        let crop = aligned.crop(frame, border, quality);
        let mixed = self.mixed(frame, face, source)?;
        let swapped = network.run(&crop, mixed.as_deref().unwrap_or(source), settings.boost)?;
        let keep = kept(settings, face, &aligned);
        match settings.paste {
            PasteRule::Insightface => Ok(self.paste_square(frame, &aligned, &crop, swapped, keep)),
            PasteRule::Crop => {
                let looked = self.networks.mask(face, &aligned, &crop)?;
                let mut mask = looked.zip(&self.drawn, f32::min);
                if let Some(own) = &swapped.mask {
                    mask = mask.zip(own, f32::min);
                }
                if let Some(keep) = keep {
                    mask = mask.zip(&keep, |m, kept| m.min(1.0 - kept));
                }
                let new = match_color(swapped.crop, &crop, &mask, settings.color_match);
                Ok(aligned.paste(frame, &new, &mask))
            }
        }
    }

    /// In insightface's arithmetic. What is kept goes into the crop, since the mask is not ours.
    fn paste_square(
        &self,
        frame: &mut Frame,
        aligned: &Aligned,
        crop: &Planes,
        swapped: Swapped,
        keep: Option<Field>,
    ) -> Option<Rect> {
        let mut new = match_color(swapped.crop, crop, &self.drawn, self.settings.color_match);
        if let Some(keep) = keep {
            for (new, old) in new.iter_mut().zip(crop) {
                for ((n, &o), &k) in new.data.iter_mut().zip(&old.data).zip(&keep.data) {
                    *n += (o - *n) * k;
                }
            }
        }
        if whole_steps(&frame.format) {
            new = new.map(|plane| plane.map(f32::trunc));
        }
        aligned.paste_insightface(frame, &new)
    }

    /// The source's vector mixed with the target's own, where the profile asks for it.
    fn mixed(&self, frame: &Frame, face: &Face, source: &[f32]) -> Result<Option<Vec<f32>>> {
        let (Some(weight), Some(recognizer)) = (self.settings.weight, &self.recognizer) else {
            return Ok(None);
        };
        let own = match &face.embedding {
            Some(embedding) => embedding.clone(),
            None => {
                let aligned =
                    Aligned::new(&face.points, Template::Arcface112, recognizer.size().0)?;
                let crop = aligned.crop(frame, Border::Black, Quality::Plain);
                let output = recognizer.run(&crop)?.into_iter().next();
                Embedding::from_raw(output.map(|output| output.data).unwrap_or_default())
            }
        };
        let target = if self.network.spec().normalize { own.unit } else { own.raw() };
        self.network.check_source(target.len())?;
        Ok(Some(balanced(source, &target, weight)))
    }
}
