//! The registry of policy kinds: one row each, from the facts of Graph that TenantAtlas relies on.
//!
//! Which members the service owns, what cannot be changed and what is never compared follow the tools that restore
//! Intune in practice; Graph's own metadata do not tell.

use crate::kind::{ACCESS, COMMON, ENROLLMENT, ROLES, SCRIPT, TYPE};
pub use crate::kind::{
    ApiVersion, Assign, Create, Detail, FollowUp, Given, Is, Part, PolicyKind, Templates, Update,
};

const CATALOG_TEMPLATES: Templates = Templates {
    list: "/deviceManagement/configurationPolicyTemplates",
    named: "/templateReference/templateId",
};

static KINDS: [PolicyKind; 25] = [
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
        explained: "?$expand=settingDefinitions",
        templates: Some(CATALOG_TEMPLATES),
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
        explained: "?$expand=settingDefinitions",
        templates: Some(CATALOG_TEMPLATES),
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
        key: "custom_attributes",
        label: "Custom attribute scripts",
        list: "/deviceManagement/deviceCustomAttributeShellScripts",
        platform: Some("macOS"),
        fixed: &["displayName", "customAttributeName", "customAttributeType"],
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
                deletable: false,
            },
            Given {
                member: "publisher",
                is: Is::Text("Microsoft"),
                reason: "Microsoft's own scripts are in every tenant and can't be created.",
                assignable: true,
                deletable: false,
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
        // A restriction is created for a platform.
        fixed: &["platformType"],
        // Which one is asked first.
        follow_up: FollowUp::Priority,
        given: &[Given {
            member: "priority",
            is: Is::Zero,
            reason: "The tenant's default always exists: it can be updated, but not created or assigned.",
            assignable: false,
            deletable: false,
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
        key: "quality_update_policies",
        label: "Quality update policies",
        list: "/deviceManagement/windowsQualityUpdatePolicies",
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
        key: "endpoint_security",
        label: "Endpoint security (legacy)",
        list: "/deviceManagement/intents",
        detail: Detail::Children {
            path: "/settings",
            member: "settings",
            each: None,
        },
        platform: Some("Windows"),
        create: Create::FromTemplate,
        follow_up: FollowUp::IntentSettings,
        server_owned: &["isMigratingToConfigurationPolicy"],
        fixed: &["templateId"],
        same_by: &["/templateId"],
        given: &[Given {
            member: "templateId",
            is: Is::Text("e44c2ca3-2f9a-400a-a113-6cc88efd773d"),
            reason: "It holds the tenant's own onboarding to Defender, which can't be created from a backup.",
            assignable: true,
            deletable: true,
        }],
        ..COMMON
    },
    PolicyKind {
        key: "app_configurations",
        label: "App configurations (managed devices)",
        list: "/deviceAppManagement/mobileAppConfigurations",
        read_permission: "DeviceManagementApps.Read.All",
        write_permission: "DeviceManagementApps.ReadWrite.All",
        assign: Assign::ActionOf {
            of: "managedDeviceMobileAppConfiguration",
            key: "assignments",
        },
        // The apps that it configures. Apps themselves are no kind: a binary is not in what Graph tells.
        fixed: &["targetedMobileApps"],
        at_home_only: Some(
            "It configures apps by their ids in the tenant that it was backed up from; they mean nothing in another one.",
        ),
        same_by: TYPE,
        ..COMMON
    },
    PolicyKind {
        key: "notification_templates",
        label: "Notification templates",
        list: "/deviceManagement/notificationMessageTemplates",
        detail: Detail::Item("?$expand=localizedNotificationMessages"),
        // Compliance policies name the template that they send.
        order: 40,
        assign: Assign::None,
        follow_up: FollowUp::Messages,
        same_by: &[],
        ..ENROLLMENT
    },
    PolicyKind {
        key: "reusable_settings",
        label: "Reusable settings",
        list: "/deviceManagement/reusablePolicySettings",
        // A listing leaves out the setting itself.
        detail: Detail::Item(""),
        // Policies of the settings catalog refer to them.
        order: 70,
        assign: Assign::None,
        update: Update::Put,
        server_owned: &[
            "referencingConfigurationPolicyCount",
            "referencingConfigurationPolicies",
        ],
        same_by: &["/settingDefinitionId"],
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
            deletable: false,
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
            deletable: false,
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
