//! Delta queries over groups: a first full round, then only what changed.

use std::sync::atomic::Ordering;

use serde_json::{Map, Value, json};

use crate::call::{Answer, Call, Reply};
use crate::directory::selected;
use crate::error::GraphError;
use crate::groups::Groups;
use crate::page::{seal, unseal};

const PAGE: usize = 100;

/// Where a round stands.
enum Round {
    /// The full list, behind a position; the round began at a revision.
    First { began: u64, position: u64 },
    /// Changes behind `after`, up to the revision at which the round began.
    Changes { after: u64, until: u64 },
}

pub(crate) fn groups(call: &Call<'_>, groups: &Groups) -> Answer {
    if let Some(option) = ["$top", "$orderby", "$expand", "$search"]
        .iter()
        .find(|option| call.query.get(option).is_some())
    {
        return Err(GraphError::new(
            400,
            "Request_BadRequest",
            format!("Query parameter '{option}' is not supported by delta queries on groups."),
        ));
    }
    let now = groups.revision();
    let (value, link) = match round(call, now)? {
        Round::First { began, position } => {
            let mut rows = groups.collection.after(position);
            let page: Vec<(u64, Value)> = rows
                .by_ref()
                .take(PAGE)
                .map(|(at, stored)| (at, selected(call, &stored.value)))
                .collect();
            let last = page.last().map_or(position, |(at, _)| *at);
            let link = match rows.next() {
                Some(_) => (
                    "@odata.nextLink",
                    call.link("$skiptoken", &seal(&format!("f:{began}:{last}"))),
                ),
                None => (
                    "@odata.deltaLink",
                    call.link("$deltatoken", &seal(&format!("d:{began}"))),
                ),
            };
            (
                page.into_iter().map(|(_, value)| value).collect::<Vec<_>>(),
                link,
            )
        }
        Round::Changes { after, until } => {
            let page = groups.changes(after, until, PAGE);
            let last = page.last().map_or(after, |(revision, _)| *revision);
            let link = if groups.changes(last, until, 1).is_empty() {
                (
                    "@odata.deltaLink",
                    call.link("$deltatoken", &seal(&format!("d:{until}"))),
                )
            } else {
                (
                    "@odata.nextLink",
                    call.link("$skiptoken", &seal(&format!("c:{last}:{until}"))),
                )
            };
            let shown = page
                .into_iter()
                .map(|(_, value)| match value.get("@removed") {
                    Some(_) => value,
                    None => selected(call, &value),
                });
            (shown.collect(), link)
        }
    };
    let mut body = Map::new();
    body.insert(
        "@odata.context".to_owned(),
        json!(call.absolute("$metadata#groups")),
    );
    body.insert(link.0.to_owned(), json!(link.1));
    body.insert("value".to_owned(), Value::Array(value));
    Ok(Reply::json(200, Value::Object(body)))
}

fn round(call: &Call<'_>, now: u64) -> Result<Round, GraphError> {
    if call
        .query
        .get("$deltatoken")
        .is_some_and(|token| token.eq_ignore_ascii_case("latest"))
    {
        return Ok(Round::Changes {
            after: now,
            until: now,
        });
    }
    let Some(token) = call
        .query
        .get("$deltatoken")
        .or_else(|| call.query.get("$skiptoken"))
    else {
        return Ok(Round::First {
            began: now,
            position: 0,
        });
    };
    let text = unseal(token)
        .ok_or_else(|| GraphError::new(400, "Request_BadRequest", "Badly formed token."))?;
    let parts: Vec<&str> = text.split(':').collect();
    let number = |at: usize| {
        parts
            .get(at)
            .and_then(|part| part.parse::<u64>().ok())
            .unwrap_or_default()
    };
    match parts.first() {
        Some(&"f") => Ok(Round::First {
            began: number(1),
            position: number(2),
        }),
        Some(&"c") => Ok(Round::Changes {
            after: number(1),
            until: number(2),
        }),
        // A token of another run of the simulator may be newer than anything that happened in this one.
        Some(&"d") if number(1) > now || is_expired(call, number(1)) => Err(expired(call)),
        Some(&"d") => Ok(Round::Changes {
            after: number(1),
            until: now,
        }),
        _ => Err(GraphError::new(
            400,
            "Request_BadRequest",
            "Badly formed token.",
        )),
    }
}

fn is_expired(call: &Call<'_>, revision: u64) -> bool {
    revision < call.tenant.delta_expired.load(Ordering::SeqCst)
}

/// Graph names the place to start again in `Location`.
fn expired(call: &Call<'_>) -> GraphError {
    GraphError::new(
        410,
        "syncStateNotFound",
        "The sync state generation is not found; perform a full synchronization.",
    )
    .with_header("location", format!("{}{}", call.origin, call.path))
}
