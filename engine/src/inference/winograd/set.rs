//! The kernel for each instruction set, chosen when it runs.

use std::sync::OnceLock;

use super::layer::Map;
use super::multiply::{self, Product};
use super::transform::{self, Finish, Group};
use super::vector;

/// The kernel's parts, compiled for one instruction set.
pub(in crate::inference) struct Set {
    /// As people call it.
    pub name: &'static str,
    pub(super) filters: unsafe fn(*const f32, *mut f32, (usize, usize), usize, usize),
    pub(super) input: unsafe fn(&Map, Group, *const f32, *mut f32, usize),
    pub(super) multiply: unsafe fn(Product, *const f32, *const f32, *mut f32),
    pub(super) output: unsafe fn(&Map, Group, *const f32, usize, Finish, *mut f32),
}

/// The parts for vectors of a type, in functions that may use its instructions.
macro_rules! set {
    ($set:ident, $name:literal, $vector:ty $(, $feature:literal)?) => {
        static $set: Set = {
            // SAFETY of each: the generic function's, and that the processor has the set.
            $(#[target_feature(enable = $feature)])?
            unsafe fn filters(a: *const f32, b: *mut f32, c: (usize, usize), d: usize, e: usize) {
                // SAFETY: the caller's.
                unsafe { transform::filters::<$vector>(a, b, c, d, e) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn input(map: &Map, group: Group, a: *const f32, b: *mut f32, c: usize) {
                // SAFETY: the caller's.
                unsafe { transform::input::<$vector>(map, group, a, b, c) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn multiply(product: Product, a: *const f32, b: *const f32, c: *mut f32) {
                // SAFETY: the caller's.
                unsafe { multiply::multiply::<$vector>(product, a, b, c) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn output(
                map: &Map,
                group: Group,
                a: *const f32,
                b: usize,
                finish: Finish,
                c: *mut f32,
            ) {
                // SAFETY: the caller's.
                unsafe { transform::output::<$vector>(map, group, a, b, finish, c) }
            }
            Set { name: $name, filters, input, multiply, output }
        };
    };
}

set!(PLAIN, "plain", vector::Plain);
#[cfg(target_arch = "x86_64")]
set!(AVX2, "avx2", vector::Avx2, "avx2,fma");
#[cfg(target_arch = "x86_64")]
set!(AVX512, "avx512", vector::Avx512, "avx512f");
#[cfg(target_arch = "aarch64")]
set!(NEON, "neon", vector::Neon, "neon");

/// For measurements: the kernel is not to use anything wider than this set.
const VARIABLE: &str = "FACEDECK_VECTORS";

impl Set {
    /// Those that this processor has, the widest first; without any vectors last.
    pub(in crate::inference) fn here() -> Vec<&'static Set> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        if !cfg!(miri) {
            if is_x86_feature_detected!("avx512f") {
                sets.push(&AVX512);
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                sets.push(&AVX2);
            }
        }
        #[cfg(target_arch = "aarch64")]
        if !cfg!(miri) {
            sets.push(&NEON);
        }
        sets.push(&PLAIN);
        sets
    }

    /// The widest.
    pub(in crate::inference) fn best() -> &'static Set {
        static BEST: OnceLock<&'static Set> = OnceLock::new();
        BEST.get_or_init(|| {
            let sets = Self::here();
            let wanted = std::env::var(VARIABLE).ok();
            let named = sets.iter().find(|set| wanted.as_deref() == Some(set.name));
            named.or(sets.first()).copied().unwrap_or(&PLAIN)
        })
    }

    /// Whether it has vectors: without any, the runtime's own convolution is faster.
    pub(in crate::inference) fn has_vectors(&self) -> bool {
        self.name != PLAIN.name
    }
}
