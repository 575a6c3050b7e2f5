//! Which picture.

/// A rectangle in pixels of the whole picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Crop {
    /// Left.
    pub x: u32,
    /// Top.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// A part of a picture or of a frame of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The file.
    pub file: String,
    /// The frame.
    pub frame: u64,
    /// The part.
    pub crop: Crop,
}

/// Before or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// As it was.
    Before,
    /// As it is.
    After,
}

/// Which picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A picture, or a frame of a video, on the service's machine.
    File {
        /// Its path there, or `upload:ID`.
        path: String,
        /// Which frame of a video.
        frame: u64,
        /// A part of it.
        crop: Option<Crop>,
    },
    /// The frame of a job that is being made; another one all the time.
    Live {
        /// The job.
        job: String,
        /// Before or after.
        side: Side,
    },
    /// A frame of a job that stays.
    Still {
        /// The job.
        job: String,
        /// Which attempt: another one has other stills.
        attempt: u32,
        /// Before or after.
        side: Side,
    },
    /// What a new job would make of a frame; the number says of which question.
    Preview {
        /// The number of the question.
        number: u64,
        /// Before or after.
        side: Side,
    },
    /// One picture to the left of a line, another one to its right.
    Wipe {
        /// The left one.
        before: Box<Key>,
        /// The right one.
        after: Box<Key>,
        /// Where the line is, in percent of the width.
        percent: u8,
    },
    /// A part of another picture, in thousandths of its width and height.
    Part {
        /// The whole one.
        of: Box<Key>,
        /// The part.
        part: Crop,
    },
}

impl Key {
    /// A picture or the first frame of a video.
    pub fn file(path: impl Into<String>) -> Self {
        Key::File { path: path.into(), frame: 0, crop: None }
    }

    /// Whether it is another one all the time.
    pub fn is_live(&self) -> bool {
        matches!(self, Key::Live { .. })
    }

    /// The pictures of which it is made, itself where it is not made of others.
    pub fn sources(&self) -> Vec<&Key> {
        match self {
            Key::Wipe { before, after, .. } => {
                before.sources().into_iter().chain(after.sources()).collect()
            }
            Key::Part { of, .. } => of.sources(),
            other => vec![other],
        }
    }

    /// How many times larger than it is shown it has to be loaded.
    pub fn closer(&self) -> u32 {
        match self {
            Key::Part { part, of } => (1000 / part.width.max(100)).max(1) * of.closer(),
            Key::Wipe { before, .. } => before.closer(),
            _ => 1,
        }
    }
}
