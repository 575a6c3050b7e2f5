//! Where eyes, nose and mouth corners lie in the aligned crops that face networks are trained on.
//!
//! Points are in the order left eye, right eye, nose, left and right mouth corner, as seen in the
//! picture (left is the smaller x).

use serde::{Deserialize, Serialize};

use super::similarity::Point;

/// A named alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// ArcFace's crop (insightface, `face_align.arcface_dst`), given for 112 pixels.
    #[serde(rename = "arcface_112")]
    Arcface112,
    /// The same eight pixels further to the right, given for 128 pixels: InSwapper's crop
    /// (insightface, `face_align.estimate_norm` for multiples of 128).
    #[serde(rename = "arcface_128")]
    Arcface128,
    /// The narrower crop of ArcFace's first version (FaceFusion, `arcface_112_v1`).
    #[serde(rename = "arcface_112_v1")]
    Arcface112V1,
    /// The crop of the FFHQ pictures, given for 512 pixels (facexlib).
    #[serde(rename = "ffhq_512")]
    Ffhq512,
    /// MTCNN's crop (FaceFusion, `mtcnn_512`).
    #[serde(rename = "mtcnn_512")]
    Mtcnn512,
    /// DeepFaceLab's whole face (FaceFusion, `dfl_whole_face`).
    DflWholeFace,
}

/// ArcFace's five points in a crop of 112 pixels.
const ARCFACE: [Point; 5] = [
    [38.2946, 51.6963],
    [73.5318, 51.5014],
    [56.0252, 71.7366],
    [41.5493, 92.3655],
    [70.7299, 92.2041],
];

impl Template {
    /// Every template.
    pub const ALL: [Template; 6] = [
        Template::Arcface112,
        Template::Arcface128,
        Template::Arcface112V1,
        Template::Ffhq512,
        Template::Mtcnn512,
        Template::DflWholeFace,
    ];

    /// The five points in a square crop of `size` pixels.
    // The numbers are written as they were published.
    #[allow(clippy::excessive_precision)]
    pub fn points(self, size: usize) -> [Point; 5] {
        let (points, unit): ([Point; 5], f32) = match self {
            Template::Arcface112 => (ARCFACE, 112.0),
            Template::Arcface128 => (ARCFACE.map(|[x, y]| [x + 8.0, y]), 128.0),
            Template::Arcface112V1 => (
                [
                    [0.354_732_14, 0.456_589_29],
                    [0.645_267_86, 0.456_589_29],
                    [0.5, 0.611_544_64],
                    [0.379_133_93, 0.776_875],
                    [0.620_866_07, 0.776_875],
                ],
                1.0,
            ),
            Template::Ffhq512 => (
                [
                    [192.98138, 239.94708],
                    [318.90277, 240.1936],
                    [256.63416, 314.01935],
                    [201.26117, 371.41043],
                    [313.08905, 371.15118],
                ],
                512.0,
            ),
            Template::Mtcnn512 => (
                [
                    [0.365_628_65, 0.467_337_99],
                    [0.633_053_91, 0.465_858_85],
                    [0.500_191_27, 0.619_429_59],
                    [0.390_329_51, 0.775_988_22],
                    [0.611_789_45, 0.774_763_28],
                ],
                1.0,
            ),
            Template::DflWholeFace => (
                [
                    [0.353_422_66, 0.392_857_16],
                    [0.627_976_22, 0.392_857_16],
                    [0.486_607_13, 0.540_178_6],
                    [0.388_392_87, 0.687_500_11],
                    [0.598_214_27, 0.687_500_11],
                ],
                1.0,
            ),
        };
        points.map(|p| p.map(|v| v * (size as f32 / unit)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_a_face_in_its_crop() {
        for template in Template::ALL {
            let [left, right, nose, mouth_left, mouth_right] = template.points(256);
            assert!(left[0] < nose[0] && nose[0] < right[0], "{template:?}");
            assert!(left[1] < nose[1] && nose[1] < mouth_left[1], "{template:?}");
            assert!(mouth_left[0] < mouth_right[0] && mouth_right[1] < 256.0, "{template:?}");
        }
    }

    #[test]
    fn sizes_scale_and_128_is_112_moved_by_eight() {
        let (small, large) = (Template::Arcface112.points(112), Template::Arcface128.points(256));
        for (a, b) in small.iter().zip(&large) {
            assert!((2.0 * (a[0] + 8.0) - b[0]).abs() < 1e-4 && (2.0 * a[1] - b[1]).abs() < 1e-4);
        }
    }
}
