//! A set's policies as files, a page at a time, so that a large set is never whole in memory.

use domain::{AuditAction, BackupSetId, OperationType, TenantId, VersionId};
use graph::with_secrets_masked;
use serde_json::Value;
use sqlx::FromRow;

use crate::{
    Caller, Db, ServiceError,
    audit::{self, Event},
    inventory::kind_label,
};

const PAGE: i64 = 50;

/// One policy as a file.
#[derive(Debug, Clone)]
pub struct ExportedPolicy {
    pub version: VersionId,
    /// `Settings catalog/Win - Defender (4f1c2a9b).json`: a folder a kind, a name that every system can hold.
    pub path: String,
    /// As Microsoft sent it, with assignments and the names of what they refer to under `tenantAtlas`. Who may not
    /// restore gets encrypted values masked.
    pub content: Value,
}

#[derive(FromRow)]
struct Record {
    version: VersionId,
    kind: String,
    graph_id: String,
    name: String,
    content: Value,
    names: Value,
}

/// The name of a set that may be exported. The audit log tells that somebody takes it along.
pub async fn export_name(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    set: BackupSetId,
) -> Result<String, ServiceError> {
    caller.role_on(tenant)?;
    let names: Option<(String, String)> = sqlx::query_as(
        "select t.name, s.name from backup_sets s join tenants t on t.id = s.tenant_id where s.id = $1 and t.id = $2",
    )
    .bind(set)
    .bind(tenant)
    .fetch_optional(&db.pool)
    .await?;
    let (tenant_name, name) = names.ok_or(ServiceError::NotFound)?;
    let event = Event::new(AuditAction::ExportDownload).on(tenant).about(
        "backup_set",
        set.0,
        name.as_str(),
    );
    let mut connection = db.pool.acquire().await?;
    audit::done(&mut connection, caller, event).await?;
    Ok(format!("{tenant_name} - {name}"))
}

/// The policies after `after`, in the order of their versions; none at the end.
pub async fn export_page(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    set: BackupSetId,
    after: VersionId,
) -> Result<Vec<ExportedPolicy>, ServiceError> {
    caller.role_on(tenant)?;
    let found: Vec<Record> = sqlx::query_as(
        "select v.id as version, v.kind, v.graph_id, v.name, v.content, v.names
         from backup_items i join policy_versions v on v.id = i.version_id
         where i.backup_set_id = $1 and v.tenant_id = $2 and v.id > $3
         order by v.id limit $4",
    )
    .bind(set)
    .bind(tenant)
    .bind(after)
    .bind(PAGE)
    .fetch_all(&db.pool)
    .await?;
    let plain = caller
        .may_start(tenant, OperationType::RestoreExecute)
        .is_ok();
    Ok(found
        .into_iter()
        .map(|mut record| {
            if !plain {
                record.content = with_secrets_masked(&record.content);
            }
            exported(record)
        })
        .collect())
}

fn exported(record: Record) -> ExportedPolicy {
    let short: String = record
        .graph_id
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(8)
        .collect();
    let path = format!(
        "{}/{} ({short}-{}).json",
        file_name(kind_label(&record.kind)),
        file_name(&record.name),
        record.version
    );
    let mut content = record.content;
    if let Some(members) = content.as_object_mut() {
        let about = serde_json::json!({ "kind": record.kind, "names": record.names });
        members.insert("tenantAtlas".to_owned(), about);
    }
    ExportedPolicy {
        version: record.version,
        path,
        content,
    }
}

/// What no file system refuses: no separators, no reserved characters, no dots at the ends, 80 characters at most.
fn file_name(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|letter| match letter {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            control if control.is_control() => '_',
            other => other,
        })
        .take(80)
        .collect();
    match kept.trim_matches(|letter: char| letter == '.' || letter.is_whitespace()) {
        "" => "unnamed".to_owned(),
        kept => kept.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_become_files_that_every_system_can_hold() {
        assert_eq!(file_name("Win - OIB/ES: \"A\"?"), "Win - OIB_ES_ _A__");
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name(" .. "), "unnamed");
        assert_eq!(file_name(&"ä".repeat(300)).chars().count(), 80);
    }
}
