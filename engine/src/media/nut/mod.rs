//! NUT, ffmpeg's own container, as far as one picture stream needs it: the way in which frames come
//! out of ffmpeg and go back into it with their exact timestamps, and in which finished segments
//! lie on the disk.
//!
//! Raw frames through a plain pipe lose their timestamps, and every other container that ffmpeg can
//! write to a pipe rounds them. NUT keeps any time base, knows every raw pixel format, and can be
//! read and written in one pass. Source: the NUT specification (Open Container Format, 20060713),
//! of which this is the part that holds one stream. What its version 4 puts beside a packet, such as
//! the transparency of VP9, is carried as it is.

mod code;
mod head;
mod read;
mod side;
#[cfg(test)]
mod tests;
mod write;

pub use head::Head;
pub use read::{PacketHead, Reader};
pub use side::mend;
pub use write::Writer;
