//! Convolutions of 3 × 3 with a quarter of the products: Winograd's F(4×4, 3×3).
//!
//! The networks of this field are such convolutions nearly from end to end, and ONNX Runtime
//! computes them directly. Here a tile of 6 × 6 input pixels is turned into Winograd's space, where
//! one product for each of 36 places takes the place of 144, and the 4 × 4 output pixels are turned
//! back. Results differ from direct ones by rounding only.
//!
//! - [`transform`] goes there and back; [`multiply`] is the product.
//! - [`vector`] is what both ask of an instruction set; [`set`] chooses one when it runs.
//! - [`layer`] is one convolution: blocks that fit the caches, threads.
//! - [`operator`] makes it an operator of the runtime, on the runtime's own threads.
//!
//! All that is `unsafe` in this module is reading and writing through pointers, whose bounds [`layer`]
//! sets, and instructions that [`set`] has asked the processor for.

#![allow(unsafe_code)]

mod layer;
mod memory;
mod multiply;
mod operator;
mod set;
mod transform;
mod vector;

pub(super) use layer::{Activation, Blocks, PACK, Pads, Parallel, pack};
pub(super) use memory::{Buffer, Scratch};
pub(super) use operator::{
    AT, Common, Convolution, ConvolutionGiven, GIVEN, INPUTS, MIRRORED, NAME, OUTPUTS, PADS, Run,
    SLOPED, Seen, Watch, activation, count, kernel, pads, tell_shape, wrong,
};
pub(super) use set::Set;

#[cfg(test)]
mod tests;
