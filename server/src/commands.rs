//! What each command of the binary does.

use std::{io::Read, path::Path, sync::Arc, time::Duration};

use domain::{Role, TenantId};
use graph::Cloud;
use graph_simulator::Simulator;
use secrecy::{ExposeSecret, SecretString};
use services::{
    Db,
    access::{self, NewUser},
    tenants::{self, NewEndpoints, NewTenant, SecretKey},
};
use tokio::net::TcpListener;

use crate::{
    alerts::{Alerts, MailRoute},
    config::{
        AlertSettings, Cli, Command, DatabaseSettings, KeySettings, TenantCommand, TokenCommand,
        UserCommand, WebSettings,
    },
    dev,
    failure::CommandError,
    logging, serve, shutdown,
};

/// Does what the command says, until it is done or told to stop.
pub async fn run(cli: Cli) -> Result<(), CommandError> {
    install_tls();
    let start_log = |otherwise| logging::start(cli.log.as_deref(), cli.log_format, otherwise);
    match cli.command {
        Command::Serve {
            database,
            web,
            alerts,
            key,
            limits,
        } => {
            start_log("info,sqlx::postgres::notice=warn");
            let key = optional_key(&key)?;
            let alerts = alerts_to(alerts, &web)?;
            let db = ready_database(&database, 16).await?;
            let limits = limits.limits();
            serve::serve(db, &web, key, alerts, &limits, shutdown::on_signal()).await
        }
        Command::Worker {
            database,
            key,
            limits,
        } => {
            start_log("info,sqlx::postgres::notice=warn");
            let key = Arc::new(secret_key(&key)?);
            let limits = limits.limits();
            let connections = u32::try_from(limits.concurrency).unwrap_or(u32::MAX) + 6;
            let db = ready_database(&database, connections).await?;
            serve::work(db, key, limits, shutdown::on_signal()).await
        }
        Command::Migrate { database } => {
            let db = Db::connect(&database.database_url, 2).await?;
            db.migrate().await?;
            println!("The database is up to date.");
            Ok(())
        }
        Command::Dev { dev, web, limits } => {
            start_log("warn,server=info");
            dev::dev(dev, web, limits.limits(), shutdown::on_signal()).await
        }
        Command::SimulateGraph { addr, graph_data } => {
            start_log("info,sqlx::postgres::notice=warn");
            simulate(addr, graph_data.as_deref()).await
        }
        Command::User(UserCommand::Create {
            database,
            email,
            name,
            roles,
        }) => create_user(&database, email, name, &roles).await,
        Command::Token(TokenCommand::Create {
            database,
            email,
            name,
            days,
        }) => {
            let db = Db::connect(&database.database_url, 2).await?;
            let user = person(&db, &email).await?;
            let lifetime = Duration::from_secs(u64::from(days) * 24 * 60 * 60);
            println!(
                "{}",
                access::create_token(&db, user, &name, lifetime).await?
            );
            Ok(())
        }
        Command::Tenant(command) => create_tenant(command).await,
    }
}

/// Where runs that did not succeed are told, if anywhere.
fn alerts_to(settings: AlertSettings, web: &WebSettings) -> Result<Vec<Alerts>, CommandError> {
    let mut alerts = Vec::new();
    let Some(public_url) = &web.public_url else {
        return Ok(alerts);
    };
    let wrong = |name| move |error| CommandError::Setting(format!("{name}: {error}"));
    if let Some(address) = settings.alert_url {
        let to_web = Alerts::to_web(address, public_url.clone());
        alerts.push(to_web.map_err(wrong("TENANTATLAS_ALERT_URL"))?);
    }
    if let AlertSettings {
        alert_mail_to: Some(to),
        mail_from: Some(from),
        smtp_url: Some(server),
        ..
    } = settings
    {
        let route = MailRoute { server, from, to };
        let to_mailbox = Alerts::to_mailbox(&route, public_url.clone());
        alerts.push(to_mailbox.map_err(wrong("TENANTATLAS_ALERT_MAIL_TO"))?);
    }
    Ok(alerts)
}

/// reqwest is built without a TLS provider of its own, so that there is one for all of the process.
fn install_tls() {
    let _already_there = rustls::crypto::ring::default_provider().install_default();
}

/// Connects and brings the database up to date.
pub(crate) async fn ready_database(
    settings: &DatabaseSettings,
    connections: u32,
) -> Result<Db, CommandError> {
    let db = Db::connect(&settings.database_url, connections).await?;
    db.migrate().await?;
    Ok(db)
}

