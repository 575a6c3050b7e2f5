//! Something to run a network on.

use ort::value::TensorElementType;

use crate::inference::session::{Input, Session, Values};

/// Sides of pictures where a network takes any, as detectors are run.
const SIDE: usize = 640;

/// Numbers for an input.
enum Numbers {
    F32(Vec<f32>),
    F64(Vec<f64>),
}

/// An input of each kind, the same at every call.
pub(super) struct Example(Vec<(String, Vec<usize>, Numbers)>);

impl Example {
    /// For a network; `None` when it takes what is not understood here.
    pub fn of(session: &Session) -> Option<Example> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 24) as f32
        };
        let kinds = session.kinds();
        let all = session.inputs().iter().zip(kinds).map(|(info, kind)| {
            let picture = info.shape.len() == 4;
            let sides = info.shape.iter().enumerate();
            // Whatever is not told of a picture is how many there are, and how large.
            let shape: Vec<usize> = sides
                .map(|(i, side)| side.unwrap_or(if picture && i > 1 { SIDE } else { 1 }))
                .collect();
            let count = shape.iter().product();
            let mut values: Vec<f32> = std::iter::repeat_with(&mut next).take(count).collect();
            if !picture && count > 1 {
                // A direction of length 1, as identities are.
                values.iter_mut().for_each(|v| *v -= 0.5);
                let length = values.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::EPSILON);
                values.iter_mut().for_each(|v| *v /= length);
            }
            let numbers = match kind? {
                TensorElementType::Float32 => Numbers::F32(values),
                TensorElementType::Float64 => {
                    Numbers::F64(values.into_iter().map(f64::from).collect())
                }
                _ => return None,
            };
            Some((info.name.to_string(), shape, numbers))
        });
        all.collect::<Option<Vec<_>>>().map(Example)
    }

    /// The same with a picture on each input of three channels.
    pub fn painted(session: &Session, paint: &dyn Fn(usize, usize) -> Vec<f32>) -> Option<Example> {
        let mut example = Example::of(session)?;
        for (_, shape, numbers) in &mut example.0 {
            let Numbers::F32(values) = numbers else { continue };
            let size = match **shape {
                [_, 3, height, width] => (width, height),
                _ => continue,
            };
            let picture = paint(size.0, size.1);
            for (value, pixel) in values.iter_mut().zip(picture.iter().cycle()) {
                *value = *pixel;
            }
        }
        Some(example)
    }

    /// As a session takes it.
    pub fn inputs(&self) -> Vec<Input<'_>> {
        let all = self.0.iter().map(|(name, shape, numbers)| Input {
            name,
            shape,
            values: match numbers {
                Numbers::F32(values) => Values::F32(values),
                Numbers::F64(values) => Values::F64(values),
            },
        });
        all.collect()
    }
}
