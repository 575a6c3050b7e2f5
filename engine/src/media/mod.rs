//! Video through the ffmpeg programs, and image files.
//!
//! ffmpeg always runs as a child process: raw frames go through pipes, everything else (sound,
//! subtitles, chapters, metadata) goes from file to file without being touched by facedeck.

mod clock;
pub mod codec;
mod color;
pub mod container;
pub mod decode;
pub mod encode;
mod encode_args;
mod encode_pixels;
mod ffprobe;
mod film;
mod frame_at;
mod frame_times;
pub mod image_file;
pub mod info;
pub mod kept_frames;
mod light;
mod marks;
pub mod mux;
mod mux_args;
pub mod nut;
mod opus;
pub(crate) mod output;
mod patient;
mod pixel;
pub mod probe;
mod process;
mod rate;
pub mod streams;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tool_options;
mod widen;

pub use clock::Clock;
pub use codec::VideoEncoder;
pub use container::Container;
pub use decode::{DecodeOptions, Decoder, Place, read_frame_at};
pub use encode::EncodeOptions;
pub use film::Encoder;
pub use image_file::{Still, StillFormat};
pub use info::{
    AudioInfo, ColorTags, Light, MediaInfo, MediaKind, Rational, SubtitleInfo, VideoInfo,
};
pub use output::Whole;
pub use probe::probe;
