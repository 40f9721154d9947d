//! The record of Graph requests, so that a test can say how many calls something took.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// Newest entries kept; counts cover these.
const KEPT: usize = 200_000;

/// One Graph request. Requests inside a `$batch` are entries of their own, after the batch itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestEntry {
    /// Number of the request, from 1, never reused.
    pub sequence: u64,
    /// The tenant of the token; `None` if there was no valid token.
    pub directory_id: Option<String>,
    pub method: String,
    /// Path with ids replaced: `/beta/deviceManagement/configurationPolicies/{id}/settings`.
    pub template: String,
    /// Path and query as sent.
    pub target: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Whether the request came inside a `$batch`.
    pub batched: bool,
}

/// Chooses entries to count. `RequestFilter::default()` counts all.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    directory_id: Option<String>,
    method: Option<String>,
    template: Option<String>,
    containing: Option<String>,
    status: Option<u16>,
}

impl RequestFilter {
    /// Counts every Graph request.
    pub fn all() -> Self {
        Self::default()
    }

    /// Only requests of this tenant.
    pub fn tenant(mut self, directory_id: &str) -> Self {
        self.directory_id = Some(directory_id.to_owned());
        self
    }

    /// Only requests with this method, e.g. `GET`.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only requests with exactly this path template, e.g. `/v1.0/groups`.
    pub fn template(mut self, template: &str) -> Self {
        self.template = Some(template.to_owned());
        self
    }

    /// Only requests whose path and query contain `text`.
    pub fn containing(mut self, text: &str) -> Self {
        self.containing = Some(text.to_owned());
        self
    }

    /// Only requests answered with this status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    fn accepts(&self, entry: &RequestEntry) -> bool {
        let same = |wanted: &Option<String>, actual: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == actual)
        };
        same(&self.method, &entry.method)
            && same(&self.template, &entry.template)
            && same(
                &self.directory_id,
                entry.directory_id.as_deref().unwrap_or_default(),
            )
            && self
                .containing
                .as_deref()
                .is_none_or(|text| entry.target.contains(text))
            && self.status.is_none_or(|status| status == entry.status)
    }
}

/// Counts of the record, as the control address shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestCounts {
    pub total: u64,
    /// Number of the newest request; pass it as `since` to see only later ones.
    pub last_sequence: u64,
    /// By tenant, then by method and template (`GET /v1.0/groups`).
    pub tenants: BTreeMap<String, BTreeMap<String, u64>>,
    /// By answered status.
    pub statuses: BTreeMap<u16, u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Record {
    sequence: u64,
    entries: VecDeque<RequestEntry>,
}

impl Record {
    pub(crate) fn add(&mut self, mut entry: RequestEntry) {
        self.sequence += 1;
        entry.sequence = self.sequence;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn entries(&self) -> Vec<RequestEntry> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn count(&self, filter: &RequestFilter) -> u64 {
        self.entries
            .iter()
            .filter(|entry| filter.accepts(entry))
            .count() as u64
    }

    /// Counts of the requests after number `since`.
    pub(crate) fn counts(&self, since: u64) -> RequestCounts {
        let mut counts = RequestCounts {
            last_sequence: self.sequence,
            ..RequestCounts::default()
        };
        for entry in self.entries.iter().filter(|entry| entry.sequence > since) {
            counts.total += 1;
            let tenant = entry
                .directory_id
                .clone()
                .unwrap_or_else(|| "unknown".to_owned());
            let call = format!("{} {}", entry.method, entry.template);
            *counts
                .tenants
                .entry(tenant)
                .or_default()
                .entry(call)
                .or_default() += 1;
            *counts.statuses.entry(entry.status).or_default() += 1;
        }
        counts
    }
}
