//! What came of an imported set's files, a page at a time.

use domain::{
    BackupSetId, VersionId,
    views::imports::{ImportVerdict, ImportedFileQuery, ImportedFileRow, ImportedFiles},
};
use sqlx::FromRow;

use crate::{Db, ServiceError, inventory::kind_label};

const PAGE: usize = 100;

#[derive(FromRow)]
struct Record {
    position: i32,
    file_name: String,
    verdict: String,
    kind: Option<String>,
    policy_name: Option<String>,
    reason: Option<String>,
    version_id: Option<VersionId>,
}

/// One page; the caller may see the set.
pub(crate) async fn imported_files(
    db: &Db,
    set: BackupSetId,
    query: &ImportedFileQuery,
) -> Result<ImportedFiles, ServiceError> {
    let invalid = |text: &str| ServiceError::Invalid(text.to_owned());
    let verdict = query
        .verdict
        .as_deref()
        .map(|text| ImportVerdict::parse(text).ok_or_else(|| invalid("verdict: there is no such")))
        .transpose()?;
    let after: i32 = match query.after.as_deref().map(str::parse) {
        None => -1,
        Some(Ok(after)) => after,
        Some(Err(_)) => return Err(invalid("after: not one that this site gave out")),
    };
    let counts: Vec<(String, i64)> = sqlx::query_as(
        "select verdict, count(*) from backup_import_files where backup_set_id = $1 group by verdict",
    )
    .bind(set)
    .fetch_all(&db.pool)
    .await?;
    let mut counts: Vec<(ImportVerdict, i64)> = counts
        .into_iter()
        .map(|(verdict, count)| Ok((stored(&verdict)?, count)))
        .collect::<Result<_, ServiceError>>()?;
    counts.sort_unstable();
    let mut found: Vec<Record> = sqlx::query_as(
        "select position, file_name, verdict, kind, policy_name, reason, version_id
         from backup_import_files
         where backup_set_id = $1 and position > $2 and ($3::text is null or verdict = $3)
         order by position limit 101",
    )
    .bind(set)
    .bind(after)
    .bind(verdict.map(ImportVerdict::as_str))
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    Ok(ImportedFiles {
        counts,
        next: found.last().filter(|_| more).map(|last| last.position),
        rows: found.into_iter().map(row).collect::<Result<_, _>>()?,
    })
}

fn row(record: Record) -> Result<ImportedFileRow, ServiceError> {
    Ok(ImportedFileRow {
        position: record.position,
        verdict: stored(&record.verdict)?,
        file: record.file_name,
        kind_label: record.kind.map(|kind| kind_label(&kind).to_owned()),
        policy: record.policy_name,
        reason: record.reason,
        version: record.version_id,
    })
}

fn stored(verdict: &str) -> Result<ImportVerdict, ServiceError> {
    ImportVerdict::parse(verdict)
        .ok_or_else(|| ServiceError::Internal(format!("an import's file with verdict {verdict}")))
}
