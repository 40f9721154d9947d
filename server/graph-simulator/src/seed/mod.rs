//! Fills a simulated tenant: organization, groups and policies of every kind, the same in every run.

mod access;
mod admx;
mod apps;
mod assign;
pub(crate) mod catalog;
mod chance;
mod compliance;
mod configurations;
mod enrollment;
mod groups;
mod intents;
mod messages;
mod mobile_apps;
mod reusable;
mod scripts;
mod setup;
mod updates;

use serde_json::{Map, Value, json};

pub(crate) use admx::bind;
pub(crate) use groups::group;

use crate::kind::{IdShape, Kind};
use crate::spec::TenantSpec;
use crate::tenant::{Data, Tenant};
use chance::{Chance, uuid_of};

/// What the makers of policies draw from.
pub(crate) struct Pool {
    chance: Chance,
    groups: Vec<String>,
    filters: Vec<String>,
    locations: Vec<String>,
    tags: Vec<String>,
    templates: Vec<String>,
    apps: Vec<String>,
}

/// Share of each kind in a mixed tenant. Kinds that others refer to come first.
const SHARES: &[(&str, usize)] = &[
    ("assignmentFilters", 12),
    ("roleScopeTags", 8),
    ("namedLocations", 10),
    ("notificationMessageTemplates", 4),
    ("reusablePolicySettings", 4),
    ("configurationPolicies", 90),
    ("deviceConfigurations", 48),
    ("deviceCompliancePolicies", 30),
    ("groupPolicyConfigurations", 18),
    ("policies", 22),
    ("managedAppPolicies", 18),
    ("deviceManagementScripts", 14),
    ("deviceHealthScripts", 10),
    ("deviceEnrollmentConfigurations", 10),
    ("deviceShellScripts", 7),
    ("roleDefinitions", 7),
    ("windowsAutopilotDeploymentProfiles", 6),
    ("windowsFeatureUpdateProfiles", 5),
    ("windowsDriverUpdateProfiles", 5),
    ("windowsQualityUpdateProfiles", 4),
    ("compliancePolicies", 4),
    ("intents", 6),
    ("mobileAppConfigurations", 5),
    ("deviceCustomAttributeShellScripts", 4),
    ("windowsQualityUpdatePolicies", 3),
];

/// The tenants of the demonstration. Fabrikam shares group names with Contoso, has one of them twice and lacks one.
pub(crate) fn demo_tenants() -> Vec<TenantSpec> {
    vec![
        TenantSpec::new("Contoso")
            .policies(320)
            .groups(3000)
            .real_limits(),
        TenantSpec::new("Fabrikam")
            .policies(240)
            .groups(2000)
            .without_group("Kiosk Devices")
            .extra_group("Windows Pilot Devices")
            .real_limits(),
        TenantSpec::new("Northwind")
            .policies(40)
            .groups(150)
            .real_limits(),
    ]
}

/// Makes the tenant that `spec` describes.
pub(crate) fn tenant(spec: TenantSpec) -> Tenant {
    let name = spec.display_name.clone();
    let directory_id = spec
        .directory_id
        .unwrap_or_else(|| uuid_of(&format!("directory {name}")));
    let mut data = Data {
        organization: organization(&directory_id, &name),
        ..Data::default()
    };
    let made = groups::make(&name, spec.groups, &spec.extra_groups, &spec.without_groups);
    let ids = made
        .iter()
        .filter_map(|group| group.get("id").and_then(Value::as_str))
        .map(str::to_owned)
        .collect();
    for group in made {
        data.groups.seed(group);
    }
    let mut pool = pool(&name, ids);
    for (segment, count) in shares(spec.policies, &spec.kinds) {
        if segment == "mobileAppConfigurations" && count > 0 && pool.apps.is_empty() {
            fill(&mut data, &mut pool, "mobileApps", mobile_apps::ENOUGH);
        }
        fill(&mut data, &mut pool, &segment, count);
    }
    let identity = [
        directory_id,
        name.clone(),
        uuid_of(&format!("application {name}")),
        format!("simulated-{}", &uuid_of(&format!("secret {name}"))[..18]),
    ];
    Tenant::new(
        identity,
        [spec.roles, spec.scopes],
        spec.token_lifetime,
        spec.throttled,
        data,
    )
}

