//! The registry of policy kinds: one row each, from the facts of Graph that TenantAtlas relies on.
//!
//! Which members the service owns, what cannot be changed and what is never compared follow the tools that restore
//! Intune in practice; Graph's own metadata do not tell.

use crate::kind::{ACCESS, COMMON, ENROLLMENT, ROLES, SCRIPT, TYPE};
pub use crate::kind::{ApiVersion, Assign, Detail, FollowUp, Given, Is, Part, PolicyKind, Update};

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
        update: Update::Put,
        same_by: &["/technologies", "/templateReference/templateId"],
        ..COMMON
    },
    PolicyKind {
        key: "device_configurations",
        label: "Device configurations",
        list: "/deviceManagement/deviceConfigurations",
        server_owned: &["privacyAccessControls"],
        same_by: TYPE,
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
        follow_up: FollowUp::ScheduledActions {
            action: "scheduleActionsForRules",
            body: "deviceComplianceScheduledActionForRules",
        },
        same_by: TYPE,
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
        parts: &[Part {
            below: "?$expand=scheduledActionsForRule($expand=scheduledActionConfigurations)",
            member: "scheduledActionsForRule",
        }],
        update: Update::Put,
        follow_up: FollowUp::ScheduledActions {
            action: "setScheduledActions",
            body: "scheduledActions",
        },
        same_by: &["/technologies", "/templateReference/templateId"],
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
        follow_up: FollowUp::DefinitionValues,
        server_owned: &["policyConfigurationIngestionType"],
        ..COMMON
    },
    PolicyKind {
        key: "platform_scripts",
        label: "Platform scripts",
        list: "/deviceManagement/deviceManagementScripts",
        platform: Some("Windows"),
        ..SCRIPT
    },
    PolicyKind {
        key: "shell_scripts",
        label: "Shell scripts",
        list: "/deviceManagement/deviceShellScripts",
        platform: Some("macOS"),
        ..SCRIPT
    },
    PolicyKind {
        key: "remediation_scripts",
        label: "Remediation scripts",
        list: "/deviceManagement/deviceHealthScripts",
        platform: Some("Windows"),
        assign: Assign::Action("deviceHealthScriptAssignments"),
        assignment_members: &["runRemediationScript", "runSchedule"],
        server_owned: &["deviceHealthScriptType"],
        given: &[
            Given {
                member: "isGlobalScript",
                is: Is::True,
                reason: "Microsoft's own scripts are in every tenant and can't be created.",
                assignable: true,
            },
            Given {
                member: "publisher",
                is: Is::Text("Microsoft"),
                reason: "Microsoft's own scripts are in every tenant and can't be created.",
                assignable: true,
            },
        ],
        ..SCRIPT
    },
    PolicyKind {
        key: "autopilot_profiles",
        label: "Autopilot profiles",
        list: "/deviceManagement/windowsAutopilotDeploymentProfiles",
        platform: Some("Windows"),
        assign: Assign::EachTarget,
        fixed: &["managementServiceAppId"],
        ..ENROLLMENT
    },
    PolicyKind {
        key: "enrollment",
        label: "Enrollment configurations",
        list: "/deviceManagement/deviceEnrollmentConfigurations",
        assign: Assign::Action("enrollmentConfigurationAssignments"),
        server_owned: &[
            "priority",
            "deviceEnrollmentConfigurationType",
            "windowsMobileRestriction",
            "selectedMobileAppNames",
        ],
        // A restriction is created for a platform; priority has an action of its own.
        fixed: &["platformType"],
        given: &[Given {
            member: "priority",
            is: Is::Zero,
            reason: "The tenant's default always exists: it can be updated, but not created or assigned.",
            assignable: false,
        }],
        ..ENROLLMENT
    },
    PolicyKind {
        key: "app_protection",
        label: "App protection and configuration",
        // Only the generic listing tells each policy's type.
        list: "/deviceAppManagement/managedAppPolicies",
        read_permission: "DeviceManagementApps.Read.All",
        write_permission: "DeviceManagementApps.ReadWrite.All",
        concrete: &[
            (
                "iosManagedAppProtection",
                "/deviceAppManagement/iosManagedAppProtections",
            ),
            (
                "androidManagedAppProtection",
                "/deviceAppManagement/androidManagedAppProtections",
            ),
            (
                "windowsManagedAppProtection",
                "/deviceAppManagement/windowsManagedAppProtections",
            ),
            (
                "targetedManagedAppConfiguration",
                "/deviceAppManagement/targetedManagedAppConfigurations",
            ),
            (
                "mdmWindowsInformationProtectionPolicy",
                "/deviceAppManagement/mdmWindowsInformationProtectionPolicies",
            ),
            (
                "windowsInformationProtectionPolicy",
                "/deviceAppManagement/windowsInformationProtectionPolicies",
            ),
        ],
        parts: &[Part {
            below: "/apps",
            member: "apps",
        }],
        follow_up: FollowUp::TargetApps,
        server_owned: &["exemptAppLockerFiles", "protectedAppLockerFiles"],
        not_compared: &["apps"],
        same_by: TYPE,
        ..COMMON
    },
    PolicyKind {
        key: "feature_updates",
        label: "Feature update profiles",
        list: "/deviceManagement/windowsFeatureUpdateProfiles",
        platform: Some("Windows"),
        fixed: &["installLatestWindows10OnWindows11IneligibleDevice"],
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
        // Required to create one, refused afterwards.
        fixed: &["approvalType"],
        ..COMMON
    },
    PolicyKind {
        key: "assignment_filters",
        label: "Assignment filters",
        list: "/deviceManagement/assignmentFilters",
        order: 15,
        assign: Assign::None,
        server_owned: &["payloads"],
        fixed: &["platform"],
        ..COMMON
    },
    PolicyKind {
        key: "scope_tags",
        label: "Scope tags",
        list: "/deviceManagement/roleScopeTags",
        order: 10,
        server_owned: &["isBuiltIn"],
        given: &[Given {
            member: "id",
            is: Is::Text("0"),
            reason: "The default scope tag is in every tenant and can't be created.",
            assignable: true,
        }],
        ..ROLES
    },
    PolicyKind {
        key: "role_definitions",
        label: "Role definitions",
        list: "/deviceManagement/roleDefinitions",
        query: "?$filter=isBuiltIn%20eq%20false",
        order: 20,
        assign: Assign::None,
        server_owned: &[
            "isBuiltIn",
            "isBuiltInRoleDefinition",
            "roleAssignments",
            "permissions",
        ],
        given: &[Given {
            member: "isBuiltIn",
            is: Is::True,
            reason: "Built-in roles are in every tenant and can't be created.",
            assignable: true,
        }],
        ..ROLES
    },
    PolicyKind {
        key: "conditional_access",
        label: "Conditional access",
        list: "/identity/conditionalAccess/policies",
        server_owned: &["templateId"],
        ..ACCESS
    },
    PolicyKind {
        key: "named_locations",
        label: "Named locations",
        list: "/identity/conditionalAccess/namedLocations",
        order: 50,
        same_by: TYPE,
        ..ACCESS
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

    /// The kind whose policies are read at this path below the version, without a slash before it.
    pub fn by_collection(path: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .find(|kind| kind.list.strip_prefix('/') == Some(path))
    }
}
