//! Operators of our own, which sessions of rewritten networks are given.
//!
//! Convolutions are [`winograd`]'s and [`int8`]'s; between them stand [`norm`] and [`resize`], which the
//! runtime computes in many steps, or without vectors.

pub(super) mod norm;
pub(super) mod resize;

use std::sync::{Arc, Mutex, PoisonError};

use ort::operator::{ComputeContext, OperatorDomain};

use super::int8;
use super::winograd::{self, Common};

/// The operators' domain.
pub(super) const DOMAIN: &str = "facedeck";

/// The operators for one session.
///
/// # Errors
/// When the runtime has none of its own making.
// A session's builder wants it so.
#[allow(clippy::arc_with_non_send_sync)]
pub(super) fn all(common: &Arc<Common>) -> ort::Result<Arc<OperatorDomain>> {
    let domain = OperatorDomain::new(DOMAIN)?
        .add(winograd::Convolution(Arc::clone(common)))?
        .add(winograd::ConvolutionGiven(Arc::clone(common)))?
        .add(int8::Convolution(Arc::clone(common)))?
        .add(norm::InstanceNorm(Arc::clone(common)))?
        .add(resize::Resize(Arc::clone(common)))?;
    Ok(Arc::new(domain))
}

/// An operator was given what it does not take.
fn wrong(operator: &str, what: &str) -> ort::Error {
    ort::Error::new(format!("{operator} has {what}"))
}

/// `[batch][channels][height][width]`; nothing where a shape is no pictures'.
fn pictures(shape: &[i64]) -> Option<[usize; 4]> {
    let side = |n: &i64| usize::try_from(*n).ok().filter(|&n| n > 0);
    let [batch, channels, height, width] = shape else { return None };
    Some([side(batch)?, side(channels)?, side(height)?, side(width)?])
}

/// Fills planes of so many numbers on the runtime's threads; `each` is told which plane it is.
///
/// # Errors
/// Those of the runtime.
fn fill(
    context: &ComputeContext,
    common: &Common,
    y: &mut [f32],
    plane: usize,
    each: &(dyn Fn(usize, &mut [f32]) + Send + Sync),
) -> ort::Result<()> {
    let (planes, threads) = (y.len().div_ceil(plane), common.parts());
    // A thread that is held up leaves what it has not begun to the others.
    let some = planes.div_ceil(4 * threads).max(1);
    let parts: Vec<_> = y.chunks_mut(some * plane).map(Mutex::new).collect();
    context.par_for(parts.len(), threads, |i: usize| {
        let mut part = parts[i].lock().unwrap_or_else(PoisonError::into_inner);
        for (j, y) in part.chunks_mut(plane).enumerate() {
            each(i * some + j, y);
        }
    })
}

#[cfg(test)]
mod tests;
