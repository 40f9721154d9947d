//! Cuts a page out of a collection and signs the token that leads to the next one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::call::Call;
use crate::collection::Stored;
use crate::error::GraphError;

/// Makes an opaque token that only this simulator can have issued.
pub(crate) fn seal(text: &str) -> String {
    let sum = hex::encode(Sha256::digest(format!("paging:{text}")));
    URL_SAFE_NO_PAD.encode(format!("{text}#{}", &sum[..12]))
}

/// The text inside a token from [`seal`]; `None` for anything else.
pub(crate) fn unseal(token: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (inner, _) = text.rsplit_once('#')?;
    (seal(inner) == token).then(|| inner.to_owned())
}

/// Size limits of a listing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) default: usize,
    pub(crate) max: usize,
}

/// One page and the way on.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) objects: Vec<Stored>,
    pub(crate) next_link: Option<String>,
    /// Only if `$count=true` was asked.
    pub(crate) count: Option<usize>,
}

/// Cuts the page that `call` asks for out of `rows`, which are in order and already filtered.
///
/// Without `$orderby` the token holds the last position, so objects that come and go do not shift the pages.
pub(crate) fn cut<'a>(
    call: &Call<'_>,
    limits: Limits,
    rows: impl Iterator<Item = (u64, &'a Stored)> + Clone,
) -> Result<Page, GraphError> {
    let size = call.query.top()?.unwrap_or(limits.default).min(limits.max);
    let count = call.query.wants_count().then(|| rows.clone().count());
    let scope = call.address.template();
    let start = match call.query.get("$skiptoken") {
        None => 0,
        Some(token) => unseal(token)
            .and_then(|text| text.strip_prefix(&format!("{scope}:"))?.parse::<u64>().ok())
            .ok_or_else(|| {
                GraphError::bad_request(
                    "Skip token is not valid or was issued for another request.",
                )
            })?,
    };
    let skip = call.query.number("$skip")?.unwrap_or(0);
    let ordered = call
        .query
        .get("$orderby")
        .map(|text| order(rows.clone(), text));
    let mut found: Vec<(u64, Stored)> = match ordered {
        Some(sorted) => {
            let from = usize::try_from(start)
                .unwrap_or(usize::MAX)
                .saturating_add(skip);
            let numbered = sorted.into_iter().enumerate().skip(from);
            numbered
                .take(size + 1)
                .map(|(at, stored)| (at as u64 + 1, stored.clone()))
                .collect()
        }
        None => rows
            .filter(|(position, _)| *position > start)
            .skip(skip)
            .take(size + 1)
            .map(|(position, stored)| (position, stored.clone()))
            .collect(),
    };
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().map(|(position, _)| *position).filter(|_| more);
    Ok(Page {
        next_link: last
            .map(|position| call.link("$skiptoken", &seal(&format!("{scope}:{position}")))),
        objects: found.into_iter().map(|(_, stored)| stored).collect(),
        count,
    })
}

/// Sorts by one property, `desc` honoured.
fn order<'a>(rows: impl Iterator<Item = (u64, &'a Stored)>, text: &str) -> Vec<&'a Stored> {
    let mut words = text.split_whitespace();
    let property = words
        .next()
        .unwrap_or_default()
        .trim_end_matches(',')
        .to_owned();
    let mut sorted: Vec<&Stored> = rows.map(|(_, stored)| stored).collect();
    let key = |stored: &Stored| match stored.value.get(&property) {
        Some(Value::String(text)) => text.to_lowercase(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    sorted.sort_by_cached_key(|stored| key(stored));
    if words.next().is_some_and(|word| word.starts_with("desc")) {
        sorted.reverse();
    }
    sorted
}
