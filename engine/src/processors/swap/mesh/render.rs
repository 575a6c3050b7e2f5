//! The swapped face at full resolution, and its blend into the frame's own planes.
//!
//! A face that fills a 4K frame has four million pixels, and each plane of them is 16 MB: what is
//! known coarsely is enlarged row by row, and planes go as soon as nobody reads them.

use std::borrow::Cow;

use crate::imaging::color::{Planes, lab_to_rgb};
use crate::imaging::field::Field;
use crate::imaging::filter::laplacian_blend;
use crate::imaging::frame::{FrameFormat, Layout};
use crate::imaging::mask::polygon;
use crate::imaging::region::{native_delta, subsample};

use super::details;
use super::examine::{Coarse, mirrored_map, mix_sides, warp};
use super::features::pick;
use super::geometry::Geometry;
use super::grid::Grid;
use super::lids;
use super::light::Spot;
use super::raster::{WarpMap, rasterize};
use super::source::SourceFace;
use super::target::TargetFace;
use super::topology::{IRISES, Topology};

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
    let own_side = coarse.own_side.as_ref().map(|f| f.enlarge(w, h));
    let mirrored = own_side.is_some().then(|| mirrored_map(topology, source, &shaped, w, h));
    let blur = coarse.blur.enlarge(w, h);
    let mut face = warp(&map, |i| {
        let blur = blur.data[i];
        let own = source.texture.sample(map.source[i], blur);
        mix_sides(own, i, own_side.as_ref(), mirrored.as_ref(), |p| source.texture.sample(p, blur))
    });
    drop((own_side, mirrored, blur));
    let plain = coarse.plain.enlarge(w, h);
    let skin = coarse.skin.enlarge(w, h);
    details::match_grain(&mut face[0], &rgb, &plain, &skin, geometry.width);
    drop((plain, skin));
    shade(&mut face, &map, coarse);
    let irises = lit_irises(source, geometry, coarse);
    let lids = &target.lids;
    lids::blend(&mut face, &rgb, topology, &shaped, &original, lids, &irises, geometry.width);
    for i in 0..w * h {
        let inside = map.covered(i) && outline.data[i] > 0.0;
        let color = if inside { &face } else { &rgb }.each_ref().map(|plane| plane.data[i]);
        let color = if inside { lab_to_rgb(color) } else { color };
        for (plane, v) in face.iter_mut().zip(color) {
            plane.data[i] = v;
        }
    }
    details::keep_inner_mouth(&mut face, &rgb, &shaped, &original, geometry.width);
    let mut keep = coarse.keep.enlarged(w, h);
    for y in 0..h {
        let keep = keep.row(y);
        for (plane, old) in face.iter_mut().zip(&rgb) {
            for (x, ((new, old), keep)) in
                plane.row_mut(y).iter_mut().zip(old.row(y)).zip(keep).enumerate()
            {
                let i = y * w + x;
                let inside = map.covered(i) && outline.data[i] >= 0.5;
                *new = if inside { (*new - old) * keep } else { 0.0 };
            }
        }
    }
    face
}

/// Puts the target's light on the source's colors, Lab.
fn shade(lab: &mut Planes, map: &WarpMap, coarse: &Coarse) {
    let (w, h) = (map.width, map.height);
    let light = &coarse.light;
    let mut lift = light.lift.each_ref().map(|field| field.enlarged(w, h));
    let mut tone = light.tone.each_ref().map(|field| field.enlarged(w, h));
    let mut plain = coarse.plain.enlarged(w, h);
    for y in 0..h {
        let lift = lift.each_mut().map(|rows| rows.row(y));
        let tone = tone.each_mut().map(|rows| rows.row(y));
        let plain = plain.row(y);
        for x in 0..w {
            let i = y * w + x;
            if map.covered(i) {
                let spot = Spot {
                    lift: lift.map(|row| row[x]),
                    tone: tone.map(|row| row[x]),
                    plain: plain[x],
                };
                let color = light.shade([0, 1, 2].map(|c: usize| lab[c].data[i]), &spot);
                for (plane, v) in lab.iter_mut().zip(color) {
                    plane.data[i] = v;
                }
            }
        }
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
    let mut blended = Vec::new();
    for (c, plane) in native_delta(format, delta).into_iter().enumerate() {
        let shifts = match format.layout {
            Layout::Yuv { shift_x, shift_y, .. } if c > 0 => (shift_x, shift_y),
            _ => (0, 0),
        };
        let own = |field| match shifts {
            (0, 0) => Cow::Borrowed(field),
            (x, y) => Cow::Owned(subsample(field, x, y)),
        };
        let coarser = usize::from(shifts.0.max(shifts.1));
        let mut plane = laplacian_blend(plane, &own(&mask), levels.saturating_sub(coarser));
        if let Some(before) = &before {
            plane = plane.zip(&before[c], |p, b| p + b);
        }
        if let Some(bare) = &bare {
            plane = plane.zip(&own(bare), |p, b| p * b);
        }
        blended.push(plane);
    }
    blended
}
