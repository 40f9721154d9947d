//! The server as a child process: started, waited for until it answers, stopped in good order.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection};

use super::{
    Cluster, PORT, PrivatePostgresError,
    error::{complaint, one_line},
};

/// Long enough for a recovery after a power cut.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// Settings on top of PostgreSQL's own defaults, which are durable.
const ALWAYS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=200",
];
/// Fast, and gone with the next power cut.
const THROWAWAY: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
];

/// A server process of ours.
#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    cluster: Cluster,
}

impl Server {
    pub fn spawn(
        cluster: Cluster,
        socket_folder: &Path,
        durable: bool,
    ) -> Result<Self, PrivatePostgresError> {
        let not_run = |error: io::Error| PrivatePostgresError::program("postgres", &error);
        let log = new_log(&cluster.folders.log())
            .map_err(|error| PrivatePostgresError::unwritable(&cluster.folders.log(), &error))?;
        let mut postgres = cluster.user.command(&cluster.programs.postgres());
        postgres
            .arg("-D")
            .arg(cluster.folders.data())
            .arg("-k")
            .arg(socket_folder);
        // On the command line, settings win over those of the cluster's files.
        postgres.args(["-p", &PORT.to_string()]);
        for setting in ALWAYS.iter().chain(if durable { &[] } else { THROWAWAY }) {
            postgres.args(["-c", setting]);
        }
        postgres
            .stdout(log.try_clone().map_err(not_run)?)
            .stderr(log);
        // Ctrl-C goes to the terminal's whole process group; the server has to outlive the program's last statements.
        postgres.process_group(0);
        let process = postgres.stdin(Stdio::null()).spawn().map_err(not_run)?;
        Ok(Self { process, cluster })
    }

    /// Waits until the server answers.
    pub async fn ready(&mut self, maintenance_url: &str) -> Result<(), PrivatePostgresError> {
        let started = Instant::now();
        loop {
            if self.has_ended() {
                return Err(self.not_started(None));
            }
            match PgConnection::connect(maintenance_url).await {
                Ok(connection) => {
                    // Answered; how the connection ends is of no consequence.
                    let _ = connection.close().await;
                    return Ok(());
                }
                Err(error) if started.elapsed() > READY_WITHIN => {
                    return Err(self.not_started(Some(&error)));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(30)).await,
            }
        }
    }

    /// Stops the server and waits for its end; blocks. A server that doesn't end in good order within the time is
    /// ended without, and recovers at its next start.
    pub fn stop(mut self, within: Duration) -> Result<(), PrivatePostgresError> {
        let mut last = String::from("the server is still running");
        for mode in ["fast", "immediate"] {
            // Waiting is our part: pg_ctl waits for the pid file to go, and takes a killed server for a living one
            // until its parent, which we are, has asked how it ended.
            if let Err(error) = self.cluster.pg_ctl_stop(&["-W", "-m", mode]) {
                last = error;
            }
            if self.ends_within(within) {
                return Ok(());
            }
        }
        Err(PrivatePostgresError::program("pg_ctl", &last))
    }

    fn ends_within(&mut self, within: Duration) -> bool {
        let asked = Instant::now();
        while !self.has_ended() {
            if asked.elapsed() > within {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
        true
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    fn not_started(&self, last_answer: Option<&sqlx::Error>) -> PrivatePostgresError {
        let log = self.cluster.folders.log();
        let reason = match last_answer {
            Some(error) => format!(
                "no answer within {} s; the last was: {}",
                READY_WITHIN.as_secs(),
                one_line(error)
            ),
            None => complaint(&fs::read_to_string(&log).unwrap_or_default()),
        };
        PrivatePostgresError::NotStarted {
            reason,
            log: log.display().to_string(),
        }
    }
}

impl Cluster {
    /// Stops a server that isn't our child; blocks.
    pub(super) fn stop_leftover(&self, within: Duration) -> Result<(), PrivatePostgresError> {
        let seconds = within.as_secs().to_string();
        self.pg_ctl_stop(&["-w", "-t", &seconds, "-m", "fast"])
            .or_else(|_| self.pg_ctl_stop(&["-w", "-t", &seconds, "-m", "immediate"]))
            .map_err(|reason| PrivatePostgresError::program("pg_ctl", &reason))
    }

    fn pg_ctl_stop(&self, how: &[&str]) -> Result<(), String> {
        let mut pg_ctl = self.user.command(&self.programs.pg_ctl());
        pg_ctl
            .arg("stop")
            .args(how)
            .arg("-D")
            .arg(self.folders.data());
        match pg_ctl.stdout(Stdio::null()).output() {
            Ok(ended) if ended.status.success() => Ok(()),
            Ok(ended) => Err(complaint(&String::from_utf8_lossy(&ended.stderr))),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// A new log; the one before is kept. Root writes here in another user's folder: a link that lies in wait under
/// either name isn't followed.
fn new_log(path: &Path) -> io::Result<File> {
    match fs::rename(path, path.with_extension("log.before")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().append(true).create_new(true).open(path)
}
