//! Which samples of a film are another than before: none outside the face, many inside.

use std::path::Path;

use crate::clips::printed;

use super::facts::Facts;

/// Where the face is in all frames of the films, and all that a swap may touch: left, top, right,
/// bottom, as parts of the picture.
const AROUND: [f64; 4] = [0.17, 0.02, 0.73, 0.72];

/// A swap changes at least this part of the luma or color samples of each frame.
const LEAST: f64 = 0.02;

/// What a swap changed.
#[derive(Debug, Default)]
pub struct Changes {
    /// Samples of any plane in any frame that lie outside the face.
    pub outside: usize,
    /// The part of the first plane that changed in the frame in which least did.
    pub least: f64,
    /// What encloses all changes, as parts of the picture.
    pub around: Option<[f64; 4]>,
    frames: usize,
}

impl Changes {
    /// What of it must not be.
    pub fn faults(&self, frames: usize) -> Vec<String> {
        let mut faults = Vec::new();
        if self.frames != frames {
            faults.push(format!("{} frames can be decoded, not {frames}", self.frames));
        }
        if self.outside > 0 {
            let around = self.around.unwrap_or_default().map(|part| (part * 100.0).round());
            faults.push(format!("{} samples outside the face ({around:?} %)", self.outside));
        }
        if self.least < LEAST {
            let part = self.least * 100.0;
            faults.push(format!("only {part:.2} % of the picture changed in a frame"));
        }
        faults
    }
}

/// A plane of a raw frame.
struct Plane {
    width: usize,
    height: usize,
    offset: usize,
}

/// How raw frames of a format of ffmpeg's lie in memory.
struct Raw {
    planes: Vec<Plane>,
    /// Bytes of a pixel in its plane.
    unit: usize,
    frame: usize,
}

impl Raw {
    fn of(pix_fmt: &str, width: usize, height: usize) -> Option<Raw> {
        let (name, bits) = match pix_fmt.strip_suffix("le") {
            Some(deep) => deep.rsplit_once('p').map(|(name, bits)| (name, bits.parse().ok()))?,
            None => (pix_fmt.strip_suffix('p').unwrap_or(pix_fmt), Some(8u32)),
        };
        let bytes = bits?.div_ceil(8) as usize;
        let (x, y) = match name.trim_start_matches("yuv").trim_start_matches(['a', 'j']) {
            "420" => (2, 2),
            "422" => (2, 1),
            "440" => (1, 2),
            "411" => (4, 1),
            "444" => (1, 1),
            "gray" => (0, 0),
            "rgb24" => return Some(Raw::with(&[(width, height)], 3)),
            _ => return None,
        };
        let mut sides = vec![(width, height)];
        if x > 0 {
            sides.extend([(width.div_ceil(x), height.div_ceil(y)); 2]);
        }
        if name.starts_with("yuva") {
            sides.push((width, height));
        }
        Some(Raw::with(&sides, bytes))
    }

    fn with(sides: &[(usize, usize)], unit: usize) -> Raw {
        let mut frame = 0;
        let plane = |&(width, height): &(usize, usize)| {
            let offset = frame;
            frame += width * height * unit;
            Plane { width, height, offset }
        };
        let planes = sides.iter().map(plane).collect();
        Raw { planes, unit, frame }
    }
}

/// Compares the frames of two films sample by sample, each in its own format: the second may have
/// finer chroma, which repeats the first's.
pub fn changes(
    before: &Path,
    after: &Path,
    formats: &[String; 2],
    decoder: Option<&str>,
    facts: &Facts,
) -> Result<Changes, String> {
    let side = |name: &str| facts.picture[name].as_u64().expect("a number") as usize;
    let (mut width, mut height) = (side("width"), side("height"));
    if facts.rotation.rem_euclid(180) == 90 {
        std::mem::swap(&mut width, &mut height);
    }
    let layout = |format: &String| {
        Raw::of(format, width, height).ok_or_else(|| format!("nobody can compare {format}"))
    };
    let (old, new) = (layout(&formats[0])?, layout(&formats[1])?);
    if old.unit != new.unit || old.planes.len() != new.planes.len() {
        return Err(format!("{} cannot be compared with {}", formats[0], formats[1]));
    }
    let (from, to) = (raw(before, &formats[0], decoder), raw(after, &formats[1], decoder));
    let mut changes = Changes { least: 1.0, ..Changes::default() };
    for (from, to) in from.chunks(old.frame).zip(to.chunks(new.frame)) {
        if from.len() != old.frame || to.len() != new.frame {
            return Err("it does not decode to whole frames".into());
        }
        changes.frames += 1;
        for number in 0..old.planes.len() {
            changes.plane((&old, from), (&new, to), number);
        }
    }
    Ok(changes)
}

fn raw(path: &Path, pix_fmt: &str, decoder: Option<&str>) -> Vec<u8> {
    let path = path.display().to_string();
    let mut words = Vec::new();
    words.extend(decoder.into_iter().flat_map(|decoder| ["-c:v", decoder]));
    words.extend(["-i", &path, "-map", "0:v:0", "-fps_mode", "passthrough"]);
    words.extend(["-f", "rawvideo", "-pix_fmt", pix_fmt, "-"]);
    printed(&words)
}

impl Changes {
    fn plane(&mut self, (old, from): (&Raw, &[u8]), (new, to): (&Raw, &[u8]), number: usize) {
        let (coarse, fine, unit) = (&old.planes[number], &new.planes[number], old.unit);
        let shared = (fine.width.div_ceil(coarse.width), fine.height.div_ceil(coarse.height));
        let mut changed = 0;
        for y in 0..fine.height {
            let row = |raw: &Plane, y: usize| raw.offset + y * raw.width * unit;
            let new_row = &to[row(fine, y)..][..fine.width * unit];
            let old_row = &from[row(coarse, y / shared.1)..][..coarse.width * unit];
            if shared.0 == 1 && new_row == old_row {
                continue;
            }
            for x in 0..fine.width {
                if new_row[x * unit..][..unit] == old_row[x / shared.0 * unit..][..unit] {
                    continue;
                }
                changed += 1;
                let left = x as f64 / fine.width as f64;
                let top = y as f64 / fine.height as f64;
                let right = (x + 1) as f64 / fine.width as f64;
                let bottom = (y + 1) as f64 / fine.height as f64;
                let [l, t, r, b] = self.around.unwrap_or([left, top, right, bottom]);
                self.around = Some([l.min(left), t.min(top), r.max(right), b.max(bottom)]);
                let inside = left >= AROUND[0]
                    && top >= AROUND[1]
                    && right <= AROUND[2]
                    && bottom <= AROUND[3];
                self.outside += usize::from(!inside);
            }
        }
        if number == 0 {
            self.least = self.least.min(changed as f64 / (fine.width * fine.height) as f64);
        }
    }
}
