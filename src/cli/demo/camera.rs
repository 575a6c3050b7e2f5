//! How the clip's camera and light move: smooth functions of time, nothing else.

use std::f64::consts::TAU;

use crate::imaging::similarity::Affine;

use super::material::{FACE_CENTER, FACE_WIDTH};

/// The picture size that the numbers below are for; other sizes are scaled.
const REFERENCE: (f64, f64) = (1280.0, 720.0);
/// Width of the face, in pixels of the reference size: middle and swing.
const FACE: (f64, f64) = (223.0, 33.0);
/// The largest tilt in radians.
const TILT: f64 = 12.0 / 360.0 * TAU;
/// Where the face's middle is, in parts of the width: middle and swing.
const PAN: (f64, f64) = (0.42, 0.07);
/// How far the picture's upper edge is above the face's middle, in portrait pixels: middle and
/// swing. The hair reaches 109 above it; from 140 on it would be seen mirrored.
const HEADROOM: (f64, f64) = (121.0, 7.0);
/// How far the brightness goes from 1.
const BRIGHTNESS: f64 = 0.12;
/// How much the side-light adds on one side of the face and takes off on the other.
const SIDE: f64 = 0.22;
/// The side-light is a lamp's, not the sky's: red, green and blue feel it so much.
const WARMTH: [f64; 3] = [1.0, 0.93, 0.8];

/// A sine wave of this period in seconds, `phase` turns ahead.
fn wave(t: f64, period: f64, phase: f64) -> f64 {
    (TAU * (t / period + phase)).sin()
}

/// Where the camera stands at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shot {
    /// The middle of the face in picture pixels.
    pub face: [f64; 2],
    /// Picture pixels for one pixel of the portrait.
    pub scale: f64,
    /// Tilt in radians.
    pub tilt: f64,
}

impl Shot {
    /// The shot at `t` seconds for pictures of this size.
    ///
    /// The portrait fills every shape of picture in the way it fills 16:9; very tall or wide
    /// ones may show it mirrored more than once.
    pub fn at(t: f64, width: u32, height: u32) -> Self {
        let (width, height) = (f64::from(width), f64::from(height));
        let size = (width / REFERENCE.0).max(height / REFERENCE.1);
        // The periods have no common measure within a minute, so no two moments look alike.
        let face_width = FACE.0 - FACE.1 * wave(t, 10.0, 0.25);
        let scale = size * face_width / FACE_WIDTH;
        let x = width * (PAN.0 + PAN.1 * wave(t, 8.0, 0.1));
        let y = scale * (HEADROOM.0 + HEADROOM.1 * wave(t, 5.3, 0.4));
        Shot { face: [x, y], scale, tilt: TILT * wave(t, 6.4, 0.0) }
    }

    /// The map from picture pixels to portrait pixels.
    pub fn map(&self) -> Affine {
        let from = self.face.map(|v| v as f32);
        Affine::about(from, FACE_CENTER, -self.tilt, 1.0 / self.scale)
    }

    /// The map from portrait pixels to picture pixels.
    pub fn onto_picture(&self) -> Affine {
        let to = self.face.map(|v| v as f32);
        Affine::about(FACE_CENTER, to, self.tilt, self.scale)
    }

    /// Width of the face in picture pixels.
    pub fn face_width(&self) -> f64 {
        self.scale * FACE_WIDTH
    }
}

/// The light at one moment: what red, green and blue are multiplied by.
#[derive(Debug, Clone, Copy)]
pub struct Light {
    brightness: f64,
    side: f64,
    face: f64,
    width: f64,
}

impl Light {
    /// The light at `t` seconds on the face of this shot.
    pub fn at(t: f64, shot: &Shot) -> Self {
        Light {
            brightness: 1.0 + BRIGHTNESS * wave(t, 4.7, 0.6),
            side: SIDE * wave(t, 9.0, 0.0),
            face: shot.face[0],
            width: shot.face_width(),
        }
    }

