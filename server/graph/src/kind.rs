//! What a policy kind is: where its policies are read, and how they are created, changed and assigned.

use serde_json::Value;

/// Graph's two versions. Most of Intune is complete in beta only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiVersion {
    V1,
    Beta,
}

impl ApiVersion {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// How a policy is completed that its listing does not show in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The listing is complete.
    Listed,
    /// Each is read by itself, with this query.
    Item(&'static str),
    /// Each keeps its listed form and gets a list of children from a collection of its own.
    Children {
        path: &'static str,
        /// Where the children are put.
        member: &'static str,
        /// Path below each child, and where its own children are put.
        each: Option<(&'static str, &'static str)>,
    },
}

/// A part of a policy that only a backup needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// A path names a collection below the policy; a query asks for the policy itself, with the member expanded.
    pub below: &'static str,
    /// Where the part is put.
    pub member: &'static str,
}

/// Microsoft's templates, of which new versions supersede older ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Templates {
    /// Their collection.
    pub list: &'static str,
    /// Where a policy names its template: a JSON pointer.
    pub named: &'static str,
}

/// How a policy comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Create {
    /// POST to its collection.
    Collection,
    /// As an instance of the template that its `templateId` names, with `settingsDelta` for its settings.
    FromTemplate,
}

/// The verb that changes a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    Patch,
    /// The whole object in place of the old one. Metadata declare PATCH for the settings catalog,
    /// but the service answers it "Cannot apply PATCH to navigation property 'settings'".
    Put,
}

/// What the policy's own address does not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUp {
    None,
    /// Compliance: `scheduledActionsForRule` is part of a create, but an action of its own changes it.
    ScheduledActions {
        action: &'static str,
        body: &'static str,
    },
    /// Administrative templates: `updateDefinitionValues`, after create too.
    DefinitionValues,
    /// App protection: `targetApps`, after create too.
    TargetApps,
    /// Notification templates: a message for each language is an object below the template, after create too.
    Messages,
    /// Legacy endpoint security: `updateSettings` by the ids that the settings have in this one policy. A create
    /// carries them.
    IntentSettings,
    /// Enrollment: a new one comes last; `setPriority` puts it where it was. What is there keeps its place, as a
    /// move would push others that nobody chose.
    Priority,
}

/// How a policy's assignments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assign {
    /// The kind has no assignments.
    None,
    /// `POST /{id}/assign` with the whole set under this key of the body.
    Action(&'static str),
    /// The same, but the action belongs to a type: `POST /{id}/microsoft.graph.{of}/assign`.
    ActionOf { of: &'static str, key: &'static str },
    /// `POST /{id}/assignments`, one a target; its `assign` action is another thing.
    EachTarget,
}

/// A policy that can't be created: a member with this value, and the reason in a sentence. Most of them every tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    pub member: &'static str,
    pub is: Is,
    pub reason: &'static str,
    /// Whether it is assigned like any other policy.
    pub assignable: bool,
    /// Whether it can be deleted all the same.
    pub deletable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    True,
    Zero,
    Text(&'static str),
}

impl Is {
    pub(crate) fn holds(self, value: &Value) -> bool {
        match self {
            Self::True => value == true,
            Self::Zero => value == 0,
            Self::Text(text) => value == text,
        }
    }
}

/// A kind of policy. Adding one is adding a row to the registry, and a test.
#[derive(Debug, PartialEq, Eq)]
pub struct PolicyKind {
    /// Stable; stored with every policy.
    pub key: &'static str,
    /// What people read.
    pub label: &'static str,
    pub version: ApiVersion,
    /// The collection's path below the version.
    pub list: &'static str,
    /// The listing's query, with its question mark, or nothing.
    pub query: &'static str,
    pub name_property: &'static str,
    /// The application permission that reading needs.
    pub read_permission: &'static str,
    /// The application permission that writing needs.
    pub write_permission: &'static str,
    pub detail: Detail,
    /// What a backup adds to the path of the detail: the definitions that say what settings are called.
    pub explained: &'static str,
    /// The templates that its policies are made from; a policy made from none is not asked about.
    pub templates: Option<Templates>,
    /// For kinds that exist on one platform only.
    pub platform: Option<&'static str>,
    /// What a backup reads besides the detail and the assignments.
    pub parts: &'static [Part],
    /// For kinds that are read as one collection and written through another for each type: the
    /// type without `#microsoft.graph.`, and the collection's path.
    pub concrete: &'static [(&'static str, &'static str)],
    /// Restored in this order, small first: what others refer to comes before them.
    pub order: u8,
    pub create: Create,
    pub update: Update,
    pub follow_up: FollowUp,
    pub assign: Assign,
    /// Members of an assignment beside its target.
    pub assignment_members: &'static [&'static str],
    /// Members that the service sets, beyond those of every kind: neither written nor compared.
    pub server_owned: &'static [&'static str],
    /// Members that are written when a policy is created and can't be changed afterwards. They are compared: an update
    /// leaves a difference in them.
    pub fixed: &'static [&'static str],
    /// Members that are restored but say nothing about a difference.
    pub not_compared: &'static [&'static str],
    /// What two policies have in common, besides the name, to be the same one: JSON pointers.
    pub same_by: &'static [&'static str],
    pub given: &'static [Given],
    /// Why a policy of the kind can't be created in another tenant than its own, in a sentence.
    pub at_home_only: Option<&'static str>,
}

