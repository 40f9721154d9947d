//! The ids that the server gives to new objects.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::kind::{IdShape, Kind};
use crate::tenant::Data;

/// Types of enrollment configurations: what ends their ids, and what Intune calls the type in a property.
const ENROLLMENT: &[(&str, &str, &str)] = &[
    (
        "windows10EnrollmentCompletionPageConfiguration",
        "Windows10EnrollmentCompletionPageConfiguration",
        "windows10EnrollmentCompletionPageConfiguration",
    ),
    ("deviceEnrollmentLimitConfiguration", "Limit", "limit"),
    (
        "deviceEnrollmentWindowsHelloForBusinessConfiguration",
        "WindowsHelloForBusiness",
        "windowsHelloForBusiness",
    ),
    (
        "deviceEnrollmentPlatformRestrictionConfiguration",
        "SinglePlatformRestriction",
        "singlePlatformRestriction",
    ),
    (
        "deviceComanagementAuthorityConfiguration",
        "PlatformRestrictions",
        "deviceComanagementAuthorityConfiguration",
    ),
    (
        "deviceEnrollmentNotificationConfiguration",
        "PlatformRestrictions",
        "enrollmentNotificationsConfiguration",
    ),
];

fn short_type(object: &Map<String, Value>) -> &str {
    let odata_type = object.get("@odata.type").and_then(Value::as_str);
    odata_type
        .and_then(|name| name.rsplit('.').next())
        .unwrap_or_default()
}

/// What ends the id of an enrollment configuration, and the name of its type.
pub(crate) fn enrollment(object: &Map<String, Value>) -> (&'static str, &'static str) {
    let name = short_type(object);
    ENROLLMENT
        .iter()
        .find(|(known, ..)| *known == name)
        .map_or(("PlatformRestrictions", "platformRestrictions"), |known| {
            (known.1, known.2)
        })
}

pub(crate) fn new_id(kind: &Kind, object: &Map<String, Value>, data: &Data) -> String {
    let uuid = Uuid::new_v4();
    match kind.id {
        IdShape::Uuid => uuid.to_string(),
        IdShape::SmallInteger => {
            let taken = data.policies.get(kind.store);
            let highest = taken
                .into_iter()
                .flat_map(|tags| tags.after(0))
                .filter_map(|(_, tag)| tag.id.parse::<u32>().ok())
                .max();
            highest.map_or(1, |highest| highest + 1).to_string()
        }
        IdShape::Enrollment => format!("{uuid}_{}", enrollment(object).0),
        IdShape::AppProtection if short_type(object).ends_with("AppConfiguration") => {
            format!("A_{uuid}")
        }
        IdShape::AppProtection => format!("T_{uuid}"),
    }
}

/// Gives each rule of scheduled actions, and each of its actions, an id of its own.
pub(crate) fn identify_rules(rules: &mut [Value]) {
    for rule in rules.iter_mut().filter_map(Value::as_object_mut) {
        rule.insert("id".to_owned(), json!(Uuid::new_v4().to_string()));
        let actions = rule.get_mut("scheduledActionConfigurations");
        let actions = actions.and_then(Value::as_array_mut).into_iter().flatten();
        for action in actions.filter_map(Value::as_object_mut) {
            action.insert("id".to_owned(), json!(Uuid::new_v4().to_string()));
        }
    }
}
