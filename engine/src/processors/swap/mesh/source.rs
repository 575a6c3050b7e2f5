//! A source photo made ready once: texture, mesh, hair, and what is odd about its skin.

use crate::error::{Error, Result};
use crate::faces::landmarks::Landmarks;
use crate::imaging::color::{Planes, planes_to_lab};
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::frame::Frame;
use crate::imaging::mask::{Mask, polygon};
use crate::imaging::region::Rect;
use crate::imaging::sample::sample_affine;
use crate::imaging::similarity::{Affine, Point};

use super::features::{features, pick, threshold};
use super::glasses::Glasses;
use super::grid::Grid;
use super::lids::iris_color;
use super::morph::{Extended, extend};
use super::pose::Pose;
use super::raster::rasterize;
use super::shading::{self, normal_planes, vertex_normals};
use super::texture::TextureStack;
use super::topology::Topology;
use super::{hair, topology};

/// Faces wider than this many pixels are reduced: no target shows more.
const WIDEST: f32 = 900.0;

/// One photo of the person who is put in.
pub struct SourceFace {
    /// Landmarks in pixels of the texture.
    pub landmarks: Landmarks,
    /// The same with a forehead.
    pub points: Extended,
    /// Their positions.
    pub flat: Vec<Point>,
    /// The face's width in texture pixels.
    pub width: f32,
    /// The photo in Lab.
    pub texture: TextureStack,
    /// Weight of each extended point against its mirror image: below 1 where the photo shows it
    /// edge-on and the other side shows it better.
    pub own_side: Vec<f32>,
    /// Whether any part of the face is better taken from the other side.
    pub mirrors: bool,
    /// Where it looks and what it does.
    pub pose: Pose,
    /// Mean Lab of the right and the left iris.
    pub irises: [[f32; 3]; 2],
    grid: Grid,
    hair: Field,
    odd: Field,
}

impl SourceFace {
    /// Prepares a face of a photo.
    ///
    /// # Errors
    /// When the face is too small to use (under 24 pixels) or lies outside the picture.
    pub fn new(frame: &Frame, landmarks: &Landmarks) -> Result<Self> {
        let topology = Topology::get()?;
        let width = landmarks.width();
        if width.is_nan() || width < 24.0 {
            return Err(Error::no_face(format!("the face is only {width:.0} pixels wide"))
                .hint("use a photo in which the face is at least 24 pixels wide"));
        }
        let irises = [0, 1].map(|eye| iris_color(frame, landmarks, eye));
        let (mut rgb, landmarks) = cut_out(frame, landmarks)?;
        let rect = Rect { x: 0, y: 0, width: rgb[0].width, height: rgb[0].height };
        if let Some(glasses) = Glasses::in_picture(&rgb, &landmarks) {
            glasses.remove_ends(&mut rgb, rect, &landmarks)?;
        }
        let width = landmarks.width();
        let points = extend(&landmarks.points);
        let grid = Grid::coarse(rect, width);
        let coarse: Planes = std::array::from_fn(|c| rgb[c].shrink(grid.width, grid.height));
        let normals = vertex_normals(topology, &points);
        let (hair, odd) = examine(topology, &coarse, &grid, &points, &normals, width);
        let (own_side, mirrors) = sides(topology, &normals);
        Ok(SourceFace {
            flat: points.iter().map(|p| [p[0], p[1]]).collect(),
            texture: TextureStack::new(&planes_to_lab(&rgb)),
            pose: Pose::of(&landmarks)?,
            irises,
            landmarks,
            points,
            width,
            own_side,
            mirrors,
            grid,
            hair,
            odd,
        })
    }

    /// How much hair there is at a texture position, 0..=1.
    #[inline]
    pub fn hair_at(&self, p: Point) -> f32 {
        let [x, y] = self.grid.locate(p);
        self.hair.bilinear(x, y)
    }

    /// How odd the skin is at a texture position, 0..=1: shadow edges, hair ends, marks, which
    /// must not be stretched.
    #[inline]
    pub fn odd_at(&self, p: Point) -> f32 {
        let [x, y] = self.grid.locate(p);
        self.odd.bilinear(x, y)
    }
}

