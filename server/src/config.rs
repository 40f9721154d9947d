//! Commands and settings: flags or environment variables, each named in `--help`.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;

use crate::{
    logging::Format,
    worker::{Limits, Pace},
};

/// Operation runs for many Microsoft 365 tenants: started once, done by workers, followed live, ended honestly.
#[derive(Debug, Parser)]
#[command(name = "tenantatlas", version, arg_required_else_help = true)]
pub struct Cli {
    /// What is logged to standard error, as "info" or "warn,server=debug" [default: by command]
    #[arg(long, env = "TENANTATLAS_LOG", global = true, value_parser = crate::logging::checked)]
    pub log: Option<String>,
    /// How the log is written
    #[arg(
        long,
        env = "TENANTATLAS_LOG_FORMAT",
        global = true,
        value_enum,
        default_value_t
    )]
    pub log_format: Format,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the web pages
    Serve {
        #[command(flatten)]
        database: DatabaseSettings,
        #[command(flatten)]
        web: WebSettings,
        #[command(flatten)]
        alerts: AlertSettings,
        #[command(flatten)]
        key: KeySettings,
        #[command(flatten)]
        limits: WorkerSettings,
    },
    /// Do the work of runs
    Worker {
        #[command(flatten)]
        database: DatabaseSettings,
        #[command(flatten)]
        key: KeySettings,
        #[command(flatten)]
        limits: WorkerSettings,
    },
    /// Bring the database up to date
    Migrate {
        #[command(flatten)]
        database: DatabaseSettings,
    },
    /// Everything in one process, with a private database and a simulated Microsoft Graph
    Dev {
        #[command(flatten)]
        dev: DevSettings,
        #[command(flatten)]
        web: WebSettings,
        #[command(flatten)]
        limits: WorkerSettings,
    },
    /// Serve a simulated Microsoft Graph with demo tenants
    SimulateGraph {
        /// Where to listen
        #[arg(
            long,
            env = "TENANTATLAS_SIMULATOR_ADDR",
            default_value = "127.0.0.1:3099"
        )]
        addr: SocketAddr,
        /// Folder of exported policy JSON to load instead of the demo policies
        #[arg(long, env = "TENANTATLAS_GRAPH_DATA")]
        graph_data: Option<PathBuf>,
    },
    /// Manage people
    #[command(subcommand)]
    User(UserCommand),
    /// Manage tokens for programs
    #[command(subcommand)]
    Token(TokenCommand),
    /// Manage tenants
    #[command(subcommand)]
    Tenant(TenantCommand),
}

#[derive(Debug, Args)]
pub struct DatabaseSettings {
    /// The PostgreSQL database, as postgres://user:password@host/name
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,
}

#[derive(Debug, Args)]
pub struct WebSettings {
    /// Where to listen
    #[arg(long, env = "TENANTATLAS_ADDR", default_value = "127.0.0.1:3000")]
    pub addr: SocketAddr,
    /// The built browser part
    #[arg(long, env = "TENANTATLAS_SITE_DIR", default_value = "target/site")]
    pub site_dir: PathBuf,
    /// The address that browsers use, as https://atlas.example.com; with https, cookies are sent over https only
    #[arg(long, env = "TENANTATLAS_PUBLIC_URL", value_parser = checked_origin)]
    pub public_url: Option<String>,
    /// Proxies in front of this server that add to X-Forwarded-For; without any, the header is not believed
    #[arg(long, env = "TENANTATLAS_TRUSTED_PROXIES", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=16))]
    pub trusted_proxies: u8,
}

#[derive(Debug, Args)]
pub struct AlertSettings {
    /// Where runs that did not succeed are told: a chat's incoming webhook, or a program, which gets JSON with `text` and
    /// `runs`
    #[arg(
        long,
        env = "TENANTATLAS_ALERT_URL",
        hide_env_values = true,
        requires = "public_url"
    )]
    pub alert_url: Option<SecretString>,
    /// The mailbox that is told of runs that did not succeed
    #[arg(long, env = "TENANTATLAS_ALERT_MAIL_TO", requires_all = ["public_url", "mail_from", "smtp_url"])]
    pub alert_mail_to: Option<String>,
    /// Who mail is from: TenantAtlas <atlas@example.com>
    #[arg(long, env = "TENANTATLAS_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// The mail server: smtps://user:password@mail.example.com, or smtp://…?tls=required for one that begins without TLS
    #[arg(long, env = "TENANTATLAS_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,
}

/// An origin without a slash at its end.
fn checked_origin(text: &str) -> Result<String, String> {
    let wrong = || "use an address like https://atlas.example.com, without a path".to_owned();
    let uri: axum::http::Uri = text.parse().map_err(|_| wrong())?;
    let scheme = uri
        .scheme_str()
        .filter(|scheme| ["http", "https"].contains(scheme));
    let (scheme, authority) = scheme.zip(uri.authority()).ok_or_else(wrong)?;
    let bare = uri.path() == "/" && uri.query().is_none() && !authority.as_str().contains('@');
    match bare {
        true => Ok(format!("{scheme}://{authority}")),
        false => Err(wrong()),
    }
}

