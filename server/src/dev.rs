//! `dev`: everything in one process, for a first look and for development.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::Role;
use graph_simulator::Simulator;
use secrecy::{ExposeSecret, SecretString};
use services::{
    Db, ServiceError,
    access::{self, NewUser},
    tenants::{self, NewEndpoints, NewTenant, SecretKey},
};
use tokio_util::sync::CancellationToken;

use crate::{
    commands::bind,
    config::{DevSettings, WebSettings},
    failure::CommandError,
    private_postgres::{Options, PrivatePostgres},
    serve,
    worker::Limits,
};

const DEMO_ADDRESS: &str = "demo@tenantatlas.test";

/// Runs web, worker, simulated Graph and, without a given database, a private one, until `shutdown`.
pub async fn dev(
    settings: DevSettings,
    web: WebSettings,
    limits: Limits,
    shutdown: CancellationToken,
) -> Result<(), CommandError> {
    let site = serve::open_site(&web)?;
    // Taken first: a taken port is told before anything else is started.
    let listener = bind(web.addr).await?;
    make_data_dir(&settings.data_dir)?;
    let (private, url) = database(&settings).await?;
    let worked = with_database(&settings, &web, limits, shutdown, &url, site, listener).await;
    let stopped = match private {
        Some(private) => private
            .stop()
            .await
            .map_err(|error| CommandError::Failed(error.to_string())),
        None => Ok(()),
    };
    worked.and(stopped)
}

async fn database(
    settings: &DevSettings,
) -> Result<(Option<PrivatePostgres>, String), CommandError> {
    if let Some(url) = &settings.database_url {
        return Ok((None, url.clone()));
    }
    println!("Starting the private PostgreSQL …");
    let options = Options {
        data_dir: settings.data_dir.clone(),
        durable: true,
    };
    let private = PrivatePostgres::start(options)
        .await
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    let url = private.url().to_owned();
    Ok((Some(private), url))
}

async fn with_database(
    settings: &DevSettings,
    web: &WebSettings,
    limits: Limits,
    shutdown: CancellationToken,
    url: &str,
    site: crate::http::Site,
    listener: tokio::net::TcpListener,
) -> Result<(), CommandError> {
    let connections = u32::try_from(limits.concurrency).unwrap_or(u32::MAX) + 22;
    let db = Db::connect(url, connections).await?;
    db.migrate().await?;
    // For commands beside this process: DATABASE_URL=$(cat DATA_DIR/database-url) tenantatlas user create …
    write_secret(
        &settings.data_dir.join("database-url"),
        &SecretString::from(url),
    )?;
    let key_text = kept_secret(
        &settings.data_dir.join("secret-key"),
        SecretKey::generate_hex,
    )?;
    let key = SecretKey::from_hex(key_text.expose_secret())
        .map(Arc::new)
        .map_err(|error| CommandError::Failed(format!("DATA_DIR/secret-key: {error}")))?;
    let (simulator, graph_url) = simulator(settings, shutdown.clone()).await?;
    let password = demo_data(&db, &key, settings, &simulator, &graph_url).await?;

    println!("Simulated Microsoft Graph at {graph_url}");
    println!();
    println!("  TenantAtlas   http://{}", web.addr);
    println!("  Email         {DEMO_ADDRESS}");
    println!("  Password      {}", password.expose_secret());
    println!();
    println!("Ctrl-C stops everything.");

    let pages = serve::pages(
        db.clone(),
        web,
        Some(key.clone()),
        site,
        listener,
        shutdown.clone(),
    );
    let work = serve::work(db.clone(), key, limits, shutdown.clone());
    // If one of the two ends early, the other is told to stop.
    let pages = async {
        let served = pages.await;
        shutdown.cancel();
        served
    };
    let work = async {
        let worked = work.await;
        shutdown.cancel();
        worked
    };
    let (served, worked) = tokio::join!(pages, work);
    db.close().await;
    served.and(worked)
}

