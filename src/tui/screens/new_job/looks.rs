//! What was found out about files: asked once, and kept while it is of use.

use crate::client::{Film, Thumbnail};
use crate::service::wire::{FacesBody, FacesView};

/// Answers that are kept.
const KEPT: usize = 64;

/// Something that was asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Look<T> {
    /// The answer is still to come.
    Asked,
    /// This.
    Here(T),
    /// Nothing, for this reason.
    Failed(String),
}

/// A picture or a video in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct About {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// About the video, where it is one.
    pub film: Option<Film>,
}

impl From<&Thumbnail> for About {
    fn from(thumbnail: &Thumbnail) -> Self {
        About { size: (thumbnail.width, thumbnail.height), film: thumbnail.video }
    }
}

impl About {
    /// How many frames there are; at least one.
    pub fn frames(&self) -> u64 {
        let Some(film) = self.film else { return 1 };
        let guess = film.duration.map(|seconds| (seconds * film.fps).round() as u64);
        film.frames.or(guess).unwrap_or(1).max(1)
    }
}

/// What was found out.
#[derive(Debug, Default)]
pub struct Looks {
    faces: Vec<(FacesBody, Look<FacesView>)>,
    about: Vec<(String, Look<About>)>,
}

impl Looks {
    /// Who is there.
    pub fn faces(&self, body: &FacesBody) -> Option<&Look<FacesView>> {
        self.faces.iter().find(|(asked, _)| asked == body).map(|(_, look)| look)
    }

    /// What a file is.
    pub fn about(&self, path: &str) -> Option<&Look<About>> {
        self.about.iter().find(|(asked, _)| asked == path).map(|(_, look)| look)
    }

    /// Whether somebody has to be asked who is there; it counts as asked then.
    pub(super) fn ask_faces(&mut self, body: &FacesBody) -> bool {
        ask(&mut self.faces, body)
    }

    /// Whether somebody has to be asked what a file is; it counts as asked then.
    pub(super) fn ask_about(&mut self, path: &String) -> bool {
        ask(&mut self.about, path)
    }

    pub(super) fn put_faces(&mut self, body: &FacesBody, look: Look<FacesView>) {
        put(&mut self.faces, body, look);
    }

    pub(super) fn put_about(&mut self, path: &String, look: Look<About>) {
        put(&mut self.about, path, look);
    }

    /// What failed is asked again.
    pub(super) fn forget_failures(&mut self) {
        self.faces.retain(|(_, look)| !matches!(look, Look::Failed(_)));
        self.about.retain(|(_, look)| !matches!(look, Look::Failed(_)));
    }
}

fn ask<K: PartialEq + Clone, V>(all: &mut Vec<(K, Look<V>)>, key: &K) -> bool {
    if all.iter().any(|(asked, _)| asked == key) {
        return false;
    }
    if all.len() >= KEPT {
        all.remove(0);
    }
    all.push((key.clone(), Look::Asked));
    true
}

fn put<K: PartialEq, V>(all: &mut [(K, Look<V>)], key: &K, look: Look<V>) {
    // What nobody waits for any more is dropped.
    if let Some((_, old)) = all.iter_mut().find(|(asked, _)| asked == key) {
        *old = look;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_asked_once_and_failures_again() {
        let mut looks = Looks::default();
        let film = "/film.mp4".to_owned();
        assert!(looks.ask_about(&film));
        assert!(!looks.ask_about(&film));
        looks.put_about(&film, Look::Failed("no".into()));
        assert!(!looks.ask_about(&film));
        looks.forget_failures();
        assert!(looks.ask_about(&film));
        for n in 0..KEPT {
            looks.ask_about(&n.to_string());
        }
        assert!(looks.about(&film).is_none(), "the oldest one goes");
        looks.put_about(&film, Look::Failed("late".into()));
        assert!(looks.about(&film).is_none());
    }

    #[test]
    fn frames_are_counted_or_guessed() {
        let film = |frames, duration| Some(Film { frames, fps: 25.0, duration });
        let frames = |film| About { size: (1, 1), film }.frames();
        assert_eq!(frames(None), 1);
        assert_eq!(frames(film(Some(7), None)), 7);
        assert_eq!(frames(film(None, Some(2.0))), 50);
        assert_eq!(frames(film(None, None)), 1);
    }
}