/// The face with a margin as RGB, and its landmarks there.
fn cut_out(frame: &Frame, landmarks: &Landmarks) -> Result<(Planes, Landmarks)> {
    let width = landmarks.width();
    let margin = 0.4 * width;
    let [x0, y0, x1, y1] = landmarks.bounds();
    let (x0, y0) = ((x0 - margin).max(0.0).floor(), (y0 - margin).max(0.0).floor());
    let x1 = (x1 + margin).min(frame.format.width as f32).ceil();
    let y1 = (y1 + margin).min(frame.format.height as f32).ceil();
    if x1 - x0 < 16.0 || y1 - y0 < 16.0 {
        return Err(Error::no_face("the face lies outside the picture"));
    }
    let step = (width / WIDEST).max(1.0);
    let map = Affine([
        [f64::from(step), 0.0, f64::from(x0 + (step - 1.0) / 2.0)],
        [0.0, f64::from(step), f64::from(y0 + (step - 1.0) / 2.0)],
    ]);
    let (w, h) = (((x1 - x0) / step) as usize, ((y1 - y0) / step) as usize);
    let rgb = sample_affine(frame, &map, w, h);
    let points = landmarks
        .points
        .iter()
        .map(|p| {
            let at = |v: f32, from: f32| (v - from - (step - 1.0) / 2.0) / step;
            [at(p[0], x0), at(p[1], y0), p[2] / step]
        })
        .collect();
    Ok((rgb, Landmarks { points, presence: landmarks.presence }))
}

/// The hair mask and the odd places, on the coarse grid.
fn examine(
    topology: &Topology,
    rgb: &Planes,
    grid: &Grid,
    points: &[[f32; 3]],
    normals: &[[f32; 3]],
    width: f32,
) -> (Field, Field) {
    let (w, h) = (grid.width, grid.height);
    let local = grid.locate_all(points);
    let face_width = width * w as f32 / rgb_width(grid, w);
    let flat: Vec<Point> = local.iter().map(|p| [p[0], p[1]]).collect();
    let map = rasterize(topology, &local, &flat, w, h);
    let outline = polygon(w, h, &pick(&local, &topology.outline()));
    let mut face = threshold(&outline);
    for (v, t) in face.data.iter_mut().zip(&map.triangle) {
        *v = *v && *t != super::raster::NONE;
    }
    let special = features(&local, face_width, w, h);
    let skin = face.clone().combine(&special, |f, s| f && !s);
    let planes = normal_planes(topology, normals, &map, face_width);
    let Some(residual) = shading::fit(rgb, &planes, &skin, face_width) else {
        return (Field::zeros(w, h), Field::zeros(w, h));
    };
    let hair = hair::find(&residual, &face, &face.depth(), &special, &local, face_width);
    let odd = Field::from_fn(w, h, |x, y| {
        let i = y * w + x;
        if !face.data[i] {
            return 0.0;
        }
        let most = residual.planes.iter().map(|p| p.data[i].abs()).fold(0.0, f32::max);
        ((most - 0.6) / 0.25).clamp(0.0, 1.0)
    });
    let odd = gaussian(&odd, 0.012 * face_width);
    let spread = Mask { width: w, height: h, data: odd.data.iter().map(|&v| v > 0.5).collect() }
        .dilate((0.02 * face_width).max(1.0))
        .to_field();
    (hair.to_field(), odd.zip(&spread, f32::max))
}

/// Texture pixels per row that a grid of `w` samples covers.
fn rgb_width(grid: &Grid, w: usize) -> f32 {
    let (a, b) = (grid.locate([0.0, 0.0])[0], grid.locate([1.0, 0.0])[0]);
    w as f32 / (b - a)
}

/// For each point the weight against its mirror image, from how it faces the camera.
fn sides(topology: &Topology, normals: &[[f32; 3]]) -> (Vec<f32>, bool) {
    let weights: Vec<f32> = (0..normals.len())
        .map(|v| {
            let (own, other) = (-normals[v][2], -normals[topology.mirrored[v]][2]);
            let iris = (topology::IRISES[0]..topology::FOREHEAD_START).contains(&v);
            if iris || other <= own + 0.1 { 1.0 } else { ((own - 0.12) / 0.25).clamp(0.0, 1.0) }
        })
        .collect();
    let hidden = topology.oval.iter().filter(|&&v| weights[v] < 0.5).count();
    (weights, hidden > 3)
}
