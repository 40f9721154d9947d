//! Groups, organization and directory objects: the parts of Graph that the directory service answers.

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::area::Area;
use crate::call::{Answer, Call, Reply};
use crate::collection::Stored;
use crate::delta;
use crate::error::GraphError;
use crate::filter::Filter;
use crate::groups::Groups;
use crate::guard::read;
use crate::page::{Limits, cut};
use crate::write;

const LIMITS: Limits = Limits {
    default: 100,
    max: 999,
};

pub(crate) fn organization(call: &Call<'_>, rest: &[String]) -> Answer {
    if call.method != Method::GET {
        return Err(GraphError::method_not_allowed());
    }
    let data = read(&call.tenant.data);
    let shown = selected(call, &data.organization);
    match rest {
        [] => Ok(Reply::json(
            200,
            json!({
                "@odata.context": call.absolute("$metadata#organization"),
                "value": [shown],
            }),
        )),
        [id] if *id == call.tenant.directory_id => {
            Ok(Reply::json(200, entity(call, "organization", shown)))
        }
        [id] => Err(GraphError::not_found(Area::Organization, id)),
        [_, other, ..] => Err(GraphError::unknown_segment(other)),
    }
}

pub(crate) fn groups(call: &Call<'_>, rest: &[String]) -> Answer {
    let parts: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (&call.method, parts.as_slice()) {
        (&Method::GET, []) => list(call, &read(&call.tenant.data).groups),
        (&Method::GET, ["$count"]) => count(call, &read(&call.tenant.data).groups),
        (&Method::GET, ["delta"]) => delta::groups(call, &read(&call.tenant.data).groups),
        (&Method::GET, [id]) => {
            let data = read(&call.tenant.data);
            let group = data
                .groups
                .collection
                .get(id)
                .filter(|stored| write::is_visible(call.tenant, stored));
            let group = group.ok_or_else(|| GraphError::not_found(Area::Groups, id))?;
            Ok(Reply::json(
                200,
                entity(call, "groups", selected(call, &group.value)),
            ))
        }
        (&Method::POST, []) => write::create_group(call),
        (&Method::PATCH, [id]) => write::update_group(call, id),
        (&Method::DELETE, [id]) => write::delete_group(call, id),
        (_, [] | [_]) => Err(GraphError::method_not_allowed()),
        (_, [_, other, ..]) => Err(GraphError::unknown_segment(other)),
    }
}

fn list(call: &Call<'_>, groups: &Groups) -> Answer {
    if call.query.get("$skip").is_some() {
        return Err(GraphError::new(
            400,
            "Request_BadRequest",
            "'$skip' is not supported by the service.",
        ));
    }
    let size = call.query.top()?.unwrap_or(LIMITS.default);
    if size > LIMITS.max {
        return Err(GraphError::new(
            400,
            "Request_UnsupportedQuery",
            format!(
                "Invalid page size specified: '{size}'. Must be between 1 and {} inclusive.",
                LIMITS.max
            ),
        ));
    }
    let accepts = chooser(call)?;
    let rows = groups
        .collection
        .listed()
        .filter(|(_, stored)| write::is_visible(call.tenant, stored) && accepts(stored));
    let page = cut(call, LIMITS, rows)?;
    let mut body = Map::new();
    body.insert(
        "@odata.context".to_owned(),
        json!(call.absolute("$metadata#groups")),
    );
    if let Some(count) = page.count {
        body.insert("@odata.count".to_owned(), json!(count));
    }
    if let Some(link) = page.next_link {
        body.insert("@odata.nextLink".to_owned(), json!(link));
    }
    body.insert(
        "value".to_owned(),
        page.objects
            .iter()
            .map(|stored| selected(call, &stored.value))
            .collect(),
    );
    Ok(Reply::json(200, Value::Object(body)))
}

fn count(call: &Call<'_>, groups: &Groups) -> Answer {
    if !call.eventual {
        return Err(needs_consistency("$count is not currently supported."));
    }
    let accepts = chooser(call)?;
    let number = groups
        .collection
        .listed()
        .filter(|(_, stored)| write::is_visible(call.tenant, stored) && accepts(stored))
        .count();
    Ok(Reply::text(number.to_string()))
}

fn needs_consistency(message: &str) -> GraphError {
    GraphError::new(400, "Request_UnsupportedQuery", message)
}

