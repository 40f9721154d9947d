//! Runs a command with TEST_DATABASE_URL: that of DATABASE_URL's server, or of a throwaway cluster for this one run.

use std::{
    env,
    path::{Path, PathBuf},
    process::{self, ExitCode, ExitStatus},
};

use server::private_postgres::{Options, PrivatePostgres};
use sqlx::{Connection, PgConnection};
use tokio::{
    process::Command,
    signal::unix::{SignalKind, signal},
};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(status) => u8::try_from(status.code().unwrap_or(1)).unwrap_or(1).into(),
        Err(failure) => {
            eprintln!("with_postgres: {failure}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitStatus, Failure> {
    let mut arguments = env::args_os().skip(1);
    let mut command = Command::new(
        arguments
            .next()
            .ok_or("usage: with_postgres COMMAND [ARGUMENT…]")?,
    );
    command.args(arguments);

    if let Some(url) = env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()) {
        match may_create_databases(&url).await {
            Ok(true) => return until_ended(command.env("TEST_DATABASE_URL", url)).await,
            Ok(false) => eprintln!(
                "with_postgres: DATABASE_URL's role may not create databases: using a throwaway cluster"
            ),
            Err(error) => eprintln!(
                "with_postgres: DATABASE_URL does not answer ({error}): using a throwaway cluster"
            ),
        }
    }
    let data_dir = throwaway_folder();
    let options = Options {
        data_dir: data_dir.clone(),
        durable: false,
    };
    let cluster = PrivatePostgres::start(options).await?;
    let ended = until_ended(command.env("TEST_DATABASE_URL", cluster.url_of("postgres"))).await;
    let home = cluster.home().to_owned();
    let stopped = cluster.stop().await;
    // The cluster may lie outside the data folder.
    let _ = std::fs::remove_dir_all(home);
    let _ = std::fs::remove_dir_all(data_dir);
    stopped?;
    ended
}

/// Tests make a database each.
async fn may_create_databases(url: &str) -> Result<bool, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar("select rolsuper or rolcreatedb from pg_roles where rolname = current_user")
        .fetch_one(&mut connection)
        .await
}

/// Below /tmp if there is one, for the database's user may not get into a TMPDIR of root's.
fn throwaway_folder() -> PathBuf {
    let tmp = Path::new("/tmp");
    let base = if tmp.is_dir() {
        tmp.to_owned()
    } else {
        env::temp_dir()
    };
    base.join(format!("tenantatlas-tests-{}", process::id()))
}

/// Runs the command to its end. A signal meant for us reaches it too, and we stay to stop the cluster.
async fn until_ended(command: &mut Command) -> Result<ExitStatus, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut child = command.spawn()?;
    loop {
        tokio::select! {
            ended = child.wait() => return Ok(ended?),
            // The terminal has sent it to the child as well.
            _ = interrupt.recv() => {}
            _ = terminate.recv() => child.start_kill()?,
        }
    }
}
