//! As whom PostgreSQL runs: ourselves, or, since it refuses root, a user without rights.

use std::{
    env,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
};

use super::PrivatePostgresError;

/// The user that owns the cluster and runs its programs.
#[derive(Debug, Clone)]
pub(super) struct DatabaseUser {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    /// We are root, and give root up for every program of PostgreSQL's.
    pub instead_of_root: bool,
}

impl DatabaseUser {
    pub fn for_this_process() -> Result<Self, PrivatePostgresError> {
        let own = Self::ask_id(&[], false).ok_or(PrivatePostgresError::NoUser)?;
        if own.uid != 0 {
            return Ok(own);
        }
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| Self::ask_id(&[*name], true))
            .ok_or(PrivatePostgresError::NoUser)
    }

    /// `id` knows users from every source that the system has, not only /etc/passwd.
    fn ask_id(who: &[&str], instead_of_root: bool) -> Option<Self> {
        let answer = |what: &str| -> Option<String> {
            let output = Command::new("id")
                .arg(what)
                .args(who)
                .stderr(Stdio::null())
                .output()
                .ok()?;
            let text = String::from_utf8(output.stdout).ok()?;
            output.status.success().then(|| text.trim().to_owned())
        };
        let uid = answer("-u")?.parse().ok()?;
        let gid = answer("-g")?.parse().ok()?;
        // A bare number is enough for us, though PostgreSQL itself wants the user to have a name.
        let name = who.first().map(|name| (*name).to_owned());
        Some(Self {
            name: name
                .or_else(|| answer("-un"))
                .unwrap_or_else(|| format!("{uid}")),
            uid,
            gid,
            instead_of_root,
        })
    }

    /// A program run as this user, in a surrounding that nobody's PG… variables or language settings change.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // The current folder may be closed to this user, and PostgreSQL's programs complain about that.
        command
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null());
        if self.instead_of_root {
            // The standard library drops root's further groups too.
            command.uid(self.uid).gid(self.gid).env("HOME", "/");
        }
        command
    }

    /// Whether this user may enter `folder`.
    pub fn may_enter(&self, folder: &Path) -> bool {
        self.passes_test("-x", folder)
    }

    /// Whether this user may run `program`.
    pub fn may_run(&self, program: &Path) -> bool {
        program.is_file() && self.passes_test("-x", program)
    }

    fn passes_test(&self, what: &str, path: &Path) -> bool {
        let asked = self
            .command(Path::new("/bin/sh"))
            .args(["-c", "test \"$0\" \"$1\"", what])
            .arg(path)
            .status();
        asked.is_ok_and(|status| status.success())
    }
}
