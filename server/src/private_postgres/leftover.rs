//! Deals with what a killed program or a stopped machine left in the cluster: a running server, or only its pid file.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, fchown},
    path::Path,
    process,
};

use super::{Cluster, PrivatePostgresError, STOP_WITHIN};

/// Afterwards no server runs in the cluster, and its pid file doesn't keep a new one from starting.
pub(super) async fn stop(cluster: &Cluster) -> Result<(), PrivatePostgresError> {
    let pid_file = cluster.folders.pid_file();
    let Ok(text) = fs::read_to_string(&pid_file) else {
        return Ok(());
    };
    let pid = text.lines().next().unwrap_or_default().trim();
    match runs_here(pid, &cluster.folders.data()) {
        Some(true) => {
            tracing::info!("taking over the private PostgreSQL that an ended program left running");
            let cluster = cluster.clone();
            tokio::task::spawn_blocking(move || cluster.stop_leftover(STOP_WITHIN))
                .await
                .map_err(|error| PrivatePostgresError::program("pg_ctl", &error))?
        }
        Some(false) => disown(&pid_file, &text)
            .map_err(|error| PrivatePostgresError::unwritable(&pid_file, &error)),
        // No way to tell: PostgreSQL itself decides whether the file still means anything.
        None => Ok(()),
    }
}

/// Whether the process is this cluster's server, by the command line, which everybody may read. Numbers of ended
/// processes are given to others, above all after the machine was started anew.
fn runs_here(pid: &str, data: &Path) -> Option<bool> {
    if !Path::new("/proc/self/cmdline").exists() {
        return None;
    }
    let numeric = !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
    let command_line = numeric
        .then(|| fs::read(format!("/proc/{pid}/cmdline")).ok())
        .flatten();
    let arguments = command_line.unwrap_or_default();
    let mut arguments = arguments.split(|byte| *byte == 0);
    let program_fits = arguments
        .next()
        .is_some_and(|program| program.ends_with(b"postgres"));
    Some(program_fits && arguments.any(|argument| argument == data.as_os_str().as_encoded_bytes()))
}

/// PostgreSQL would not start beside a living process of its own user that has the pid file's number, whatever that
/// process is. The file isn't removed: its other lines let a new server see that sessions of the old one still run.
/// PostgreSQL takes a file with the number of its own parent, which we are, for stale.
fn disown(pid_file: &Path, text: &str) -> io::Result<()> {
    let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
    // Root writes here in another user's folder, so never through a link that may lie there.
    let new = pid_file.with_extension("pid.new");
    if let Err(error) = fs::remove_file(&new)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let owner = fs::symlink_metadata(pid_file)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(&new)?;
    write!(file, "{}\n{rest}", process::id())?;
    fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
    fs::rename(&new, pid_file)
}
