//! Reading policies: listings, single objects and what is related to them.

use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::actions;
use crate::address::Version;
use crate::call::{Answer, Call, Reply};
use crate::collection::{Collection, Stored};
use crate::error::GraphError;
use crate::expand::relations_below;
use crate::filter::Filter;
use crate::guard::read;
use crate::kind::Kind;
use crate::page::{Limits, Page, cut};
use crate::tenant::Data;
use crate::view::{check_expansions, related, show};
use crate::write;

/// Answers everything below the address of `kind`.
pub(crate) fn answer(call: &Call<'_>, kind: &'static Kind, rest: &[String]) -> Answer {
    if kind.beta_only && call.address.version == Version::V1 {
        return Err(GraphError::unknown_segment(kind.segment()));
    }
    let parts: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (&call.method, parts.as_slice()) {
        (&Method::GET, []) => list(call, kind),
        (&Method::GET, ["$count"]) => {
            let data = read(&call.tenant.data);
            Ok(Reply::text(rows(call, kind, &data)?.count().to_string()))
        }
        (&Method::GET, [id]) => item(call, kind, id),
        (&Method::GET, [id, "getOmaSettingPlainTextValue"]) => plain_text(call, kind, id),
        (&Method::GET, [id, relation, below @ ..]) => relation_of(call, kind, id, relation, below),
        (&Method::POST, []) => write::create(call, kind),
        (&Method::PATCH, [id]) => write::patch(call, kind, id),
        (&Method::PUT, [id]) => write::put(call, kind, id),
        (&Method::DELETE, [id]) => write::delete(call, kind, id),
        (_, [] | [_]) => Err(GraphError::method_not_allowed()),
        (_, [id, action, below @ ..]) => actions::answer(call, kind, id, action, below),
    }
}

/// The stored object, if this address shows it.
pub(crate) fn find<'a>(
    call: &Call<'_>,
    kind: &Kind,
    data: &'a Data,
    id: &str,
) -> Result<&'a Stored, GraphError> {
    let stored = data
        .policies
        .get(kind.store)
        .and_then(|collection| collection.get(id));
    stored
        .filter(|stored| belongs(kind, stored) && write::is_visible(call.tenant, stored))
        .ok_or_else(|| GraphError::not_found(kind.area, id))
}

fn belongs(kind: &Kind, stored: &Stored) -> bool {
    !kind.is_view()
        || stored
            .value
            .get("@odata.type")
            .and_then(Value::as_str)
            .is_some_and(|name| kind.takes(name))
}

type Row<'a> = (u64, &'a Stored);

/// What the listing shows after `$filter`, in order.
fn rows<'a>(
    call: &'a Call<'_>,
    kind: &'static Kind,
    data: &'a Data,
) -> Result<impl Iterator<Item = Row<'a>> + Clone, GraphError> {
    let filter = call.query.get("$filter").map(Filter::parse).transpose()?;
    if filter.as_ref().is_some_and(Filter::negates_type) {
        return Err(GraphError::intune(
            400,
            "BadRequest",
            "The query specified in the URI is not valid.",
        ));
    }
    let collection = data.policies.get(kind.store);
    let all = collection.map(Collection::listed).into_iter().flatten();
    Ok(all.filter(move |(_, stored)| {
        belongs(kind, stored)
            && write::is_visible(call.tenant, stored)
            && filter
                .as_ref()
                .is_none_or(|filter| filter.accepts(&stored.value))
    }))
}

fn list(call: &Call<'_>, kind: &'static Kind) -> Answer {
    let expansions = call.expansions();
    check_expansions(kind, &expansions)?;
    let limits = Limits {
        default: kind.default_page,
        max: kind.max_page,
    };
    // The lock is held while references are picked; showing the page needs only those.
    let page = cut(call, limits, rows(call, kind, &read(&call.tenant.data))?)?;
    let shown = page
        .objects
        .iter()
        .map(|stored| show(call, kind, &stored.value, &expansions, true))
        .collect();
    Ok(listing(call, kind.path, &page, shown))
}

