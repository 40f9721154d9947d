//! Makes a cluster.

use std::{
    fs, io,
    process::{Command, Stdio},
};

use super::{Cluster, PrivatePostgresError, ROLE, error::complaint};

/// Makes the cluster beside its place and moves it there when it is whole, so that a crash leaves no half of one.
pub(super) async fn make_cluster(
    cluster: &Cluster,
    durable: bool,
) -> Result<(), PrivatePostgresError> {
    let unfinished = cluster.folders.unfinished();
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(PrivatePostgresError::unwritable(&unfinished, &error));
        }
        _ => {}
    }
    let mut initdb = cluster.user.command(&cluster.programs.initdb());
    initdb
        .args([
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-instructions",
        ])
        .arg(format!("--username={ROLE}"))
        .arg("-D")
        .arg(&unfinished);
    if !durable {
        initdb.arg("--no-sync");
    }
    tokio::task::spawn_blocking(move || run(initdb))
        .await
        .map_err(|error| PrivatePostgresError::program("initdb", &error))??;
    fs::rename(&unfinished, cluster.folders.data())
        .map_err(|error| PrivatePostgresError::unwritable(&cluster.folders.data(), &error))
}

fn run(mut initdb: Command) -> Result<(), PrivatePostgresError> {
    let ended = initdb
        .stdout(Stdio::null())
        .output()
        .map_err(|error| PrivatePostgresError::program("initdb", &error))?;
    if ended.status.success() {
        return Ok(());
    }
    let reason = complaint(&String::from_utf8_lossy(&ended.stderr));
    Err(PrivatePostgresError::program("initdb", &reason))
}
