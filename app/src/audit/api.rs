//! Server functions of the audit log.

use domain::views::audit::{AuditChoices, AuditPage};
use leptos::prelude::*;

use super::filters::AuditFilters;
use crate::error::AppError;

/// One page of the events that the reader may see, newest first.
#[server(prefix = "/api", endpoint = "audit_list")]
pub async fn audit_list(#[server(default)] filters: AuditFilters) -> Result<AuditPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let query = filters.to_query().map_err(crate::error::answer_with)?;
    Ok(services::audit::list(&caller, &db, &query).await?)
}

/// Whom and what the reader may choose for the filters.
#[server(name = ReadAuditChoices, prefix = "/api", endpoint = "audit_choices")]
pub async fn audit_choices() -> Result<AuditChoices, AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::audit::choices(&caller, &db).await?)
}
