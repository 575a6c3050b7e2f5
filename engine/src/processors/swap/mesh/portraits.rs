//! Real faces for tests.

use std::path::Path;
use std::sync::OnceLock;

use crate::faces::FaceModels;
use crate::faces::landmarks::Landmarks;
use crate::imaging::frame::{Frame, FrameFormat, Layout, Matrix};
use crate::imaging::sample::sample_affine;
use crate::imaging::similarity::Affine;
use crate::media::image_file::read;

/// A picture with one face.
pub struct Portrait {
    pub name: &'static str,
    pub frame: Frame,
    pub face: Landmarks,
}

/// The three pictures of `tests/media`.
pub fn portraits() -> &'static [Portrait] {
    static ALL: OnceLock<Vec<Portrait>> = OnceLock::new();
    ALL.get_or_init(|| {
        crate::inference::for_tests().unwrap();
        let models = FaceModels::load_embedded().unwrap();
        ["astronaut.png", "grace_hopper.jpg", "mona_lisa.jpg"]
            .map(|name| {
                let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
                    .join("tests/media")
                    .join(name);
                let frame = read(&path).unwrap().frame;
                let face = models.analyze_still(&frame).unwrap().remove(0).landmarks.unwrap();
                Portrait { name, frame, face }
            })
            .into()
    })
}

/// A frame of 8-bit RGB.
pub fn rgb_frame(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [f32; 3]) -> Frame {
    let format = FrameFormat {
        width: width as u32,
        height: height as u32,
        layout: Layout::Packed { channels: 3 },
        depth: 8,
        matrix: Matrix::Bt709,
        full_range: true,
    };
    let data = (0..width * height)
        .flat_map(|i| pixel(i % width, i / width))
        .map(|v| v.round().clamp(0.0, 255.0) as u8)
        .collect();
    Frame::new(format, data)
}

/// A portrait as a video: the camera sways a little, the sensor is noisy, and `paint` may change
/// each pixel of frame `i` (arguments: frame, position, the face there, color). Each frame comes
/// with landmarks fitted to it.
pub fn animate(
    portrait: &Portrait,
    frames: usize,
    paint: impl Fn(usize, [f32; 2], &Landmarks, [f32; 3]) -> [f32; 3],
) -> Vec<(Frame, Landmarks)> {
    const SIZE: usize = 320;
    let models = FaceModels::load_embedded().unwrap();
    let landmarker = models.mesh().unwrap();
    let mut noise = 1u32;
    let mut previous: Option<Landmarks> = None;
    let mut video = Vec::new();
    for i in 0..frames {
        let t = i as f64;
        let scale = f64::from(portrait.face.width()) / 140.0 * (1.0 + 0.01 * (t * 0.11).sin());
        let center = portrait.face.xy(4);
        let middle = [160.0 + 2.0 * (t * 0.23).sin() as f32, 165.0 + 1.5 * (t * 0.17).cos() as f32];
        let to_portrait = Affine::about(middle, center, 0.02 * (t * 0.13).sin(), scale);
        let to_frame = to_portrait.inverse().unwrap();
        let truth = Landmarks {
            points: portrait
                .face
                .points
                .iter()
                .map(|p| {
                    let [x, y] = to_frame.apply([p[0], p[1]]);
                    [x, y, p[2] / scale as f32]
                })
                .collect(),
            presence: 1.0,
        };
        let [r, g, b] = sample_affine(&portrait.frame, &to_portrait, SIZE, SIZE);
        let mut grain = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 16) as f32 / 65536.0 * 8.0 - 4.0
        };
        let grains: Vec<f32> = (0..SIZE * SIZE).map(|_| grain()).collect();
        let frame = rgb_frame(SIZE, SIZE, |x, y| {
            let k = y * SIZE + x;
            let color = [r.data[k], g.data[k], b.data[k]];
            paint(i, [x as f32, y as f32], &truth, color).map(|v| v + grains[k])
        });
        let (region, passes) = match &previous {
            Some(face) => (face.region(), 1),
            None => (truth.region(), 2),
        };
        let face = landmarker.fit(&frame, region, passes).unwrap().expect("the face is lost");
        previous = Some(face.clone());
        video.push((frame, face));
    }
    video
}
