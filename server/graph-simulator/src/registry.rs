//! The table of all policy kinds that the simulator serves.

use crate::area::Area;
use crate::kind::{IdShape, Kind, Service, Update};
use crate::owned::First::{self, Absent, False, Null, Text, True, Zero};

const CONFIGURATION_TYPES: &[&str] = &[
    "windows10GeneralConfiguration",
    "windows10CustomConfiguration",
    "windows10EndpointProtectionConfiguration",
    "windows10EnterpriseModernAppManagementConfiguration",
    "windows10DeviceFirmwareConfigurationInterface",
    "windows10NetworkBoundaryConfiguration",
    "windows10SecureAssessmentConfiguration",
    "windows10TeamGeneralConfiguration",
    "windows10VpnConfiguration",
    "windows10EasEmailProfileConfiguration",
    "windows10PFXImportCertificateProfile",
    "windows81TrustedRootCertificate",
    "windows81SCEPCertificateProfile",
    "windows81GeneralConfiguration",
    "windows10ImportedPFXCertificateProfile",
    "windowsDefenderAdvancedThreatProtectionConfiguration",
    "windowsDeliveryOptimizationConfiguration",
    "windowsDomainJoinConfiguration",
    "windowsHealthMonitoringConfiguration",
    "windowsIdentityProtectionConfiguration",
    "windowsKioskConfiguration",
    "windowsUpdateForBusinessConfiguration",
    "windowsWifiConfiguration",
    "windowsWifiEnterpriseEAPConfiguration",
    "windowsWiredNetworkConfiguration",
    "windowsPhone81GeneralConfiguration",
    "editionUpgradeConfiguration",
    "sharedPCConfiguration",
    "iosGeneralDeviceConfiguration",
    "iosCustomConfiguration",
    "iosDeviceFeaturesConfiguration",
    "iosEasEmailProfileConfiguration",
    "iosScepCertificateProfile",
    "iosTrustedRootCertificate",
    "iosUpdateConfiguration",
    "iosVpnConfiguration",
    "iosWiFiConfiguration",
    "iosEnterpriseWiFiConfiguration",
    "macOSGeneralDeviceConfiguration",
    "macOSCustomConfiguration",
    "macOSCustomAppConfiguration",
    "macOSDeviceFeaturesConfiguration",
    "macOSEndpointProtectionConfiguration",
    "macOSExtensionsConfiguration",
    "macOSScepCertificateProfile",
    "macOSSoftwareUpdateConfiguration",
    "macOSTrustedRootCertificate",
    "macOSVpnConfiguration",
    "macOSWiFiConfiguration",
    "macOSWiredNetworkConfiguration",
    "androidGeneralDeviceConfiguration",
    "androidCustomConfiguration",
    "androidDeviceOwnerGeneralDeviceConfiguration",
    "androidDeviceOwnerWiFiConfiguration",
    "androidDeviceOwnerTrustedRootCertificate",
    "androidWorkProfileGeneralDeviceConfiguration",
    "androidWorkProfileTrustedRootCertificate",
    "androidWorkProfileWiFiConfiguration",
    "aospDeviceOwnerDeviceConfiguration",
    "unsupportedDeviceConfiguration",
];

const COMPLIANCE_TYPES: &[&str] = &[
    "windows10CompliancePolicy",
    "windows10MobileCompliancePolicy",
    "windows81CompliancePolicy",
    "iosCompliancePolicy",
    "macOSCompliancePolicy",
    "androidCompliancePolicy",
    "androidDeviceOwnerCompliancePolicy",
    "androidForWorkCompliancePolicy",
    "androidWorkProfileCompliancePolicy",
    "aospDeviceOwnerCompliancePolicy",
    "defaultDeviceCompliancePolicy",
];

const APP_TYPES: &[&str] = &[
    "iosManagedAppProtection",
    "androidManagedAppProtection",
    "windowsManagedAppProtection",
    "targetedManagedAppConfiguration",
];

const ENROLLMENT_TYPES: &[&str] = &[
    "windows10EnrollmentCompletionPageConfiguration",
    "deviceEnrollmentLimitConfiguration",
    "deviceEnrollmentPlatformRestrictionsConfiguration",
    "deviceEnrollmentPlatformRestrictionConfiguration",
    "deviceEnrollmentWindowsHelloForBusinessConfiguration",
    "deviceComanagementAuthorityConfiguration",
    "deviceEnrollmentNotificationConfiguration",
];

