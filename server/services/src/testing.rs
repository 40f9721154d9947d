//! Databases for tests: each test gets its own on a real server, copied from a template that is migrated once.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::{Role, RunId, TenantId, UserId};
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use uuid::Uuid;

use crate::{
    Caller, Db, access,
    tenants::{self, NewEndpoints, NewTenant, SecretKey},
};

/// A key for tests, so that worker and test open the same secrets.
pub const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A database of its own, dropped with this value.
pub struct TestDatabase {
    pub db: Db,
    pub url: String,
    name: String,
    server: String,
}

impl TestDatabase {
    /// A migrated, empty database on the server of `TEST_DATABASE_URL`.
    pub async fn new() -> Self {
        let database = Self::unmigrated_from(&template().await).await;
        database
            .db
            .migrate()
            .await
            .expect("the template is migrated");
        database
    }

    /// A database without any table.
    pub async fn unmigrated() -> Self {
        Self::unmigrated_from("template0").await
    }

    async fn unmigrated_from(template: &str) -> Self {
        let server = server();
        let name = format!("tenantatlas_test_{}", Uuid::new_v4().simple());
        let create = format!("create database {name} template {template}");
        execute_locked(&server, &create).await;
        let url = with_database(&server, &name);
        let db = Db::connect(&url, 20)
            .await
            .expect("the new database answers");
        Self {
            db,
            url,
            name,
            server,
        }
    }

    /// Plain SQL beside the services.
    pub fn sql(&self) -> &PgPool {
        &self.db.pool
    }

    /// A tenant whose Graph is at this address.
    pub async fn tenant_at(
        &self,
        name: &str,
        address: &str,
        directory_id: &str,
        client: (&str, &str),
    ) -> TenantId {
        let key = SecretKey::from_hex(KEY).unwrap();
        let tenant = NewTenant {
            name: name.into(),
            directory_id: directory_id.into(),
            endpoints: NewEndpoints::Custom {
                login: address.into(),
                graph: address.into(),
            },
            client_id: client.0.into(),
            client_secret: SecretString::from(client.1),
        };
        tenants::save(&self.db, &key, tenant).await.unwrap()
    }

    /// A tenant that nobody will ask Graph about.
    pub async fn tenant(&self, name: &str) -> TenantId {
        let directory = Uuid::new_v4().to_string();
        self.tenant_at(name, "http://127.0.0.1:9", &directory, ("client", "secret"))
            .await
    }

    /// A person with these roles, who can't sign in.
    pub async fn person(&self, name: &str, roles: &[(TenantId, Role)]) -> Caller {
        let user: UserId = sqlx::query_scalar(
            "insert into users (email, name, password_hash) values ($1, $2, '!') returning id",
        )
        .bind(format!("{}@example.test", Uuid::new_v4()))
        .bind(name)
        .fetch_one(self.sql())
        .await
        .unwrap();
        for (tenant, role) in roles {
            access::grant(&self.db, user, *tenant, *role).await.unwrap();
        }
        Caller {
            user_id: user,
            name: name.into(),
            roles: domain::Roles::new(roles.to_vec()),
            origin: access::Origin::default(),
        }
    }

    /// Status and outcome of a run, as stored.
    pub async fn state_of(&self, run: RunId) -> (String, String) {
        sqlx::query_as("select status, outcome from operation_runs where id = $1")
            .bind(run)
            .fetch_one(self.sql())
            .await
            .unwrap()
    }

    /// How many rows and index entries of `table` it takes to `ask`, as the database counts them itself.
    ///
    /// A connection tells what it read when it ends, at the latest: so it asks over connections of its own.
    pub async fn read_of(&self, table: &str, ask: impl AsyncFnOnce(&Db)) -> i64 {
        let mut watch = PgConnection::connect(&self.url).await.unwrap();
        let others = "select pid from pg_stat_activity where datname = current_database()";
        let known: Vec<i32> = sqlx::query_scalar(others)
            .fetch_all(&mut watch)
            .await
            .unwrap();
        let before = entries_read(&mut watch, table).await;
        let db = Db::connect(&self.url, 4).await.expect("it answered before");
        ask(&db).await;
        db.pool.close().await;
        let gone = "select not exists (select from pg_stat_activity
                     where datname = current_database() and backend_type = 'client backend' and pid <> all($1))";
        while !sqlx::query_scalar::<_, bool>(gone)
            .bind(&known)
            .fetch_one(&mut watch)
            .await
            .unwrap()
        {
            tokio::task::yield_now().await;
        }
        entries_read(&mut watch, table).await - before
    }

    /// One number from plain SQL.
    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.sql()).await.unwrap()
    }
}

async fn entries_read(connection: &mut PgConnection, table: &str) -> i64 {
    sqlx::query_scalar(
        "select (t.seq_tup_read + (select sum(i.idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid))::bigint
         from pg_stat_user_tables t where t.relid = $1::text::regclass",
    )
    .bind(table)
    .fetch_one(connection)
    .await
    .unwrap()
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop = format!("drop database if exists {} with (force)", self.name);
        let server = self.server.clone();
        // A runtime of its own: this one may be on its way out.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(execute(&server, &drop));
        });
        let _the_server_may_be_gone = dropped.join();
    }
}

fn server() -> String {
    std::env::var("TEST_DATABASE_URL")
        .expect("TEST_DATABASE_URL names a PostgreSQL server for tests; `make test` starts one")
}

/// The server's address with another database.
fn with_database(server: &str, database: &str) -> String {
    let (address, parameters) = server.split_once('?').map_or((server, ""), |(a, p)| (a, p));
    let (host, _) = address
        .rsplit_once('/')
        .expect("the address names a database");
    match parameters {
        "" => format!("{host}/{database}"),
        parameters => format!("{host}/{database}?{parameters}"),
    }
}

/// The migrated template, made by whichever test comes first. Its name changes with the migrations.
async fn template() -> String {
    let name = format!("tenantatlas_template_{}", Db::migrations_fingerprint());
    let server = server();
    let mut connection = PgConnection::connect(&server)
        .await
        .expect("the test server answers");
    lock(&mut connection).await;
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
    if !exists {
        let making = format!("{name}_making");
        for statement in [
            format!("drop database if exists {making} with (force)"),
            format!("create database {making} template template0"),
        ] {
            sqlx::query(AssertSqlSafe(statement))
                .execute(&mut connection)
                .await
                .unwrap();
        }
        let db = Db::connect(&with_database(&server, &making), 2)
            .await
            .unwrap();
        db.migrate().await.unwrap();
        db.close().await;
        let rename = format!("alter database {making} rename to {name}");
        sqlx::query(AssertSqlSafe(rename))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
    name
}

/// PostgreSQL refuses to copy a template that somebody else is copying or making at that moment.
async fn lock(connection: &mut PgConnection) {
    sqlx::query("select pg_advisory_lock(7263548190)")
        .execute(connection)
        .await
        .unwrap();
}

async fn execute(server: &str, statement: &str) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    let statement = AssertSqlSafe(statement.to_owned());
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

async fn execute_locked(server: &str, statement: &str) {
    let mut connection = PgConnection::connect(server)
        .await
        .expect("the test server answers");
    lock(&mut connection).await;
    let statement = AssertSqlSafe(statement.to_owned());
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
