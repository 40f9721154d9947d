//! What a file is: the policies in it, or why there is none.

use domain::views::imports::ImportVerdict;
use exported::{Collection, Format, collection_of, decode, minimal};
use graph::{Detail, PolicyKind};
use serde_json::{Map, Value};

use super::{
    decoded::with_encoded,
    intents::with_settings,
    names::{apps_without_ids, of_other_file, with_ids, without_names},
    templates::with_definitions,
};
use crate::backups::store::Names;

/// What a download of TenantAtlas adds to each policy.
const OWN: &str = "tenantAtlas";

/// A policy as a file holds it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub kind: &'static PolicyKind,
    pub content: Map<String, Value>,
    /// Names that this file itself gives to ids.
    pub names: Names,
    /// Whether TenantAtlas wrote the file: then it is taken as it is.
    pub own: bool,
}

impl Found {
    /// The same policy as one that can't be imported, with the reason in a sentence.
    pub fn unreadable(self, reason: String) -> Refused {
        Refused {
            kind: Some(self.kind),
            name: Some(self.kind.name_of(&Value::Object(self.content)).to_owned()),
            ..Refused::new(ImportVerdict::Unreadable, reason)
        }
    }

    /// The policy, if it holds what its kind consists of: restored without, it would be an empty one.
    pub fn whole(self) -> Result<Self, Refused> {
        let Detail::Children { member, .. } = self.kind.detail else {
            return Ok(self);
        };
        match self.content.get(member) {
            Some(Value::Array(_)) => Ok(self),
            _ => Err(self.unreadable(format!(
                "It comes without its {member}: restored, it would be an empty policy."
            ))),
        }
    }
}

/// Why a file, or a part of it, is not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub verdict: ImportVerdict,
    pub kind: Option<&'static PolicyKind>,
    pub name: Option<String>,
    pub reason: String,
}

impl Refused {
    pub fn new(verdict: ImportVerdict, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            kind: None,
            name: None,
            reason: reason.into(),
        }
    }

    fn not_a_policy(reason: &str) -> Self {
        Self::new(ImportVerdict::NotAPolicy, reason)
    }
}

/// What each part of a file is: one for most, and as many as a list has. `names` learns what the file tells of others.
pub(super) fn recognize(
    format: Format,
    bytes: &[u8],
    folders: &[&str],
    names: &mut Names,
) -> Vec<Result<Found, Refused>> {
    match parsed(format, bytes) {
        Err(refused) => vec![Err(refused)],
        Ok(Value::Object(mut object)) if is_list(&object) => {
            let items = match object.remove("value") {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            };
            let context = object.remove("@odata.context");
            of_list(items, context.as_ref(), folders, names)
        }
        Ok(Value::Array(items)) => of_list(items, None, folders, names),
        Ok(value) => vec![of_value(value, folders, names)],
    }
}

pub(super) fn parsed(format: Format, bytes: &[u8]) -> Result<Value, Refused> {
    let unreadable = |reason: String| Refused::new(ImportVerdict::Unreadable, reason);
    let text = decode(bytes).map_err(|error| unreadable(format!("{error}.")))?;
    if text.trim().is_empty() {
        return Err(unreadable("The file is empty.".to_owned()));
    }
    format.parse(&text).map_err(unreadable)
}

/// What Graph answers when it is asked for several.
fn is_list(object: &Map<String, Value>) -> bool {
    object.get("value").is_some_and(Value::is_array) && !is_named(object)
}

/// Whether it is an object of its own rather than something about others.
pub(super) fn is_named(object: &Map<String, Value>) -> bool {
    ["id", "name", "displayName"]
        .iter()
        .any(|member| object.contains_key(*member))
}

fn of_list(
    items: Vec<Value>,
    context: Option<&Value>,
    folders: &[&str],
    names: &mut Names,
) -> Vec<Result<Found, Refused>> {
    if items.is_empty() {
        return vec![Err(Refused::not_a_policy("An empty list."))];
    }
    items
        .into_iter()
        .map(|mut item| {
            if let (Some(members), Some(context)) = (item.as_object_mut(), context) {
                members
                    .entry("@odata.context")
                    .or_insert_with(|| context.clone());
            }
            of_value(item, folders, names)
        })
        .collect()
}

fn of_value(value: Value, folders: &[&str], names: &mut Names) -> Result<Found, Refused> {
    let Value::Object(mut object) = value else {
        return Err(Refused::not_a_policy("It holds no object."));
    };
    if let Some(about) = object.remove(OWN) {
        return own(object, &about, names);
    }
    if let Some(what) = of_other_file(&object, names) {
        return Err(Refused::not_a_policy(what));
    }
    let kind = match collection_of(&object, folders) {
        None => {
            let reason = "Nothing in it says what kind of policy it is.";
            return Err(Refused::not_a_policy(reason));
        }
        Some(Collection::Known(path)) => {
            PolicyKind::by_collection(path).ok_or_else(|| path.to_owned())
        }
        Some(Collection::Other(said)) => Err(said),
    };
    let kind = kind.map_err(|said| Refused {
        name: ["displayName", "name"]
            .iter()
            .find_map(|member| object.get(*member)?.as_str().map(str::to_owned)),
        ..Refused::new(
            ImportVerdict::Unsupported,
            format!("Unsupported kind: {said}."),
        )
    })?;
    let mut own_names = Names::default();
    with_definitions(&mut object);
    with_encoded(&mut object);
    with_settings(&mut object);
    without_names(&mut object);
    let mut content = minimal(object);
    with_ids(&mut content, &mut own_names);
    named(kind, content, own_names, names, false)
}

fn own(content: Map<String, Value>, about: &Value, names: &mut Names) -> Result<Found, Refused> {
    let key = about["kind"].as_str().unwrap_or_default();
    let kind = PolicyKind::by_key(key).ok_or_else(|| {
        let reason = format!("Unsupported kind: {key}.");
        Refused::new(ImportVerdict::Unsupported, reason)
    })?;
    let own_names = serde_json::from_value(about["names"].clone()).unwrap_or_default();
    named(kind, content, own_names, names, true)
}

fn named(
    kind: &'static PolicyKind,
    content: Map<String, Value>,
    own_names: Names,
    names: &mut Names,
    own: bool,
) -> Result<Found, Refused> {
    let text = |member: &str| content.get(member).and_then(Value::as_str);
    let Some(name) = text(kind.name_property).filter(|name| !name.trim().is_empty()) else {
        return Err(Refused {
            kind: Some(kind),
            ..Refused::not_a_policy("It has no name.")
        });
    };
    // Others refer to these by id.
    let named_here = match kind.key {
        "assignment_filters" => Some(&mut names.filters),
        "scope_tags" => Some(&mut names.scope_tags),
        _ => None,
    };
    if let (Some(into), Some(id)) = (named_here, text("id")) {
        into.insert(id.to_owned(), name.to_owned());
    }
    let found = Found {
        kind,
        content,
        names: own_names,
        own,
    };
    match apps_without_ids(&found.content) {
        Some(reason) => Err(found.unreadable(reason)),
        None => Ok(found),
    }
}

#[cfg(test)]
#[path = "tests/recognize.rs"]
mod tests;