fn secret_key(settings: &KeySettings) -> Result<SecretKey, CommandError> {
    let text = match (&settings.secret_key, &settings.secret_key_file) {
        (Some(key), _) => key.clone(),
        (None, Some(file)) => read_secret(file)?,
        (None, None) => {
            let message = "--secret-key or --secret-key-file is needed (TENANTATLAS_SECRET_KEY or TENANTATLAS_SECRET_KEY_FILE)";
            return Err(CommandError::Setting(message.into()));
        }
    };
    SecretKey::from_hex(text.expose_secret())
        .map_err(|error| CommandError::Setting(format!("TENANTATLAS_SECRET_KEY: {error}")))
}

/// Without a key pages are served, but nobody can sign in to Microsoft there.
fn optional_key(settings: &KeySettings) -> Result<Option<Arc<SecretKey>>, CommandError> {
    match settings {
        KeySettings {
            secret_key: None,
            secret_key_file: None,
        } => Ok(None),
        given => secret_key(given).map(|key| Some(Arc::new(key))),
    }
}

fn read_secret(file: &Path) -> Result<SecretString, CommandError> {
    std::fs::read_to_string(file)
        .map(SecretString::from)
        .map_err(|error| CommandError::Setting(format!("{}: {error}", file.display())))
}

fn secret_from_standard_input(what: &str) -> Result<SecretString, CommandError> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| CommandError::Failed(format!("standard input: {error}")))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(CommandError::Setting(format!(
            "give the {what} on standard input"
        ))),
        secret => Ok(SecretString::from(secret)),
    }
}

async fn person(db: &Db, email: &str) -> Result<domain::UserId, CommandError> {
    access::user_id_of(db, email)
        .await?
        .ok_or_else(|| CommandError::Setting("email: nobody has this address".into()))
}

async fn create_user(
    database: &DatabaseSettings,
    email: String,
    name: String,
    roles: &[String],
) -> Result<(), CommandError> {
    let roles = roles
        .iter()
        .map(|role| parse_role(role))
        .collect::<Result<Vec<_>, _>>()?;
    let password = secret_from_standard_input("password")?;
    let db = Db::connect(&database.database_url, 2).await?;
    // Looked for first: somebody without the role that was asked for is not to be left behind.
    let tenants = roles.iter().map(|(tenant, _)| *tenant);
    if let Some(missing) = access::missing_tenant(&db, tenants).await? {
        let message = format!("--role {missing}=…: there is no tenant {missing}");
        return Err(CommandError::Setting(message));
    }
    let new = NewUser {
        email,
        name,
        password,
    };
    let user = access::create_user(&db, new).await?;
    for (tenant, role) in roles {
        access::grant(&db, user, tenant, role).await?;
    }
    println!("Created user {user}.");
    Ok(())
}

fn parse_role(text: &str) -> Result<(TenantId, Role), CommandError> {
    text.split_once('=')
        .and_then(|(tenant, role)| Some((tenant.parse().ok()?, role.parse().ok()?)))
        .ok_or_else(|| {
            CommandError::Setting(format!(
                "--role {text}: use TENANT_ID=owner, operator or readonly"
            ))
        })
}

async fn create_tenant(command: TenantCommand) -> Result<(), CommandError> {
    let TenantCommand::Create {
        database,
        key,
        name,
        directory_id,
        client_id,
        cloud,
        owner,
    } = command;
    let key = secret_key(&key)?;
    let cloud: Cloud = cloud.parse().map_err(|_| {
        CommandError::Setting("--cloud: use global, usgov, usgov_dod or china".into())
    })?;
    let client_secret = secret_from_standard_input("client secret")?;
    let db = Db::connect(&database.database_url, 2).await?;
    let owner = person(&db, &owner).await?;
    let tenant = NewTenant {
        name,
        directory_id,
        endpoints: NewEndpoints::Cloud(cloud),
        client_id,
        client_secret,
    };
    let tenant = tenants::save(&db, &key, tenant).await?;
    access::grant(&db, owner, tenant, Role::Owner).await?;
    println!("Saved tenant {tenant}.");
    Ok(())
}

async fn simulate(
    addr: std::net::SocketAddr,
    graph_data: Option<&Path>,
) -> Result<(), CommandError> {
    let simulator = Simulator::demo();
    if let Some(folder) = graph_data {
        dev::load_policies(&simulator, folder)?;
    }
    let listener = bind(addr).await?;
    println!("Simulated Microsoft Graph at http://{addr}");
    for tenant in simulator.tenants() {
        println!(
            "{}: directory {}, client {}, secret {}",
            tenant.display_name, tenant.directory_id, tenant.client_id, tenant.client_secret
        );
    }
    let stop = shutdown::on_signal();
    simulator
        .serve(listener, async move { stop.cancelled().await })
        .await
        .map_err(|error| CommandError::Failed(error.to_string()))
}

/// Listens, or says in one line why not.
pub(crate) async fn bind(addr: std::net::SocketAddr) -> Result<TcpListener, CommandError> {
    TcpListener::bind(addr)
        .await
        .map_err(|error| CommandError::Failed(format!("can't listen on {addr}: {error}")))
}
