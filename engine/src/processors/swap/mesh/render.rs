//! The swapped face at full resolution, and its blend into the frame's own planes.
//!
//! A face that fills a 4K frame has four million pixels, and each plane of them is 16 MB: what is
//! known coarsely is enlarged row by row, and planes go as soon as nobody reads them.

use crate::imaging::color::{Planes, row_to_rgb};
use crate::imaging::field::Field;
use crate::imaging::filter::{laplacian_blend, mask_pyramid};
use crate::imaging::frame::FrameFormat;
use crate::imaging::mask::polygon;
use crate::imaging::region::{native_delta, subsample};
use crate::imaging::rows::chroma_shifts;

use super::details;
use super::examine::Coarse;
use super::features::pick;
use super::geometry::Geometry;
use super::grid::Grid;
use super::lids;
use super::light::{Spot, Spots, shade_row};
use super::raster::{NONE, WarpMap, rasterize};
use super::source::SourceFace;
use super::target::TargetFace;
use super::topology::{IRISES, Topology};
use super::warp::{Mirror, warp};

/// The swapped face minus the target, RGB; zero outside the face.
pub fn render(
    topology: &Topology,
    source: &SourceFace,
    target: &TargetFace,
    geometry: &Geometry,
    rgb: Planes,
    coarse: &Coarse,
) -> Planes {
    let grid = Grid::fine(geometry.rect);
    let (w, h) = (grid.width, grid.height);
    let shaped = grid.locate_all(&geometry.shaped);
    let original = grid.locate_all(&geometry.target);
    let outline = polygon(w, h, &pick(&original, &topology.outline()));
    let mut map = rasterize(topology, &shaped, &source.flat, w, h);
    map.mend(&outline, 3.0 * source.width / geometry.width + 1.0);
    details::center_irises(&mut map, source, &shaped, geometry.width);
    let own_side = coarse.own_side.as_ref();
    let mirror = own_side.map(|own| Mirror::new(topology, source, &shaped, own));
    let mut face = warp(source, &map, &coarse.blur, mirror.as_ref());
    details::match_grain(&mut face[0], &rgb, &coarse.plain, &coarse.skin, geometry.width);
    shade(&mut face, &map, coarse);
    let irises = lit_irises(source, geometry, coarse);
    let lids = &target.lids;
    lids::blend(&mut face, &rgb, topology, &shaped, &original, lids, &irises, geometry.width);
    for y in 0..h {
        let span = map.span(y);
        row_to_rgb(face.each_mut().map(|plane| &mut plane.row_mut(y)[span.clone()]));
    }
    details::keep_inner_mouth(&mut face, &rgb, &shaped, &original, geometry.width);
    subtract(&mut face, &rgb, &map, &outline, &coarse.keep);
    face
}

/// Leaves of the swapped face what it differs by from the target, as far as it is kept.
fn subtract(face: &mut Planes, rgb: &Planes, map: &WarpMap, outline: &Field, keep: &Field) {
    let (w, h) = (map.width, map.height);
    let mut keep = keep.enlarged(w, h);
    let mut kept = vec![0.0; w];
    for y in 0..h {
        let span = map.span(y);
        let kept = &mut kept[..span.len()];
        kept.copy_from_slice(keep.part(y, span.clone()));
        let triangles = &map.triangle[y * w..][span.clone()];
        for ((kept, &outline), &t) in
            kept.iter_mut().zip(&outline.row(y)[span.clone()]).zip(triangles)
        {
            *kept = if outline >= 0.5 && t != NONE { *kept } else { 0.0 };
        }
        for (plane, old) in face.iter_mut().zip(rgb) {
            let (row, old) = (plane.row_mut(y), &old.row(y)[span.clone()]);
            row[..span.start].fill(0.0);
            row[span.end..].fill(0.0);
            for ((new, old), kept) in row[span.clone()].iter_mut().zip(old).zip(&*kept) {
                *new = (*new - old) * kept;
            }
        }
    }
}

/// Puts the target's light on the source's colors, Lab.
fn shade(lab: &mut Planes, map: &WarpMap, coarse: &Coarse) {
    let (w, h) = (map.width, map.height);
    let light = &coarse.light;
    let mut lift = light.lift.each_ref().map(|field| field.enlarged(w, h));
    let mut tone = light.tone.each_ref().map(|field| field.enlarged(w, h));
    let mut plain = coarse.plain.enlarged(w, h);
    for y in 0..h {
        let span = map.span(y);
        let spots = Spots {
            lift: lift.each_mut().map(|rows| rows.part(y, span.clone())),
            tone: tone.each_mut().map(|rows| rows.part(y, span.clone())),
            plain: plain.part(y, span.clone()),
        };
        shade_row(light, lab.each_mut().map(|plane| &mut plane.row_mut(y)[span.clone()]), &spots);
    }
}

/// The source's iris colors under the target's light.
fn lit_irises(source: &SourceFace, geometry: &Geometry, coarse: &Coarse) -> [[f32; 3]; 2] {
    std::array::from_fn(|k| {
        let p = geometry.shaped[IRISES[k]];
        let [x, y] = coarse.grid.locate([p[0], p[1]]);
        let light = &coarse.light;
        let spot = Spot {
            lift: [0, 1, 2].map(|c: usize| light.lift[c].bilinear(x, y)),
            tone: [0, 1].map(|c: usize| light.tone[c].bilinear(x, y)),
            plain: 0.0,
        };
        light.shade(source.irises[k], &spot)
    })
}

/// The difference blended under the soft mask, in the frame's own planes, each at its own
/// resolution. `retouched` is what was already changed under the face (the ends of glasses);
/// nothing changes where something is in front of the face.
pub fn blend(
    format: &FrameFormat,
    geometry: &Geometry,
    soft: &Field,
    delta: Planes,
    retouched: Option<Planes>,
    target: &TargetFace,
) -> Vec<Field> {
    let (w, h) = (geometry.rect.width, geometry.rect.height);
    let mask = soft.enlarge(w, h);
    let grid = Grid::fine(geometry.rect);
    let bare = target.occlusion.as_ref().map(|occlusion| {
        Field::from_fn(w, h, |x, y| {
            let [x, y] = grid.place(x, y);
            1.0 - occlusion.at(x, y)
        })
    });
    // Bands up to about a twelfth of the face: four levels at a width of 200 pixels.
    let levels = (geometry.width / 12.0).log2().round().clamp(1.0, 6.0) as usize;
    let before = retouched.map(|planes| native_delta(format, planes));
    let shifts = chroma_shifts(format);
    let coarser = usize::from(shifts.0.max(shifts.1));
    // What chroma is blended under, where it has fewer samples.
    let chroma = (coarser > 0).then(|| {
        let own = |field: &Field| subsample(field, shifts.0, shifts.1);
        (mask_pyramid(own(&mask), levels.saturating_sub(coarser)), bare.as_ref().map(own))
    });
    let luma = (mask_pyramid(mask, levels), bare);
    let mut blended = Vec::new();
    for (c, plane) in native_delta(format, delta).into_iter().enumerate() {
        let (masks, bare) = if c > 0 { chroma.as_ref().unwrap_or(&luma) } else { &luma };
        let mut plane = laplacian_blend(plane, masks);
        if let Some(before) = &before {
            plane = plane.zip(&before[c], |p, b| p + b);
        }
        if let Some(bare) = bare {
            plane = plane.zip(bare, |p, b| p * b);
        }
        blended.push(plane);
    }
    blended
}