fn pool(name: &str, groups: Vec<String>) -> Pool {
    Pool {
        chance: Chance::new(name),
        groups,
        filters: Vec::new(),
        locations: Vec::new(),
        tags: Vec::new(),
        templates: Vec::new(),
        apps: Vec::new(),
    }
}

/// Divides `total` by the shares, exactly; what is left over by rounding goes to the largest kinds first.
fn shares(total: usize, only: &[String]) -> Vec<(String, usize)> {
    let wanted: Vec<(&str, usize)> = if only.is_empty() {
        SHARES.to_vec()
    } else {
        only.iter().map(|segment| (segment.as_str(), 1)).collect()
    };
    let whole: usize = wanted.iter().map(|(_, share)| share).sum::<usize>().max(1);
    let mut counts: Vec<(String, usize)> = wanted
        .iter()
        .map(|(segment, share)| ((*segment).to_owned(), total * share / whole))
        .collect();
    let left = total - counts.iter().map(|(_, count)| count).sum::<usize>();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(wanted[*at].1));
    for at in order.into_iter().cycle().take(left) {
        counts[at].1 += 1;
    }
    counts
}

fn fill(data: &mut Data, pool: &mut Pool, segment: &str, count: usize) {
    let Some(kind) = Kind::named(segment) else {
        return;
    };
    for index in 0..count {
        let mut object = make(pool, kind, index);
        if kind.relations.contains(&"assignments") || kind.store.ends_with("managedAppPolicies") {
            let id = object
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let assignments = assign::make(pool, kind, &id, &object);
            object.insert("assignments".to_owned(), Value::Array(assignments));
            kind.mark_assigned(&mut object);
        }
        let id = object
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        match segment {
            "assignmentFilters" => pool.filters.push(id.clone()),
            "namedLocations" => pool.locations.push(id.clone()),
            "roleScopeTags" => pool.tags.push(id.clone()),
            "notificationMessageTemplates" => pool.templates.push(id.clone()),
            "mobileApps" => pool.apps.push(id.clone()),
            _ => {}
        }
        data.collection(kind.store)
            .put(&id, Value::Object(object), None);
    }
}

/// One policy of a kind, complete but for its assignments.
fn make(pool: &mut Pool, kind: &Kind, index: usize) -> Map<String, Value> {
    let mut object = match kind.segment() {
        "configurationPolicies" => catalog::windows(pool, index),
        "compliancePolicies" => catalog::linux_compliance(pool, index),
        "deviceConfigurations" => configurations::make(pool, index),
        "deviceCompliancePolicies" => compliance::make(pool, index),
        "groupPolicyConfigurations" => admx::make(pool, index),
        "deviceManagementScripts" => scripts::powershell(pool, index),
        "deviceShellScripts" => scripts::shell(pool, index),
        "deviceCustomAttributeShellScripts" => scripts::custom_attribute(pool, index),
        "deviceHealthScripts" => scripts::remediation(pool, index),
        "windowsAutopilotDeploymentProfiles" => enrollment::autopilot(pool, index),
        "deviceEnrollmentConfigurations" => enrollment::configuration(pool, index),
        "windowsFeatureUpdateProfiles" => updates::feature(pool, index),
        "windowsQualityUpdateProfiles" => updates::quality(pool, index),
        "windowsQualityUpdatePolicies" => updates::quality_policy(index),
        "windowsDriverUpdateProfiles" => updates::driver(pool, index),
        "assignmentFilters" => setup::filter(pool, index),
        "roleScopeTags" => setup::scope_tag(pool, index),
        "roleDefinitions" => setup::role(pool, index),
        "intents" => intents::make(pool, index),
        "notificationMessageTemplates" => messages::make(pool, index),
        "reusablePolicySettings" => reusable::make(pool, index),
        "mobileApps" => mobile_apps::app(pool, index),
        "mobileAppConfigurations" => mobile_apps::configuration(pool, index),
        "policies" => return with_id(access::policy(pool, index), pool),
        "namedLocations" => return with_id(access::location(pool, index), pool),
        _ => apps::make(pool, index, kind),
    };
    if kind.id == IdShape::Uuid {
        object = with_id(object, pool);
    }
    stamp(pool, kind, &mut object);
    object
}

