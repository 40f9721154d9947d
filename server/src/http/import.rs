//! Exported files that somebody sends, on their way to a backup set.

use std::time::Duration;

use app::AppError;
use axum::{
    Extension,
    extract::{Multipart, Path, State, multipart::Field, multipart::MultipartError},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::TenantId;
use services::{
    Caller, Db,
    backups::{self, LARGEST_FILE, SentFile},
};
use tokio::sync::Semaphore;

use super::refusal::refusal;

/// The largest form with all its files, as sent.
pub(super) const LARGEST: usize = 64 * 1024 * 1024;
/// The longest that the whole form may take to arrive.
const LONGEST: Duration = Duration::from_secs(600);
const LONGEST_NAME: usize = 1000;

/// An import is in memory while it is read, so few are at once.
static IMPORTS: Semaphore = Semaphore::const_new(2);

/// `POST /tenants/{id}/backups/import`: makes a set of the files and goes to its page, which tells what came of each.
pub(super) async fn files(
    State(db): State<Db>,
    Extension(caller): Extension<Option<Caller>>,
    Path(tenant): Path<String>,
    form: Multipart,
) -> Response {
    let Some(caller) = caller else {
        return refusal(AppError::NotSignedIn);
    };
    let Ok(tenant) = tenant.parse::<TenantId>() else {
        return refusal(AppError::NotFound);
    };
    if let Err(error) = backups::may_import(&caller, &db, tenant).await {
        return refusal(error);
    }
    let Ok(_permit) = IMPORTS.try_acquire() else {
        let text = "Other imports are under way; try again when they have ended.\n";
        return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
    };
    let (name, files) = match tokio::time::timeout(LONGEST, read(form)).await {
        Ok(Ok(form)) => form,
        Ok(Err(error)) => return unreadable(&error),
        Err(_) => {
            return (StatusCode::REQUEST_TIMEOUT, "The files took too long.\n").into_response();
        }
    };
    let page = format!("/tenants/{tenant}/backups");
    if files.is_empty() {
        return Redirect::to(&format!("{page}/import?problem=no_files")).into_response();
    }
    match backups::import(&caller, &db, tenant, &name, files).await {
        Ok(set) => Redirect::to(&format!("{page}/{set}")).into_response(),
        Err(error) => refusal(error),
    }
}

async fn read(mut form: Multipart) -> Result<(String, Vec<SentFile>), MultipartError> {
    let mut name = String::new();
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await? {
        match (field.name(), field.file_name()) {
            (Some("name"), _) => {
                let bytes = kept(field, LONGEST_NAME).await?;
                // One that is cut off is too long all the same.
                let bytes = bytes.unwrap_or_else(|| vec![b'x'; LONGEST_NAME]);
                name = String::from_utf8_lossy(&bytes).into_owned();
            }
            // A browser sends a field without a name when no file was chosen.
            (Some("files"), Some(file)) if !file.is_empty() => {
                let file = file.to_owned();
                let is_archive = file.to_ascii_lowercase().ends_with(".zip");
                let most = if is_archive { LARGEST } else { LARGEST_FILE };
                let bytes = kept(field, most).await?;
                files.push(SentFile { name: file, bytes });
            }
            _ => {
                kept(field, 0).await?;
            }
        }
    }
    Ok((name, files))
}

/// The field's bytes; none if they are more than `most`, which are let go while they come.
async fn kept(mut field: Field<'_>, most: usize) -> Result<Option<Vec<u8>>, MultipartError> {
    let mut bytes = Some(Vec::new());
    while let Some(chunk) = field.chunk().await? {
        match &mut bytes {
            Some(kept) if kept.len() + chunk.len() <= most => kept.extend_from_slice(&chunk),
            _ => bytes = None,
        }
    }
    Ok(bytes)
}

fn unreadable(error: &MultipartError) -> Response {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let text = format!(
            "The files are larger than {} MiB together. Import them in several parts, or as a zip archive.\n",
            LARGEST / 1024 / 1024
        );
        return (StatusCode::PAYLOAD_TOO_LARGE, text).into_response();
    }
    (StatusCode::BAD_REQUEST, "The form can't be read.\n").into_response()
}
