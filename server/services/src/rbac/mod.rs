//! Access setup: a person's own, delegated access to a tenant's Graph, searching groups with it, and assigning roles.
//!
//! What a person grants lives in [`DelegatedAccess`], in this process's memory, and nowhere else: it is gone at
//! sign-out, with its session, and at a restart.

mod ask;
mod assign;
mod keeper;
mod page;
mod pending;
mod sign_in;

pub use assign::assign;
pub use keeper::DelegatedAccess;
pub use page::page;
pub use sign_in::{Returned, begin_sign_in, finish_sign_in, sign_out};

use domain::TenantId;

use crate::{Caller, Db, access::SessionKey};

/// Somebody at a tenant's access setup.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    pub caller: &'a Caller,
    pub db: &'a Db,
    pub access: &'a DelegatedAccess,
    /// None for a program, which has no session to bind access to.
    pub session: Option<&'a SessionKey>,
    pub tenant: TenantId,
}

/// The page's path.
pub fn path(tenant: TenantId) -> String {
    format!("/tenants/{tenant}/rbac")
}