impl PolicyKind {
    /// The name that people gave the policy; empty if it has none.
    pub fn name_of<'a>(&self, policy: &'a Value) -> &'a str {
        policy[self.name_property].as_str().unwrap_or_default()
    }

    /// Whether policies of the kind have assignments.
    pub fn is_assignable(&self) -> bool {
        self.assign != Assign::None
    }

    /// Whether this member of a policy stays what it was when the policy was created.
    pub fn is_fixed(&self, member: &str) -> bool {
        self.fixed.contains(&member)
    }

    /// Why the policy can't be created, in a sentence; none if it can. Updating it is another matter:
    /// a tenant's enrollment default, for instance, always exists and is changed like any other.
    pub fn not_restorable(&self, policy: &Value) -> Option<&'static str> {
        if let Some(given) = self.given_as(policy) {
            return Some(given.reason);
        }
        let unknown = !self.concrete.is_empty() && self.collection_of(policy).is_none();
        unknown.then_some("Graph offers no way to create a policy of this type.")
    }

    /// Why the policy can't be deleted, in a sentence; none if it can.
    pub fn not_deletable(&self, policy: &Value) -> Option<&'static str> {
        if self.given_as(policy).is_some_and(|given| given.deletable) {
            return None;
        }
        self.not_restorable(policy)
            .map(|_| "every tenant has it, or Graph offers no way to delete it.")
    }

    pub(crate) fn given_as(&self, policy: &Value) -> Option<&'static Given> {
        self.given
            .iter()
            .find(|given| given.is.holds(&policy[given.member]))
    }

    /// The collection in which a policy of this type is written; none for a type that has none.
    /// `policy` is the policy, or its `@odata.type` alone.
    pub(crate) fn collection_of(&self, policy: &Value) -> Option<&'static str> {
        if self.concrete.is_empty() {
            return Some(self.list);
        }
        let named = policy.as_str().or_else(|| policy["@odata.type"].as_str())?;
        let short = named.trim_start_matches("#microsoft.graph.");
        self.concrete
            .iter()
            .find(|(name, _)| *name == short)
            .map(|(_, path)| *path)
    }

    /// Whether a selection is read as a listing: conditional access takes one request a second and a
    /// page holds a hundred; app protection tells a policy's type in its listing only.
    pub(crate) fn selects_by_listing(&self) -> bool {
        !self.concrete.is_empty() || self.list.starts_with("/identity/")
    }
}

/// `@odata.type`, for collections that hold several.
pub(crate) const TYPE: &[&str] = &["/@odata.type"];

/// What most kinds have in common.
pub(crate) const COMMON: PolicyKind = PolicyKind {
    key: "",
    label: "",
    version: ApiVersion::Beta,
    list: "",
    query: "",
    name_property: "displayName",
    read_permission: "DeviceManagementConfiguration.Read.All",
    write_permission: "DeviceManagementConfiguration.ReadWrite.All",
    detail: Detail::Listed,
    explained: "",
    templates: None,
    platform: None,
    parts: &[],
    concrete: &[],
    order: 80,
    create: Create::Collection,
    update: Update::Patch,
    follow_up: FollowUp::None,
    assign: Assign::Action("assignments"),
    assignment_members: &[],
    server_owned: &[],
    fixed: &[],
    not_compared: &[],
    at_home_only: None,
    same_by: &[],
    given: &[],
};

/// Scripts moved to permissions of their own in July 2025.
pub(crate) const SCRIPT: PolicyKind = PolicyKind {
    read_permission: "DeviceManagementScripts.Read.All",
    write_permission: "DeviceManagementScripts.ReadWrite.All",
    detail: Detail::Item(""),
    assign: Assign::Action("deviceManagementScriptAssignments"),
    ..COMMON
};

pub(crate) const ENROLLMENT: PolicyKind = PolicyKind {
    read_permission: "DeviceManagementServiceConfig.Read.All",
    write_permission: "DeviceManagementServiceConfig.ReadWrite.All",
    same_by: TYPE,
    ..COMMON
};

pub(crate) const ROLES: PolicyKind = PolicyKind {
    read_permission: "DeviceManagementRBAC.Read.All",
    write_permission: "DeviceManagementRBAC.ReadWrite.All",
    ..COMMON
};

pub(crate) const ACCESS: PolicyKind = PolicyKind {
    version: ApiVersion::V1,
    read_permission: "Policy.Read.All",
    write_permission: "Policy.ReadWrite.ConditionalAccess",
    assign: Assign::None,
    ..COMMON
};
