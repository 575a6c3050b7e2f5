//! The canonical face mesh: its triangles, its named parts, and what follows from them.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::error::{Error, Result};
use crate::faces::landmarks::{COUNT, MESH};
use crate::models;

/// Outer contour of the lips.
pub const LIPS: [usize; 20] =
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185];
/// Inner contour of the lips.
pub const INNER_LIPS: [usize; 20] =
    [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95];
/// Contours of the right and the left eye (the person's), from the outer corner along the lower
/// lid; index 8 is the inner corner, 4 and 12 the middles of the lids.
pub const EYES: [[usize; 16]; 2] = [
    [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246],
    [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466],
];
/// Contours of the brows.
pub const BROWS: [[usize; 10]; 2] = [
    [70, 63, 105, 66, 107, 55, 65, 52, 53, 46],
    [300, 293, 334, 296, 336, 285, 295, 282, 283, 276],
];
/// First point of each iris: its center; the four that follow lie on its rim.
pub const IRISES: [usize; 2] = [468, 473];
/// The nose, from the bridge to the wings.
pub const NOSE: [usize; 28] = [
    1, 2, 4, 5, 6, 19, 94, 97, 98, 99, 129, 195, 197, 326, 327, 328, 358, 168, 45, 275, 48, 278,
    64, 294, 115, 344, 220, 440,
];
/// Hull of the nostrils and the bridge, which shading must not be fitted to.
pub const NOSE_HULL: [usize; 6] = [168, 98, 327, 2, 129, 358];
/// Points that expression hardly moves.
pub const RIGID: [usize; 19] =
    [1, 4, 5, 6, 168, 197, 195, 33, 133, 362, 263, 10, 152, 234, 454, 127, 356, 93, 323];
/// Top of the oval, from the right temple to the left: copied upwards as a forehead.
pub const FOREHEAD: [usize; 9] = [54, 103, 67, 109, 10, 338, 297, 332, 284];
/// How far each of them goes up, as a share of the forehead's height.
pub const FOREHEAD_RISE: [f32; 9] = [0.25, 0.6, 0.85, 0.97, 1.0, 0.97, 0.85, 0.6, 0.25];
/// Index of the first forehead point in an extended mesh.
pub const FOREHEAD_START: usize = COUNT;
/// Points of an extended mesh.
pub const EXTENDED: usize = COUNT + FOREHEAD.len();
/// The ring around each eye: the crease of the lid and below the lower lid.
pub const EYE_RINGS: [[usize; 16]; 2] = [
    [130, 247, 30, 29, 27, 28, 56, 190, 243, 112, 26, 22, 23, 24, 110, 25],
    [359, 467, 260, 259, 257, 258, 286, 414, 463, 341, 256, 252, 253, 254, 339, 255],
];
/// For each eye three pairs of facing lid points, upper first.
pub const LIDS: [[(usize, usize); 3]; 2] =
    [[(159, 145), (158, 153), (160, 144)], [(386, 374), (385, 380), (387, 373)]];
/// The right cheek with the smile fold; the left one is its mirror image.
pub const CHEEK: [usize; 16] =
    [117, 119, 100, 126, 129, 203, 165, 57, 43, 202, 210, 214, 192, 147, 123, 116];
/// Pairs (outer, inner) of lip points that face each other.
pub const LIP_PAIRS: [(usize, usize); 14] = [
    (0, 13),
    (37, 82),
    (267, 312),
    (39, 81),
    (269, 311),
    (40, 80),
    (270, 310),
    (17, 14),
    (84, 87),
    (314, 317),
    (181, 178),
    (405, 402),
    (91, 88),
    (321, 318),
];

/// What the mesh's wiring says, computed once.
pub struct Topology {
    /// Triangles of the face and of the forehead that is added above it.
    pub triangles: Vec<[usize; 3]>,
    /// How many of them belong to the face itself.
    pub face_triangles: usize,
    /// The outline, closed, 36 points.
    pub oval: Vec<usize>,
    /// The neighbors of each mesh point.
    pub neighbors: Vec<Vec<usize>>,
    /// Steps from each mesh point to the oval.
    pub rings: Vec<usize>,
    /// For each extended point the one on the other side of the face.
    pub mirrored: Vec<usize>,
    /// The canonical face's `MESH` points: x to the person's left, y up, z towards the camera, in
    /// centimeters.
    pub vertices: Vec<[f32; 3]>,
}

