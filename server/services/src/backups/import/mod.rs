//! Exported files become a backup set: read one by one, each with its verdict, and stored as captures are.

mod decoded;
mod files;
mod intents;
mod list;
mod names;
mod read;
mod recognize;
mod save;
mod templates;

use domain::{AuditAction, BackupSetId, OperationType, TenantId};

use crate::{
    Caller, Db, ServiceError,
    audit::{self, Event},
};

pub use files::{LARGEST_FILE, SentFile};
pub(crate) use list::imported_files;

const LONGEST_NAME: usize = 200;

/// Whether the caller may import into this tenant: whoever may back it up. To be asked before any file is taken.
pub async fn may_import(caller: &Caller, db: &Db, tenant: TenantId) -> Result<(), ServiceError> {
    let right = caller.may_start(tenant, OperationType::BackupSetCapture);
    let event = Event::new(AuditAction::BackupImport).on(tenant);
    audit::allowed(caller, db, event, right).await
}

/// Makes a backup set of these files. An empty name becomes "Import of" and the date.
///
/// # Errors
/// `NotFound` and `Forbidden` as for a backup, `Invalid` for a name that a set can't have or when there is no file.
/// What a file holds is never an error: the set tells what came of it.
pub async fn import(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    name: &str,
    files: Vec<SentFile>,
) -> Result<BackupSetId, ServiceError> {
    may_import(caller, db, tenant).await?;
    let name = name.trim();
    if name.chars().count() > LONGEST_NAME || name.contains('\0') {
        return Err(ServiceError::Invalid(format!(
            "name: {LONGEST_NAME} characters at most"
        )));
    }
    // Unpacking and parsing keep a processor busy for seconds.
    let lines = tokio::task::spawn_blocking(|| read::read(files, files::Limits::default()))
        .await
        .map_err(|error| ServiceError::Internal(format!("reading an import: {error}")))?;
    if lines.is_empty() {
        return Err(ServiceError::Invalid(
            "files: choose at least one".to_owned(),
        ));
    }
    save::save(caller, db, tenant, name, lines).await
}
