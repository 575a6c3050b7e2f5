//! Registers of sums of products of bytes: what each instruction set brings.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256i, __m512i, _mm256_dpbusd_avx_epi32, _mm256_loadu_si256, _mm256_set1_epi32,
    _mm256_storeu_si256, _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_set1_epi32,
    _mm512_storeu_si512,
};

/// A register of sums, and of four bytes for each of them.
///
/// # Safety
/// Every function needs its instruction set: it is called only from functions that are compiled for
/// that set, which are called only where the processor has it. What is read and written must lie in
/// memory that the caller may use so; no alignment is needed.
pub(super) trait Dot: Copy {
    /// How many; divides [`PIXELS`].
    const LANES: usize;
    /// Output channels whose sums are kept in registers, of three registers of pixels each.
    const CHANNELS: usize;

    unsafe fn zero() -> Self;
    unsafe fn load(from: *const u8) -> Self;
    /// The same four bytes for each.
    unsafe fn splat(from: *const i8) -> Self;
    unsafe fn store(self, to: *mut i32);
    /// `self` and the sums of the four products of each.
    unsafe fn dot(self, bytes: Self, filters: Self) -> Self;
}

/// No instruction set at all: what tests and interpreters run.
#[derive(Clone, Copy)]
pub(super) struct Plain([i32; 4]);

impl Dot for Plain {
    const LANES: usize = 4;
    const CHANNELS: usize = 4;

    #[inline(always)]
    unsafe fn zero() -> Self {
        Plain([0; 4])
    }
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the caller lends so many bytes.
        Plain(unsafe { from.cast::<[i32; 4]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn splat(from: *const i8) -> Self {
        // SAFETY: the caller lends four bytes.
        Plain([unsafe { from.cast::<i32>().read_unaligned() }; 4])
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut i32) {
        // SAFETY: the caller lends so many sums.
        unsafe { to.cast::<[i32; 4]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn dot(self, bytes: Self, filters: Self) -> Self {
        Plain(std::array::from_fn(|i| {
            let products = bytes.0[i].to_le_bytes().into_iter().zip(filters.0[i].to_le_bytes());
            let sum = products.map(|(a, b)| i32::from(a) * i32::from(b.cast_signed())).sum();
            self.0[i].wrapping_add(sum)
        }))
    }
}

/// AVX-512 with VNNI.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(super) struct Avx512(__m512i);

#[cfg(target_arch = "x86_64")]
impl Dot for Avx512 {
    const LANES: usize = 16;
    const CHANNELS: usize = 8;

    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY of each: the caller's.
        Avx512(unsafe { _mm512_set1_epi32(0) })
    }
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        Avx512(unsafe { _mm512_loadu_si512(from.cast()) })
    }
    #[inline(always)]
    unsafe fn splat(from: *const i8) -> Self {
        Avx512(unsafe { _mm512_set1_epi32(from.cast::<i32>().read_unaligned()) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut i32) {
        unsafe { _mm512_storeu_si512(to.cast(), self.0) }
    }
    #[inline(always)]
    unsafe fn dot(self, bytes: Self, filters: Self) -> Self {
        Avx512(unsafe { _mm512_dpbusd_epi32(self.0, bytes.0, filters.0) })
    }
}

/// AVX-VNNI: the same in shorter registers.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(super) struct Avx(__m256i);

#[cfg(target_arch = "x86_64")]
impl Dot for Avx {
    const LANES: usize = 8;
    const CHANNELS: usize = 4;

    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY of each: the caller's.
        Avx(unsafe { _mm256_set1_epi32(0) })
    }
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        Avx(unsafe { _mm256_loadu_si256(from.cast()) })
    }
    #[inline(always)]
    unsafe fn splat(from: *const i8) -> Self {
        Avx(unsafe { _mm256_set1_epi32(from.cast::<i32>().read_unaligned()) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut i32) {
        unsafe { _mm256_storeu_si256(to.cast(), self.0) }
    }
    #[inline(always)]
    unsafe fn dot(self, bytes: Self, filters: Self) -> Self {
        Avx(unsafe { _mm256_dpbusd_avx_epi32(self.0, bytes.0, filters.0) })
    }
}
