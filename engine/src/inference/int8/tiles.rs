//! The product on AMX: tiles of 16 × 16 sums, each of 64 products at a time.
//!
//! A tile of filters has an output channel in each row, a tile of the picture a group of four input
//! channels: what comes out has an output channel in each row and a pixel in each column, as the
//! result does. The language has no instructions for it that are stable; these few are written out.

use std::arch::asm;
use std::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
use std::sync::OnceLock;

use super::kernel::{DEEP, PACK, PIXELS, Product, TAPS};

/// Rows and bytes of a row, of each of the eight tiles: all are whole.
#[repr(C, align(64))]
struct Shapes([u8; 64]);

static SHAPES: Shapes = {
    let mut shapes = [0; 64];
    // The only layout that there is.
    shapes[0] = 1;
    let mut tile = 0;
    while tile < 8 {
        shapes[16 + 2 * tile] = DEEP as u8;
        shapes[48 + tile] = PACK as u8;
        tile += 1;
    }
    Shapes(shapes)
};

/// `arch_prctl`: whether the process may use a state of the processor.
const ASK: libc::c_long = 0x1023;
/// The tiles' contents, among such states.
const CONTENTS: libc::c_long = 18;

/// Whether the processor has tiles of bytes and the system saves them; asks for the latter.
pub(super) fn are_here() -> bool {
    static HERE: OnceLock<bool> = OnceLock::new();
    *HERE.get_or_init(|| {
        // AMX-TILE and AMX-INT8; the caller's set has AVX-512, so there are such leaves.
        let wanted = 1 << 24 | 1 << 25;
        let has = __cpuid(0).eax >= 7 && __cpuid_count(7, 0).edx & wanted == wanted;
        // SAFETY: whoever has AVX has it.
        has && unsafe { saved() }
            // SAFETY: it touches nothing but a flag of this process.
            && unsafe { libc::syscall(libc::SYS_arch_prctl, ASK, CONTENTS) } == 0
    })
}

/// Whether the system saves tiles and what they are like.
///
/// # Safety
/// The processor has `xgetbv`.
#[target_feature(enable = "xsave")]
unsafe fn saved() -> bool {
    let both = 1 << 17 | 1 << 18;
    // SAFETY: the caller's.
    unsafe { _xgetbv(0) & both == both }
}

/// As [`super::kernel::multiply`].
///
/// # Safety
/// That function's; tiles are here; of every block of input channels all groups may be read.
pub(super) unsafe fn multiply(
    product: &Product<'_>,
    inputs: *const u8,
    filters: *const i8,
    to: *mut i32,
) {
    let row = product.places.len() * PIXELS;
    // SAFETY: it is what the instruction reads; the tiles are this thread's, and nobody's from the
    // end of this function on.
    unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const SHAPES, options(nostack, readonly)) };
    for (i, places) in product.places.chunks(2).enumerate() {
        // The last pixels alone, and channels without a second pack, are computed twice: their tiles
        // would be idle otherwise.
        let second = places.len() - 1;
        let pack = product.packs - 1;
        let to = |pack: usize, place: usize| {
            // SAFETY: a row for each channel, and places in it.
            unsafe { to.add(pack * PACK * row + (2 * i + place) * PIXELS) }
        };
        // SAFETY: the caller's.
        unsafe {
            four(
                product,
                [inputs.add(places[0]), inputs.add(places[second])],
                [filters, filters.add(pack * product.apart)],
                [to(0, 0), to(0, second), to(pack, 0), to(pack, second)],
                row * size_of::<i32>(),
            );
        }
    }
    // SAFETY: as above.
    unsafe { asm!("tilerelease", options(nostack, nomem)) };
}

/// Four tiles of sums.
///
/// # Safety
/// As [`multiply`].
#[inline(always)]
unsafe fn four(
    product: &Product<'_>,
    [x0, x1]: [*const u8; 2],
    [w0, w1]: [*const i8; 2],
    sums: [*mut i32; 4],
    row: usize,
) {
    let taps = product.taps.as_ptr();
    // SAFETY: it reads and writes what the caller lends; the tiles are this thread's.
    unsafe {
        asm!(
            "test {first}, {first}",
            "jz 2f",
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "jmp 3f",
            "2:",
            "mov {at}, [{sums}]",
            "tileloadd tmm0, [{at} + {row}]",
            "mov {at}, [{sums} + 8]",
            "tileloadd tmm1, [{at} + {row}]",
            "mov {at}, [{sums} + 16]",
            "tileloadd tmm2, [{at} + {row}]",
            "mov {at}, [{sums} + 24]",
            "tileloadd tmm3, [{at} + {row}]",
            "3:",
            "mov {first}, {count}",
            "4:",
            "mov {at}, [{taps}]",
            "tileloadd tmm4, [{w0} + {deep}]",
            "lea {place}, [{x0} + {at}]",
            "tileloadd tmm6, [{place} + {stride}]",
            "lea {place}, [{x1} + {at}]",
            "tdpbsud tmm0, tmm4, tmm6",
            "tileloadd tmm7, [{place} + {stride}]",
            "tdpbsud tmm1, tmm4, tmm7",
            "tileloadd tmm5, [{w1} + {deep}]",
            "add {taps}, 8",
            "add {w0}, 1024",
            "add {w1}, 1024",
            "tdpbsud tmm2, tmm5, tmm6",
            "tdpbsud tmm3, tmm5, tmm7",
            "dec {first}",
            "jnz 4b",
            "mov {at}, [{sums}]",
            "tilestored [{at} + {row}], tmm0",
            "mov {at}, [{sums} + 8]",
            "tilestored [{at} + {row}], tmm1",
            "mov {at}, [{sums} + 16]",
            "tilestored [{at} + {row}], tmm2",
            "mov {at}, [{sums} + 24]",
            "tilestored [{at} + {row}], tmm3",
            first = inout(reg) u64::from(product.first) => _,
            count = const TAPS,
            taps = inout(reg) taps => _,
            w0 = inout(reg) w0 => _,
            w1 = inout(reg) w1 => _,
            x0 = in(reg) x0,
            x1 = in(reg) x1,
            sums = in(reg) &raw const sums,
            row = in(reg) row,
            deep = in(reg) DEEP,
            stride = in(reg) product.stride,
            at = out(reg) _,
            place = out(reg) _,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}
