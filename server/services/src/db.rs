//! The database behind the services: connecting, migrating, and whether it is ready.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, PgPool, Postgres,
    migrate::{MigrateError, Migrator},
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::ServiceError;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A handle on the database; cheap to clone. Only this crate can see the pool inside.
#[derive(Debug, Clone)]
pub struct Db {
    pub(crate) pool: PgPool,
}

#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("DATABASE_URL is not a PostgreSQL address")]
    BadUrl,
    #[error("the database can't be reached: {0}")]
    Unreachable(String),
    #[error("the database was made by a newer TenantAtlas (migration {0}); start that version")]
    Newer(i64),
    #[error("the database's tables were changed by hand or by another program (migration {0})")]
    Changed(i64),
    #[error("the database refused a statement: {0}")]
    Refused(String),
    #[error("the database could not be brought up to date: {0}")]
    Migration(String),
}

impl Db {
    /// Connects, failing within some ten seconds if nobody answers.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, DbError> {
        let options: PgConnectOptions = url.parse().map_err(|_| DbError::BadUrl)?;
        let options = options.application_name("tenantatlas");
        // One connection first: its error says what is wrong, where a pool only says that it waited.
        let first = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options)).await;
        let unreachable = |error: &dyn std::error::Error| DbError::Unreachable(one_line(error));
        let first = first.map_err(|late| unreachable(&late))?;
        let first = first.map_err(|error| unreachable(&error))?;
        first.close().await.map_err(|error| unreachable(&error))?;
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(PATIENCE)
            .after_connect(|connection, _| {
                // `rollback` without a transaction is no news.
                Box::pin(async move {
                    connection
                        .execute("set client_min_messages = error")
                        .await?;
                    Ok(())
                })
            })
            // Whoever is dropped while it begins (a request that timed out, a worker that stopped) leaves a transaction
            // open that sqlx does not know of; the next one's writes would vanish with it. Takes the place of the ping.
            .test_before_acquire(false)
            .before_acquire(|connection, _| {
                Box::pin(async move { connection.execute("rollback").await.map(|_| true) })
            })
            .connect_with(options)
            .await
            .map_err(|error| unreachable(&error))?;
        Ok(Self { pool })
    }

    /// Makes a database, named by this program itself, unless it is there. `url` is that of another one of the same server.
    pub async fn make(url: &str, name: &str) -> Result<(), DbError> {
        let refused = |error: sqlx::Error| DbError::Refused(one_line(&error));
        let mut connection = PgConnection::connect(url).await.map_err(refused)?;
        let there: bool =
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                .bind(name)
                .fetch_one(&mut connection)
                .await
                .map_err(refused)?;
        if !there {
            // Not an argument: a statement that makes things takes none.
            let create = AssertSqlSafe(format!("create database {name}"));
            sqlx::query(create)
                .execute(&mut connection)
                .await
                .map_err(refused)?;
        }
        connection.close().await.map_err(refused)
    }

    /// Brings the queue's tables and then ours up to date. Safe to run by many processes at once.
    pub async fn migrate(&self) -> Result<(), DbError> {
        apalis_postgres::PostgresStorage::setup(&self.pool)
            .await
            .map_err(|error| DbError::Migration(one_line(&error)))?;
        MIGRATIONS.run(&self.pool).await.map_err(migration_error)
    }

    /// Whether the database answers and is exactly as new as this program.
    pub async fn is_ready(&self) -> Result<(), ServiceError> {
        let newest: Option<i64> =
            sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
                .fetch_one(&self.pool)
                .await?;
        sqlx::query("select 1 from apalis.jobs limit 1")
            .execute(&self.pool)
            .await?;
        let expected = MIGRATIONS.iter().map(|migration| migration.version).max();
        if newest == expected {
            Ok(())
        } else {
            Err(ServiceError::Internal("migrations are missing".into()))
        }
    }

    /// Changes with the migrations; names the template that test databases are copied from.
    #[cfg(feature = "testing")]
    pub(crate) fn migrations_fingerprint() -> String {
        use sha2::{Digest, Sha256};
        let mut all = Sha256::new();
        MIGRATIONS.iter().for_each(|one| all.update(&*one.checksum));
        hex::encode(&all.finalize()[..6])
    }

    /// The database's clock; pages measure ages against it.
    pub(crate) async fn now(&self) -> Result<DateTime<Utc>, ServiceError> {
        Ok(sqlx::query_scalar("select now()")
            .fetch_one(&self.pool)
            .await?)
    }

    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Postgres>, ServiceError> {
        Ok(self.pool.acquire().await?)
    }

    /// The pool, for the queue's own storage, which needs one.
    pub fn queue_pool(&self) -> &PgPool {
        &self.pool
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn migration_error(error: MigrateError) -> DbError {
    match error {
        MigrateError::VersionMissing(version) => DbError::Newer(version),
        MigrateError::VersionMismatch(version) => DbError::Changed(version),
        other => DbError::Migration(one_line(&other)),
    }
}

fn one_line(error: &dyn std::error::Error) -> String {
    domain::sanitize::message(&error.to_string())
}
