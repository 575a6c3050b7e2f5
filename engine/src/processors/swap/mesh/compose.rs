//! One face of one frame, from one or two source photos.

use crate::error::Result;
use crate::imaging::field::Field;
use crate::imaging::frame::Frame;
use crate::imaging::region::{Rect, add_delta, read_rgb};

use super::examine::examine;
use super::geometry::Geometry;
use super::render::{blend, render};
use super::source::SourceFace;
use super::target::TargetFace;
use super::topology::Topology;

/// Swaps one face in place; several sources are mixed by their weights, which add up to 1.
/// Returns the rectangle that may have changed, or `None` when the face could not be swapped (too
/// small, outside the frame, no skin to match).
///
/// # Errors
/// When the embedded mesh cannot be read.
pub fn swap(
    frame: &mut Frame,
    sources: &[(&SourceFace, f32)],
    target: &TargetFace,
) -> Result<Option<Rect>> {
    let mut sum: Option<(Rect, Vec<Field>)> = None;
    for &(source, weight) in sources {
        let Some((rect, planes)) = change(frame, source, target)? else { continue };
        let whole = weight == 1.0;
        let weighted = planes.into_iter().map(|p| if whole { p } else { p.map(|v| v * weight) });
        sum = Some(match sum {
            None => (rect, weighted.collect()),
            Some((_, before)) => (
                rect,
                before.into_iter().zip(weighted).map(|(a, b)| a.zip(&b, |a, b| a + b)).collect(),
            ),
        });
    }
    Ok(sum.map(|(rect, planes)| {
        add_delta(frame, rect, &planes);
        rect
    }))
}

/// What one source changes, as differences of the frame's own planes.
fn change(
    frame: &Frame,
    source: &SourceFace,
    target: &TargetFace,
) -> Result<Option<(Rect, Vec<Field>)>> {
    let topology = Topology::get()?;
    let Some(geometry) = Geometry::new(frame, source, target)? else { return Ok(None) };
    let mut rgb = read_rgb(frame, geometry.rect);
    let mut retouched = None;
    if let Some(glasses) = &target.glasses {
        let mut difference = rgb.clone();
        glasses.remove_ends(&mut rgb, geometry.rect, &target.landmarks)?;
        for (old, new) in difference.iter_mut().zip(&rgb) {
            old.data.iter_mut().zip(&new.data).for_each(|(old, new)| *old = new - *old);
        }
        retouched = Some(difference);
    }
    let Some(coarse) = examine(topology, source, target, &geometry, &rgb) else { return Ok(None) };
    let delta = render(topology, source, target, &geometry, rgb, &coarse);
    let planes = blend(&frame.format, &geometry, &coarse.soft, delta, retouched, target);
    Ok(Some((geometry.rect, planes)))
}
