//! What the system says about a file system and about open files.

use std::fs::File;
use std::path::Path;
use std::sync::OnceLock;

#[cfg(target_os = "linux")]
mod magic {
    pub(super) const NFS: u64 = 0x6969;
    pub(super) const SMB: u64 = 0x517B;
    pub(super) const SMB2: u64 = 0xFE53_4D42;
    pub(super) const CIFS: u64 = 0xFF53_4D42;
    pub(super) const FUSE: u64 = 0x6573_5546;
    pub(super) const NINE_P: u64 = 0x0102_1997;
    pub(super) const AFS: u64 = 0x5346_414F;
    pub(super) const CODA: u64 = 0x7375_7245;
    pub(super) const CEPH: u64 = 0x00C3_6400;
    pub(super) const LUSTRE: u64 = 0x0BD0_0BD0;
    pub(super) const GFS2: u64 = 0x0116_1970;
    pub(super) const OCFS2: u64 = 0x7461_636F;
    pub(super) const VBOX: u64 = 0x786F_4256;
    pub(super) const VMWARE: u64 = 0xBACB_ACBC;
    /// The kind of a file system is 32 bits wide, whatever the word that carries it.
    pub(super) const MASK: u64 = 0xFFFF_FFFF;
}

#[cfg(target_os = "linux")]
fn kind(folder: &Path) -> Option<u64> {
    let kind = rustix::fs::statfs(folder).ok()?.f_type;
    Some(kind as u64 & magic::MASK)
}

/// Whether others can change files there of which this machine hears nothing.
#[cfg(target_os = "linux")]
pub(super) fn is_remote(folder: &Path) -> bool {
    use magic::{
        AFS, CEPH, CIFS, CODA, FUSE, GFS2, LUSTRE, NFS, NINE_P, OCFS2, SMB, SMB2, VBOX, VMWARE,
    };
    let remote =
        [NFS, SMB, SMB2, CIFS, FUSE, NINE_P, AFS, CODA, CEPH, LUSTRE, GFS2, OCFS2, VBOX, VMWARE];
    kind(folder).is_some_and(|kind| remote.contains(&kind))
}

/// Whether a file keeps its inode there, also when it is mounted anew.
#[cfg(target_os = "linux")]
pub(super) fn keeps_inodes(folder: &Path) -> bool {
    use magic::{CIFS, FUSE, NINE_P, SMB, SMB2, VBOX, VMWARE};
    kind(folder).is_some_and(|kind| ![SMB, SMB2, CIFS, FUSE, NINE_P, VBOX, VMWARE].contains(&kind))
}

/// As on Linux; elsewhere the user says `look = "poll"`.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_remote(_: &Path) -> bool {
    false
}

/// As on Linux; elsewhere size and time have to do.
#[cfg(not(target_os = "linux"))]
pub(super) fn keeps_inodes(_: &Path) -> bool {
    false
}

/// Whether somebody has this file open for writing; none where the system does not tell: on network
/// file systems, and about files of other users.
#[cfg(target_os = "linux")]
pub(super) fn is_being_written(file: &File) -> Option<bool> {
    use std::os::fd::AsRawFd;

    // Whoever opens the file for writing in the instant in which the lease is held makes the kernel
    // send SIGIO, which ends a process that does not listen to it.
    static LISTENS: OnceLock<bool> = OnceLock::new();
    let deaf = || {
        let heard = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        signal_hook::flag::register(libc::SIGIO, heard).is_ok()
    };
    if !LISTENS.get_or_init(deaf) {
        return None;
    }
    let descriptor = file.as_raw_fd();
    // SAFETY: fcntl on a descriptor that is open for the whole call; neither command reads or
    // writes memory.
    #[allow(unsafe_code)]
    let lease = |kind: libc::c_int| unsafe { libc::fcntl(descriptor, libc::F_SETLEASE, kind) };
    // A lease for reading is only given while nobody writes.
    if lease(libc::F_RDLCK) == 0 {
        lease(libc::F_UNLCK);
        return Some(false);
    }
    let error = std::io::Error::last_os_error();
    (error.kind() == std::io::ErrorKind::WouldBlock).then_some(true)
}

/// As on Linux; elsewhere nobody tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_being_written(_: &File) -> Option<bool> {
    None
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;

    #[test]
    fn a_local_folder_is_no_network() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_remote(folder.path()));
        assert!(!is_remote(Path::new("/proc/nowhere")));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn who_writes_is_seen_where_the_system_tells() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let writer = File::create(&path).unwrap();
        let reader = File::open(&path).unwrap();
        // Some file systems give no leases.
        let Some(written) = is_being_written(&reader) else { return };
        assert!(written);
        drop(writer);
        assert_eq!(is_being_written(&reader), Some(false));
        let appender = OpenOptions::new().append(true).open(&path).unwrap();
        assert_eq!(is_being_written(&reader), Some(true));
        drop(appender);
    }
}
