//! Where a face looks and what it does: the numbers by which expressions are compared.

use crate::error::Result;
use crate::faces::landmarks::{Landmarks, MESH};

use super::rigid::Similarity3;
use super::topology::{EYES, LIDS, RIGID, Topology};

/// Pose and expression of a face. Lengths are in face widths of the canonical face, so they do
/// not depend on pose and size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Turn to the side in degrees.
    pub yaw: f32,
    /// Nod in degrees.
    pub pitch: f32,
    /// Width of the mouth.
    pub mouth: f32,
    /// How far the corners of the mouth are above its middle.
    pub raise: f32,
    /// How far the lips are apart.
    pub jaw: f32,
    /// How far each eye is open: height over width, right and left.
    pub eyes: [f32; 2],
    /// Width of the face in pixels, seen from the front.
    pub width: f32,
}

impl Pose {
    /// The pose of a mesh.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read.
    pub fn of(landmarks: &Landmarks) -> Result<Pose> {
        let topology = Topology::get()?;
        // The canonical face has y up and z towards the camera, pictures the opposite.
        let canonical = |v: usize| {
            let [x, y, z] = topology.vertices[v];
            [x, -y, -z]
        };
        let own: Vec<[f32; 3]> = RIGID.iter().map(|&v| landmarks.points[v]).collect();
        let rest: Vec<[f32; 3]> = RIGID.iter().map(|&v| canonical(v)).collect();
        let unit = distance(canonical(234), canonical(454)).max(1e-6);
        let front = Similarity3::fit(&own, &rest);
        let place = |v: usize| match &front {
            Some(fit) => fit.apply(landmarks.points[v]),
            None => canonical(v),
        };
        let turned = Similarity3::fit(&rest, &own).map_or([0.0, 0.0, 1.0], |fit| {
            // Where the canonical z axis points in the picture.
            [fit.rotation[0][2], fit.rotation[1][2], fit.rotation[2][2]]
        });
        let (corner_r, corner_l) = (place(61), place(291));
        let middle = (place(0)[1] + place(17)[1]) / 2.0;
        Ok(Pose {
            yaw: turned[0].atan2(turned[2]).to_degrees() as f32,
            pitch: turned[1].atan2(turned[0].hypot(turned[2])).to_degrees() as f32,
            mouth: distance(corner_r, corner_l) / unit,
            raise: (middle - (corner_r[1] + corner_l[1]) / 2.0) / unit,
            jaw: distance(place(13), place(14)) / unit,
            eyes: apertures(landmarks),
            width: distance(landmarks.points[234], landmarks.points[454]),
        })
    }

    /// How much more a source smiles than a target, 0..=1: its folds would stay on a face whose
    /// mouth does not smile.
    pub fn smile_excess(source: &Pose, target: &Pose) -> f32 {
        let more = (source.mouth - target.mouth) / 0.10 + (source.raise - target.raise) / 0.05;
        smoothstep((more - 0.15) / 1.2)
    }
}

/// Height over width of each eye, with lengths in space so that turning does not narrow it.
pub fn apertures(landmarks: &Landmarks) -> [f32; 2] {
    debug_assert!(landmarks.points.len() >= MESH);
    let p = |v: usize| landmarks.points[v];
    std::array::from_fn(|k| {
        let width = distance(p(EYES[k][0]), p(EYES[k][8])).max(1e-6);
        LIDS[k].iter().map(|&(a, b)| distance(p(a), p(b))).sum::<f32>() / (3.0 * width)
    })
}

fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f32>().sqrt()
}

/// 0 below 0, 1 above 1, smooth between.
pub fn smoothstep(x: f32) -> f32 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The canonical face turned by an angle, as landmarks of a picture.
    fn turned(yaw: f32) -> Landmarks {
        let topology = Topology::get().unwrap();
        let (s, c) = yaw.to_radians().sin_cos();
        let mut points: Vec<[f32; 3]> = topology
            .vertices
            .iter()
            .map(|&[x, y, z]| {
                let (x, y, z) = (x * 10.0, -y * 10.0, -z * 10.0);
                [c * x + s * z + 300.0, y + 200.0, c * z - s * x]
            })
            .collect();
        points.resize(478, [300.0, 200.0, 0.0]);
        Landmarks { points, presence: 1.0 }
    }

    #[test]
    fn turning_changes_the_yaw_and_nothing_else() {
        let (front, side) = (Pose::of(&turned(0.0)).unwrap(), Pose::of(&turned(25.0)).unwrap());
        assert!(front.yaw.abs() < 1.0 && (side.yaw.abs() - 25.0).abs() < 1.0, "{front:?} {side:?}");
        for (a, b) in
            [(front.mouth, side.mouth), (front.raise, side.raise), (front.eyes[0], side.eyes[0])]
        {
            assert!((a - b).abs() < 0.01, "{front:?} {side:?}");
        }
        assert_eq!(Pose::smile_excess(&front, &side), 0.0);
    }

    #[test]
    fn a_smile_shows_against_a_neutral_mouth() {
        let neutral = turned(0.0);
        let mut smiling = neutral.clone();
        smiling.points[61][0] -= 10.0;
        smiling.points[291][0] += 10.0;
        for v in [61, 291] {
            smiling.points[v][1] -= 6.0;
        }
        let (a, b) = (Pose::of(&smiling).unwrap(), Pose::of(&neutral).unwrap());
        assert!(Pose::smile_excess(&a, &b) > 0.9);
        assert_eq!(Pose::smile_excess(&b, &a), 0.0);
    }
}
