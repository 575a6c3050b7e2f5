//! NEON, which every 64-bit Arm has.

use std::arch::aarch64::*;

use super::Vector;

/// NEON.
#[derive(Clone, Copy)]
pub(in super::super) struct Neon(float32x4_t);

impl Vector for Neon {
    const LANES: usize = 4;
    const MANY: bool = true;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: `Vector`'s.
        Neon(unsafe { vdupq_n_f32(value) })
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: `Vector`'s.
        Neon(unsafe { vld1q_f32(from) })
    }
    // Its prefetch is no stable intrinsic; what it has of its own must do.
    #[inline(always)]
    unsafe fn prefetch(_: *const f32) {}
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: `Vector`'s.
        unsafe { vst1q_f32(to, self.0) }
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: `Vector`'s.
        Neon(unsafe { vaddq_f32(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        // SAFETY: `Vector`'s.
        Neon(unsafe { vsubq_f32(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        // SAFETY: `Vector`'s.
        Neon(unsafe { vmulq_f32(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn mul_add(self, by: Self, plus: Self) -> Self {
        // SAFETY: `Vector`'s.
        Neon(unsafe { vfmaq_f32(plus.0, self.0, by.0) })
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        // SAFETY: `Vector`'s.
        Neon(unsafe { vmaxq_f32(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        // SAFETY: `Vector`'s.
        Neon(unsafe { vminq_f32(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn gather(from: *const f32, places: &[i32; 16]) -> Self {
        let mut four = [0.0f32; 4];
        for (value, &place) in four.iter_mut().zip(places) {
            // SAFETY: `Vector`'s.
            *value = unsafe { *from.offset(place as isize) };
        }
        // SAFETY: as many as are loaded.
        unsafe { Self::load(four.as_ptr()) }
    }
    #[inline(always)]
    unsafe fn load_four(from: *const f32) -> [Self; 4] {
        // SAFETY: `Vector`'s.
        let float32x4x4_t(a, b, c, d) = unsafe { vld4q_f32(from) };
        [Neon(a), Neon(b), Neon(c), Neon(d)]
    }
    #[inline(always)]
    unsafe fn store_four(four: [Self; 4], to: *mut f32) {
        let [Neon(a), Neon(b), Neon(c), Neon(d)] = four;
        // SAFETY: `Vector`'s.
        unsafe { vst4q_f32(to, float32x4x4_t(a, b, c, d)) }
    }
}
