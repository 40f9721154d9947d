//! A PostgreSQL of the program's own: kept in DATA_DIR, reached through a socket only, started and stopped with the program.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use services::Db;

mod error;
mod folders;
mod leftover;
mod lock;
mod making;
mod programs;
mod running;
mod socket_folder;
mod user;

pub use error::PrivatePostgresError;
use folders::Folders;
use lock::Lock;
use programs::Programs;
use running::Server;
use user::DatabaseUser;

/// The database every cluster has once it runs.
const DATABASE: &str = "tenantatlas";
/// The role that owns everything; it needs no password, for only the socket's owner reaches the socket.
const ROLE: &str = "tenantatlas";
const PORT: u16 = 5432;
const STOP_WITHIN: Duration = Duration::from_secs(60);
/// Dropping blocks its thread, so it waits for less.
const DROP_WITHIN: Duration = Duration::from_secs(15);

/// Where a private cluster lives and how careful it is.
#[derive(Debug, Clone)]
pub struct Options {
    /// Made if it isn't there; one running program at a time.
    pub data_dir: PathBuf,
    /// `false` only for throwaway clusters: data is lost when the machine stops, in exchange for speed.
    pub durable: bool,
}

/// All that it takes to run PostgreSQL's programs on one cluster.
#[derive(Debug, Clone)]
struct Cluster {
    folders: Folders,
    programs: Programs,
    user: DatabaseUser,
}

/// A running cluster. Stops with [`PrivatePostgres::stop`], or, as far as that goes, when dropped.
#[derive(Debug)]
pub struct PrivatePostgres {
    server: Option<Server>,
    socket_folder: PathBuf,
    home: PathBuf,
    url: String,
    /// Held, not read: nobody else starts a cluster here meanwhile.
    _lock: Lock,
}

impl PrivatePostgres {
    /// Starts the cluster of `data_dir`, making it first if there is none. The server of a program that was killed
    /// is stopped in good order and its data taken over.
    ///
    /// # Errors
    /// One line each, saying what to do.
    pub async fn start(options: Options) -> Result<Self, PrivatePostgresError> {
        let data_dir = folders::open_data_dir(&options.data_dir)?;
        let lock = Lock::take(&data_dir)?;
        let user = DatabaseUser::for_this_process()?;
        let folders = Folders::choose(&data_dir, &user)?;
        let programs = Programs::find(&user, folders.major_version()?)?;
        folders.check_version(&programs)?;
        let cluster = Cluster {
            folders,
            programs,
            user,
        };

        leftover::stop(&cluster).await?;
        if !cluster.folders.have_cluster() {
            making::make_cluster(&cluster, options.durable).await?;
        }
        let socket_folder = socket_folder::open(&cluster.folders, &cluster.user)?;
        let home = cluster.folders.home().to_owned();
        let server = Server::spawn(cluster, &socket_folder, options.durable)?;
        let mut running = Self {
            server: Some(server),
            url: url_of(&socket_folder, DATABASE),
            socket_folder,
            home,
            _lock: lock,
        };
        let maintenance = running.url_of("postgres");
        if let Some(server) = &mut running.server {
            server.ready(&maintenance).await?;
        }
        Db::make(&maintenance, DATABASE).await?;
        Ok(running)
    }

    /// The URL of the database `tenantatlas`, which exists and is empty at first.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of another database of this cluster, such as `postgres`, whether or not it exists.
    pub fn url_of(&self, database: &str) -> String {
        url_of(&self.socket_folder, database)
    }

    /// The folder that holds the cluster and its log: in the data folder, or in `/var/lib/tenantatlas` where the
    /// database's user can't reach that.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Stops the server in good order: open connections end, everything is written.
    ///
    /// # Errors
    /// When the server hasn't stopped within a minute.
    pub async fn stop(mut self) -> Result<(), PrivatePostgresError> {
        let Some(server) = self.server.take() else {
            return Ok(());
        };
        let stopped = tokio::task::spawn_blocking(move || server.stop(STOP_WITHIN))
            .await
            .map_err(|error| PrivatePostgresError::program("pg_ctl", &error))?;
        if stopped.is_ok() {
            socket_folder::remove(&self.socket_folder);
        }
        stopped
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        // Nobody is left to tell of a failure; the next start deals with a server that is still there.
        if let Some(server) = self.server.take()
            && server.stop(DROP_WITHIN).is_ok()
        {
            socket_folder::remove(&self.socket_folder);
        }
    }
}

/// Port and TLS are spelled out, or PGPORT and PGSSLMODE of whoever starts the program would decide them.
fn url_of(socket_folder: &Path, database: &str) -> String {
    let folder = socket_folder.to_string_lossy();
    let host: String = folder.bytes().map(percent_encoded).collect();
    format!("postgres://{ROLE}@localhost:{PORT}/{database}?host={host}&sslmode=disable")
}

fn percent_encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}
