//! Vectors of single-precision numbers: what the kernel asks of an instruction set.
//!
//! The kernel is written once over [`Vector`]; each instruction set brings its registers.

#[cfg(target_arch = "aarch64")]
mod arm;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(target_arch = "aarch64")]
pub(super) use arm::Neon;
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512};

/// A register full of numbers.
///
/// # Safety
/// Every function needs its instruction set: it is called only from functions that are compiled for
/// that set, which are called only where the processor has it. What is read and written must lie in
/// memory that the caller may use so; no alignment is needed.
pub(super) trait Vector: Copy {
    /// How many numbers; divides 16.
    const LANES: usize;
    /// Whether there are 32 such registers; there are 16 otherwise.
    const MANY: bool;

    /// The same number everywhere.
    unsafe fn splat(value: f32) -> Self;
    /// `LANES` numbers from there on.
    unsafe fn load(from: *const f32) -> Self;
    /// Says that what lies there will be read; the address may be anything.
    unsafe fn prefetch(from: *const f32);
    /// Writes its numbers there.
    unsafe fn store(self, to: *mut f32);
    /// `self + other`
    unsafe fn add(self, other: Self) -> Self;
    /// `self − other`
    unsafe fn sub(self, other: Self) -> Self;
    /// `self · other`
    unsafe fn mul(self, other: Self) -> Self;
    /// `self · by + plus`
    unsafe fn mul_add(self, by: Self, plus: Self) -> Self;
    /// The greater of each two; `other` where that is no number.
    unsafe fn max(self, other: Self) -> Self;
    /// The lesser of each two; `other` where that is no number.
    unsafe fn min(self, other: Self) -> Self;
    /// The numbers at these places, of which the first `LANES` count.
    unsafe fn gather(from: *const f32, places: &[i32; 16]) -> Self;
    /// Of `4 · LANES` numbers those at `4i`, at `4i + 1`, at `4i + 2` and at `4i + 3`.
    unsafe fn load_four(from: *const f32) -> [Self; 4];
    /// The reverse of [`Self::load_four`].
    unsafe fn store_four(four: [Self; 4], to: *mut f32);
}

/// No instruction set at all: what tests and interpreters run.
#[derive(Clone, Copy)]
pub(super) struct Plain([f32; 4]);

impl Plain {
    #[inline(always)]
    fn each(self, other: Self, of: impl Fn(f32, f32) -> f32) -> Self {
        Plain(std::array::from_fn(|i| of(self.0[i], other.0[i])))
    }
}

impl Vector for Plain {
    const LANES: usize = 4;
    const MANY: bool = false;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Plain([value; 4])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller lends so many numbers.
        Plain(unsafe { from.cast::<[f32; 4]>().read() })
    }
    #[inline(always)]
    unsafe fn prefetch(_: *const f32) {}
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller lends so many numbers.
        unsafe { to.cast::<[f32; 4]>().write(self.0) }
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.each(other, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        self.each(other, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        self.each(other, |a, b| a * b)
    }
    #[inline(always)]
    unsafe fn mul_add(self, by: Self, plus: Self) -> Self {
        Plain(std::array::from_fn(|i| self.0[i] * by.0[i] + plus.0[i]))
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        self.each(other, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        self.each(other, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    unsafe fn gather(from: *const f32, places: &[i32; 16]) -> Self {
        // SAFETY: the caller says that these places are its own.
        Plain(std::array::from_fn(|i| unsafe { *from.offset(places[i] as isize) }))
    }
    #[inline(always)]
    unsafe fn load_four(from: *const f32) -> [Self; 4] {
        // SAFETY: the caller lends four times as many numbers.
        std::array::from_fn(|j| Plain(std::array::from_fn(|i| unsafe { *from.add(4 * i + j) })))
    }
    #[inline(always)]
    unsafe fn store_four(four: [Self; 4], to: *mut f32) {
        for (j, one) in four.iter().enumerate() {
            for (i, &value) in one.0.iter().enumerate() {
                // SAFETY: the caller lends four times as many numbers.
                unsafe { *to.add(4 * i + j) = value };
            }
        }
    }
}
