//! Access setup as its page shows it. Nothing of the delegated access itself is in here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{FailureGroup, Role};

/// The delegated permission that a group search needs.
pub const SEARCH_PERMISSION: &str = "GroupMember.Read.All";
/// The delegated permission that assigning a role needs.
pub const ASSIGN_PERMISSION: &str = "DeviceManagementRBAC.ReadWrite.All";
/// The longest name of an assignment.
pub const LONGEST_NAME: usize = 128;
/// The most groups on either side of an assignment.
pub const MOST_GROUPS: usize = 30;

/// What stands in the page's address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SetupQuery {
    /// The text to search groups for.
    pub text: Option<String>,
    pub choice: AssignmentChoice,
    /// Whether the choice is to be read through before it is done.
    pub review: bool,
    /// The answer to show, as its id.
    pub answer: Option<String>,
}

/// What somebody chose for an assignment so far. Ids are Graph's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssignmentChoice {
    pub name: String,
    pub role: String,
    /// Groups whose members get the role.
    pub members: Vec<String>,
    pub scope: ScopeChoice,
    /// Counts only with [`ScopeChoice::Groups`].
    pub scope_groups: Vec<String>,
}

/// On whom and what an assignment reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeChoice {
    #[default]
    Everyone,
    Groups,
}

impl ScopeChoice {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Groups => "groups",
        }
    }
}

impl AssignmentChoice {
    /// What is missing or too much, in words for whoever fills the form in; none if it can be done.
    pub fn lacks(&self) -> Option<String> {
        let scope_groups = match self.scope {
            ScopeChoice::Everyone => 0,
            ScopeChoice::Groups => self.scope_groups.len(),
        };
        let missing = if self.members.is_empty() {
            "Tick at least one group under “Members”."
        } else if self.scope == ScopeChoice::Groups && scope_groups == 0 {
            "Tick at least one group under “Scope”, or choose all devices and users."
        } else if self.role.is_empty() {
            "Choose a role."
        } else if self.name.trim().is_empty() {
            "Give the assignment a name."
        } else if self.name.chars().count() > LONGEST_NAME {
            return Some(format!(
                "Use at most {LONGEST_NAME} characters for the name."
            ));
        } else if self.members.len().max(scope_groups) > MOST_GROUPS {
            return Some(format!("Choose at most {MOST_GROUPS} groups."));
        } else {
            return None;
        };
        Some(missing.to_owned())
    }
}

/// `/tenants/{id}/rbac`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupPage {
    pub tenant_name: String,
    /// The reader's role on the tenant.
    pub role: Role,
    pub access: AccessState,
    pub search: GroupSearch,
    /// Where a role can be assigned; none without access or without the right.
    pub assignment: Option<Assignment>,
    /// The answer that was asked for, if this session still has it.
    pub answer: Option<SetupAnswer>,
    pub as_of: DateTime<Utc>,
}

/// Whether the reader has access of their own to the tenant's Graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessState {
    /// Not to be had; the text says why.
    NotOffered(String),
    /// The reader may sign in.
    None,
    /// There was access, and Microsoft does not renew it.
    RanOut,
    SignedIn {
        /// Name of the Microsoft account, if it is known.
        account: Option<String>,
        since: DateTime<Utc>,
    },
}

/// What a group search came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupSearch {
    /// There is no access to search with.
    Disabled,
    /// Nothing was searched for yet.
    Ready,
    Empty,
    Results {
        /// The first of them, by name.
        groups: Vec<FoundGroup>,
        total: u64,
    },
    Throttled {
        /// When Microsoft wants to be asked again, if it said so.
        until: Option<DateTime<Utc>>,
    },
    ConsentMissing,
    Failed(FailureGroup),
}

impl GroupSearch {
    /// The state as an attribute tells it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Ready => "ready",
            Self::Empty => "empty",
            Self::Results { .. } => "results",
            Self::Throttled { .. } => "throttled",
            Self::ConsentMissing => "consent-missing",
            Self::Failed(_) => "failed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundGroup {
    /// Graph's id.
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// "Security", "Microsoft 365", "Dynamic security", …
    pub kind: String,
}

/// A role that can be assigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChoice {
    pub id: String,
    pub name: String,
    pub is_built_in: bool,
}

/// The part of the page that assigns a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Assignment {
    /// A choice that is being made.
    Choosing {
        roles: Vec<RoleChoice>,
        /// Chosen groups, by name, whether the search lists them or not.
        chosen: Vec<FoundGroup>,
        /// Why it can't be done yet, once it was wanted.
        lacks: Option<String>,
    },
    /// A complete choice, to be read through.
    Review(Review),
    /// Roles or chosen groups could not be read.
    Failed(FailureGroup),
}

/// An assignment as it would be made, with names that Microsoft just told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Makes sure that it is done once, however often it is sent.
    pub once: String,
    pub name: String,
    pub role: RoleChoice,
    pub members: Vec<FoundGroup>,
    /// None for all devices and users.
    pub scope: Option<Vec<FoundGroup>>,
}

/// What a form of the page was answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetupAnswer {
    Assigned {
        /// Graph's id of the assignment.
        id: String,
        name: String,
    },
    NotAssigned(FailureGroup),
    /// It was sent and no answer came back: it may have been made.
    MaybeAssigned(FailureGroup),
    /// The person pressed Cancel on Microsoft's page.
    SignInCancelled,
    SignInFailed(FailureGroup),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_says_what_it_lacks_until_it_is_complete() {
        let mut choice = AssignmentChoice::default();
        let mut said = Vec::new();
        let steps: [fn(&mut AssignmentChoice); 5] = [
            |choice| choice.members = vec!["m".into()],
            |choice| choice.scope = ScopeChoice::Groups,
            |choice| choice.scope_groups = vec!["s".into()],
            |choice| choice.role = "r".into(),
            |choice| choice.name = "x".into(),
        ];
        for step in steps {
            said.push(choice.lacks());
            step(&mut choice);
        }
        assert!(said.iter().all(Option::is_some), "{said:?}");
        assert_eq!(choice.lacks(), None);
        choice.name = "x".repeat(LONGEST_NAME + 1);
        assert!(choice.lacks().is_some());
        choice.name = " ".into();
        assert!(choice.lacks().is_some());
    }
}
