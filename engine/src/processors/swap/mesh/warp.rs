//! The source's colors laid over the target: its own side, and the mirror image of the other one
//! where the photo shows a side edge-on.

use crate::imaging::color::Planes;
use crate::imaging::field::Field;

use super::raster::{NONE, TriangleMap, WarpMap};
use super::source::SourceFace;
use super::topology::Topology;

/// From this weight of its own side on, the other one does not show.
const ALL_OWN: f32 = 0.999;

/// What is taken from the source's mirror image.
pub struct Mirror<'a> {
    /// Weight of the source's own side against it, at any resolution.
    own_side: &'a Field,
    /// For each triangle the way from the map's pixels to the source's other side.
    maps: Vec<Option<TriangleMap>>,
}

impl<'a> Mirror<'a> {
    /// The mirror image for a mesh in pixels of the map.
    pub fn new(
        topology: &Topology,
        source: &SourceFace,
        points: &[[f32; 3]],
        own_side: &'a Field,
    ) -> Self {
        let to_other_side = |t: &[usize; 3]| {
            let place = t.map(|v| [points[v][0], points[v][1]]);
            TriangleMap::between(place, t.map(|v| source.flat[topology.mirrored[v]]))
        };
        Mirror { own_side, maps: topology.triangles.iter().map(to_other_side).collect() }
    }
}

/// The source's Lab colors on a map's covered pixels, 0 elsewhere. `blur` is that of the source in
/// its pixels, at any resolution.
pub fn warp(
    source: &SourceFace,
    map: &WarpMap,
    blur: &Field,
    mirror: Option<&Mirror<'_>>,
) -> Planes {
    let (w, h) = (map.width, map.height);
    let mut planes: Planes = std::array::from_fn(|_| Field::zeros(w, h));
    let mut blur = blur.enlarged(w, h);
    let mut own_side = mirror.map(|mirror| mirror.own_side.enlarged(w, h));
    let mut colors = vec![[0.0; 4]; w];
    let mut other = OtherSide::default();
    for y in 0..h {
        let span = map.span(y);
        let blur = blur.part(y, span.clone());
        let colors = &mut colors[..span.len()];
        let row = y * w + span.start..y * w + span.end;
        source.texture.sample(&map.source[row.clone()], blur, colors);
        if let (Some(mirror), Some(own_side)) = (mirror, &mut own_side) {
            let weights = own_side.part(y, span.clone());
            other.find(mirror, map, [span.start, y], weights, blur);
            other.mix(source, weights, colors);
        }
        let covered = map.triangle[row.clone()].iter().map(|&t| t != NONE);
        for (c, plane) in planes.iter_mut().enumerate() {
            for ((v, color), covered) in
                plane.data[row.clone()].iter_mut().zip(&*colors).zip(covered.clone())
            {
                *v = if covered { color[c] } else { 0.0 };
            }
        }
    }
    planes
}

/// The pixels of a row that the source's other side shows on.
#[derive(Default)]
struct OtherSide {
    /// Their numbers in the span, and where they lie in the photo.
    pixels: Vec<usize>,
    points: Vec<[f32; 2]>,
    blur: Vec<f32>,
    colors: Vec<[f32; 4]>,
}

impl OtherSide {
    /// Finds the pixels of a span that starts at `(x, y)`.
    fn find(
        &mut self,
        mirror: &Mirror<'_>,
        map: &WarpMap,
        [x, y]: [usize; 2],
        weights: &[f32],
        blur: &[f32],
    ) {
        self.pixels.clear();
        self.points.clear();
        self.blur.clear();
        let triangles = &map.triangle[y * map.width + x..];
        for (i, ((&weight, &triangle), &blur)) in
            weights.iter().zip(triangles).zip(blur).enumerate()
        {
            if weight < ALL_OWN
                && let Some(Some(way)) = mirror.maps.get(triangle as usize)
            {
                self.pixels.push(i);
                self.points.push(way.apply(x + i, y));
                self.blur.push(blur);
            }
        }
    }

    /// Mixes its colors into those of the span.
    fn mix(&mut self, source: &SourceFace, weights: &[f32], colors: &mut [[f32; 4]]) {
        self.colors.resize(self.pixels.len(), [0.0; 4]);
        source.texture.sample(&self.points, &self.blur, &mut self.colors);
        for (&i, other) in self.pixels.iter().zip(&self.colors) {
            for (own, other) in colors[i].iter_mut().zip(other) {
                *own = *own * weights[i] + other * (1.0 - weights[i]);
            }
        }
    }
}