const MOBILE_APP_TYPES: &[&str] = &[
    "iosStoreApp",
    "androidManagedStoreApp",
    "win32LobApp",
    "winGetApp",
    "iosVppApp",
    "iosLobApp",
    "macOSLobApp",
    "androidLobApp",
    "androidStoreApp",
    "officeSuiteApp",
    "webApp",
    "windowsMobileMSI",
];

const MOBILE_APP_CONFIGURATION_TYPES: &[&str] = &[
    "iosMobileAppConfiguration",
    "androidManagedStoreAppConfiguration",
];

const APP_OWNED: &[(&str, First)] = &[
    ("isAssigned", False),
    ("deployedAppCount", Zero),
    ("apps", Absent),
    ("exemptAppLockerFiles", Absent),
    ("protectedAppLockerFiles", Absent),
];

const APP_STORE: &str = "deviceAppManagement/managedAppPolicies";

/// An address that serves one type of the app-protection store and leaves the type out.
const fn app_view(path: &'static str, types: &'static [&'static str]) -> Kind {
    Kind {
        store: APP_STORE,
        beta_only: false,
        owned: APP_OWNED,
        relations: &["assignments", "apps"],
        update: Update::Patch204,
        deleted: 204,
        assigned: 204,
        id: IdShape::AppProtection,
        default_page: 100,
        ..Kind::new(path, types, Area::Apps)
    }
}

pub(crate) static KINDS: &[Kind] = &[
    Kind {
        name: "name",
        service: Service::DeviceConfigurationV2,
        relations: &["assignments", "settings"],
        update: Update::Put204,
        owned: &[
            ("isAssigned", False),
            ("creationSource", Null),
            ("priorityMetaData", Null),
        ],
        // Exports of real policies lack it; the portal asks for it by name.
        only_selected: &["isAssigned"],
        ..Kind::new(
            "deviceManagement/configurationPolicies",
            &["deviceManagementConfigurationPolicy"],
            Area::Configuration,
        )
    },
    Kind {
        service: Service::DeviceConfiguration,
        beta_only: false,
        update: Update::Patch204,
        owned: &[
            ("supportsScopeTags", True),
            ("privacyAccessControls", Absent),
            ("featureUpdatesWillBeRolledBack", Absent),
            ("qualityUpdatesWillBeRolledBack", Absent),
            ("featureUpdatesPauseStartDate", Absent),
            ("qualityUpdatesPauseStartDate", Absent),
        ],
        ..Kind::new(
            "deviceManagement/deviceConfigurations",
            CONFIGURATION_TYPES,
            Area::Configuration,
        )
    },
    Kind {
        service: Service::DeviceConfiguration,
        beta_only: false,
        relations: &["assignments", "scheduledActionsForRule"],
        update: Update::Patch204,
        ..Kind::new(
            "deviceManagement/deviceCompliancePolicies",
            COMPLIANCE_TYPES,
            Area::Configuration,
        )
    },
    Kind {
        name: "name",
        service: Service::DeviceConfigurationV2,
        relations: &["assignments", "settings", "scheduledActionsForRule"],
        update: Update::Put204,
        owned: &[("isAssigned", False), ("creationSource", Null)],
        only_selected: &["isAssigned"],
        ..Kind::new(
            "deviceManagement/compliancePolicies",
            &["deviceManagementCompliancePolicy"],
            Area::Configuration,
        )
    },
    Kind {
        service: Service::DeviceConfiguration,
        relations: &["assignments", "definitionValues"],
        deleted: 204,
        owned: &[
            ("definitionValues", Absent),
            ("policyConfigurationIngestionType", Text("builtIn")),
        ],
        ..Kind::new(
            "deviceManagement/groupPolicyConfigurations",
            &["groupPolicyConfiguration"],
            Area::Configuration,
        )
    },
    Kind {
        hidden_in_lists: &["scriptContent"],
        assign_key: Some("deviceManagementScriptAssignments"),
        ..Kind::new(
            "deviceManagement/deviceManagementScripts",
            &["deviceManagementScript"],
            Area::Scripts,
        )
    },
    Kind {
        hidden_in_lists: &["scriptContent"],
        assign_key: Some("deviceManagementScriptAssignments"),
        ..Kind::new(
            "deviceManagement/deviceShellScripts",
            &["deviceShellScript"],
            Area::Scripts,
        )
    },
    Kind {
        hidden_in_lists: &["scriptContent"],
        assign_key: Some("deviceManagementScriptAssignments"),
        fixed: &["displayName", "customAttributeName", "customAttributeType"],
        ..Kind::new(
            "deviceManagement/deviceCustomAttributeShellScripts",
            &["deviceCustomAttributeShellScript"],
            Area::Scripts,
        )
    },
    Kind {
        hidden_in_lists: &["detectionScriptContent", "remediationScriptContent"],
        assign_key: Some("deviceHealthScriptAssignments"),
        owned: &[
            ("version", Text("1.0")),
            ("isGlobalScript", False),
            ("highestAvailableVersion", Null),
            ("deviceHealthScriptType", Text("deviceHealthScript")),
        ],
        ..Kind::new(
            "deviceManagement/deviceHealthScripts",
            &["deviceHealthScript"],
            Area::Scripts,
        )
    },
    Kind {
        assign_key: None,
        fixed: &["managementServiceAppId"],
        ..Kind::new(
            "deviceManagement/windowsAutopilotDeploymentProfiles",
            &[
                "azureADWindowsAutopilotDeploymentProfile",
                "activeDirectoryWindowsAutopilotDeploymentProfile",
            ],
            Area::ServiceConfig,
        )
    },
    Kind {
        beta_only: false,
        assign_key: Some("enrollmentConfigurationAssignments"),
        id: IdShape::Enrollment,
        owned: &[
            ("priority", Absent),
            ("deviceEnrollmentConfigurationType", Absent),
            ("windowsMobileRestriction", Absent),
            ("selectedMobileAppNames", Absent),
        ],
        fixed: &["platformType"],
        ..Kind::new(
            "deviceManagement/deviceEnrollmentConfigurations",
            ENROLLMENT_TYPES,
            Area::ServiceConfig,
        )
    },
    Kind {
        beta_only: false,
        owned: APP_OWNED,
        relations: &[],
        update: Update::None,
        deleted: 204,
        assign_key: None,
        id: IdShape::AppProtection,
        default_page: 100,
        ..Kind::new(APP_STORE, APP_TYPES, Area::Apps)
    },
    app_view(
        "deviceAppManagement/iosManagedAppProtections",
        &["iosManagedAppProtection"],
    ),
    app_view(
        "deviceAppManagement/androidManagedAppProtections",
        &["androidManagedAppProtection"],
    ),
    Kind {
        beta_only: true,
        ..app_view(
            "deviceAppManagement/windowsManagedAppProtections",
            &["windowsManagedAppProtection"],
        )
    },
    app_view(
        "deviceAppManagement/targetedManagedAppConfigurations",
        &["targetedManagedAppConfiguration"],
    ),
    Kind {
        max_page: 200,
        owned: &[
            ("deployableContentDisplayName", Null),
            ("endOfSupportDate", Null),
        ],
        fixed: &["installLatestWindows10OnWindows11IneligibleDevice"],
        ..Kind::new(
            "deviceManagement/windowsFeatureUpdateProfiles",
            &["windowsFeatureUpdateProfile"],
            Area::Configuration,
        )
    },
    Kind {
        max_page: 200,
        owned: &[
            ("releaseDateDisplayName", Null),
            ("deployableContentDisplayName", Null),
        ],
        ..Kind::new(
            "deviceManagement/windowsQualityUpdateProfiles",
            &["windowsQualityUpdateProfile"],
            Area::Configuration,
        )
    },
    Kind {
        max_page: 200,
        ..Kind::new(
            "deviceManagement/windowsQualityUpdatePolicies",
            &["windowsQualityUpdatePolicy"],
            Area::Configuration,
        )
    },
    Kind {
        max_page: 200,
        owned: &[
            ("inventorySyncStatus", Null),
            ("newUpdates", Zero),
            ("deviceReporting", Null),
        ],
        fixed: &["approvalType"],
        ..Kind::new(
            "deviceManagement/windowsDriverUpdateProfiles",
            &["windowsDriverUpdateProfile"],
            Area::Configuration,
        )
    },
    Kind {
        relations: &[],
        assign_key: None,
        owned: &[("payloads", Null)],
        fixed: &["platform"],
        ..Kind::new(
            "deviceManagement/assignmentFilters",
            &["deviceAndAppManagementAssignmentFilter"],
            Area::Configuration,
        )
    },
    Kind {
        created: 200,
        id: IdShape::SmallInteger,
        owned: &[("isBuiltIn", False)],
        ..Kind::new(
            "deviceManagement/roleScopeTags",
            &["roleScopeTag"],
            Area::Rbac,
        )
    },
    Kind {
        beta_only: false,
        relations: &["roleAssignments"],
        created: 200,
        assign_key: None,
        owned: &[
            ("isBuiltIn", False),
            ("isBuiltInRoleDefinition", False),
            ("roleAssignments", Absent),
            ("permissions", Absent),
        ],
        ..Kind::new(
            "deviceManagement/roleDefinitions",
            &["roleDefinition", "deviceAndAppManagementRoleDefinition"],
            Area::Rbac,
        )
    },
    Kind {
        beta_only: false,
        relations: &["roleDefinition"],
        assign_key: None,
        deleted: 204,
        ..Kind::new(
            "deviceManagement/roleAssignments",
            &["deviceAndAppManagementRoleAssignment"],
            Area::Rbac,
        )
    },
    Kind {
        service: Service::ConditionalAccess,
        beta_only: false,
        relations: &[],
        update: Update::Patch204,
        deleted: 204,
        assign_key: None,
        default_page: 100,
        owned: &[("templateId", Null)],
        ..Kind::new(
            "identity/conditionalAccess/policies",
            &["conditionalAccessPolicy"],
            Area::ConditionalAccess,
        )
    },
    Kind {
        service: Service::ConditionalAccess,
        beta_only: false,
        relations: &[],
        update: Update::Patch204,
        deleted: 204,
        assign_key: None,
        default_page: 100,
        ..Kind::new(
            "identity/conditionalAccess/namedLocations",
            &["ipNamedLocation", "countryNamedLocation"],
            Area::ConditionalAccess,
        )
    },
    Kind {
        service: Service::DeviceConfiguration,
        relations: &["assignments", "settings"],
        assigned: 204,
        owned: &[
            ("isAssigned", False),
            ("isMigratingToConfigurationPolicy", False),
        ],
        fixed: &["templateId"],
        ..Kind::new(
            crate::intents::PATH,
            &["deviceManagementIntent"],
            Area::Configuration,
        )
    },
    Kind {
        beta_only: false,
        relations: &[crate::messages::RELATION],
        created: 200,
        deleted: 204,
        assign_key: None,
        ..Kind::new(
            "deviceManagement/notificationMessageTemplates",
            &["notificationMessageTemplate"],
            Area::ServiceConfig,
        )
    },
    Kind {
        service: Service::DeviceConfigurationV2,
        relations: &["referencingConfigurationPolicies"],
        hidden_in_lists: &["settingInstance"],
        update: Update::Put204,
        assign_key: None,
        owned: &[
            ("referencingConfigurationPolicyCount", Zero),
            ("referencingConfigurationPolicies", Absent),
        ],
        ..Kind::new(
            "deviceManagement/reusablePolicySettings",
            &["deviceManagementReusablePolicySetting"],
            Area::Configuration,
        )
    },
    Kind {
        beta_only: false,
        assign_key: Some("mobileAppAssignments"),
        assigned: 204,
        deleted: 204,
        owned: &[
            ("isAssigned", False),
            ("isFeatured", False),
            ("publishingState", Text("notPublished")),
            ("uploadState", Zero),
            ("dependentAppCount", Zero),
            ("supersedingAppCount", Zero),
            ("supersededAppCount", Zero),
            ("committedContentVersion", Absent),
            ("size", Absent),
            ("categories", Absent),
        ],
        ..Kind::new(
            "deviceAppManagement/mobileApps",
            MOBILE_APP_TYPES,
            Area::Apps,
        )
    },
    Kind {
        beta_only: false,
        update: Update::Patch204,
        assigned: 204,
        deleted: 204,
        fixed: &["targetedMobileApps"],
        ..Kind::new(
            "deviceAppManagement/mobileAppConfigurations",
            MOBILE_APP_CONFIGURATION_TYPES,
            Area::Apps,
        )
    },
];
