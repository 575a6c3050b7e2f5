//! Masks that need no look at the face: they are drawn once for all frames.

use crate::imaging::crop_mask::{box_mask, ellipse_mask};
use crate::imaging::field::Field;
use crate::profiles::sections::{Mask, MaskKind};

/// The least of the box and the ellipse that `[mask]` asks for, in a crop of `size × size` pixels; 1
/// everywhere when it asks for neither.
pub fn drawn(section: &Mask, size: usize) -> Field {
    let masks = section.kinds.iter().filter_map(|kind| match kind {
        MaskKind::Box => Some(box_mask(size, section.blur, section.padding)),
        MaskKind::Ellipse => Some(ellipse_mask(size, section.blur, section.padding)),
        MaskKind::Region | MaskKind::Occlusion | MaskKind::Area => None,
    });
    let least = masks.reduce(|least, mask| least.zip(&mask, f32::min));
    least.unwrap_or_else(|| Field::filled(size, size, 1.0))
}
