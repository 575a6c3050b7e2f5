//! What the coarse grid says about a face: its light, and which of its pixels are swapped.

use crate::imaging::color::{Planes, planes_to_lab};
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::mask::{Mask, convex_hull, polygon};
use crate::imaging::similarity::Point;

use super::features::{features, lips_brows_eyes, pick, threshold, with_nose};
use super::geometry::Geometry;
use super::grid::Grid;
use super::hair;
use super::light::Light;
use super::raster::{NONE, WarpMap, rasterize};
use super::shading::{self, normal_planes, vertex_normals};
use super::source::SourceFace;
use super::target::TargetFace;
use super::topology::{CHEEK, Topology};
use super::warp::{Mirror, warp};

/// Everything that is soft about one swap.
pub struct Coarse {
    /// The target's light on the source.
    pub light: Light,
    /// Share of the swapped face, 0 where hair or hats stay; 0..=1.
    pub keep: Field,
    /// The blended region's soft mask, 0..=1.
    pub soft: Field,
    /// Weight of the source's own side against its mirror image.
    pub own_side: Option<Field>,
    /// Plain skin of both faces.
    pub plain: Field,
    /// The source's skin with its nose.
    pub skin: Field,
    /// Blur of the source's texture in its pixels.
    pub blur: Field,
    /// The grid all this lies on.
    pub grid: Grid,
}

/// Looks at a face; `None` when there is no skin to match.
pub fn examine(
    topology: &Topology,
    source: &SourceFace,
    target: &TargetFace,
    geometry: &Geometry,
    rgb: &Planes,
) -> Option<Coarse> {
    let grid = Grid::coarse(geometry.rect, geometry.width);
    let (w, h) = (grid.width, grid.height);
    let step = geometry.rect.width as f32 / w as f32;
    let face_width = geometry.width / step;
    let shaped = grid.locate_all(&geometry.shaped);
    let original = grid.locate_all(&geometry.target);
    let map = rasterize(topology, &shaped, &source.flat, w, h);
    let no_skin = lips_brows_eyes(&shaped, face_width, w, h);
    let source_features = with_nose(no_skin.clone(), &shaped);
    let own_side =
        source.mirrors.then(|| own_side(topology, source, &map, &source_features, face_width));
    let mirror = own_side.as_ref().map(|own| Mirror::new(topology, source, &shaped, own));
    let lab_source = warp(source, &map, &geometry.blur(&map, step), mirror.as_ref());
    let small: Planes = std::array::from_fn(|c| rgb[c].shrink(w, h));
    let lab_target = planes_to_lab(&small);

    let outline = polygon(w, h, &pick(&original, &topology.outline()));
    let mut face = threshold(&outline);
    for (v, t) in face.data.iter_mut().zip(&map.triangle) {
        *v = *v && *t != NONE;
    }
    let depth = face.depth();
    let target_features = features(&original, face_width, w, h);
    let source_hair = Mask::from_fn(w, h, |x, y| {
        let i = y * w + x;
        face.data[i] && source.hair_at(map.source[i]) > 0.5
    });
    let covered = covered(target, &grid);
    let bare = match &covered {
        Some((_, near)) => face.clone().combine(near, |f, n| f && !n),
        None => face.clone(),
    };
    let target_hair = target_hair(
        topology,
        &map,
        &small,
        (&bare, &depth),
        &target_features,
        &original,
        face_width,
    );
    let skin = |face: &Mask, hair: &Mask, special: &Mask| {
        let plain = face.clone().combine(hair, |f, h| f && !h);
        plain.combine(special, |f, s| f && !s)
    };
    let source_skin = skin(&face, &source_hair, &source_features);
    let target_skin = skin(&bare, &target_hair, &target_features);
    // With hardly any skin in sight (a hand over the face) the whole face has to do: a frame
    // that showed the target's own face would be worse than a light that is a little off.
    let fit = |source: &Mask, target: &Mask| {
        Light::fit(&lab_source, &lab_target, &depth, source, target, face_width)
    };
    let mut light = fit(&source_skin, &target_skin).or_else(|| fit(&face, &face))?;
    let plain = source_skin.clone().combine(&target_skin, |a, b| a && b).to_field();
    if target.smile_excess(source) > 0.01 {
        let cheeks = cheeks(topology, &shaped, &source_features, face_width);
        let strength = cheeks.map(|v| v * 0.9 * target.smile_excess(source));
        light.calm_cheeks(&lab_source, &lab_target, &plain, &strength, face_width);
    }

    let hidden = source_hair
        .dilate((0.032 * face_width).max(1.0))
        .combine(&target_hair.dilate((0.01 * face_width).max(1.0)), |a, b| a || b);
    let mut keep = gaussian(&hidden.to_field(), 0.025 * face_width)
        .map(|hidden| ((1.0 - hidden) * 1.15 - 0.1).clamp(0.0, 1.0));
    // Bare patches would show pieces of the target's glasses.
    if target.glasses.is_none() {
        let guard = stretch_guard(topology, source, &map, &shaped, &depth, face_width);
        keep = keep.zip(&guard, |k, g| k * g);
    }
    if let Some((share, _)) = &covered {
        keep = keep.zip(share, |k, c| k * (1.0 - c));
    }
    let soft = gaussian(&face.to_field(), 0.012 * face_width)
        .zip(&outline, |v, o| (2.0 * v - 1.0).clamp(0.0, 1.0) * o)
        .zip(&keep, |v, k| v * k);
    let blur = geometry.blur(&map, 1.0);
    let skin = skin(&face, &source_hair, &no_skin).to_field();
    Some(Coarse { light, keep, soft, own_side, plain, skin, blur, grid })
}

