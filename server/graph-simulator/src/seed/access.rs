//! Conditional access policies and the named locations they refer to.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};

const NAMES: &[&str] = &[
    "Require multifactor authentication for all users",
    "Block legacy authentication",
    "Require compliant device for Office",
    "Require multifactor authentication for administrators",
    "Block access from untrusted countries",
    "Require app protection on mobile devices",
    "Sign-in frequency on unmanaged devices",
    "Protect security information registration",
];

pub(crate) fn policy(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let which = index % NAMES.len();
    let everyone = which != 3;
    let excluded: Vec<String> = pool.groups.iter().skip(11).take(2).cloned().collect();
    let location = pool.chance.pick(&pool.locations).cloned();
    let locations = match (which, location) {
        (4, Some(location)) => json!({"includeLocations": ["All"], "excludeLocations": [location]}),
        _ => Value::Null,
    };
    let created = pool.chance.moment();
    let controls = match which {
        1 | 4 => json!(["block"]),
        2 => json!(["compliantDevice", "domainJoinedDevice"]),
        5 => json!(["compliantApplication"]),
        _ => json!(["mfa"]),
    };
    object(json!({
        "@odata.type": "#microsoft.graph.conditionalAccessPolicy",
        "displayName": format!("CA{:03} {}", index + 1, name(NAMES, index)),
        "state": pool.chance.word(&["enabled", "enabled", "enabledForReportingButNotEnforced", "disabled"]),
        "createdDateTime": created, "modifiedDateTime": null, "templateId": null,
        "conditions": {
            "clientAppTypes": if which == 1 { json!(["exchangeActiveSync", "other"]) } else { json!(["all"]) },
            "signInRiskLevels": [], "userRiskLevels": [], "servicePrincipalRiskLevels": [], "insiderRiskLevels": null,
            "platforms": if which == 5 { json!({"includePlatforms": ["android", "iOS"], "excludePlatforms": []}) } else { Value::Null },
            "locations": locations, "devices": null, "clientApplications": null, "authenticationFlows": null,
            "applications": {
                "includeApplications": if which == 2 { json!(["Office365"]) } else if which == 7 { json!([]) } else { json!(["All"]) },
                "excludeApplications": [],
                "includeUserActions": if which == 7 { json!(["urn:user:registersecurityinfo"]) } else { json!([]) },
                "includeAuthenticationContextClassReferences": [], "applicationFilter": null,
            },
            "users": {
                "includeUsers": if everyone { json!(["All"]) } else { json!([]) }, "excludeUsers": [],
                "includeGroups": [], "excludeGroups": excluded,
                "includeRoles": if everyone { json!([]) } else { json!(["62e90394-69f5-4237-9190-012177145e10"]) },
                "excludeRoles": [], "includeGuestsOrExternalUsers": null, "excludeGuestsOrExternalUsers": null,
            },
        },
        "grantControls": {
            "operator": "OR", "builtInControls": controls, "customAuthenticationFactors": [], "termsOfUse": [], "authenticationStrength": null,
        },
        "sessionControls": if which == 6 {
            json!({"disableResilienceDefaults": null, "applicationEnforcedRestrictions": null, "cloudAppSecurity": null, "persistentBrowser": null,
                   "signInFrequency": {"value": 4, "type": "hours", "authenticationType": "primaryAndSecondaryAuthentication", "frequencyInterval": "timeBased", "isEnabled": true}})
        } else { Value::Null },
    }))
}

pub(crate) fn location(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "Headquarters",
        "Trusted countries",
        "Branch offices",
        "Cloud proxies",
        "Data centre",
    ];
    let created = pool.chance.moment();
    let mut made = if index % names.len() == 1 {
        object(json!({
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            "countriesAndRegions": ["AT", "CH", "DE", "FR", "NL"], "includeUnknownCountriesAndRegions": false, "countryLookupMethod": "clientIpAddress",
        }))
    } else {
        // Addresses set aside for documentation.
        object(json!({
            "@odata.type": "#microsoft.graph.ipNamedLocation",
            "isTrusted": pool.chance.percent(70),
            "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": format!("203.0.113.{}/28", index % 16 * 16)}],
        }))
    };
    made.insert("displayName".to_owned(), json!(name(&names, index)));
    made.insert("createdDateTime".to_owned(), json!(created));
    made.insert("modifiedDateTime".to_owned(), json!(created));
    made
}
