//! Memory of the kernel: large, aligned, kept between runs.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// Buffers of at least this many bytes ask for huge pages: the kernel walks through megabytes with
/// large strides, and small pages' addresses do not fit the processor's table of them.
const LARGE: usize = 1 << 18;
/// The size of a huge page.
const HUGE_PAGE: usize = 2 << 20;
/// The size of a line of the cache.
const LINE: usize = 64;

/// Numbers, zero at first, at an address that suits vectors.
pub(in crate::inference) struct Buffer {
    start: NonNull<f32>,
    len: usize,
    from: Origin,
}

/// Where a buffer's memory comes from.
#[derive(Clone, Copy)]
enum Origin {
    /// It has none.
    Nowhere,
    /// The allocator.
    Allocated(Layout),
    /// The system: the address and the size of the mapping that it lies in.
    #[cfg(target_os = "linux")]
    Mapped(*mut libc::c_void, usize),
}

// SAFETY: it owns its numbers, as a `Vec` does.
unsafe impl Send for Buffer {}
// SAFETY: shared, it is only read.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// So many zeros.
    pub fn new(len: usize) -> Self {
        if len == 0 {
            return Buffer { start: NonNull::dangling(), len, from: Origin::Nowhere };
        }
        let bytes = len.saturating_mul(size_of::<f32>());
        #[cfg(target_os = "linux")]
        if bytes >= LARGE
            && !cfg!(miri)
            && let Some((start, from)) = mapped(bytes)
        {
            return Buffer { start, len, from };
        }
        // Only a size that no machine has is refused.
        let layout = Layout::from_size_align(bytes, LINE)
            .unwrap_or_else(|_| handle_alloc_error(Layout::new::<f32>()));
        // SAFETY: the layout is not empty.
        let start = unsafe { alloc_zeroed(layout) };
        let Some(start) = NonNull::new(start.cast::<f32>()) else { handle_alloc_error(layout) };
        Buffer { start, len, from: Origin::Allocated(layout) }
    }

    /// Its bytes, to be read from a file.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let bytes = self.len * size_of::<f32>();
        // SAFETY: it owns so many bytes, and every byte may be part of a number.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().cast(), bytes) }
    }

    /// At least so many numbers; which, nobody knows.
    pub fn at_least(&mut self, len: usize) -> &mut [f32] {
        if self.len < len {
            // The old ones go first.
            *self = Buffer::new(0);
            *self = Buffer::new(len);
        }
        self
    }
}

/// Zeros from the system, which becomes huge pages as they are first written to: memory of the
/// allocator has been written to before it could be asked for them. `None` when the system has none.
#[cfg(target_os = "linux")]
fn mapped(bytes: usize) -> Option<(NonNull<f32>, Origin)> {
    let size = bytes.checked_add(HUGE_PAGE)?;
    let (access, kind) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping anywhere touches nothing that is there.
    let mapping = unsafe { libc::mmap(std::ptr::null_mut(), size, access, kind, -1, 0) };
    if mapping == libc::MAP_FAILED {
        return None;
    }
    let skipped = mapping.align_offset(HUGE_PAGE);
    // SAFETY: the mapping is longer by a huge page than what is needed, so the aligned address and
    // `bytes` from there on lie in it.
    let start = unsafe { mapping.byte_add(skipped) };
    // SAFETY: that part is ours; the advice changes no contents, and may be refused.
    unsafe { libc::madvise(start, bytes, libc::MADV_HUGEPAGE) };
    Some((NonNull::new(start.cast())?, Origin::Mapped(mapping, size)))
}

impl Drop for Buffer {
    fn drop(&mut self) {
        match self.from {
            Origin::Nowhere => {}
            // SAFETY: allocated with this layout, and not freed before.
            Origin::Allocated(layout) => unsafe { dealloc(self.start.as_ptr().cast(), layout) },
            // SAFETY: this mapping, of this size, is its own.
            #[cfg(target_os = "linux")]
            Origin::Mapped(mapping, size) => unsafe {
                libc::munmap(mapping, size);
            },
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: it owns so many numbers, which were zeroed.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and nobody else has them.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

/// What one thread needs while it works.
pub(in crate::inference) struct Workspace {
    /// A channel with its edges.
    pub padded: Buffer,
    /// Inputs in Winograd's space.
    pub inputs: Buffer,
    /// Filters in Winograd's space.
    pub filters: Buffer,
    /// Products.
    pub products: Buffer,
    /// Filters that were given, packed.
    pub packed: Buffer,
}

/// Workspaces of a session, kept for its next run: as many as threads ever worked at once.
#[derive(Default)]
pub(in crate::inference) struct Scratch(Mutex<Vec<Workspace>>);

impl Scratch {
    /// Lends one; a new one where all are lent.
    pub(in crate::inference) fn lend(&self) -> Lent<'_> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let workspace = kept.unwrap_or_else(|| Workspace {
            padded: Buffer::new(0),
            inputs: Buffer::new(0),
            filters: Buffer::new(0),
            products: Buffer::new(0),
            packed: Buffer::new(0),
        });
        Lent { scratch: self, workspace: Some(workspace) }
    }
}

/// A workspace that goes back when it is dropped.
pub(in crate::inference) struct Lent<'a> {
    scratch: &'a Scratch,
    workspace: Option<Workspace>,
}

impl Lent<'_> {
    pub fn get(&mut self) -> &mut Workspace {
        self.workspace.get_or_insert_with(|| unreachable!("it is there until it is dropped"))
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(workspace) = self.workspace.take() {
            self.scratch.0.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
        }
    }
}