/// How much of each sample something in front of the face covers, and where its color must not
/// be taken for skin.
fn covered(target: &TargetFace, grid: &Grid) -> Option<(Field, Mask)> {
    let occlusion = target.occlusion.as_ref()?;
    let share = Field::from_fn(grid.width, grid.height, |x, y| {
        let [x, y] = grid.place(x, y);
        occlusion.at(x, y)
    });
    let near = Mask::from_fn(grid.width, grid.height, |x, y| {
        let [x, y] = grid.place(x, y);
        occlusion.is_near(x, y)
    });
    Some((share, near))
}

/// The weight of the source's own side; features always keep their own.
fn own_side(
    topology: &Topology,
    source: &SourceFace,
    map: &WarpMap,
    special: &Mask,
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
        data: map
            .triangle
            .iter()
            .map(|&t| weights.get(t as usize).copied().unwrap_or(1.0))
            .collect(),
    };
    let special = gaussian(&special.to_field(), 0.012 * face_width);
    gaussian(&flat, 0.03 * face_width).zip(&special, f32::max)
}

/// Hair and hats over the target's face.
fn target_hair(
    topology: &Topology,
    map: &WarpMap,
    rgb: &Planes,
    (face, depth): (&Mask, &Field),
    special: &Mask,
    points: &[[f32; 3]],
    face_width: f32,
) -> Mask {
    let normals = vertex_normals(topology, points);
    let planes = normal_planes(topology, &normals, map, face_width);
    let skin = face.clone().combine(special, |f, s| f && !s);
    match shading::fit(rgb, &planes, &skin, face_width) {
        Some(residual) => hair::find(&residual, face, depth, special, points, face_width),
        None => Mask::empty(face.width, face.height),
    }
}

/// Both cheeks with their smile folds, softly, without features.
fn cheeks(topology: &Topology, points: &[[f32; 3]], special: &Mask, face_width: f32) -> Field {
    let (w, h) = (special.width, special.height);
    let mut both = Field::zeros(w, h);
    for side in [CHEEK, CHEEK.map(|v| topology.mirrored[v])] {
        let filled = polygon(w, h, &convex_hull(&pick(points, &side)));
        both = both.zip(&filled, f32::max);
    }
    for (v, s) in both.data.iter_mut().zip(&special.data) {
        *v = if *s { 0.0 } else { *v };
    }
    gaussian(&both, 0.03 * face_width)
}

/// Fades out where, near the outline, a few odd source pixels (the end of a fringe, the edge of a
/// shadow) would be stretched over much of the target. 1 where all is well.
fn stretch_guard(
    topology: &Topology,
    source: &SourceFace,
    map: &WarpMap,
    points: &[[f32; 3]],
    depth: &Field,
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
    let near =
        depth.clone().map(|d| ((0.18 * face_width - d) / (0.05 * face_width)).clamp(0.0, 1.0));
    let grown = Mask {
        width: map.width,
        height: map.height,
        data: stretched.data.iter().map(|&s| s > 0.5).collect(),
    };
    let grown = grown.dilate((0.015 * face_width).max(1.0)).to_field();
    gaussian(&stretched.zip(&grown, f32::max), 0.025 * face_width)
        .zip(&odd, |s, o| s.min(1.0) * o)
        .zip(&near, |g, n| 1.0 - g * n)
}
