//! Convolutions of 3 × 3 in whole numbers of eight bits.
//!
//! Numbers of the picture become bytes, each channel with a scale and a zero of its own; the scales
//! are part of the filters, which become signed bytes with a scale for each output channel. Sums of
//! their products are exact, in 32 bits; what comes out is single precision again, with the bias and
//! the activation. Processors multiply four times as many bytes at a time as they multiply numbers of
//! single precision, and those with tiles (AMX) thirty times as many.
//!
//! - [`quantize`] chooses the scales and makes bytes of a convolution's filters.
//! - [`layer`] is one convolution, and its run over a picture, which lies in bytes as [`map`] says.
//! - [`kernel`] is written over [`registers`] of an instruction set, `tiles` is its product for AMX;
//!   [`set`] chooses one when it runs.
//! - [`operator`] makes it an operator of the runtime, on the runtime's own threads.
//!
//! All that is `unsafe` in this module is reading and writing through pointers, whose bounds [`layer`]
//! sets, and instructions that [`set`] has asked the processor for.

#![allow(unsafe_code)]

mod kernel;
mod layer;
mod map;
mod operator;
mod quantize;
mod registers;
mod set;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod tiles;

pub(super) use operator::{Convolution, NAME, STRIDE};
pub(super) use quantize::{Range, fits, quantize};
pub(super) use set::Set;

#[cfg(test)]
mod tests;
