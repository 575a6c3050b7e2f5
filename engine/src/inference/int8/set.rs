//! The kernel for each instruction set, chosen when it runs.

use std::sync::OnceLock;

use super::kernel::{self, Finish, GROUP, Product};
use super::registers;

/// The kernel's parts, compiled for one instruction set.
pub(in crate::inference) struct Set {
    /// As people call it.
    pub name: &'static str,
    pub(super) bytes: unsafe fn([*const f32; GROUP], &[f32; GROUP], &[f32; GROUP], usize, *mut u32),
    pub(super) multiply: unsafe fn(&Product<'_>, *const u8, *const i8, *mut i32),
    pub(super) finish: unsafe fn(*const i32, &Finish, usize, *mut f32),
}

/// The parts for registers of a type, in functions that may use its instructions.
macro_rules! set {
    ($set:ident, $name:literal, $multiply:path $(, $feature:literal)?) => {
        static $set: Set = {
            // SAFETY of each: the generic function's, and that the processor has the set.
            $(#[target_feature(enable = $feature)])?
            unsafe fn bytes(
                a: [*const f32; GROUP],
                b: &[f32; GROUP],
                c: &[f32; GROUP],
                d: usize,
                e: *mut u32,
            ) {
                // SAFETY: the caller's.
                unsafe { kernel::bytes(a, b, c, d, e) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn multiply(a: &Product<'_>, b: *const u8, c: *const i8, d: *mut i32) {
                // SAFETY: the caller's.
                unsafe { $multiply(a, b, c, d) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn finish(a: *const i32, b: &Finish, c: usize, d: *mut f32) {
                // SAFETY: the caller's.
                unsafe { kernel::finish(a, b, c, d) }
            }
            Set { name: $name, bytes, multiply, finish }
        };
    };
}

/// The product in registers of a type.
macro_rules! product {
    ($name:ident, $registers:ty) => {
        #[inline(always)]
        unsafe fn $name(a: &Product<'_>, b: *const u8, c: *const i8, d: *mut i32) {
            // SAFETY: the caller's.
            unsafe { kernel::multiply::<$registers>(a, b, c, d) }
        }
    };
}

product!(plain, registers::Plain);
set!(PLAIN, "plain", plain);
#[cfg(target_arch = "x86_64")]
product!(avx, registers::Avx);
#[cfg(target_arch = "x86_64")]
set!(AVX, "avxvnni", avx, "avx2,avxvnni");
#[cfg(target_arch = "x86_64")]
product!(avx512, registers::Avx512);
#[cfg(target_arch = "x86_64")]
set!(AVX512, "avx512vnni", avx512, "avx512f,avx512bw,avx512vnni");
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
set!(TILES, "amx", super::tiles::multiply, "avx512f,avx512bw");

/// For measurements: the kernel is to be this set's.
const VARIABLE: &str = "FACEDECK_INT8";

impl Set {
    /// Those that this processor has, the fastest first; without any instructions for it last.
    pub(in crate::inference) fn here() -> Vec<&'static Set> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        if !cfg!(miri) {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
                #[cfg(target_os = "linux")]
                if super::tiles::are_here() {
                    sets.push(&TILES);
                }
                if is_x86_feature_detected!("avx512vnni") {
                    sets.push(&AVX512);
                }
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("avxvnni") {
                sets.push(&AVX);
            }
        }
        sets.push(&PLAIN);
        sets
    }

    /// The fastest; `None` where there are no instructions for it.
    pub(in crate::inference) fn best() -> Option<&'static Set> {
        static BEST: OnceLock<&'static Set> = OnceLock::new();
        let best = *BEST.get_or_init(|| {
            let sets = Self::here();
            let wanted = std::env::var(VARIABLE).ok();
            let named = sets.iter().find(|set| wanted.as_deref() == Some(set.name));
            named.or(sets.first()).copied().unwrap_or(&PLAIN)
        });
        (best.name != PLAIN.name).then_some(best)
    }
}
