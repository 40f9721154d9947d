//! Why there is no private PostgreSQL: one line each, with what to do about it.

use std::{fmt::Display, path::Path};

use services::db::DbError;

/// A private PostgreSQL that could not be started or stopped. The text is one line for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum PrivatePostgresError {
    /// Neither installed nor named.
    #[error(
        "no PostgreSQL programs found that user {user} may run: run `apt-get install postgresql`, name their folder in \
         PG_BIN, or set DATABASE_URL to use a database of your own"
    )]
    NoPrograms { user: String },
    /// PG_BIN points elsewhere.
    #[error(
        "PG_BIN={folder} holds no PostgreSQL programs (initdb, postgres, pg_ctl) that user {user} may run: correct it or unset it"
    )]
    WrongPrograms { folder: String, user: String },
    /// Another process holds the lock.
    #[error(
        "another TenantAtlas already uses DATA_DIR {0}: stop it, or choose another folder with DATA_DIR"
    )]
    InUse(String),
    /// A folder or file of ours can't be made, read or written.
    #[error(
        "cannot use {path} for the private PostgreSQL ({reason}): choose another folder with DATA_DIR"
    )]
    Unwritable { path: String, reason: String },
    /// PostgreSQL refuses to run as root, so root needs somebody to run it as.
    #[error(
        "PostgreSQL does not run as root and there is neither a user postgres nor nobody: run `apt-get install postgresql`"
    )]
    NoUser,
    /// Clusters open only with the major version that made them.
    #[error(
        "{path} was made by PostgreSQL {made_by}, but here is PostgreSQL {found}: run `apt-get install \
         postgresql-{made_by}`, or move {path} away to begin afresh"
    )]
    OtherVersion {
        path: String,
        made_by: String,
        found: String,
    },
    /// Somebody else made the folder for the socket first.
    #[error(
        "{0} does not belong to the private PostgreSQL's user alone: remove it and start again"
    )]
    ForeignSocketFolder(String),
    /// A program of PostgreSQL's, or one that tells about users, failed.
    #[error("{program} failed: {reason}")]
    Program {
        program: &'static str,
        reason: String,
    },
    /// The server ended or did not answer in time.
    #[error("the private PostgreSQL did not start: {reason} (its log: {log})")]
    NotStarted { reason: String, log: String },
    /// The server runs, but its database can't be made.
    #[error("the private PostgreSQL runs, but {0}")]
    NoDatabase(#[from] DbError),
}

impl PrivatePostgresError {
    pub(super) fn unwritable(path: &Path, reason: &dyn Display) -> Self {
        Self::Unwritable {
            path: path.display().to_string(),
            reason: one_line(reason),
        }
    }

    pub(super) fn program(program: &'static str, reason: &dyn Display) -> Self {
        Self::Program {
            program,
            reason: one_line(reason),
        }
    }
}

/// The line of a program's or server's output that says what went wrong.
pub(super) fn complaint(output: &str) -> String {
    let complains = |line: &&str| {
        ["error:", "ERROR:", "FATAL:", "PANIC:"]
            .iter()
            .any(|mark| line.contains(mark))
    };
    let lines = || {
        output
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let found = lines().find(complains).or_else(|| lines().next_back());
    found.unwrap_or("no reason given").to_owned()
}

pub(super) fn one_line(text: &dyn Display) -> String {
    text.to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
