//! Takes the libraries out of an archive and puts them in place, whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};

use super::download::unwritable;
use super::fetch::Archive;

/// Far more than any build of the library; an archive cannot fill the disk.
const LARGEST_MEMBER: u64 = 1 << 30;

/// Unpacks the runtime's libraries of an archive into an empty folder, flat.
///
/// # Errors
/// As [`unpack_members`].
pub(super) fn unpack_libraries(archive: &Path, kind: Archive, folder: &Path) -> Result<()> {
    unpack_members(archive, kind, folder, &is_runtime_library)
}

/// Unpacks the members of an archive whose file names are wanted into an empty folder, flat.
///
/// # Errors
/// When the archive is damaged or none of its members is wanted, or the folder cannot be written
/// to.
pub(super) fn unpack_members(
    archive: &Path,
    kind: Archive,
    folder: &Path,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<()> {
    let damaged = || format!("{} is damaged", archive.display());
    let file = File::open(archive).context(damaged)?;
    let mut count = 0;
    match kind {
        Archive::Zip => {
            let mut zip = zip::ZipArchive::new(file).context(damaged)?;
            for index in 0..zip.len() {
                let mut member = zip.by_index(index).context(damaged)?;
                let path = PathBuf::from(&*member.name().context(damaged)?);
                let Some(name) = file_name(&path, wanted) else { continue };
                write_synced(&mut member, &folder.join(name))?;
                count += 1;
            }
        }
        Archive::TarGz => {
            let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(file));
            for member in tar.entries().context(damaged)? {
                let mut member = member.context(damaged)?;
                // The links beside the library are of no use here.
                if !member.header().entry_type().is_file() {
                    continue;
                }
                let path = member.path().context(damaged)?.into_owned();
                let Some(name) = file_name(&path, wanted) else { continue };
                write_synced(&mut member, &folder.join(name))?;
                count += 1;
            }
        }
    }
    if count == 0 {
        return Err(Error::failed(format!("{} holds no library", archive.display())));
    }
    Ok(())
}

/// Gives a folder its final name; what had the name before is replaced.
///
/// # Errors
/// When the file system refuses.
pub(super) fn put_in_place(folder: &Path, target: &Path) -> Result<()> {
    let refuse = |e: io::Error| unwritable(target).because(e);
    sync_folder(folder).map_err(refuse)?;
    // Only a runtime that cannot be used is ever replaced.
    match fs::remove_dir_all(target) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(refuse(e)),
        _ => {}
    }
    fs::rename(folder, target).map_err(refuse)?;
    target.parent().map_or(Ok(()), sync_folder).map_err(refuse)
}

/// The file name of a member that is wanted. Only the name is used, so a path in the archive cannot
/// lead anywhere else.
fn file_name(path: &Path, wanted: &dyn Fn(&str) -> bool) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    wanted(name).then(|| PathBuf::from(name))
}

fn is_runtime_library(name: &str) -> bool {
    name.starts_with("libonnxruntime") && (name.contains(".so") || name.ends_with(".dylib"))
}

fn write_synced(from: &mut impl Read, to: &Path) -> Result<()> {
    let refuse = |e: io::Error| unwritable(to).because(e);
    let mut file = File::create_new(to).map_err(refuse)?;
    io::copy(&mut from.take(LARGEST_MEMBER), &mut file).map_err(refuse)?;
    file.sync_all().map_err(refuse)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;

    /// A zip archive with these members.
    pub(crate) fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, bytes) in members {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// Names of everything in a folder, sorted.
    pub(in crate::provision) fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn only_libraries_come_out_of_a_wheel() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("a.whl");
        let members: [(&str, &[u8]); 5] = [
            ("onnxruntime/capi/libonnxruntime.so.1.31.0", b"library"),
            ("onnxruntime/capi/libonnxruntime_providers_shared.so", b"shared"),
            ("onnxruntime/capi/onnxruntime_pybind11_state.so", b"python"),
            ("onnxruntime/capi/libonnxruntime.txt", b"text"),
            ("../../libonnxruntime.so.6.6.6", b"escape"),
        ];
        fs::write(&archive, zip_of(&members)).unwrap();
        let to = dir.path().join("to");
        fs::create_dir(&to).unwrap();
        unpack_libraries(&archive, Archive::Zip, &to).unwrap();
        let expected = [
            "libonnxruntime.so.1.31.0",
            "libonnxruntime.so.6.6.6",
            "libonnxruntime_providers_shared.so",
        ];
        assert_eq!(names(&to), expected);
        assert_eq!(fs::read(to.join(expected[0])).unwrap(), b"library");
        assert_eq!(names(dir.path()), ["a.whl", "to"]);
    }

    #[test]
    fn only_libraries_come_out_of_a_release() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("a.tgz");
        let gz = flate2::write::GzEncoder::new(
            File::create(&archive).unwrap(),
            flate2::Compression::fast(),
        );
        let mut tar = tar::Builder::new(gz);
        let mut header = tar::Header::new_gnu();
        for name in ["ort/lib/libonnxruntime.so.1.29.0", "ort/include/onnxruntime_c_api.h"] {
            header.set_size(4);
            tar.append_data(&mut header, name, &b"data"[..]).unwrap();
        }
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        tar.append_link(&mut link, "ort/lib/libonnxruntime.so", "libonnxruntime.so.1.29.0")
            .unwrap();
        tar.into_inner().unwrap().finish().unwrap();
        let to = dir.path().join("to");
        fs::create_dir(&to).unwrap();
        unpack_libraries(&archive, Archive::TarGz, &to).unwrap();
        assert_eq!(names(&to), ["libonnxruntime.so.1.29.0"]);
    }

    #[test]
    fn damaged_and_empty_archives_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("a");
        fs::write(&archive, "no archive at all").unwrap();
        for kind in [Archive::Zip, Archive::TarGz] {
            assert!(unpack_libraries(&archive, kind, dir.path()).is_err());
        }
        fs::write(&archive, zip_of(&[("README", b"nothing")])).unwrap();
        let error = unpack_libraries(&archive, Archive::Zip, dir.path()).unwrap_err();
        assert!(error.message().contains("holds no library"), "{}", error.message());
    }

    #[test]
    fn a_folder_replaces_another() {
        let dir = tempfile::tempdir().unwrap();
        let (new, target) = (dir.path().join("new"), dir.path().join("target"));
        for (folder, file) in [(&new, "new"), (&target, "old")] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join(file), "").unwrap();
        }
        put_in_place(&new, &target).unwrap();
        assert_eq!(names(dir.path()), ["target"]);
        assert_eq!(names(&target), ["new"]);
    }
}
