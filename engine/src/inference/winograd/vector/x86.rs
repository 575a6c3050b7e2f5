//! AVX2 with FMA, and AVX-512F.

use std::arch::x86_64::*;

use super::Vector;

/// AVX2 and FMA.
#[derive(Clone, Copy)]
pub(in super::super) struct Avx2(__m256);

/// AVX-512F.
#[derive(Clone, Copy)]
pub(in super::super) struct Avx512(__m512);

/// The functions that are one instruction each.
macro_rules! instructions {
    ($splat:ident $load:ident $store:ident $add:ident $sub:ident $mul:ident $mul_add:ident
     $max:ident $min:ident) => {
        #[inline(always)]
        unsafe fn splat(value: f32) -> Self {
            // SAFETY: `Vector`'s.
            Self(unsafe { $splat(value) })
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            // SAFETY: `Vector`'s.
            Self(unsafe { $load(from) })
        }
        #[inline(always)]
        unsafe fn prefetch(from: *const f32) {
            // SAFETY: a prefetch reads nothing.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            // SAFETY: `Vector`'s.
            unsafe { $store(to, self.0) }
        }
        #[inline(always)]
        unsafe fn add(self, other: Self) -> Self {
            // SAFETY: `Vector`'s.
            Self(unsafe { $add(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn sub(self, other: Self) -> Self {
            // SAFETY: `Vector`'s.
            Self(unsafe { $sub(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn mul(self, other: Self) -> Self {
            // SAFETY: `Vector`'s.
            Self(unsafe { $mul(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn mul_add(self, by: Self, plus: Self) -> Self {
            // SAFETY: `Vector`'s.
            Self(unsafe { $mul_add(self.0, by.0, plus.0) })
        }
        #[inline(always)]
        unsafe fn max(self, other: Self) -> Self {
            // SAFETY: `Vector`'s.
            Self(unsafe { $max(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn min(self, other: Self) -> Self {
            // SAFETY: `Vector`'s.
            Self(unsafe { $min(self.0, other.0) })
        }
    };
}

impl Vector for Avx2 {
    const LANES: usize = 8;
    const MANY: bool = false;

    instructions!(_mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_add_ps _mm256_sub_ps
        _mm256_mul_ps _mm256_fmadd_ps _mm256_max_ps _mm256_min_ps);

    #[inline(always)]
    unsafe fn gather(from: *const f32, places: &[i32; 16]) -> Self {
        // SAFETY: `Vector`'s; the array is longer than what is read of it.
        unsafe {
            let places = _mm256_loadu_si256(places.as_ptr().cast());
            Avx2(_mm256_i32gather_ps::<4>(from, places))
        }
    }

    #[inline(always)]
    unsafe fn load_four(from: *const f32) -> [Self; 4] {
        // SAFETY: `Vector`'s.
        unsafe {
            let (a, b) = (_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8)));
            let (c, d) = (_mm256_loadu_ps(from.add(16)), _mm256_loadu_ps(from.add(24)));
            // Fours 0 and 4, 1 and 5, 2 and 6, 3 and 7.
            let p = _mm256_permute2f128_ps::<0x20>(a, c);
            let q = _mm256_permute2f128_ps::<0x31>(a, c);
            let r = _mm256_permute2f128_ps::<0x20>(b, d);
            let s = _mm256_permute2f128_ps::<0x31>(b, d);
            let [a, b, c, d] = transposed(p, q, r, s);
            [Avx2(a), Avx2(b), Avx2(c), Avx2(d)]
        }
    }

    #[inline(always)]
    unsafe fn store_four(four: [Self; 4], to: *mut f32) {
        // SAFETY: `Vector`'s.
        unsafe {
            let [p, q, r, s] = transposed(four[0].0, four[1].0, four[2].0, four[3].0);
            _mm256_storeu_ps(to, _mm256_permute2f128_ps::<0x20>(p, q));
            _mm256_storeu_ps(to.add(8), _mm256_permute2f128_ps::<0x20>(r, s));
            _mm256_storeu_ps(to.add(16), _mm256_permute2f128_ps::<0x31>(p, q));
            _mm256_storeu_ps(to.add(24), _mm256_permute2f128_ps::<0x31>(r, s));
        }
    }
}

/// Rows of four numbers become columns, in each half by itself.
#[inline(always)]
unsafe fn transposed(p: __m256, q: __m256, r: __m256, s: __m256) -> [__m256; 4] {
    // SAFETY: `Vector`'s.
    unsafe {
        let (low, high) = (_mm256_unpacklo_ps(p, q), _mm256_unpackhi_ps(p, q));
        let (low_2, high_2) = (_mm256_unpacklo_ps(r, s), _mm256_unpackhi_ps(r, s));
        [
            _mm256_shuffle_ps::<0x44>(low, low_2),
            _mm256_shuffle_ps::<0xee>(low, low_2),
            _mm256_shuffle_ps::<0x44>(high, high_2),
            _mm256_shuffle_ps::<0xee>(high, high_2),
        ]
    }
}

impl Vector for Avx512 {
    const LANES: usize = 16;
    const MANY: bool = true;

    instructions!(_mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_add_ps _mm512_sub_ps
        _mm512_mul_ps _mm512_fmadd_ps _mm512_max_ps _mm512_min_ps);

    #[inline(always)]
    unsafe fn gather(from: *const f32, places: &[i32; 16]) -> Self {
        // SAFETY: `Vector`'s.
        unsafe {
            let places = _mm512_loadu_si512(places.as_ptr().cast());
            Avx512(_mm512_i32gather_ps::<4>(places, from))
        }
    }

    #[inline(always)]
    unsafe fn load_four(from: *const f32) -> [Self; 4] {
        // SAFETY: `Vector`'s.
        unsafe {
            let (a, b) = (_mm512_loadu_ps(from), _mm512_loadu_ps(from.add(16)));
            let (c, d) = (_mm512_loadu_ps(from.add(32)), _mm512_loadu_ps(from.add(48)));
            let first = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
            let last = _mm512_add_epi32(first, _mm512_set1_epi32(2));
            let (ab_01, cd_01) =
                (_mm512_permutex2var_ps(a, first, b), _mm512_permutex2var_ps(c, first, d));
            let (ab_23, cd_23) =
                (_mm512_permutex2var_ps(a, last, b), _mm512_permutex2var_ps(c, last, d));
            [
                Avx512(_mm512_shuffle_f32x4::<0x44>(ab_01, cd_01)),
                Avx512(_mm512_shuffle_f32x4::<0xee>(ab_01, cd_01)),
                Avx512(_mm512_shuffle_f32x4::<0x44>(ab_23, cd_23)),
                Avx512(_mm512_shuffle_f32x4::<0xee>(ab_23, cd_23)),
            ]
        }
    }

    #[inline(always)]
    unsafe fn store_four(four: [Self; 4], to: *mut f32) {
        // SAFETY: `Vector`'s.
        unsafe {
            let [Avx512(a), Avx512(b), Avx512(c), Avx512(d)] = four;
            // The first eight of each two, and the last.
            let (ab, cd) = (_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0x44>(c, d));
            let (ab_2, cd_2) =
                (_mm512_shuffle_f32x4::<0xee>(a, b), _mm512_shuffle_f32x4::<0xee>(c, d));
            let first = _mm512_setr_epi32(0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
            let last = _mm512_add_epi32(first, _mm512_set1_epi32(4));
            _mm512_storeu_ps(to, _mm512_permutex2var_ps(ab, first, cd));
            _mm512_storeu_ps(to.add(16), _mm512_permutex2var_ps(ab, last, cd));
            _mm512_storeu_ps(to.add(32), _mm512_permutex2var_ps(ab_2, first, cd_2));
            _mm512_storeu_ps(to.add(48), _mm512_permutex2var_ps(ab_2, last, cd_2));
        }
    }
}
