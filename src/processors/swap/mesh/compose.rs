//! One face of one frame: warp, light, masks and blend, as a difference to add to the frame.

use crate::error::Result;
use crate::faces::landmarks::Landmarks;
use crate::imaging::color::{Planes, lab_to_rgb, planes_to_lab};
use crate::imaging::field::Field;
use crate::imaging::filter::{gaussian, laplacian_blend};
use crate::imaging::frame::Frame;
use crate::imaging::mask::{Mask, polygon};
use crate::imaging::region::{Rect, add_delta, native_delta, read_rgb, subsample};
use crate::imaging::frame::Layout;
use crate::imaging::similarity::Point;

use super::details;
use super::features::{features, pick, threshold};
use super::grid::Grid;
use super::hair;
use super::light::Light;
use super::morph::{extend, morph};
use super::raster::{NONE, WarpMap, rasterize};
use super::shading::{self, normal_planes, vertex_normals};
use super::source::SourceFace;
use super::topology::Topology;

/// The geometry of one swap: who goes where.
pub struct Geometry {
    /// The target's extended mesh in frame pixels.
    pub target: Vec<[f32; 3]>,
    /// The same with the source's shape.
    pub shaped: Vec<[f32; 3]>,
    /// The face's width in frame pixels.
    pub width: f32,
    /// The part of the frame that may change.
    pub rect: Rect,
}

impl Geometry {
    /// Lays a source's shape over a target; `None` when the face is outside the frame or smaller
    /// than 8 pixels.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read.
    pub fn new(frame: &Frame, source: &SourceFace, target: &Landmarks) -> Result<Option<Self>> {
        let width = target.width();
        let finite = target.points.iter().flatten().all(|v| v.is_finite());
        if !finite || width < 8.0 {
            return Ok(None);
        }
        let shaped = extend(&morph(&source.landmarks, target)?);
        let extended = extend(&target.points);
        let mut bounds = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        for p in shaped.iter().chain(&extended) {
            bounds = [
                bounds[0].min(p[0]),
                bounds[1].min(p[1]),
                bounds[2].max(p[0]),
                bounds[3].max(p[1]),
            ];
        }
        let margin = 0.18 * width + 4.0;
        let rect = Rect::within(
            &frame.format,
            bounds[0] - margin,
            bounds[1] - margin,
            bounds[2] + margin,
            bounds[3] + margin,
        );
        let large = |r: &Rect| r.width >= 8 && r.height >= 8;
        Ok(rect.filter(large).map(|rect| Geometry { target: extended, shaped, width, rect }))
    }
}

/// What the coarse grid says about a face: its light and which of its pixels are swapped.
struct Coarse {
    light: Light,
    /// Share of the swapped face, 0 where hair or hats stay; 0..=1.
    keep: Field,
    /// The blended region's soft mask, 0..=1.
    soft: Field,
    /// Weight of the source's own side against its mirror image.
    own_side: Option<Field>,
    /// Plain skin of both faces.
    skin: Field,
}

/// Swaps one face in place. Returns the rectangle that may have changed, or `None` when the face
/// could not be swapped (too small, outside the frame, no skin to match).
///
/// # Errors
/// When the embedded mesh cannot be read.
pub fn swap(frame: &mut Frame, source: &SourceFace, target: &Landmarks) -> Result<Option<Rect>> {
    let topology = Topology::get()?;
    let Some(geometry) = Geometry::new(frame, source, target)? else { return Ok(None) };
    let rgb = read_rgb(frame, geometry.rect);
    let Some(coarse) = examine(topology, source, &geometry, &rgb) else { return Ok(None) };
    let delta = render(topology, source, &geometry, &rgb, &coarse);
    blend(frame, &geometry, &coarse.soft, &delta);
    Ok(Some(geometry.rect))
}

