//! A backup set as a zip archive of its policies, written while it is read.

use std::io::{self, Write};

use app::AppError;
use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{BackupSetId, TenantId, VersionId};
use services::{
    Caller, Db, ServiceError,
    backups::{self, ExportedPolicy},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::refusal::refusal;

/// Chunks that wait for a slow reader; the writer stops meanwhile.
const CHUNKS: usize = 8;
const CHUNK: usize = 64 * 1024;

/// `GET /tenants/{tenant}/backups/{set}/download`.
pub(super) async fn backup_set(
    State(db): State<Db>,
    Extension(caller): Extension<Option<Caller>>,
    Path((tenant, set)): Path<(String, String)>,
) -> Response {
    let Some(caller) = caller else {
        return refusal(AppError::NotSignedIn);
    };
    let (Ok(tenant), Ok(set)) = (tenant.parse(), set.parse()) else {
        return refusal(AppError::NotFound);
    };
    match backups::export_name(&caller, &db, tenant, set).await {
        Ok(name) => archive(caller, db, tenant, set, &name),
        Err(error) => refusal(error),
    }
}

fn archive(caller: Caller, db: Db, tenant: TenantId, set: BackupSetId, name: &str) -> Response {
    let (policies, to_write) = mpsc::channel(2);
    let (chunks, body) = mpsc::channel(CHUNKS);
    tokio::spawn(async move { read(&caller, &db, tenant, set, &policies).await });
    tokio::task::spawn_blocking(move || {
        if let Err(error) = write(to_write, chunks.clone()) {
            // The download breaks off instead of looking complete.
            let _the_reader_has_gone = chunks.blocking_send(Err(error));
        }
    });
    let plain: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || " -.".contains(letter) {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{plain}.zip\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/zip"),
        ),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, Body::from_stream(ReceiverStream::new(body))).into_response()
}

type Page = Result<Vec<ExportedPolicy>, ServiceError>;

async fn read(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    set: BackupSetId,
    policies: &mpsc::Sender<Page>,
) {
    let mut after = VersionId(0);
    loop {
        let page = backups::export_page(caller, db, tenant, set, after).await;
        let last = page
            .as_ref()
            .ok()
            .and_then(|page| Some(page.last()?.version));
        let failed = page.is_err();
        if (last.is_none() && !failed) || policies.send(page).await.is_err() {
            return;
        }
        match last {
            Some(last) => after = last,
            None => return,
        }
    }
}

fn write(
    mut policies: mpsc::Receiver<Page>,
    chunks: mpsc::Sender<io::Result<Vec<u8>>>,
) -> io::Result<()> {
    let mut archive = ZipWriter::new_stream(Chunks {
        chunks,
        pending: Vec::with_capacity(CHUNK),
    });
    while let Some(page) = policies.blocking_recv() {
        for policy in page.map_err(io::Error::other)? {
            archive.start_file(policy.path, SimpleFileOptions::default())?;
            serde_json::to_writer_pretty(&mut archive, &policy.content)?;
        }
    }
    archive.finish()?.into_inner().flush()
}

/// Hands on what is written, in chunks; waits while the reader is slow.
struct Chunks {
    chunks: mpsc::Sender<io::Result<Vec<u8>>>,
    pending: Vec<u8>,
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.chunks
            .blocking_send(Ok(std::mem::take(&mut self.pending)))
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}
