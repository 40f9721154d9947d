//! The registry of policy kinds: where each is listed, what its listing leaves out, and which permission it needs.

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
    pub detail: Detail,
    /// For kinds that exist on one platform only.
    pub platform: Option<&'static str>,
}

const CONFIGURATION: &str = "DeviceManagementConfiguration.Read.All";
const SCRIPTS: &str = "DeviceManagementScripts.Read.All";
const SERVICE: &str = "DeviceManagementServiceConfig.Read.All";
const APPS: &str = "DeviceManagementApps.Read.All";
const RBAC: &str = "DeviceManagementRBAC.Read.All";
const POLICY: &str = "Policy.Read.All";

/// What most kinds have in common.
const COMMON: PolicyKind = PolicyKind {
    key: "",
    label: "",
    version: ApiVersion::Beta,
    list: "",
    query: "",
    name_property: "displayName",
    read_permission: CONFIGURATION,
    detail: Detail::Listed,
    platform: None,
};

static KINDS: [PolicyKind; 19] = [
    PolicyKind {
        key: "settings_catalog",
        label: "Settings catalog",
        list: "/deviceManagement/configurationPolicies",
        name_property: "name",
        detail: Detail::Children {
            path: "/settings",
            member: "settings",
            each: None,
        },
        ..COMMON
    },
    PolicyKind {
        key: "device_configurations",
        label: "Device configurations",
        list: "/deviceManagement/deviceConfigurations",
        ..COMMON
    },
    PolicyKind {
        key: "compliance",
        label: "Compliance policies",
        list: "/deviceManagement/deviceCompliancePolicies",
        // Not shown by a plain read, and needed to create the policy again.
        detail: Detail::Item(
            "?$expand=scheduledActionsForRule($expand=scheduledActionConfigurations)",
        ),
        ..COMMON
    },
    PolicyKind {
        key: "compliance_v2",
        label: "Compliance policies (Linux)",
        list: "/deviceManagement/compliancePolicies",
        name_property: "name",
        detail: Detail::Children {
            path: "/settings",
            member: "settings",
            each: None,
        },
        ..COMMON
    },
    PolicyKind {
        key: "administrative_templates",
        label: "Administrative templates",
        list: "/deviceManagement/groupPolicyConfigurations",
        detail: Detail::Children {
            path: "/definitionValues?$expand=definition",
            member: "definitionValues",
            each: Some((
                "/presentationValues?$expand=presentation",
                "presentationValues",
            )),
        },
        platform: Some("Windows"),
        ..COMMON
    },
    PolicyKind {
        key: "platform_scripts",
        label: "Platform scripts",
        list: "/deviceManagement/deviceManagementScripts",
        read_permission: SCRIPTS,
        detail: Detail::Item(""),
        platform: Some("Windows"),
        ..COMMON
    },
    PolicyKind {
        key: "shell_scripts",
        label: "Shell scripts",
        list: "/deviceManagement/deviceShellScripts",
        read_permission: SCRIPTS,
        detail: Detail::Item(""),
        platform: Some("macOS"),
        ..COMMON
    },
    PolicyKind {
        key: "remediation_scripts",
        label: "Remediation scripts",
        list: "/deviceManagement/deviceHealthScripts",
        read_permission: SCRIPTS,
        detail: Detail::Item(""),
        platform: Some("Windows"),
        ..COMMON
    },
    PolicyKind {
        key: "autopilot_profiles",
        label: "Autopilot profiles",
        list: "/deviceManagement/windowsAutopilotDeploymentProfiles",
        read_permission: SERVICE,
        platform: Some("Windows"),
        ..COMMON
    },
    PolicyKind {
        key: "enrollment",
        label: "Enrollment configurations",
        list: "/deviceManagement/deviceEnrollmentConfigurations",
        read_permission: SERVICE,
        ..COMMON
    },
    PolicyKind {
        key: "app_protection",
        label: "App protection and configuration",
        // Only the generic listing tells each policy's type.
        list: "/deviceAppManagement/managedAppPolicies",
        read_permission: APPS,
        ..COMMON
    },
    PolicyKind {
        key: "feature_updates",
        label: "Feature update profiles",
        list: "/deviceManagement/windowsFeatureUpdateProfiles",
        platform: Some("Windows"),
        ..COMMON
    },
    PolicyKind {
        key: "quality_updates",
        label: "Quality update profiles",
        list: "/deviceManagement/windowsQualityUpdateProfiles",
        platform: Some("Windows"),
        ..COMMON
    },
    PolicyKind {
        key: "driver_updates",
        label: "Driver update profiles",
        list: "/deviceManagement/windowsDriverUpdateProfiles",
        platform: Some("Windows"),
        ..COMMON
    },
    PolicyKind {
        key: "assignment_filters",
        label: "Assignment filters",
        list: "/deviceManagement/assignmentFilters",
        ..COMMON
    },
    PolicyKind {
        key: "scope_tags",
        label: "Scope tags",
        list: "/deviceManagement/roleScopeTags",
        read_permission: RBAC,
        ..COMMON
    },
    PolicyKind {
        key: "role_definitions",
        label: "Role definitions",
        list: "/deviceManagement/roleDefinitions",
        query: "?$filter=isBuiltIn%20eq%20false",
        read_permission: RBAC,
        ..COMMON
    },
    PolicyKind {
        key: "conditional_access",
        label: "Conditional access",
        version: ApiVersion::V1,
        list: "/identity/conditionalAccess/policies",
        read_permission: POLICY,
        ..COMMON
    },
    PolicyKind {
        key: "named_locations",
        label: "Named locations",
        version: ApiVersion::V1,
        list: "/identity/conditionalAccess/namedLocations",
        read_permission: POLICY,
        ..COMMON
    },
];

impl PolicyKind {
    /// All kinds, in the order in which they are read.
    pub fn all() -> &'static [Self] {
        &KINDS
    }

    pub fn by_key(key: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.key == key)
    }

    /// The name that people gave the policy; empty if it has none.
    pub fn name_of<'a>(&self, policy: &'a Value) -> &'a str {
        policy[self.name_property].as_str().unwrap_or_default()
    }
}