/// Everything that is soft: light and masks.
fn examine(
    topology: &Topology,
    source: &SourceFace,
    geometry: &Geometry,
    rgb: &Planes,
) -> Option<Coarse> {
    let grid = Grid::coarse(geometry.rect, geometry.width);
    let (w, h) = (grid.width, grid.height);
    let face_width = geometry.width * w as f32 / geometry.rect.width as f32;
    let shaped = grid.locate_all(&geometry.shaped);
    let target = grid.locate_all(&geometry.target);
    let map = rasterize(topology, &shaped, &source.flat, w, h);
    let own_side = source.mirrors.then(|| own_side(topology, source, &map, &shaped, face_width));
    let mirrored = source.mirrors.then(|| mirrored_map(topology, source, &shaped, w, h));
    let texture = source.texture.for_ratio(source.width / face_width);
    let lab_source = warp(&map, |i| {
        let own = texture.bilinear(map.source[i]);
        mix_sides(own, i, own_side.as_ref(), mirrored.as_ref(), |p| texture.bilinear(p))
    });
    let small: Planes = std::array::from_fn(|c| rgb[c].shrink(w, h));
    let lab_target = planes_to_lab(&small);

    let outline = polygon(w, h, &pick(&target, &topology.outline()));
    let mut face = threshold(&outline);
    for (v, t) in face.data.iter_mut().zip(&map.triangle) {
        *v = *v && *t != NONE;
    }
    let source_features = features(&shaped, face_width, w, h);
    let target_features = features(&target, face_width, w, h);
    let source_hair = Mask::from_fn(w, h, |x, y| {
        let i = y * w + x;
        face.data[i] && source.hair_at(map.source[i]) > 0.5
    });
    let target_hair = target_hair(topology, &map, &small, &face, &target_features, &target, face_width);
    let skin = |hair: &Mask, special: &Mask| {
        let plain = face.clone().combine(hair, |f, h| f && !h);
        plain.combine(special, |f, s| f && !s)
    };
    let source_skin = skin(&source_hair, &source_features);
    let target_skin = skin(&target_hair, &target_features);
    let light =
        Light::fit(&lab_source, &lab_target, &face, &source_skin, &target_skin, face_width)?;

    let hidden = source_hair
        .dilate((0.032 * face_width).max(1.0))
        .combine(&target_hair.dilate((0.01 * face_width).max(1.0)), |a, b| a || b);
    let keep = gaussian(&hidden.to_field(), 0.025 * face_width)
        .map(|hidden| ((1.0 - hidden) * 1.15 - 0.1).clamp(0.0, 1.0));
    let guard = stretch_guard(topology, source, &map, &shaped, face_width);
    let keep = keep.zip(&guard, |k, g| k * g);
    let sigma = 0.012 * face_width;
    let soft = gaussian(&face.to_field(), sigma)
        .zip(&outline, |v, o| (2.0 * v - 1.0).clamp(0.0, 1.0) * o)
        .zip(&keep, |v, k| v * k);
    let skin = source_skin.combine(&target_skin, |a, b| a && b).to_field();
    Some(Coarse { light, keep, soft, own_side, skin })
}

/// Colors of a map's covered samples.
fn warp(map: &WarpMap, color: impl Fn(usize) -> [f32; 4]) -> Planes {
    let mut planes: Planes = std::array::from_fn(|_| Field::zeros(map.width, map.height));
    for i in 0..map.triangle.len() {
        if map.covered(i) {
            let lab = color(i);
            for (plane, v) in planes.iter_mut().zip(lab) {
                plane.data[i] = v;
            }
        }
    }
    planes
}

/// The source's own color and its mirror image's, by the weight of the own side.
#[inline]
fn mix_sides(
    own: [f32; 4],
    i: usize,
    own_side: Option<&Field>,
    mirrored: Option<&WarpMap>,
    sample: impl Fn(Point) -> [f32; 4],
) -> [f32; 4] {
    let (Some(weight), Some(map)) = (own_side, mirrored) else { return own };
    let weight = weight.data[i];
    if weight >= 0.999 {
        return own;
    }
    let other = sample(map.source[i]);
    std::array::from_fn(|c| own[c] * weight + other[c] * (1.0 - weight))
}

fn mirrored_map(
    topology: &Topology,
    source: &SourceFace,
    points: &[[f32; 3]],
    width: usize,
    height: usize,
) -> WarpMap {
    let flat: Vec<Point> = topology.mirrored.iter().map(|&v| source.flat[v]).collect();
    rasterize(topology, points, &flat, width, height)
}

/// The weight of the source's own side on the coarse grid; features always keep their own.
fn own_side(
    topology: &Topology,
    source: &SourceFace,
    map: &WarpMap,
    points: &[[f32; 3]],
    face_width: f32,
) -> Field {
    let weights: Vec<f32> = topology
        .triangles
        .iter()
        .map(|t| t.iter().map(|&v| source.own_side[v]).sum::<f32>() / 3.0)
        .collect();
    let flat = Field {
        width: map.width,
        height: map.height,
        data: map.triangle.iter().map(|&t| weights.get(t as usize).copied().unwrap_or(1.0)).collect(),
    };
    let special = features(points, face_width, map.width, map.height).to_field();
    gaussian(&flat, 0.03 * face_width).zip(&gaussian(&special, 0.012 * face_width), f32::max)
}

/// Hair and hats over the target's face.
fn target_hair(
    topology: &Topology,
    map: &WarpMap,
    rgb: &Planes,
    face: &Mask,
    special: &Mask,
    points: &[[f32; 3]],
    face_width: f32,
) -> Mask {
    let normals = vertex_normals(topology, points);
    let planes = normal_planes(topology, &normals, map, face_width);
    let skin = face.clone().combine(special, |f, s| f && !s);
    match shading::fit(rgb, &planes, &skin, face_width) {
        Some(residual) => hair::find(&residual, face, special, points, face_width),
        None => Mask::empty(face.width, face.height),
    }
}

