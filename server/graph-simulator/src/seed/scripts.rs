//! Platform scripts and remediations; contents are base64, as Graph carries them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Pool, name, object};

pub(crate) fn powershell(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "Set time zone",
        "Remove preinstalled apps",
        "Map department drives",
        "Rename computer",
        "Install root certificate",
        "Configure taskbar",
        "Register print queues",
    ];
    let title = name(&names, index);
    let text = format!(
        "# {title}\nSet-StrictMode -Version Latest\nWrite-Output '{title} – revision {}'\nexit 0\n",
        pool.chance.below(9) + 1
    );
    object(json!({
        "@odata.type": "#microsoft.graph.deviceManagementScript",
        "displayName": title,
        "description": format!("{title} at first sign-in"),
        "scriptContent": STANDARD.encode(text),
        "runAsAccount": if pool.chance.percent(75) { "system" } else { "user" },
        "enforceSignatureCheck": false,
        "fileName": format!("{}.ps1", file_name(names[index % names.len()])),
        "runAs32Bit": pool.chance.percent(10),
    }))
}

pub(crate) fn shell(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "macOS – Set dock items",
        "macOS – Install Rosetta",
        "macOS – Rename device",
        "macOS – Configure printers",
    ];
    let title = name(&names, index);
    object(json!({
        "@odata.type": "#microsoft.graph.deviceShellScript",
        "displayName": title,
        "description": "",
        "scriptContent": STANDARD.encode(format!("#!/bin/zsh\n# {title}\nset -eu\nexit 0\n")),
        "runAsAccount": "system",
        "fileName": format!("{}.sh", file_name(names[index % names.len()])),
        "executionFrequency": pool.chance.word(&["PT0S", "P1D", "P1W"]),
        "retryCount": pool.chance.below(4),
        "blockExecutionNotifications": true,
    }))
}

pub(crate) fn custom_attribute(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "macOS – Battery cycles",
        "macOS – FileVault user",
        "macOS – Rosetta installed",
    ];
    let title = name(&names, index);
    object(json!({
        "@odata.type": "#microsoft.graph.deviceCustomAttributeShellScript",
        "displayName": title,
        "description": "",
        "scriptContent": STANDARD.encode(format!("#!/bin/zsh\n# {title}\necho 0\n")),
        "runAsAccount": "system",
        "fileName": format!("{}.sh", file_name(names[index % names.len()])),
        "customAttributeName": title,
        "customAttributeType": pool.chance.word(&["integer", "string", "dateTime"]),
    }))
}

pub(crate) fn remediation(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "Restart stopped services",
        "Repair time synchronization",
        "Clear stale printer queues",
        "Free disk space",
        "Check BitLocker key escrow",
    ];
    // Microsoft's own package is present in every tenant and cannot be created.
    let is_global = index == 4;
    let title = if is_global {
        "Update stale Group Policies".to_owned()
    } else {
        name(&names, index)
    };
    object(json!({
        "@odata.type": "#microsoft.graph.deviceHealthScript",
        "displayName": title,
        "description": format!("{title} every day"),
        "publisher": if is_global { "Microsoft" } else { "Endpoint team" },
        "version": "1.0",
        "detectionScriptContent": STANDARD.encode(format!("# Detects: {title}\nif ($true) {{ exit 0 }} else {{ exit 1 }}\n")),
        "remediationScriptContent": STANDARD.encode(format!("# Remediates: {title}\nexit 0\n")),
        "runAsAccount": "system",
        "enforceSignatureCheck": false,
        "runAs32Bit": pool.chance.percent(10),
        "isGlobalScript": is_global,
        "highestAvailableVersion": null,
        "deviceHealthScriptType": "deviceHealthScript",
        "detectionScriptParameters": [],
        "remediationScriptParameters": [],
    }))
}

fn file_name(title: &str) -> String {
    let text: String = title
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}