fn listing(call: &Call<'_>, set: &str, page: &Page, shown: Vec<Value>) -> Reply {
    let mut body = Map::new();
    body.insert(
        "@odata.context".to_owned(),
        json!(call.absolute(&format!("$metadata#{set}"))),
    );
    if let Some(count) = page.count {
        body.insert("@odata.count".to_owned(), json!(count));
    }
    if let Some(link) = &page.next_link {
        body.insert("@odata.nextLink".to_owned(), json!(link));
    }
    body.insert("value".to_owned(), Value::Array(shown));
    Reply::json(200, Value::Object(body))
}

/// An object with the context that Graph puts in front of a single one.
pub(crate) fn entity(call: &Call<'_>, kind: &Kind, value: &Value) -> Value {
    let mut shown = show(call, kind, value, &call.expansions(), false);
    if let Some(object) = shown.as_object_mut() {
        let context = call.absolute(&format!("$metadata#{}/$entity", kind.path));
        object.insert("@odata.context".to_owned(), json!(context));
    }
    shown
}

fn item(call: &Call<'_>, kind: &Kind, id: &str) -> Answer {
    check_expansions(kind, &call.expansions())?;
    let value = find(call, kind, &read(&call.tenant.data), id)?
        .value
        .clone();
    Ok(Reply::json(200, entity(call, kind, &value)))
}

/// `/{id}/settings`, `/{id}/definitionValues/{value}/presentationValues` and their like.
fn relation_of(call: &Call<'_>, kind: &Kind, id: &str, relation: &str, below: &[&str]) -> Answer {
    if !kind.relations.contains(&relation) {
        return Err(GraphError::unknown_segment(relation));
    }
    let object = find(call, kind, &read(&call.tenant.data), id)?
        .value
        .clone();
    let nothing = Value::Array(Vec::new());
    let mut name = relation;
    let mut value = object.get(relation).unwrap_or(&nothing);
    let mut set = format!("{}('{id}')/{relation}", kind.path);
    for part in below {
        value = match value {
            Value::Array(items) => items
                .iter()
                .find(|item| item.get("id").and_then(Value::as_str) == Some(*part))
                .ok_or_else(|| GraphError::not_found(kind.area, part))?,
            inner if relations_below(name).contains(part) => {
                name = part;
                inner.get(part).unwrap_or(&nothing)
            }
            _ => return Err(GraphError::unknown_segment(part)),
        };
        set = format!("{set}/{part}");
    }
    let shown = related(value, name, &call.expansions(), call.address.version);
    match shown {
        Value::Array(items) => {
            let limits = Limits {
                default: 25,
                max: 1000,
            };
            let stored: Vec<Stored> = items
                .into_iter()
                .map(|item| Stored {
                    id: String::new(),
                    value: item.into(),
                    created: None,
                })
                .collect();
            let rows = stored
                .iter()
                .enumerate()
                .map(|(at, stored)| (at as u64 + 1, stored));
            let page = cut(call, limits, rows)?;
            let value = page
                .objects
                .iter()
                .map(|stored| (*stored.value).clone())
                .collect();
            Ok(listing(call, &set, &page, value))
        }
        mut single => {
            if let Some(object) = single.as_object_mut() {
                object.insert(
                    "@odata.context".to_owned(),
                    json!(call.absolute(&format!("$metadata#{set}/$entity"))),
                );
            }
            Ok(Reply::json(200, single))
        }
    }
}

/// The plain text behind an encrypted OMA setting.
fn plain_text(call: &Call<'_>, kind: &Kind, id: &str) -> Answer {
    let object = find(call, kind, &read(&call.tenant.data), id)?
        .value
        .clone();
    let wanted = call.address.argument.as_deref().unwrap_or_default();
    match object
        .get("~secrets")
        .and_then(|secrets| secrets.get(wanted))
    {
        Some(secret) => Ok(Reply::json(
            200,
            json!({"@odata.context": call.absolute("$metadata#Edm.String"), "value": secret}),
        )),
        None => Err(GraphError::not_found(kind.area, wanted)),
    }
}
