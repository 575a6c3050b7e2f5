//! The outline of what `[mask]` lets through, in the frame.

use crate::error::Result;
use crate::faces::Face;
use crate::imaging::aligned::{Aligned, Border, Quality};
use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::imaging::frame::{Frame, FrameFormat};
use crate::imaging::mask::Mask;
use crate::imaging::region::Rect;
use crate::imaging::template::Template;
use crate::inference::Pool;
use crate::processors::Setup;
use crate::processors::masks::Networks;
use crate::processors::masks::drawn::drawn;
use crate::profiles::Profile;

/// Where nothing says which crop the masks are made in: InSwapper's, at twice its size.
const TEMPLATE: Template = Template::Arcface128;
const SIZE: usize = 256;
/// From here on a pixel belongs to the face.
const HALF: f32 = 0.5;

/// Makes outlines.
pub struct Outliner {
    networks: Networks,
    /// The masks that are the same for every face.
    drawn: Field,
    template: Template,
    size: usize,
}

/// A face as it was decoded, cut out for the masks.
pub struct Cut {
    aligned: Aligned,
    crop: Planes,
}

/// A line, and where its upper left corner lies in the frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// The pixels of the line.
    pub line: Mask,
    /// Column and row of the first one.
    pub at: [usize; 2],
}

impl Outliner {
    /// For the masks of a profile.
    ///
    /// # Errors
    /// When a network is missing or a name in `[mask]` is unknown.
    pub fn build(setup: &Setup<'_>) -> Result<Self> {
        let (template, size) = swapper_crop(setup.profile, setup.pool);
        Ok(Outliner {
            networks: Networks::build(setup)?,
            drawn: drawn(&setup.profile.mask, size),
            template,
            size,
        })
    }

    /// Cuts a face out for [`Self::outline`].
    ///
    /// # Errors
    /// When its points coincide.
    pub fn cut(&self, frame: &Frame, face: &Face) -> Result<Cut> {
        let aligned = Aligned::new(&face.points, self.template, self.size)?;
        Ok(Cut { aligned, crop: aligned.crop(frame, Border::Replicate, Quality::Smooth) })
    }

    /// The outline of the masks of a face, `thickness` pixels wide, within the mask; `None` when
    /// it lies outside the frame.
    ///
    /// # Errors
    /// When a network fails or the face has not the landmarks that a mask needs.
    pub fn outline(
        &self,
        format: &FrameFormat,
        face: &Face,
        cut: &Cut,
        thickness: f32,
    ) -> Result<Option<Outline>> {
        let Cut { aligned, crop } = cut;
        let looked = self.networks.mask(face, aligned, crop)?;
        let mask = looked.zip(&self.drawn, f32::min);
        let Some(rect) = footprint(format, aligned) else { return Ok(None) };
        let end = aligned.size as f32;
        let inside = Mask::from_fn(rect.width, rect.height, |x, y| {
            let [u, v] = aligned.point([(rect.x + x) as f32, (rect.y + y) as f32]);
            let within = u > -1.0 && v > -1.0 && u < end && v < end;
            within && mask.bilinear(u, v) >= HALF
        });
        let core = inside.erode(thickness);
        let line = inside.combine(&core, |inside, core| inside && !core);
        Ok(Some(Outline { line, at: [rect.x, rect.y] }))
    }
}

/// The part of the frame that a crop covers, with a pixel to spare.
fn footprint(format: &FrameFormat, aligned: &Aligned) -> Option<Rect> {
    let end = aligned.size as f32;
    let corners = [[-1.0, -1.0], [end, -1.0], [end, end], [-1.0, end]];
    let corners = corners.map(|p| aligned.to_frame.apply(p));
    let low = |i: usize| corners.iter().map(|c| c[i]).fold(f32::INFINITY, f32::min);
    let high = |i: usize| corners.iter().map(|c| c[i]).fold(f32::NEG_INFINITY, f32::max);
    Rect::within(format, low(0) - 1.0, low(1) - 1.0, high(0) + 2.0, high(1) + 2.0)
}

/// The crop of the profile's swapper, in which its masks are made.
fn swapper_crop(profile: &Profile, pool: &Pool) -> (Template, usize) {
    let entry = pool.store().entry(&profile.swap.model).ok();
    let spec = entry.and_then(|entry| entry.swapper.as_ref().zip(entry.input.as_ref()));
    spec.map_or((TEMPLATE, SIZE), |(swapper, input)| {
        (swapper.template, input.size().0 * profile.swap.pixel_boost.max(1))
    })
}
