//! Names of what policies refer to by id, as the tenant has them now.

use graph::{PolicyKind, TenantGraph};

use super::{
    OperationError,
    failure::{kind_failure, strikes_all},
    progress::Progress,
};
use crate::backups::Names;

/// Names of filters and scope tags, which policies refer to by id. Without the permission for one of them, a restore
/// into another tenant can only go by id; the run says so.
pub(super) async fn read_names(
    tenant: &TenantGraph,
    progress: &mut Progress<'_>,
) -> Result<Names, OperationError> {
    let mut names = Names::default();
    for (key, into) in [
        ("assignment_filters", &mut names.filters),
        ("scope_tags", &mut names.scope_tags),
    ] {
        let Some(kind) = PolicyKind::by_key(key) else {
            continue;
        };
        let mut pages = tenant.policies(kind);
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => into.extend(page.policies.iter().filter_map(|one| {
                    Some((one["id"].as_str()?.to_owned(), kind.name_of(one).to_owned()))
                })),
                Err(error) if strikes_all(error.kind) || error.is_transient() => {
                    return Err(error.into());
                }
                Err(error) => progress.remark(kind_failure(kind, &error)),
            }
        }
    }
    Ok(names)
}
