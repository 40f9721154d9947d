//! Settings-catalog policies: choices, numbers, texts, lists and nested groups of settings.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};

/// Names, areas of settings and endpoint-security families of the Windows policies.
const POLICIES: &[(&str, &str, &str)] = &[
    (
        "Windows – BitLocker – OS drives",
        "bitlocker",
        "endpointSecurityDiskEncryption",
    ),
    ("Windows – BitLocker – Fixed drives", "bitlocker", "none"),
    (
        "Windows – Defender Antivirus – Baseline",
        "defender",
        "endpointSecurityAntivirus",
    ),
    (
        "Windows – Defender Antivirus – Exclusions",
        "defender",
        "endpointSecurityAntivirus",
    ),
    (
        "Windows – Attack surface reduction – Audit",
        "asr",
        "endpointSecurityAttackSurfaceReduction",
    ),
    (
        "Windows – Attack surface reduction – Block",
        "asr",
        "endpointSecurityAttackSurfaceReduction",
    ),
    (
        "Windows – Firewall – All profiles",
        "firewall",
        "endpointSecurityFirewall",
    ),
    (
        "Windows – Hello for Business",
        "passportforwork",
        "endpointSecurityAccountProtection",
    ),
    (
        "Windows – Local administrator password",
        "laps",
        "endpointSecurityAccountProtection",
    ),
    ("Windows – Credential Guard", "deviceguard", "none"),
    ("Windows – Edge – Security", "edge", "none"),
    ("Windows – Edge – Start page and favourites", "edge", "none"),
    ("Windows – OneDrive – Known folders", "onedrive", "none"),
    ("Windows – Office – Macro security", "office", "none"),
    ("Windows – Office – Update channel", "office", "none"),
    (
        "Windows – Delivery optimization",
        "deliveryoptimization",
        "none",
    ),
    ("Windows – Power and sleep", "power", "none"),
    ("Windows – Lock screen", "devicelock", "none"),
    ("Windows – Privacy and telemetry", "privacy", "none"),
    ("Windows – Remote desktop", "remotedesktop", "none"),
    ("Windows – Printing", "printers", "none"),
    ("Windows – User rights", "userrights", "none"),
    (
        "Windows – Security options",
        "localpoliciessecurityoptions",
        "none",
    ),
    ("Windows – Event log sizes", "eventlogservice", "none"),
    ("Windows – Store access", "applicationmanagement", "none"),
    ("Windows – Start menu", "start", "none"),
    ("Windows – Time zone", "timelanguagesettings", "none"),
    ("macOS – FileVault", "filevault", "none"),
    (
        "macOS – Firewall",
        "macfirewall",
        "endpointSecurityFirewall",
    ),
    ("macOS – Login window", "loginwindow", "none"),
];

/// Last words of definition ids, and what people read for them.
pub(crate) const WORDS: &[(&str, &str)] = &[
    ("allowtelemetry", "Allow telemetry"),
    ("requireencryption", "Require encryption"),
    ("minimumlength", "Minimum length"),
    ("maximumage", "Maximum age"),
    ("disableconsumerfeatures", "Disable consumer features"),
    ("cloudblocklevel", "Cloud block level"),
    ("realtimemonitoring", "Real-time monitoring"),
    ("scanarchives", "Scan archives"),
    ("networkprotection", "Network protection"),
    ("puaprotection", "PUA protection"),
    ("signatureinterval", "Signature interval"),
    ("tamperprotection", "Tamper protection"),
    ("recoverypassword", "Recovery password"),
    ("startupauthentication", "Startup authentication"),
    ("encryptionmethod", "Encryption method"),
    ("smartscreen", "SmartScreen"),
    ("passwordmanager", "Password manager"),
    ("popupblocking", "Pop-up blocking"),
    ("autoplay", "AutoPlay"),
    ("removablestorage", "Removable storage"),
    ("inactivitytimeout", "Inactivity time-out"),
    ("auditlogon", "Audit logon"),
    ("auditpolicychange", "Audit policy change"),
    ("guestaccount", "Guest account"),
    ("ntlmlevel", "NTLM level"),
    ("smbsigning", "SMB signing"),
    ("webcontentfiltering", "Web content filtering"),
    ("notifications", "Notifications"),
    ("syncaccount", "Sync account"),
    ("homepage", "Home page"),
    ("searchprovider", "Search provider"),
    ("updatechannel", "Update channel"),
];