/// The test that `$filter` and `$search` put to each group, after the checks on the `ConsistencyLevel` header.
fn chooser(call: &Call<'_>) -> Result<impl Fn(&Stored) -> bool + Clone, GraphError> {
    let filter = call.query.get("$filter").map(Filter::parse).transpose()?;
    let search = call.query.get("$search").map(search_term).transpose()?;
    let sorted_filter = filter.is_some() && call.query.get("$orderby").is_some();
    let advanced = sorted_filter || filter.as_ref().is_some_and(Filter::is_advanced);
    if search.is_some() && !call.eventual {
        return Err(needs_consistency(
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
        ));
    }
    if call.query.wants_count() && !call.eventual {
        return Err(needs_consistency("$count is not currently supported."));
    }
    if advanced && !(call.eventual && call.query.wants_count()) {
        return Err(needs_consistency(
            "The specified filter or sort needs the header 'ConsistencyLevel: eventual' and $count=true.",
        ));
    }
    Ok(move |stored: &Stored| {
        filter
            .as_ref()
            .is_none_or(|filter| filter.accepts(&stored.value))
            && search
                .as_ref()
                .is_none_or(|(property, words)| found(&stored.value, property, words))
    })
}

/// Reads `"displayName:some words"`.
fn search_term(text: &str) -> Result<(String, Vec<String>), GraphError> {
    let wrong = || {
        GraphError::new(
            400,
            "Request_BadRequest",
            "Syntax error in the $search clause.",
        )
    };
    let inner = text
        .trim()
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or_else(wrong)?;
    let (property, words) = inner.split_once(':').ok_or_else(wrong)?;
    if !["displayName", "description"].contains(&property) {
        return Err(GraphError::new(
            400,
            "Request_UnsupportedQuery",
            format!("Property '{property}' cannot be searched."),
        ));
    }
    Ok((property.to_owned(), tokens(words)))
}

fn tokens(text: &str) -> Vec<String> {
    let parts = text.split(|letter: char| !letter.is_alphanumeric());
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Every searched word begins some word of the property.
fn found(group: &Value, property: &str, words: &[String]) -> bool {
    let present = tokens(
        group
            .get(property)
            .and_then(Value::as_str)
            .unwrap_or_default(),
    );
    words.iter().all(|word| {
        present
            .iter()
            .any(|candidate| candidate.starts_with(word.as_str()))
    })
}

/// The properties that `$select` asks for.
pub(crate) fn selected(call: &Call<'_>, object: &Value) -> Value {
    let (Some(names), Some(all)) = (call.query.select(), object.as_object()) else {
        return object.clone();
    };
    let chosen = all
        .iter()
        .filter(|(name, _)| names.contains(&name.as_str()));
    Value::Object(
        chosen
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

fn entity(call: &Call<'_>, set: &str, mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.insert(
            "@odata.context".to_owned(),
            json!(call.absolute(&format!("$metadata#{set}/$entity"))),
        );
    }
    value
}

#[derive(Deserialize)]
struct GetByIds {
    ids: Vec<String>,
    #[serde(default)]
    types: Vec<String>,
}

/// `POST /directoryObjects/getByIds`: ids that are not groups of this tenant are left out silently, as in Graph.
pub(crate) fn get_by_ids(call: &Call<'_>) -> Answer {
    if call.method != Method::POST {
        return Err(GraphError::method_not_allowed());
    }
    let wanted: GetByIds = call.json()?;
    if wanted.ids.len() > 1000 {
        return Err(GraphError::new(
            400,
            "Request_BadRequest",
            "Too many elements in parameter 'ids': at most 1000.",
        ));
    }
    let groups_wanted = wanted.types.is_empty()
        || wanted
            .types
            .iter()
            .any(|kind| kind == "group" || kind == "directoryObject");
    let data = read(&call.tenant.data);
    let found = wanted
        .ids
        .iter()
        .filter(|_| groups_wanted)
        .filter_map(|id| data.groups.collection.get(id))
        .map(|stored| {
            let mut shown = selected(call, &stored.value);
            if let Some(object) = shown.as_object_mut() {
                object.insert("@odata.type".to_owned(), json!("#microsoft.graph.group"));
            }
            shown
        });
    let value: Vec<Value> = found.collect();
    Ok(Reply::json(
        200,
        json!({"@odata.context": call.absolute("$metadata#directoryObjects"), "value": value}),
    ))
}
