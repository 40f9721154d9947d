//! Roles of people on tenants, and what each may do.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{OperationType, TenantId};

/// A person's role on one tenant. Ordered: a later one may do all that an earlier one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything of the tenant, starts nothing.
    Readonly,
    /// Starts operations.
    Operator,
    /// Manages the tenant's connection and members too.
    Owner,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Readonly, Self::Operator, Self::Owner];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Readonly => "readonly",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Readonly => "Read only",
            Self::Operator => "Operator",
            Self::Owner => "Owner",
        }
    }
}

impl Role {
    /// Whether someone with this role may search the tenant's directory with delegated access of their own.
    pub fn may_search_directory(self) -> bool {
        self >= Self::Operator
    }

    /// Whether someone with this role may say which time zone the tenant's people live by.
    pub fn may_set_time_zone(self) -> bool {
        self >= Self::Owner
    }

    /// Whether someone with this role may replace the secret with which the tenant's app signs in.
    pub fn may_replace_secret(self) -> bool {
        self >= Self::Owner
    }

    /// Whether someone with this role may give Intune roles in the tenant.
    pub fn may_assign_roles(self) -> bool {
        self >= Self::Owner
    }

    /// Whether someone with this role may invite people to the tenant, change their roles and remove them.
    pub fn may_manage_members(self) -> bool {
        self >= Self::Owner
    }

    /// Whether someone with this role sees what others did on the tenant.
    pub fn may_audit(self) -> bool {
        self >= Self::Owner
    }

    /// What can be done on a tenant, in words, and with which roles, by the same rules that services ask.
    pub fn abilities() -> Vec<(String, Vec<Self>)> {
        let with = |words: &str, may: &dyn Fn(Self) -> bool| {
            let roles = Self::ALL.into_iter().filter(|role| may(*role)).collect();
            (words.to_owned(), roles)
        };
        let mut abilities = vec![with(
            "See runs, inventory, groups, backups and restores",
            &|_| true,
        )];
        for operation in OperationType::ALL {
            let words = match operation {
                OperationType::BackupScheduleRun => "Keep schedules and run them now".to_owned(),
                _ => format!("Start: {}", operation.label()),
            };
            abilities.push(with(&words, &|role| operation.may_be_started_by(role)));
        }
        abilities.extend([
            with("Acknowledge failures of what one may start", &|role| {
                OperationType::ALL
                    .iter()
                    .any(|operation| operation.may_be_started_by(role))
            }),
            with(
                "Search the directory with access of one's own",
                &Self::may_search_directory,
            ),
            with("Assign Intune roles", &Self::may_assign_roles),
            with(
                "Invite people, change roles, remove members",
                &Self::may_manage_members,
            ),
            with("See in the audit log what others did", &Self::may_audit),
        ]);
        abilities
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role; use owner, operator or readonly")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

/// The tenants that someone belongs to, each with the role there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles(Vec<(TenantId, Role)>);

impl Roles {
    pub fn new(mut roles: Vec<(TenantId, Role)>) -> Self {
        roles.sort_unstable();
        Self(roles)
    }

    /// The role on this tenant; none for a tenant that this person must not know of.
    pub fn on(&self, tenant: TenantId) -> Option<Role> {
        self.0
            .binary_search_by_key(&tenant, |(id, _)| *id)
            .ok()
            .map(|at| self.0[at].1)
    }

    pub fn tenants(&self) -> impl Iterator<Item = TenantId> + '_ {
        self.0.iter().map(|(tenant, _)| *tenant)
    }
}
