//! The pictures that the demo carries, and how its files get their names.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::error::{Context, Result};
use crate::imaging::frame::{Frame, FrameFormat, Layout, Matrix};
use crate::imaging::similarity::Point;

/// The face that goes in: a painting, in the public domain. JPEG.
pub const SOURCE: &[u8] = include_bytes!("../../../demo/mona_lisa.jpg");
/// The portrait that it is put on: a photograph by NASA, in the public domain. PNG.
pub const PORTRAIT: &[u8] = include_bytes!("../../../demo/astronaut.png");

/// The middle of the portrait's face in its pixels (the middle of its landmarks' box).
pub const FACE_CENTER: Point = [225.5, 124.0];
/// Width of the portrait's face in its pixels, from ear to ear.
pub const FACE_WIDTH: f64 = 91.0;

/// The portrait as 8-bit RGB.
///
/// # Errors
/// When it cannot be decoded: that is a fault of the build.
pub fn portrait() -> Result<Frame> {
    let image = image::load_from_memory_with_format(PORTRAIT, image::ImageFormat::Png)
        .context(|| "cannot read the demo's portrait".into())?
        .into_rgb8();
    let format = FrameFormat {
        width: image.width(),
        height: image.height(),
        layout: Layout::Packed { channels: 3 },
        depth: 8,
        matrix: Matrix::Bt601,
        full_range: true,
    };
    Ok(Frame::new(format, image.into_raw()))
}

/// Writes a file beside its name and gives it the name when it is whole.
///
/// # Errors
/// When it cannot be written; nothing is left behind then.
pub fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let what = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".facedeck-")
        // The umask takes off what others may not do.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .context(what)?;
    file.write_all(bytes).context(what)?;
    file.as_file().sync_all().context(what)?;
    file.persist(path).context(what)?;
    // As for every output, the name is only safe with its folder, where the system can sync one.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_put_in_place_of_the_old_one_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, b"old").unwrap();
        put(&path, PORTRAIT).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), PORTRAIT);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(put(&folder.path().join("none/a.png"), PORTRAIT).is_err());
    }

    #[test]
    fn the_face_is_where_the_networks_see_it() {
        crate::inference::environment::for_tests().unwrap();
        let models = crate::faces::FaceModels::load_embedded().unwrap();
        let faces = models.analyze_still(&portrait().unwrap()).unwrap();
        assert_eq!(faces.len(), 1);
        let landmarks = faces[0].mesh().unwrap();
        let [x0, y0, x1, y1] = landmarks.bounds();
        let off = ((x0 + x1) / 2.0 - FACE_CENTER[0]).hypot((y0 + y1) / 2.0 - FACE_CENTER[1]);
        assert!(off < 3.0, "the middle is {off} pixels off");
        assert!((f64::from(landmarks.width()) - FACE_WIDTH).abs() < 3.0, "{}", landmarks.width());
    }
}
