//! A tenant's members and invitations as their pages show them. No page shows a whole e-mail address.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{InvitationId, Role, TenantId, UserId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    pub user_id: UserId,
    pub name: String,
    /// Tells people of one name apart: see [`masked`].
    pub address: String,
    pub role: Role,
    pub since: DateTime<Utc>,
    /// The reader.
    pub is_you: bool,
    /// Nobody else could manage the tenant: neither removed nor given a lower role.
    pub is_last_owner: bool,
}

/// An invitation that can still be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRow {
    pub id: InvitationId,
    pub address: String,
    pub role: Role,
    pub invited_by: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// `/tenants/{id}/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersPage {
    pub tenant_id: TenantId,
    pub tenant_name: String,
    pub role: Role,
    pub members: Vec<MemberRow>,
    /// There are more members than are shown.
    pub more: bool,
    /// Only for those who may manage members.
    pub invitations: Vec<InvitationRow>,
    pub as_of: DateTime<Utc>,
}

/// `/invitations/{token}`: what accepting would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationOffer {
    pub tenant_name: String,
    pub role: Role,
    pub address: String,
    pub invited_by: String,
    pub expires_at: DateTime<Utc>,
    pub reader: InvitationReader,
}

/// Who opened an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationReader {
    /// Nobody who is signed in.
    Stranger,
    /// The invited person.
    Invited { name: String },
    /// Somebody whose address is not the invited one.
    SomebodyElse { name: String },
}

/// An address that its owner recognizes and a reader can't write to: "a… at contoso.example".
pub fn masked(address: &str) -> String {
    let (local, host) = address.split_once('@').unwrap_or((address, "?"));
    match local.chars().next() {
        Some(first) => format!("{first}… at {host}"),
        None => format!("… at {host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_address_is_none_any_more() {
        assert_eq!(masked("ada@contoso.example"), "a… at contoso.example");
        assert_eq!(masked("@contoso.example"), "… at contoso.example");
        assert!(!masked("ä@b").contains('@'));
    }
}
