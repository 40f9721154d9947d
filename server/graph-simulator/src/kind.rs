//! What the simulator knows about one policy kind: its address, its types and its peculiarities.

use crate::area::Area;
use crate::owned::First;
use crate::registry::KINDS;

/// How objects of a kind get their id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdShape {
    Uuid,
    /// `{uuid}_{suffix}`, the suffix says what the enrollment configuration is.
    Enrollment,
    /// Small integers as strings; `"0"` is the built-in default.
    SmallInteger,
    /// `T_{uuid}` or, for app configurations, `A_{uuid}`.
    AppProtection,
}

/// How Graph answers an update of the object itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Update {
    /// PATCH, answered 200 with the object.
    Patch200,
    /// PATCH, answered 204.
    Patch204,
    /// PUT of the whole object, answered 204; PATCH takes base properties only.
    Put204,
    /// Not writable at this address.
    None,
}

/// The throttling budget that a collection draws from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    DeviceConfiguration,
    DeviceConfigurationV2,
    Intune,
    ConditionalAccess,
    Directory,
}

/// One policy kind as Graph serves it.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Address below the version, without a leading slash.
    pub(crate) path: &'static str,
    /// Where the objects are kept: another kind's path for the typed app-protection addresses.
    pub(crate) store: &'static str,
    /// Types served at this address, `#microsoft.graph.` left out. One entry: the type is declared, Graph omits it.
    pub(crate) types: &'static [&'static str],
    pub(crate) name: &'static str,
    pub(crate) area: Area,
    pub(crate) service: Service,
    pub(crate) beta_only: bool,
    /// Navigation properties: left out unless expanded, readable below the object.
    pub(crate) relations: &'static [&'static str],
    /// Left out of lists, present when one object is read.
    pub(crate) hidden_in_lists: &'static [&'static str],
    /// Left out unless `$select` names them.
    pub(crate) only_selected: &'static [&'static str],
    /// What only the server writes, beyond what it owns in every kind, and what that is in a new object.
    pub(crate) owned: &'static [(&'static str, First)],
    /// Set by a create, refused in an update.
    pub(crate) fixed: &'static [&'static str],
    pub(crate) update: Update,
    pub(crate) created: u16,
    pub(crate) deleted: u16,
    /// Body key of the `assign` action; `None` where that action does not exist.
    pub(crate) assign_key: Option<&'static str>,
    pub(crate) assigned: u16,
    pub(crate) id: IdShape,
    pub(crate) default_page: usize,
    pub(crate) max_page: usize,
}

impl Kind {
    /// A settings kind with the commonest answers; `registry` overrides what differs.
    pub(crate) const fn new(
        path: &'static str,
        types: &'static [&'static str],
        area: Area,
    ) -> Self {
        Self {
            path,
            store: path,
            types,
            name: "displayName",
            area,
            service: Service::Intune,
            beta_only: true,
            relations: &["assignments"],
            hidden_in_lists: &[],
            only_selected: &[],
            owned: &[],
            fixed: &[],
            update: Update::Patch200,
            created: 201,
            deleted: 200,
            assign_key: Some("assignments"),
            assigned: 200,
            id: IdShape::Uuid,
            default_page: 25,
            max_page: 1000,
        }
    }

    /// The last segment of the address, e.g. `configurationPolicies`.
    pub(crate) fn segment(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Whether Graph names the type in every object it returns from here.
    pub(crate) fn is_polymorphic(&self) -> bool {
        self.types.len() > 1
    }

    /// Whether the server counts changes in an integer `version`.
    pub(crate) fn is_versioned(&self) -> bool {
        [
            "deviceConfigurations",
            "deviceCompliancePolicies",
            "deviceEnrollmentConfigurations",
            "reusablePolicySettings",
            "mobileAppConfigurations",
        ]
        .contains(&self.segment())
    }

    /// Whether objects of the kind are policies. Apps are there because policies refer to them.
    pub(crate) fn is_policy(&self) -> bool {
        self.segment() != "mobileApps"
    }

    /// Whether the server numbers and counts the settings of an object.
    pub(crate) fn counts_settings(&self) -> bool {
        self.relations.contains(&"settings") && self.path != crate::intents::PATH
    }

    /// Whether targets are added and removed one by one, as objects of their own. So it is with Autopilot profiles.
    pub(crate) fn assigns_each(&self) -> bool {
        self.assign_key.is_none() && self.relations.contains(&"assignments")
    }

    /// The property that holds scope tags; assignment filters have a name of their own for it.
    pub(crate) fn scope_tags(&self) -> &'static str {
        if self.segment() == "assignmentFilters" {
            "roleScopeTags"
        } else {
            "roleScopeTagIds"
        }
    }

    /// Whether objects of `odata_type` (with or without `#microsoft.graph.`) belong to this address.
    pub(crate) fn takes(&self, odata_type: &str) -> bool {
        let short = odata_type
            .trim_start_matches("#")
            .trim_start_matches("microsoft.graph.");
        self.types.contains(&short)
    }

    /// Whether this address shows only one type of a shared store.
    pub(crate) fn is_view(&self) -> bool {
        self.path != self.store
    }

    /// Whether `name` is related data that only the typed addresses of this store show.
    pub(crate) fn is_view_sibling_relation(&self, name: &str) -> bool {
        self.store == "deviceAppManagement/managedAppPolicies"
            && ["assignments", "apps"].contains(&name)
    }

    /// The kind served at `path` (no leading slash, no version).
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.path == path)
    }

    /// The kind that keeps objects of this type.
    pub(crate) fn of_type(odata_type: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .find(|kind| !kind.is_view() && kind.takes(odata_type))
    }

    /// Whether `text` is the address or its end, as people name a kind: `configurationPolicies`,
    /// `conditionalAccess/policies`.
    pub(crate) fn is_named(&self, text: &str) -> bool {
        self.path
            .strip_suffix(text)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    }

    /// The kind that `text` names.
    pub(crate) fn named(text: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.is_named(text))
    }
}