/// Fades out where a few odd source pixels (the end of a fringe, the edge of a shadow) would be
/// stretched over much of the target. 1 where all is well.
fn stretch_guard(
    topology: &Topology,
    source: &SourceFace,
    map: &WarpMap,
    points: &[[f32; 3]],
    face_width: f32,
) -> Field {
    let area = |a: Point, b: Point, c: Point| {
        ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])).abs()
    };
    let mut ratios: Vec<f32> = topology
        .triangles
        .iter()
        .map(|t| {
            let [p, q, r] = t.map(|v| [points[v][0], points[v][1]]);
            let [a, b, c] = t.map(|v| source.flat[v]);
            (area(a, b, c) / (area(p, q, r) + 1e-3)).sqrt()
        })
        .collect();
    let mut sorted = ratios[..topology.face_triangles].to_vec();
    let middle = sorted.len() / 2;
    let median = *sorted.select_nth_unstable_by(middle, f32::total_cmp).1;
    for r in &mut ratios {
        *r = ((*r / median.max(1e-6) - 0.3) / 0.2).clamp(0.0, 1.0);
    }
    let mut stretched = Field::zeros(map.width, map.height);
    let mut odd = Field::zeros(map.width, map.height);
    let mut any = false;
    for (i, &t) in map.triangle.iter().enumerate() {
        if let Some(&r) = ratios.get(t as usize) {
            stretched.data[i] = 1.0 - r;
            odd.data[i] = source.odd_at(map.source[i]);
            any |= r < 1.0 && odd.data[i] > 0.0;
        }
    }
    if !any {
        return Field::filled(map.width, map.height, 1.0);
    }
    let blurred = gaussian(&stretched, 0.025 * face_width);
    blurred.zip(&odd, |s, o| 1.0 - s.min(1.0) * o)
}

/// The swapped face minus the target, RGB, at full resolution; zero outside the face.
fn render(
    topology: &Topology,
    source: &SourceFace,
    geometry: &Geometry,
    rgb: &Planes,
    coarse: &Coarse,
) -> Planes {
    let grid = Grid::fine(geometry.rect);
    let (w, h) = (grid.width, grid.height);
    let shaped = grid.locate_all(&geometry.shaped);
    let target = grid.locate_all(&geometry.target);
    let mut map = rasterize(topology, &shaped, &source.flat, w, h);
    details::center_irises(&mut map, source, &shaped, geometry.width);
    let texture = source.texture.for_ratio(source.width / geometry.width);
    let own_side = coarse.own_side.as_ref().map(|f| f.enlarge(w, h));
    let mirrored = own_side.is_some().then(|| mirrored_map(topology, source, &shaped, w, h));
    let mut lab = warp(&map, |i| {
        let own = texture.bicubic(map.source[i]);
        mix_sides(own, i, own_side.as_ref(), mirrored.as_ref(), |p| texture.bicubic(p))
    });
    let skin = coarse.skin.enlarge(w, h);
    details::match_grain(&mut lab[0], rgb, &skin, geometry.width);

    let lift: Planes = std::array::from_fn(|c| coarse.light.lift[c].enlarge(w, h));
    let keep = coarse.keep.enlarge(w, h);
    let [l, a, b] = &lab;
    let mut face: Planes = std::array::from_fn(|c| rgb[c].clone());
    for i in 0..w * h {
        if map.covered(i) {
            let share = coarse.light.chroma_share(l.data[i]);
            let color = lab_to_rgb([
                l.data[i] * coarse.light.gain + lift[0].data[i],
                a.data[i] + lift[1].data[i] * share,
                b.data[i] + lift[2].data[i] * share,
            ]);
            for (plane, v) in face.iter_mut().zip(color) {
                plane.data[i] = v;
            }
        }
    }
    details::keep_inner_mouth(&mut face, rgb, &shaped, &target, geometry.width);
    let outline = threshold(&polygon(w, h, &pick(&target, &topology.outline())));
    for (plane, old) in face.iter_mut().zip(rgb) {
        for i in 0..w * h {
            let inside = map.covered(i) && outline.data[i];
            plane.data[i] =
                if inside { (plane.data[i] - old.data[i]) * keep.data[i] } else { 0.0 };
        }
    }
    face
}

/// Blends the difference into the frame's own planes, each at its own resolution.
fn blend(frame: &mut Frame, geometry: &Geometry, soft: &Field, delta: &Planes) {
    let (w, h) = (geometry.rect.width, geometry.rect.height);
    let mask = soft.enlarge(w, h);
    // Bands up to about a twelfth of the face: four levels at a width of 200 pixels.
    let levels = (geometry.width / 12.0).log2().round().clamp(1.0, 6.0) as usize;
    let planes = native_delta(&frame.format, delta);
    let mut blended = Vec::with_capacity(planes.len());
    for (c, plane) in planes.into_iter().enumerate() {
        let (mask, levels) = match frame.format.layout {
            Layout::Yuv { shift_x, shift_y, .. } if c > 0 => {
                let coarser = usize::from(shift_x.max(shift_y));
                (subsample(&mask, shift_x, shift_y), levels.saturating_sub(coarser))
            }
            _ => (mask.clone(), levels),
        };
        blended.push(laplacian_blend(plane, &mask, levels));
    }
    add_delta(frame, geometry.rect, &blended);
}
