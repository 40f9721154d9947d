//! The short folder that holds the socket: a socket's path may have 107 bytes, and data folders lie deeper.

use std::{
    env, fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, chown},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use sha2::{Digest, Sha256};

use super::{DatabaseUser, Folders, PORT, PrivatePostgresError};

/// With the name of the socket's lock file below it, this stays inside the limit.
const LONGEST_BASE: usize = 60;

/// Makes the folder, or checks that the one that is there is the database user's alone: the base may be /tmp, where
/// anybody can make folders of any name first.
pub(super) fn open(
    folders: &Folders,
    user: &DatabaseUser,
) -> Result<PathBuf, PrivatePostgresError> {
    let path = base(user).join(format!("tenantatlas-{}", mark(folders)?));
    let unwritable = |error: io::Error| PrivatePostgresError::unwritable(&path, &error);
    match fs::DirBuilder::new().mode(0o700).create(&path) {
        Ok(()) if user.instead_of_root => {
            chown(&path, Some(user.uid), Some(user.gid)).map_err(unwritable)?
        }
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(unwritable(error)),
    }
    // Not followed: a link to a folder that is ours would still be somebody else's to redirect.
    let found = fs::symlink_metadata(&path).map_err(unwritable)?;
    if !found.is_dir() || found.uid() != user.uid || found.mode() & 0o077 != 0 {
        return Err(PrivatePostgresError::ForeignSocketFolder(
            path.display().to_string(),
        ));
    }
    clear(&path);
    Ok(path)
}

/// Takes away what a killed server left. No server of this cluster runs now, but PostgreSQL can't know: the number
/// in the lock file may belong to another process by now, or to a dead one that nobody asked how it ended.
fn clear(path: &Path) {
    for name in [format!(".s.PGSQL.{PORT}"), format!(".s.PGSQL.{PORT}.lock")] {
        let _ = fs::remove_file(path.join(name));
    }
}

/// Takes the folder away once the server has stopped.
pub(super) fn remove(path: &Path) {
    clear(path);
    let _ = fs::remove_dir(path);
}

/// Root's runtime folder is closed to the user that root's server runs as.
fn base(user: &DatabaseUser) -> PathBuf {
    env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| {
            !user.instead_of_root && path.is_absolute() && path.as_os_str().len() <= LONGEST_BASE
        })
        .filter(|path| {
            path.metadata()
                .is_ok_and(|found| found.is_dir() && found.uid() == user.uid)
        })
        .unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// Eight digits for this cluster: its path, and when it was made. Without the latter, the server of a deleted
/// data folder, which notices only after a while, would block the one that takes its place.
fn mark(folders: &Folders) -> Result<String, PrivatePostgresError> {
    let version = folders.version_file();
    let made = fs::metadata(&version)
        .and_then(|found| found.modified())
        .map_err(|error| PrivatePostgresError::unwritable(&version, &error))?;
    let nanos = made
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    let mut digest = Sha256::new();
    digest.update(version.as_os_str().as_encoded_bytes());
    digest.update(nanos.to_le_bytes());
    Ok(hex::encode(digest.finalize()).chars().take(8).collect())
}
