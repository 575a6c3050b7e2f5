//! The face unrolled: every texel is one place on the skin, whatever the pose.
//!
//! The layout is a cylinder around the canonical head, computed once. A frame is carried into it
//! through the fitted mesh.

use std::sync::OnceLock;

use crate::error::{Error, Result};
use crate::faces::landmarks::{COUNT, MESH};
use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::mask::{Mask, polygon};
use crate::imaging::similarity::Point;

use super::super::features::threshold;
use super::super::raster::rasterize;
use super::super::shading::vertex_normals;
use super::super::topology::{BROWS, EXTENDED, EYES, FOREHEAD, FOREHEAD_START, Topology};
use super::canvas::Canvas;

/// Texels per row and rows.
pub const SIZE: usize = 64;
/// Texels are seen when their normal turns at least this much towards the camera.
const FACING: f32 = 0.15;

/// What is constant about the layout.
pub struct Layout {
    /// Texel position of every point of an extended mesh. The forehead's points fall onto the
    /// oval's, so that its triangles vanish.
    pub places: Vec<Point>,
    /// Texels that a triangle covers.
    pub inside: Mask,
    /// Skin of the upper face, whose light is compared from frame to frame.
    pub upper: Mask,
    /// Where something in front is looked for: below the eye line, without eyes and brows.
    pub lower: Mask,
    /// The edge of the lower face: what comes in front has to cross it.
    pub border: Mask,
    /// Well inside the face.
    pub deep: Mask,
    corners: Vec<[usize; 3]>,
    weights: Vec<[f32; 3]>,
}

impl Layout {
    /// The layout.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read: a broken build.
    pub fn get() -> Result<&'static Layout> {
        static LAYOUT: OnceLock<Option<Layout>> = OnceLock::new();
        let topology = Topology::get()?;
        LAYOUT
            .get_or_init(|| build(topology))
            .as_ref()
            .ok_or_else(|| Error::failed("the embedded face mesh cannot be unrolled"))
    }

    /// A value given at the mesh's points, at a texel inside the face.
    #[inline]
    fn interpolate(&self, values: &[[f32; 3]], texel: usize) -> [f32; 3] {
        let (corners, weights) = (self.corners[texel], self.weights[texel]);
        std::array::from_fn(|c| (0..3).map(|k| values[corners[k]][c] * weights[k]).sum())
    }
}

fn build(topology: &Topology) -> Option<Layout> {
    let places = unroll(topology);
    let flat: Vec<[f32; 3]> = places.iter().map(|p| [p[0], p[1], 0.0]).collect();
    let map = rasterize(topology, &flat, &places, SIZE, SIZE);
    let mut corners = vec![[0; 3]; SIZE * SIZE];
    let mut weights = vec![[0.0; 3]; SIZE * SIZE];
    let mut inside = Mask::empty(SIZE, SIZE);
    for i in 0..SIZE * SIZE {
        let Some(triangle) = topology.triangles.get(map.triangle[i] as usize) else { continue };
        let position = [(i % SIZE) as f32, (i / SIZE) as f32];
        corners[i] = *triangle;
        weights[i] = barycentric(triangle.map(|v| places[v]), position)?;
        inside.data[i] = true;
    }
    let mut features = Mask::empty(SIZE, SIZE);
    for part in EYES.iter().map(|e| &e[..]).chain(BROWS.iter().map(|b| &b[..])) {
        let contour: Vec<Point> = part.iter().map(|&v| places[v]).collect();
        let filled = threshold(&polygon(SIZE, SIZE, &contour));
        features = features.combine(&filled, |a, b| a || b);
    }
    let features = features.dilate(2.0);
    let (eyes, chin) = ((places[33][1] + places[263][1]) / 2.0, places[152][1]);
    let height = |i: usize| ((i / SIZE) as f32 - eyes) / (chin - eyes);
    let depth = inside.depth();
    let mask = |rule: &dyn Fn(usize) -> bool| {
        Mask::from_fn(SIZE, SIZE, |x, y| {
            let i = y * SIZE + x;
            inside.data[i] && rule(i)
        })
    };
    Some(Layout {
        upper: mask(&|i| !features.data[i] && height(i) < 0.35),
        lower: mask(&|i| !features.data[i] && height(i) > 0.12),
        border: mask(&|i| depth.data[i] < 4.0 && height(i) > 0.25),
        deep: mask(&|i| depth.data[i] > 8.0),
        places,
        inside,
        corners,
        weights,
    })
}

/// Angle around the head and height, scaled to the texels with a border of two.
fn unroll(topology: &Topology) -> Vec<Point> {
    let back = topology.vertices.iter().map(|v| v[2]).fold(f32::INFINITY, f32::min) - 2.0;
    let mut places: Vec<Point> =
        topology.vertices.iter().map(|v| [v[0].atan2(v[2] - back), -v[1]]).collect();
    for c in 0..2 {
        let low = places.iter().map(|p| p[c]).fold(f32::INFINITY, f32::min);
        let high = places.iter().map(|p| p[c]).fold(f32::NEG_INFINITY, f32::max);
        for p in &mut places {
            p[c] = (p[c] - low) / (high - low) * (SIZE - 5) as f32 + 2.0;
        }
    }
    debug_assert_eq!(places.len(), MESH);
    // No triangle uses the irises.
    places.resize(COUNT, [0.0; 2]);
    debug_assert_eq!(places.len(), FOREHEAD_START);
    for v in FOREHEAD {
        places.push(places[v]);
    }
    debug_assert_eq!(places.len(), EXTENDED);
    places
}