pub(crate) fn windows(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let (base, area, family) = POLICIES[index % POLICIES.len()];
    let names: Vec<&str> = POLICIES.iter().map(|(name, _, _)| *name).collect();
    let is_mac = base.starts_with("macOS");
    // Large policies exist: some must not fit on one page of settings.
    let wanted = if index % 17 == 5 {
        30 + pool.chance.below(40)
    } else {
        2 + pool.chance.below(14)
    };
    let settings: Vec<Value> = (0..wanted)
        .map(|at| json!({"id": at.to_string(), "settingInstance": instance(pool, area, at)}))
        .collect();
    let template = if family == "none" {
        String::new()
    } else {
        format!("{}_1", super::uuid_of(family))
    };
    let shown = if family == "none" {
        Value::Null
    } else {
        json!(base.trim_start_matches("Windows – "))
    };
    object(json!({
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationPolicy",
        "name": name(&names, index),
        "description": if pool.chance.percent(60) { json!(format!("{base}, as agreed with the security team.")) } else { json!("") },
        "platforms": if is_mac { "macOS" } else { "windows10" },
        "technologies": if is_mac { "mdm,appleRemoteManagement" } else if family == "none" { "mdm" } else { "mdm,microsoftSense" },
        "creationSource": null,
        "priorityMetaData": null,
        "templateReference": {
            "templateId": template, "templateFamily": family, "templateDisplayName": shown,
            "templateDisplayVersion": if family == "none" { Value::Null } else { json!("Version 1") },
        },
        "settings": settings,
    }))
}

/// One setting; every sixth nests further settings.
fn instance(pool: &mut Pool, area: &str, at: usize) -> Value {
    let (word, _) = WORDS[(at + area.len()) % WORDS.len()];
    let suffix = if at < WORDS.len() {
        String::new()
    } else {
        format!("{}", at / WORDS.len())
    };
    let id = format!("device_vendor_msft_policy_config_{area}_{word}{suffix}");
    match at % 6 {
        0 | 3 => choice(pool, &id, Vec::new()),
        1 => simple(&id, number(pool)),
        2 => {
            let child = simple(&format!("{id}_value"), number(pool));
            let deeper = choice(pool, &format!("{id}_mode"), Vec::new());
            let inner = choice(pool, &format!("{id}_scope"), vec![deeper]);
            choice(pool, &id, vec![child, inner])
        }
        4 => typed(
            &id,
            "SimpleSettingCollection",
            "simpleSettingCollectionValue",
            json!([
                text_value("C:\\Program Files\\Contoso Agent"),
                text_value(&format!("https://intranet.contoso.example/{word}")),
            ]),
        ),
        _ => {
            let children = |pool: &mut Pool, label: &str| {
                json!({
                    "settingValueTemplateReference": null,
                    "children": [simple(&format!("{id}_name"), text_value(label)), choice(pool, &format!("{id}_action"), Vec::new())],
                })
            };
            let rows = json!([children(pool, "First"), children(pool, "Second")]);
            typed(
                &id,
                "GroupSettingCollection",
                "groupSettingCollectionValue",
                rows,
            )
        }
    }
}

fn typed(id: &str, shape: &str, property: &str, value: Value) -> Value {
    json!({
        "@odata.type": format!("#microsoft.graph.deviceManagementConfiguration{shape}Instance"),
        "settingDefinitionId": id,
        "settingInstanceTemplateReference": null,
        property: value,
    })
}

fn choice(pool: &mut Pool, id: &str, children: Vec<Value>) -> Value {
    let value = format!("{id}_{}", pool.chance.below(2));
    typed(
        id,
        "ChoiceSetting",
        "choiceSettingValue",
        json!({
            "settingValueTemplateReference": null, "value": value, "children": children,
        }),
    )
}

fn simple(id: &str, value: Value) -> Value {
    typed(id, "SimpleSetting", "simpleSettingValue", value)
}

/// Zero is a value like any other and must survive everything.
fn number(pool: &mut Pool) -> Value {
    let value = pool
        .chance
        .pick(&[0, 1, 7, 14, 30, 60, 120, 900])
        .copied()
        .unwrap_or(0);
    json!({"@odata.type": "#microsoft.graph.deviceManagementConfigurationIntegerSettingValue", "settingValueTemplateReference": null, "value": value})
}

fn text_value(text: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.deviceManagementConfigurationStringSettingValue", "settingValueTemplateReference": null, "value": text})
}

pub(crate) fn linux_compliance(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "Linux – Encryption",
        "Linux – Allowed distributions",
        "Linux – Password",
        "Linux – Custom checks",
    ];
    let id = "linux_deviceencryption_required";
    let id = if index.is_multiple_of(2) {
        id
    } else {
        "linux_passwordpolicy_minimumlength"
    };
    let instance = if index.is_multiple_of(2) {
        choice(pool, id, Vec::new())
    } else {
        simple(id, number(pool))
    };
    let rule = pool.chance.uuid();
    object(json!({
        "@odata.type": "#microsoft.graph.deviceManagementCompliancePolicy",
        "name": name(&names, index),
        "description": "",
        "platforms": "linux",
        "technologies": "linuxMdm",
        "creationSource": null,
        "settings": [{"id": "0", "settingInstance": instance}],
        "scheduledActionsForRule": [{
            "id": rule, "ruleName": null,
            "scheduledActionConfigurations": [{
                "id": pool.chance.uuid(), "actionType": "block", "gracePeriodHours": 24,
                "notificationTemplateId": "00000000-0000-0000-0000-000000000000", "notificationMessageCCList": [],
            }],
        }],
    }))
}
