//! A data folder for one test, and what tests ask of the cluster in it.

use std::{
    env, fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use server::private_postgres::{Options, PrivatePostgres, PrivatePostgresError};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

pub struct Place {
    pub data_dir: PathBuf,
    root: PathBuf,
}

impl Place {
    /// Below /tmp, which every user may enter.
    pub fn new() -> Self {
        let root = Path::new("/tmp").join(format!(
            "tenantatlas-test-{}",
            uuid::Uuid::new_v4().simple()
        ));
        fs::create_dir(&root).unwrap();
        Self {
            data_dir: root.join("data"),
            root,
        }
    }

    /// Another data folder inside this place, which cleans up.
    pub fn at(&self, data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            root: self.root.join("none"),
        }
    }

    pub async fn start(&self) -> PrivatePostgres {
        self.try_start().await.unwrap()
    }

    pub async fn try_start(&self) -> Result<PrivatePostgres, PrivatePostgresError> {
        let data_dir = self.data_dir.clone();
        PrivatePostgres::start(Options {
            data_dir,
            durable: false,
        })
        .await
    }

    pub async fn start_durable(&self) -> PrivatePostgres {
        let data_dir = self.data_dir.clone();
        PrivatePostgres::start(Options {
            data_dir,
            durable: true,
        })
        .await
        .unwrap()
    }

    pub fn cluster_data(&self) -> PathBuf {
        self.data_dir.join("postgres/data")
    }

    pub fn pid_file(&self) -> PathBuf {
        self.cluster_data().join("postmaster.pid")
    }

    pub fn server_pid(&self) -> String {
        let text = fs::read_to_string(self.pid_file()).unwrap();
        text.lines().next().unwrap().to_owned()
    }

    /// A command run as whoever owns the cluster.
    pub fn as_database_user(&self, program: &str) -> Command {
        let owner = fs::metadata(self.cluster_data()).unwrap();
        let mut command = Command::new(program);
        if we_are_root() {
            command.uid(owner.uid()).gid(owner.gid());
        }
        command
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

pub fn we_are_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A living PostgreSQL server; not one that has ended and only waits to be asked how.
pub fn is_a_server(pid: &str) -> bool {
    let command_line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    command_line
        .split(|byte| *byte == 0)
        .next()
        .is_some_and(|program| program.ends_with(b"postgres"))
}

pub async fn show(url: &str, setting: &str) -> String {
    ask(url, &format!("show {setting}")).await
}

pub async fn kept(url: &str) -> String {
    ask(url, "select words from kept").await
}

pub async fn keep(url: &str, words: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let statement = AssertSqlSafe(format!(
        "create table kept as select '{words}'::text as words"
    ));
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .unwrap();
}

async fn ask(url: &str, question: &str) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(question.to_owned()))
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

/// This test program where every user may run it.
pub fn program_for_everybody(place: &Place) -> PathBuf {
    let copy = place.data_dir.join("test-program");
    fs::create_dir_all(&place.data_dir).unwrap();
    fs::copy(env::current_exe().unwrap(), &copy).unwrap();
    copy
}