#[derive(Debug, Args)]
pub struct WorkerSettings {
    /// Runs at the same time in one worker process
    #[arg(long, env = "TENANTATLAS_CONCURRENCY", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub concurrency: u16,
    /// Runs at the same time of one tenant, over all processes
    #[arg(long, env = "TENANTATLAS_TENANT_CONCURRENCY", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub tenant_concurrency: u16,
    /// Seconds after which a run is ended as failed
    #[arg(long, env = "TENANTATLAS_RUN_TIMEOUT", default_value_t = 3600, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub run_timeout: u32,
    /// Seconds that a stopping worker waits for its runs
    #[arg(long, env = "TENANTATLAS_DRAIN", default_value_t = 20, value_parser = clap::value_parser!(u16).range(0..=600))]
    pub drain: u16,
    /// Seconds for which Microsoft's listings may lack what was created; a restore that follows an interrupted one waits
    /// that long before it creates the same policy again
    #[arg(long, env = "TENANTATLAS_LISTING_LAG", default_value_t = 120, value_parser = clap::value_parser!(u16).range(0..=900))]
    pub listing_lag: u16,
}

impl WorkerSettings {
    pub fn limits(&self) -> Limits {
        Limits {
            concurrency: self.concurrency.into(),
            per_tenant: self.tenant_concurrency.into(),
            run_timeout: Duration::from_secs(self.run_timeout.into()),
            drain: Duration::from_secs(self.drain.into()),
            listing_lag: Duration::from_secs(self.listing_lag.into()),
            pace: Pace::default(),
        }
    }
}

#[derive(Debug, Args)]
pub struct KeySettings {
    /// The key that client secrets are sealed with: 64 hex digits
    #[arg(long, env = "TENANTATLAS_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<SecretString>,
    /// A file that holds the key
    #[arg(long, env = "TENANTATLAS_SECRET_KEY_FILE")]
    pub secret_key_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct DevSettings {
    /// Use this database instead of a private one
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Where the private database, the key and the demo password are kept. PG_BIN names the folder of PostgreSQL's
    /// programs where they are not found by themselves
    #[arg(long, env = "TENANTATLAS_DATA_DIR", default_value = ".data")]
    pub data_dir: PathBuf,
    /// Folder of exported policy JSON to load into the simulated Graph
    #[arg(long, env = "TENANTATLAS_GRAPH_DATA")]
    pub graph_data: Option<PathBuf>,
    /// Where the simulated Graph listens
    #[arg(
        long,
        env = "TENANTATLAS_SIMULATOR_ADDR",
        default_value = "127.0.0.1:0"
    )]
    pub simulator_addr: SocketAddr,
    /// The demo administrator's password; random if not given
    #[arg(long, env = "TENANTATLAS_DEMO_PASSWORD", hide_env_values = true)]
    pub demo_password: Option<SecretString>,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create a person; the password is read from standard input
    Create {
        #[command(flatten)]
        database: DatabaseSettings,
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// The name that others see
        #[arg(long)]
        name: String,
        /// A role on a tenant, as TENANT_ID=owner, TENANT_ID=operator or TENANT_ID=readonly
        #[arg(long = "role")]
        roles: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token with the rights of a person; it is printed once
    Create {
        #[command(flatten)]
        database: DatabaseSettings,
        /// Whose rights the token has
        #[arg(long)]
        email: String,
        /// What the token is for
        #[arg(long)]
        name: String,
        /// Days until it ends
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: u16,
    },
}

#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Add a Microsoft 365 tenant, or change its connection; the client secret is read from standard input
    Create {
        #[command(flatten)]
        database: DatabaseSettings,
        #[command(flatten)]
        key: KeySettings,
        /// The name that people see
        #[arg(long)]
        name: String,
        /// The directory (tenant) id
        #[arg(long)]
        directory_id: String,
        /// The app registration's client id
        #[arg(long)]
        client_id: String,
        /// global, usgov, usgov_dod or china
        #[arg(long, default_value = "global")]
        cloud: String,
        /// Address of the person who becomes the tenant's owner
        #[arg(long)]
        owner: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_an_origin() {
        for good in ["https://atlas.example.com", "http://127.0.0.1:3000/"] {
            assert_eq!(
                checked_origin(good).as_deref(),
                Ok(good.trim_end_matches('/'))
            );
        }
        for bad in [
            "atlas.example.com",
            "ftp://x",
            "https://x/y",
            "https://a@x",
            "https://x/?y",
            "",
        ] {
            assert!(checked_origin(bad).is_err(), "{bad}");
        }
    }
}