fn barycentric([a, b, c]: [Point; 3], p: Point) -> Option<[f32; 3]> {
    let (e, f, g) =
        ([b[0] - a[0], b[1] - a[1]], [c[0] - a[0], c[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
    let area = e[0] * f[1] - e[1] * f[0];
    let (u, v) = ((g[0] * f[1] - g[1] * f[0]) / area, (e[0] * g[1] - e[1] * g[0]) / area);
    (u.is_finite() && v.is_finite()).then_some([1.0 - u - v, u, v])
}

/// One frame's face in texels.
pub struct Seen {
    /// Log of linear light, R, G, B; 0 outside the face.
    pub log: Planes,
    /// Normals; x right, y down, z negative towards the camera.
    pub normals: Vec<[f32; 3]>,
    /// Texels that face the camera and lie in the frame.
    pub visible: Mask,
    places: Vec<Point>,
}

impl Seen {
    /// Unrolls a canvas.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read.
    pub fn of(canvas: &Canvas) -> Result<Self> {
        let (layout, topology) = (Layout::get()?, Topology::get()?);
        let vertex_normals = vertex_normals(topology, &canvas.points);
        let log: Planes = std::array::from_fn(|c| {
            let log = canvas.rgb[c].clone().map(log_light);
            gaussian(&log, 1.0)
        });
        let mut seen = Seen {
            log: std::array::from_fn(|_| Field::zeros(SIZE, SIZE)),
            normals: vec![[0.0; 3]; SIZE * SIZE],
            visible: Mask::empty(SIZE, SIZE),
            places: vec![[0.0; 2]; SIZE * SIZE],
        };
        let [right, bottom] = canvas.frame_size.map(|v| v - 0.5);
        for i in (0..SIZE * SIZE).filter(|&i| layout.inside.data[i]) {
            let [x, y, _] = layout.interpolate(&canvas.points, i);
            let normal = layout.interpolate(&vertex_normals, i);
            for (plane, source) in seen.log.iter_mut().zip(&log) {
                plane.data[i] = source.bilinear(x, y);
            }
            let [fx, fy] = canvas.to_frame.apply([x, y]);
            let in_frame = fx > -0.5 && fy > -0.5 && fx < right && fy < bottom;
            seen.visible.data[i] = in_frame && -normal[2] > FACING;
            seen.normals[i] = normal;
            seen.places[i] = [x, y];
        }
        Ok(seen)
    }

    /// A mask of the canvas in texels.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read.
    pub fn carry(&self, mask: &Mask) -> Result<Mask> {
        let layout = Layout::get()?;
        let field = mask.to_field();
        Ok(Mask::from_fn(SIZE, SIZE, |x, y| {
            let i = y * SIZE + x;
            let [px, py] = self.places[i];
            layout.inside.data[i] && field.bilinear(px, py) > 0.5
        }))
    }
}

/// Log of linear light with a floor that keeps sensor noise in the dark small.
fn log_light(v: f32) -> f32 {
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    const STEPS: f32 = 4.0;
    let table = TABLE.get_or_init(|| {
        let last = (255.0 * STEPS) as usize + 1;
        (0..=last).map(|i| ((i as f32 / STEPS / 255.0).powf(2.2) + 0.02).ln()).collect()
    });
    let p = v.clamp(0.0, 255.0) * STEPS;
    let i = p as usize;
    table[i] + (table[i + 1] - table[i]) * (p - i as f32)
}

/// Texels drawn onto the canvas, where the mesh lies; 0 elsewhere.
///
/// # Errors
/// When the embedded mesh cannot be read.
pub fn to_canvas(texels: &Field, canvas: &Canvas) -> Result<Field> {
    let (layout, topology) = (Layout::get()?, Topology::get()?);
    let mut points = canvas.points.clone();
    for (i, v) in FOREHEAD.iter().enumerate() {
        points[FOREHEAD_START + i] = points[*v];
    }
    let texels = over_the_edge(texels, &layout.inside);
    let (width, height) = (canvas.width(), canvas.height());
    let map = rasterize(topology, &points, &layout.places, width, height);
    Ok(Field::from_fn(width, height, |x, y| {
        let i = y * width + x;
        if map.covered(i) { texels.bilinear(map.source[i][0], map.source[i][1]) } else { 0.0 }
    }))
}

/// Texels just outside the face take their largest neighbor, so that a value reaches the edge.
fn over_the_edge(texels: &Field, inside: &Mask) -> Field {
    Field::from_fn(SIZE, SIZE, |x, y| {
        if inside.at(x, y) {
            return texels.at(x, y);
        }
        let mut most = 0.0f32;
        for ny in y.saturating_sub(1)..(y + 2).min(SIZE) {
            for nx in x.saturating_sub(1)..(x + 2).min(SIZE) {
                if inside.at(nx, ny) {
                    most = most.max(texels.at(nx, ny));
                }
            }
        }
        most
    })
}
