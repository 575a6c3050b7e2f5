//! What a file is, by its name alone: a folder of ten thousand is to be listed at once.

use std::path::Path;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::media::StillFormat;

/// Endings of films that ffmpeg reads; more than those that facedeck writes.
const VIDEOS: [&str; 22] = [
    "3g2", "3gp", "asf", "avi", "divx", "flv", "m2ts", "m2v", "m4v", "mkv", "mov", "mp4", "mpeg",
    "mpg", "mts", "mxf", "ogv", "qt", "ts", "vob", "webm", "wmv",
];

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A folder, or a link to one.
    Folder,
    /// Its name ends as that of a picture.
    Picture,
    /// Its name ends as that of a video.
    Video,
    /// Anything else.
    Other,
}

impl FileKind {
    /// What the name of a file says.
    pub fn of_name(name: &str) -> Self {
        let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
        let ending = ending.unwrap_or_default().to_ascii_lowercase();
        let is_picture =
            StillFormat::ALL.iter().any(|format| format.extensions().contains(&ending.as_str()));
        if is_picture {
            FileKind::Picture
        } else if VIDEOS.contains(&ending.as_str()) {
            FileKind::Video
        } else {
            FileKind::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::container::Container;

    #[test]
    fn names_say_what_files_are() {
        for (name, kind) in [
            ("a.PNG", FileKind::Picture),
            ("a.b.jpeg", FileKind::Picture),
            ("film.MkV", FileKind::Video),
            ("notes.txt", FileKind::Other),
            ("png", FileKind::Other),
            (".png", FileKind::Other),
            ("", FileKind::Other),
        ] {
            assert_eq!(FileKind::of_name(name), kind, "{name}");
        }
        for container in Container::ALL {
            // A GIF is one or the other; by its name alone it is a picture.
            let kind =
                if container == Container::Gif { FileKind::Picture } else { FileKind::Video };
            assert_eq!(FileKind::of_name(&format!("a.{container}")), kind);
        }
    }
}