impl Topology {
    /// The canonical face.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read: a broken build.
    pub fn get() -> Result<&'static Topology> {
        static TOPOLOGY: OnceLock<Option<Topology>> = OnceLock::new();
        TOPOLOGY
            .get_or_init(|| {
                let model = models::embedded(models::id::CANONICAL_FACE).ok()?;
                parse(std::str::from_utf8(model.bytes).ok()?)
            })
            .as_ref()
            .ok_or_else(|| Error::failed("the embedded face mesh cannot be read"))
    }

    /// The outline with the forehead above it.
    pub fn outline(&self) -> Vec<usize> {
        self.oval
            .iter()
            .map(|v| match FOREHEAD.iter().position(|f| f == v) {
                Some(i) => FOREHEAD_START + i,
                None => *v,
            })
            .collect()
    }
}

fn parse(obj: &str) -> Option<Topology> {
    let mut vertices: Vec<[f32; 3]> = Vec::new();
    let mut triangles: Vec<[usize; 3]> = Vec::new();
    let mut oval: Vec<usize> = Vec::new();
    let index = |word: &str| -> Option<usize> {
        word.split('/').next()?.parse::<usize>().ok()?.checked_sub(1)
    };
    for line in obj.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("v") => {
                let v: Vec<f32> = words.filter_map(|w| w.parse().ok()).collect();
                vertices.push(v.try_into().ok()?);
            }
            Some("f") => {
                let corners: Option<Vec<usize>> = words.map(index).collect();
                triangles.push(corners?.try_into().ok()?);
            }
            Some("l") => oval = words.map(index).collect::<Option<_>>()?,
            _ => {}
        }
    }
    if oval.first() == oval.last() {
        oval.pop();
    }
    let valid = |v: &usize| *v < MESH;
    if vertices.len() != MESH || oval.len() < 3 || !oval.iter().all(valid) {
        return None;
    }
    if !triangles.iter().flatten().all(valid) {
        return None;
    }
    let mut sets = vec![BTreeSet::new(); MESH];
    for t in &triangles {
        for (a, b) in [(0, 1), (1, 2), (2, 0)] {
            sets[t[a]].insert(t[b]);
            sets[t[b]].insert(t[a]);
        }
    }
    let neighbors: Vec<Vec<usize>> = sets.into_iter().map(|s| s.into_iter().collect()).collect();
    let face_triangles = triangles.len();
    for i in 0..FOREHEAD.len() - 1 {
        let (low, high) = ([FOREHEAD[i], FOREHEAD[i + 1]], FOREHEAD_START + i);
        triangles.push([low[0], low[1], high]);
        triangles.push([low[1], high + 1, high]);
    }
    Some(Topology {
        face_triangles,
        rings: rings(&oval, &neighbors),
        mirrored: mirrored(&vertices),
        triangles,
        oval,
        neighbors,
        vertices,
    })
}

/// Breadth-first steps from the oval.
fn rings(oval: &[usize], neighbors: &[Vec<usize>]) -> Vec<usize> {
    let mut rings = vec![usize::MAX; neighbors.len()];
    let mut front: Vec<usize> = oval.to_vec();
    for (step, _) in neighbors.iter().enumerate() {
        let mut next = Vec::new();
        for v in front {
            if rings[v] == usize::MAX {
                rings[v] = step;
                next.extend(&neighbors[v]);
            }
        }
        front = next;
    }
    rings
}

fn mirrored(vertices: &[[f32; 3]]) -> Vec<usize> {
    let nearest = |p: [f32; 3]| {
        let distance = |v: &[f32; 3]| (0..3).map(|c| (v[c] - p[c]).powi(2)).sum::<f32>();
        (0..vertices.len())
            .min_by(|&a, &b| distance(&vertices[a]).total_cmp(&distance(&vertices[b])))
            .unwrap_or(0)
    };
    let mut all: Vec<usize> = vertices.iter().map(|v| nearest([-v[0], v[1], v[2]])).collect();
    // The irises change places (right 468.., left 473..; rims keep up and down: 1 and 3 swap).
    all.extend([473, 476, 475, 474, 477, 468, 471, 470, 469, 472]);
    all.extend((0..FOREHEAD.len()).map(|i| FOREHEAD_START + FOREHEAD.len() - 1 - i));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_mesh_is_whole() {
        let t = Topology::get().unwrap();
        assert_eq!((t.face_triangles, t.triangles.len(), t.oval.len()), (898, 914, 36));
        assert!(t.rings.iter().all(|&r| r < 20));
        assert!(t.oval.iter().all(|&v| t.rings[v] == 0));
        // Mirroring twice comes home, and the named parts map onto each other.
        for v in 0..EXTENDED {
            assert_eq!(t.mirrored[t.mirrored[v]], v);
        }
        for (a, b) in EYES[0].iter().zip(EYES[1]) {
            assert_eq!(t.mirrored[*a], b);
        }
    }
}
