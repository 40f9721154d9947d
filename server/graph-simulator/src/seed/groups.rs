//! Groups of a simulated tenant: names as an administrator gives them, some dynamic, some synchronized.

use serde_json::{Value, json};

use super::chance::{Chance, uuid_of};

/// The first groups of every tenant, which the demonstration refers to.
const FIRST: &[&str] = &[
    "All Windows Devices",
    "Windows Pilot Devices",
    "Windows Broad Devices",
    "Kiosk Devices",
    "Shared Front Desk Devices",
    "Privileged Admin Workstations",
    "Autopilot Devices",
    "Corporate iPhones and iPads",
    "Android Work Profile Users",
    "macOS Developers",
    "Linux Workstations",
    "Emergency Access Accounts",
    "Conditional Access Exclusions",
    "External Contractors",
    "Executives",
];

const DEPARTMENTS: &[&str] = &[
    "Finance",
    "Human Resources",
    "Sales",
    "Marketing",
    "Legal",
    "Engineering",
    "Research",
    "Production",
    "Logistics",
    "Customer Service",
    "Purchasing",
    "Quality",
    "Facilities",
    "Communications",
    "IT Operations",
    "Security",
    "Accounting",
    "Training",
    "Internal Audit",
    "Field Service",
];

const PLACES: &[&str] = &[
    "Berlin",
    "Hamburg",
    "Munich",
    "Cologne",
    "Vienna",
    "Zurich",
    "Amsterdam",
    "Brussels",
    "Paris",
    "Lyon",
    "Madrid",
    "Lisbon",
    "Milan",
    "Warsaw",
    "Prague",
    "Copenhagen",
    "Oslo",
    "Stockholm",
    "Helsinki",
    "Dublin",
    "London",
    "Manchester",
    "Boston",
    "Chicago",
    "Denver",
    "Austin",
    "Toronto",
    "Singapore",
    "Sydney",
    "Tokyo",
];

const PARTS: &[&str] = &["Users", "Devices", "Managers", "Laptops", "Phones"];

/// The name of the n-th group. Every fourth carries its tenant's name, the others are the same in every tenant.
fn name(tenant: &str, index: usize) -> String {
    let plain = plain_name(index);
    if index >= FIRST.len() && index % 4 == 3 {
        format!("{tenant} – {plain}")
    } else {
        plain
    }
}

fn plain_name(index: usize) -> String {
    if let Some(first) = FIRST.get(index) {
        return (*first).to_owned();
    }
    let at = index - FIRST.len();
    let department = DEPARTMENTS[at % DEPARTMENTS.len()];
    let place = PLACES[at / DEPARTMENTS.len() % PLACES.len()];
    let round = at / (DEPARTMENTS.len() * PLACES.len());
    match PARTS.get(round) {
        Some(part) => format!("{department} – {place} – {part}"),
        None => format!("{department} – {place} – Team {}", round - PARTS.len() + 1),
    }
}

/// `count` groups without those named in `without`, and the extra ones behind them.
pub(crate) fn make(tenant: &str, count: usize, extra: &[String], without: &[String]) -> Vec<Value> {
    let mut chance = Chance::new(&format!("groups {tenant}"));
    let mut made: Vec<Value> = (0..count)
        .map(|index| (index, name(tenant, index)))
        .filter(|(_, name)| !without.contains(name))
        .map(|(index, name)| {
            one(
                &mut chance,
                &uuid_of(&format!("group {tenant} {index}")),
                &name,
            )
        })
        .collect();
    for (index, name) in extra.iter().enumerate() {
        made.push(one(
            &mut chance,
            &uuid_of(&format!("extra group {tenant} {index}")),
            name,
        ));
    }
    made
}

fn one(chance: &mut Chance, id: &str, name: &str) -> Value {
    let mut value = group(id, name);
    let rule = match name {
        "All Windows Devices" => Some(
            "(device.deviceOSType -eq \"Windows\") and (device.managementType -eq \"MDM\")"
                .to_owned(),
        ),
        "Autopilot Devices" => {
            Some("(device.devicePhysicalIDs -any (_ -startsWith \"[ZTDid]\"))".to_owned())
        }
        _ if chance.percent(18) => {
            let department = name.split(" – ").next().unwrap_or(name);
            Some(format!(
                "(user.department -eq \"{department}\") and (user.accountEnabled -eq true)"
            ))
        }
        _ => None,
    };
    let synchronized = rule.is_none() && chance.percent(25);
    let unified = rule.is_none() && !synchronized && chance.percent(10);
    if let Some(object) = value.as_object_mut() {
        object.insert(
            "createdDateTime".to_owned(),
            json!(format!("{}Z", &chance.moment()[..19])),
        );
        if let Some(rule) = rule {
            object.insert("groupTypes".to_owned(), json!(["DynamicMembership"]));
            object.insert("membershipRule".to_owned(), json!(rule));
            object.insert("membershipRuleProcessingState".to_owned(), json!("On"));
        }
        if synchronized {
            object.insert("onPremisesSyncEnabled".to_owned(), json!(true));
        }
        if unified {
            object.insert("groupTypes".to_owned(), json!(["Unified"]));
            object.insert("mailEnabled".to_owned(), json!(true));
            object.insert("securityEnabled".to_owned(), json!(false));
        }
    }
    value
}

/// A plain security group.
pub(crate) fn group(id: &str, display_name: &str) -> Value {
    let nickname: String = display_name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    json!({
        "id": id,
        "displayName": display_name,
        "description": format!("{display_name} (managed by IT)"),
        "groupTypes": [],
        "mailEnabled": false,
        "mailNickname": nickname,
        "securityEnabled": true,
        "isAssignableToRole": false,
        "membershipRule": null,
        "membershipRuleProcessingState": null,
        "onPremisesSyncEnabled": null,
        "visibility": null,
        "createdDateTime": "2024-01-15T08:30:00Z",
    })
}