fn with_id(mut object: Map<String, Value>, pool: &mut Pool) -> Map<String, Value> {
    let id = pool.chance.uuid();
    object.entry("id").or_insert_with(|| json!(id));
    object
}

/// Times, version and scope tags that every Intune object has.
fn stamp(pool: &mut Pool, kind: &Kind, object: &mut Map<String, Value>) {
    if kind.segment() == "roleDefinitions" || kind.segment() == "roleScopeTags" {
        return;
    }
    let created = pool.chance.moment();
    let modified = pool.chance.moment();
    let (created, modified) = if created < modified {
        (created, modified)
    } else {
        (modified, created)
    };
    object
        .entry("createdDateTime")
        .or_insert_with(|| json!(created));
    object
        .entry("lastModifiedDateTime")
        .or_insert_with(|| json!(modified));
    let tag = if pool.chance.percent(12) {
        pool.chance.pick(&pool.tags).cloned()
    } else {
        None
    };
    let name = kind.scope_tags();
    object
        .entry(name)
        .or_insert_with(|| json!([tag.unwrap_or_else(|| "0".to_owned())]));
    if let Some(settings) = object
        .get("settings")
        .and_then(Value::as_array)
        .map(Vec::len)
        .filter(|_| kind.counts_settings())
    {
        object.insert("settingCount".to_owned(), json!(settings));
    } else if kind.is_versioned() {
        let version = 1 + pool.chance.below(6);
        object.entry("version").or_insert_with(|| json!(version));
    }
}

/// The n-th name: the list is used up before it is repeated with an audience behind each name.
fn name(names: &[&str], index: usize) -> String {
    const AUDIENCES: &[&str] = &[
        "Pilot",
        "Headquarters",
        "Branch offices",
        "Shared devices",
        "Executives",
        "Developers",
        "Frontline",
        "Call centre",
    ];
    let base = names
        .get(index % names.len().max(1))
        .copied()
        .unwrap_or("Policy");
    match index / names.len().max(1) {
        0 => base.to_owned(),
        round if round <= AUDIENCES.len() => format!("{base} – {}", AUDIENCES[round - 1]),
        round => format!("{base} – Wave {round}"),
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn organization(directory_id: &str, name: &str) -> Value {
    let domain = name
        .to_lowercase()
        .replace(|letter: char| !letter.is_ascii_alphanumeric(), "");
    json!({
        "id": directory_id,
        "displayName": name,
        "tenantType": "AAD",
        "countryLetterCode": "DE",
        "preferredLanguage": "en",
        "createdDateTime": "2019-03-12T09:24:17Z",
        "technicalNotificationMails": [format!("it@{domain}.example")],
        "assignedPlans": [{
            "assignedDateTime": "2023-01-10T08:00:00Z", "capabilityStatus": "Enabled", "service": "SCO",
            "servicePlanId": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"
        }],
        "verifiedDomains": [
            {"capabilities": "Email, OfficeCommunicationsOnline", "isDefault": true, "isInitial": false,
             "name": format!("{domain}.example"), "type": "Managed"},
            {"capabilities": "Email", "isDefault": false, "isInitial": true,
             "name": format!("{domain}.onmicrosoft.example"), "type": "Managed"}
        ],
    })
}

/// Assignments for an imported object, which never brings its own.
pub(crate) fn assignments_for(data: &Data, kind: &Kind, object: &Map<String, Value>) -> Vec<Value> {
    let id = object.get("id").and_then(Value::as_str).unwrap_or_default();
    let ids = data
        .groups
        .collection
        .after(0)
        .map(|(_, stored)| stored.id.clone())
        .collect();
    assign::make(&mut pool(id, ids), kind, id, object)
}
