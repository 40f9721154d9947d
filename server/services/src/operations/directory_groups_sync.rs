//! `directory_groups.sync`: caches the directory's groups, in full the first time and by delta after that.

use domain::TenantId;
use graph::{GraphErrorKind, Group, TenantGraph};
use serde_json::{Map, json};

use super::{Finished, OperationError, Operations, progress::Progress};
use crate::{
    directory::{self, FoundGroup},
    runs::{Item, Lease},
};

/// Groups in numbers.
#[derive(Debug, Default)]
struct Synced {
    changed: u32,
    removed: u32,
}

impl Synced {
    fn note_removed(&mut self, groups: Vec<(String, String)>, progress: &mut Progress<'_>) {
        for (id, name) in groups {
            self.removed += 1;
            progress.succeeded(Item::named(&id, &name), Some("removed"));
        }
    }
}

pub(super) async fn run(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    mut progress: Progress<'_>,
) -> Result<Finished, OperationError> {
    let known = directory::delta_link(&operations.db, lease.tenant_id).await?;
    let mut full = known.is_none();
    let mut synced = read(operations, lease, tenant, known, &mut progress).await;
    if matches!(&synced, Err(Stopped::Expired)) {
        // Microsoft has forgotten where we were: only a full reading can tell what is gone.
        directory::forget_delta_link(&operations.db, lease.tenant_id).await?;
        full = true;
        synced = read(operations, lease, tenant, None, &mut progress).await;
    }
    let synced = synced.map_err(Stopped::into_error)?;
    Ok(progress.finish(Map::from_iter([(
        "changes".to_owned(),
        json!({ "full": full, "added_or_changed": synced.changed, "removed": synced.removed }),
    )])))
}

enum Stopped {
    Expired,
    Failed(OperationError),
}

impl Stopped {
    fn into_error(self) -> OperationError {
        match self {
            Self::Failed(error) => error,
            Self::Expired => OperationError::permanent(
                domain::FailureCode::BadRequest,
                "Microsoft called a reading from the beginning expired.",
            ),
        }
    }
}

impl<E: Into<OperationError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn read(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    resume: Option<String>,
    progress: &mut Progress<'_>,
) -> Result<Synced, Stopped> {
    let (db, id): (_, TenantId) = (&operations.db, lease.tenant_id);
    let full = resume.is_none();
    progress
        .step(if full {
            "Read all groups"
        } else {
            "Read what changed"
        })
        .await?;
    let mut synced = Synced::default();
    let mut delta_link = None;
    let mut pages = tenant.groups_delta(resume);
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) if !full && error.kind == GraphErrorKind::DeltaExpired => {
                return Err(Stopped::Expired);
            }
            Err(error) => return Err(OperationError::from(error).into()),
        };
        let found: Vec<FoundGroup> = page.changed.into_iter().map(found).collect();
        if !found.is_empty() {
            directory::store_page(db, id, lease.run_id, &found).await?;
        }
        let removed = match page.removed.as_slice() {
            [] => Vec::new(),
            ids => directory::remove(db, id, ids).await?,
        };
        for group in found {
            synced.changed += 1;
            progress.succeeded(Item::named(&group.graph_id, &group.name), None);
        }
        synced.note_removed(removed, progress);
        progress.report().await?;
        delta_link = page.delta_link.or(delta_link);
    }
    if full {
        let gone = directory::finish_full(db, id, lease.run_id, delta_link.as_deref()).await?;
        synced.note_removed(gone, progress);
    } else {
        directory::finish_delta(db, id, delta_link.as_deref()).await?;
    }
    Ok(synced)
}

fn found(group: Group) -> FoundGroup {
    FoundGroup {
        graph_id: group.id,
        name: group.display_name,
        description: group.description,
        group_types: group.group_types,
        security_enabled: group.security_enabled,
        mail_enabled: group.mail_enabled,
        membership_rule: group.membership_rule,
        on_premises_sync: group.on_premises_sync,
    }
}
