//! Who gets whose face: people of the target by their pictures, which are cut out of a frame.

use crate::service::wire::FacesView;
use crate::tui::picture::{Crop, Cut};

/// A person of the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Where the picture is cut out.
    pub cut: Cut,
    /// The picture, as the service names it.
    pub picture: Picture,
    /// Photos of the face that they get.
    pub faces: Vec<String>,
}

/// The picture of a person.
#[derive(Debug, Clone, PartialEq)]
pub enum Picture {
    /// It is being cut out.
    Coming,
    /// It lies with the service under this name.
    Here(String),
    /// It could not be cut out, for this reason.
    Failed(String),
}

impl Person {
    /// The picture, as the service names it.
    pub fn who(&self) -> Option<&str> {
        match &self.picture {
            Picture::Here(name) => Some(name),
            _ => None,
        }
    }
}

/// The part of a frame around a face, larger than its box by this share on each side.
pub fn around(view: &FacesView, face: usize, grown: f32) -> Option<Crop> {
    let [left, top, right, bottom] = view.faces.get(face)?.bounds;
    let (more_x, more_y) = ((right - left) * grown, (bottom - top) * grown);
    let [width, height] = view.size.map(|length| length.max(1) as f32);
    let (x, y) = ((left - more_x).clamp(0.0, width - 1.0), (top - more_y).clamp(0.0, height - 1.0));
    let (to_x, to_y) =
        ((right + more_x).clamp(x + 1.0, width), (bottom + more_y).clamp(y + 1.0, height));
    Some(Crop {
        x: x as u32,
        y: y as u32,
        width: ((to_x - x) as u32).max(1),
        height: ((to_y - y) as u32).max(1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::faces;

    #[test]
    fn faces_are_cut_out_with_what_is_around_them() {
        let mut view = faces("/a.png", 1);
        view.size = [100, 50];
        view.faces[0].bounds = [10.0, 10.0, 30.0, 30.0];
        assert_eq!(around(&view, 0, 0.25), Some(Crop { x: 5, y: 5, width: 30, height: 30 }));
        view.faces[0].bounds = [-20.0, 40.0, 300.0, 60.0];
        assert_eq!(around(&view, 0, 0.5), Some(Crop { x: 0, y: 30, width: 100, height: 20 }));
        view.faces[0].bounds = [500.0, 500.0, 600.0, 600.0];
        let crop = around(&view, 0, 0.3).unwrap();
        assert!(crop.x < 100 && crop.y < 50 && crop.width >= 1 && crop.height >= 1);
        assert_eq!(around(&view, 1, 0.3), None);
    }
}
