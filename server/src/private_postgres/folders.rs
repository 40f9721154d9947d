//! Where the cluster lies: in the data folder, or beside it where the database's user can't get into that.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, chown},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use super::{DatabaseUser, PrivatePostgresError, Programs};

/// For root's clusters whose data folder is closed to others, as everything below /root is.
const ELSEWHERE: &str = "/var/lib/tenantatlas";
/// In the data folder: says where the cluster is instead. Without it, an emptied data folder would find old data.
const POINTER: &str = "postgres-is-in";

/// The cluster's folder, all of it the database user's own.
#[derive(Debug, Clone)]
pub(super) struct Folders {
    home: PathBuf,
}

/// Makes the data folder if need be; the answer is absolute and without links.
pub(super) fn open_data_dir(data_dir: &Path) -> Result<PathBuf, PrivatePostgresError> {
    fs::create_dir_all(data_dir)
        .and_then(|()| data_dir.canonicalize())
        .map_err(|error| PrivatePostgresError::unwritable(data_dir, &error))
}

impl Folders {
    pub fn choose(data_dir: &Path, user: &DatabaseUser) -> Result<Self, PrivatePostgresError> {
        let pointer = data_dir.join(POINTER);
        let home = match fs::read_to_string(&pointer) {
            Ok(elsewhere) => PathBuf::from(elsewhere.trim()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PrivatePostgresError::unwritable(&pointer, &error));
            }
            Err(_) if !user.instead_of_root || user.may_enter(data_dir) => {
                data_dir.join("postgres")
            }
            Err(_) => elsewhere(data_dir, &pointer, user)?,
        };
        open_own(&home, user)?;
        Ok(Self { home })
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// A cluster in the making.
    pub fn unfinished(&self) -> PathBuf {
        self.home.join("data.new")
    }

    pub fn log(&self) -> PathBuf {
        self.home.join("postgres.log")
    }

    pub fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    pub fn version_file(&self) -> PathBuf {
        self.data().join("PG_VERSION")
    }

    pub fn have_cluster(&self) -> bool {
        self.version_file().exists()
    }

    /// The version that made the cluster; nothing if there is none yet.
    pub fn major_version(&self) -> Result<Option<String>, PrivatePostgresError> {
        let path = self.version_file();
        match fs::read_to_string(&path) {
            Ok(version) => Ok(Some(version.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PrivatePostgresError::unwritable(&path, &error)),
        }
    }

    pub fn check_version(&self, programs: &Programs) -> Result<(), PrivatePostgresError> {
        match self.major_version()? {
            Some(made_by) if made_by != programs.major_version => {
                Err(PrivatePostgresError::OtherVersion {
                    path: self.home.display().to_string(),
                    made_by,
                    found: programs.major_version.clone(),
                })
            }
            _ => Ok(()),
        }
    }
}

/// A new folder of its own for a data folder that the database's user can't enter, and the pointer to it.
fn elsewhere(
    data_dir: &Path,
    pointer: &Path,
    user: &DatabaseUser,
) -> Result<PathBuf, PrivatePostgresError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    let home = Path::new(ELSEWHERE).join(format!("{now:x}"));
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(ELSEWHERE)
        .map_err(|error| PrivatePostgresError::unwritable(Path::new(ELSEWHERE), &error))?;
    fs::write(pointer, format!("{}\n", home.display()))
        .map_err(|error| PrivatePostgresError::unwritable(pointer, &error))?;
    tracing::warn!(
        "user {} can't enter {}: the private PostgreSQL's data is in {} instead",
        user.name,
        data_dir.display(),
        home.display(),
    );
    Ok(home)
}

/// Makes the folder for the database's user alone, or makes sure that it is that user's.
fn open_own(home: &Path, user: &DatabaseUser) -> Result<(), PrivatePostgresError> {
    let unwritable = |error: io::Error| PrivatePostgresError::unwritable(home, &error);
    match fs::DirBuilder::new().mode(0o700).create(home) {
        Ok(()) if user.instead_of_root => {
            chown(home, Some(user.uid), Some(user.gid)).map_err(unwritable)?
        }
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(unwritable(error)),
    }
    let owner = fs::metadata(home).map_err(unwritable)?.uid();
    if owner == user.uid {
        return Ok(());
    }
    let reason = format!(
        "it belongs to user id {owner}, and PostgreSQL would run as {}",
        user.name
    );
    Err(PrivatePostgresError::unwritable(home, &reason))
}