    /// The factors in the picture's column `x`.
    pub fn column(&self, x: usize) -> [f32; 3] {
        // From −1 far to the left of the face to 1 far to the right, steepest at its middle.
        let d = (x as f64 - self.face) / (0.8 * self.width);
        let ramp = self.side * d / (1.0 + d * d).sqrt();
        WARMTH.map(|warmth| (self.brightness * (1.0 + ramp * warmth)) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every frame of ten minutes at 25 a second.
    fn shots() -> impl Iterator<Item = Shot> {
        (0..15_000).map(|i| Shot::at(f64::from(i) / 25.0, 1280, 720))
    }

    #[test]
    fn the_face_stays_whole_and_large_enough() {
        let (mut least, mut most) = (f64::MAX, 0.0f64);
        for shot in shots() {
            let width = shot.face_width();
            (least, most) = (least.min(width), most.max(width));
            // Half the diagonal of the face's box, turned any way.
            let reach = width * 0.8;
            let [x, y] = shot.face;
            assert!(x > reach && x < 1280.0 - reach && y > reach && y < 720.0 - reach, "{shot:?}");
            assert!(shot.tilt.abs() <= TILT);
        }
        assert!(least > 180.0 && most < 260.0 && most - least > 60.0, "{least}..{most}");
    }

    #[test]
    fn the_mirrored_head_stays_out_of_sight() {
        // In the portrait the hair begins at row 15 and at column 153: mirrored at the borders it
        // ends at row −16 and at column −154.
        for shot in shots() {
            let map = shot.map();
            let to_picture = map.inverse().unwrap();
            for hair in
                [[200.0, -16.0], [227.0, -16.0], [255.0, -16.0], [170.0, -30.0], [285.0, -30.0]]
            {
                let [x, y] = to_picture.apply(hair);
                assert!(y < 0.0, "{shot:?} shows hair at {x}, {y}");
            }
            for corner in [[0.0, 0.0], [1279.0, 0.0], [0.0, 719.0], [1279.0, 719.0]] {
                let [x, _] = map.apply(corner);
                assert!(x > -153.0, "{shot:?} shows column {x}");
            }
        }
    }

    #[test]
    fn the_motion_is_smooth() {
        let all: Vec<Shot> = shots().collect();
        let place = |s: &Shot| [s.face[0], s.face[1], s.face_width(), s.tilt * 100.0];
        for three in all.windows(3) {
            let [a, b, c] = [place(&three[0]), place(&three[1]), place(&three[2])];
            for k in 0..4 {
                let (speed, change) = (b[k] - a[k], c[k] - 2.0 * b[k] + a[k]);
                // Pixels (or hundredths of a radian) a frame, and a frame squared.
                assert!(speed.abs() < 6.0 && change.abs() < 0.2, "{k}: {speed} {change}");
            }
        }
    }

    #[test]
    fn every_size_shows_the_same() {
        let (large, small) = (Shot::at(3.0, 1280, 720), Shot::at(3.0, 320, 180));
        assert!((large.face[0] / small.face[0] - 4.0).abs() < 1e-9);
        assert!((large.scale / small.scale - 4.0).abs() < 1e-9);
    }

    #[test]
    fn the_map_turns_the_face_by_the_tilt() {
        let shot = Shot { face: [600.0, 300.0], scale: 2.0, tilt: 0.2 };
        let back = shot.map().inverse().unwrap();
        let [x, y] = back.apply(FACE_CENTER);
        assert!((x - 600.0).abs() < 1e-3 && (y - 300.0).abs() < 1e-3);
        let [rx, ry] = back.apply([FACE_CENTER[0] + 50.0, FACE_CENTER[1]]);
        assert!(((ry - y).atan2(rx - x) - 0.2).abs() < 1e-3);
        assert!(((rx - x).hypot(ry - y) - 100.0).abs() < 1e-2);
        let [sx, sy] = shot.onto_picture().apply([FACE_CENTER[0] + 50.0, FACE_CENTER[1]]);
        assert!((sx - rx).abs() < 1e-2 && (sy - ry).abs() < 1e-2);
    }

    #[test]
    fn the_side_light_falls_from_one_side() {
        let shot = Shot::at(2.0, 1280, 720);
        let light = Light::at(2.0, &shot);
        let [left, middle, right] = [0.0, shot.face[0], 1279.0].map(|x| light.column(x as usize));
        assert!(right[0] > middle[0] && middle[0] > left[0]);
        assert!((middle[0] - light.brightness as f32).abs() < 0.01);
        assert!(right[0] - left[0] > right[2] - left[2]);
    }
}
