//! One running program a data folder.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use super::PrivatePostgresError;

/// A data folder that is ours for as long as this is held.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Takes the folder's lock. The kernel gives it back however the process ends, and the server doesn't inherit it:
    /// what a killed program leaves behind can be taken over.
    pub fn take(data_dir: &Path) -> Result<Self, PrivatePostgresError> {
        let path = data_dir.join("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| PrivatePostgresError::unwritable(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                Err(PrivatePostgresError::InUse(data_dir.display().to_string()))
            }
            Err(TryLockError::Error(error)) => Err(PrivatePostgresError::unwritable(&path, &error)),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing wouldn't do: a child that another thread is starting right now has the file open until it runs.
        let _ = self.0.unlock();
    }
}