async fn simulator(
    settings: &DevSettings,
    shutdown: CancellationToken,
) -> Result<(Simulator, String), CommandError> {
    let simulator = Simulator::demo();
    if let Some(folder) = &settings.graph_data {
        load_policies(&simulator, folder)?;
    }
    let listener = bind(settings.simulator_addr).await?;
    let addr = listener
        .local_addr()
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    let serving = simulator
        .clone()
        .serve(listener, shutdown.cancelled_owned());
    tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the simulated Graph stopped");
        }
    });
    Ok((simulator, format!("http://{addr}")))
}

/// Replaces the first demo tenant's policies by the files of a folder.
pub(crate) fn load_policies(simulator: &Simulator, folder: &Path) -> Result<(), CommandError> {
    let Some(tenant) = simulator.tenants().into_iter().next() else {
        return Ok(());
    };
    let report = simulator
        .load_policies(&tenant.directory_id, folder)
        .map_err(|error| CommandError::Setting(format!("GRAPH_DATA: {error}")))?;
    println!("{}: {} policies loaded", tenant.display_name, report.loaded);
    for problem in report.problems {
        println!("  left out {}: {}", problem.file.display(), problem.reason);
    }
    Ok(())
}

/// The demo administrator, who owns the demo tenants. Returns the password to sign in with.
async fn demo_data(
    db: &Db,
    key: &SecretKey,
    settings: &DevSettings,
    simulator: &Simulator,
    graph_url: &str,
) -> Result<SecretString, CommandError> {
    let file = settings.data_dir.join("demo-password");
    let password = match &settings.demo_password {
        Some(given) => {
            write_secret(&file, given)?;
            given.clone()
        }
        None => kept_secret(&file, random_password)?,
    };
    let new = NewUser {
        email: DEMO_ADDRESS.into(),
        name: "Demo Administrator".into(),
        password: password.clone(),
    };
    let user = match access::user_id_of(db, DEMO_ADDRESS).await? {
        None => access::create_user(db, new).await?,
        Some(user) => {
            // Kept as it is if it still fits, so that a restart signs nobody out.
            if !access::password_fits(db, DEMO_ADDRESS, password.clone()).await? {
                access::set_password(db, user, password.clone()).await?;
            }
            user
        }
    };
    for tenant in simulator.tenants() {
        let connection = NewTenant {
            name: tenant.display_name.clone(),
            directory_id: tenant.directory_id.clone(),
            endpoints: NewEndpoints::Custom {
                login: graph_url.to_owned(),
                graph: graph_url.to_owned(),
            },
            client_id: tenant.client_id.clone(),
            client_secret: SecretString::from(tenant.client_secret.clone()),
        };
        let saved = tenants::save(db, key, connection).await?;
        access::grant(db, user, saved, Role::Owner).await?;
    }
    Ok::<_, ServiceError>(password).map_err(Into::into)
}

fn random_password() -> String {
    SecretKey::generate_hex()[..20].to_owned()
}

fn make_data_dir(dir: &PathBuf) -> Result<(), CommandError> {
    fs::create_dir_all(dir)
        .map_err(|error| CommandError::Failed(format!("can't write to {}: {error}", dir.display())))
}

/// The secret kept in a file, made on first use; nobody else may read it.
fn kept_secret(file: &Path, make: fn() -> String) -> Result<SecretString, CommandError> {
    match fs::read_to_string(file) {
        Ok(kept) => Ok(SecretString::from(kept.trim())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let made = SecretString::from(make());
            write_secret(file, &made)?;
            Ok(made)
        }
        Err(error) => Err(CommandError::Failed(format!(
            "can't read {}: {error}",
            file.display()
        ))),
    }
}

fn write_secret(file: &Path, secret: &SecretString) -> Result<(), CommandError> {
    let write = || -> std::io::Result<()> {
        // Made anew, so that an older file's rights don't stay.
        match fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = fs::OpenOptions::new();
        let mut opened = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)?;
        writeln!(opened, "{}", secret.expose_secret())
    };
    write()
        .map_err(|error| CommandError::Failed(format!("can't write {}: {error}", file.display())))
}
