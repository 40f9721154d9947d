//! Policies of one kind, page by page, each completed with what its listing leaves out.

use std::collections::{BTreeSet, VecDeque};

use serde_json::Value;

use crate::{
    batch::LARGEST,
    client::TenantGraph,
    detail::Reading,
    error::{GraphError, GraphErrorKind},
    kinds::PolicyKind,
};

/// One page: complete policies, and those whose content could not be read.
#[derive(Debug, Default)]
pub struct PolicyPage {
    pub policies: Vec<Value>,
    pub failed: Vec<ItemFailure>,
}

/// A policy that is there but could not be read.
#[derive(Debug)]
pub struct ItemFailure {
    pub id: String,
    pub name: String,
    pub error: GraphError,
}

/// The pages of a kind, fetched as they are asked for: one page at a time is in memory.
pub struct PolicyPages {
    graph: TenantGraph,
    kind: &'static PolicyKind,
    depth: Depth,
    source: Source,
    pages_left: usize,
}

/// The items of one page, and the link to the next.
pub(crate) type Listed = (Vec<Value>, Option<Result<String, GraphError>>);

/// How much of each policy is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// The policy with its detail.
    Content,
    /// And its assignments, and whatever else creating it again needs.
    Backup,
}

/// Which policies are read.
enum Source {
    /// A listing; with `wanted`, only those in it, and the end of the listing tells which are missing.
    Listing {
        next: Option<Result<String, GraphError>>,
        wanted: Option<BTreeSet<String>>,
    },
    /// These, each by its id.
    Ids(VecDeque<String>),
}

impl PolicyPages {
    pub(crate) fn new(graph: TenantGraph, kind: &'static PolicyKind, depth: Depth) -> Self {
        let first = graph.url(kind.version, &format!("{}{}", kind.list, kind.query));
        let source = Source::Listing {
            next: Some(Ok(first)),
            wanted: None,
        };
        Self {
            pages_left: graph.shared.settings.max_pages,
            graph,
            kind,
            depth,
            source,
        }
    }

    pub(crate) fn of_ids(graph: TenantGraph, kind: &'static PolicyKind, ids: Vec<String>) -> Self {
        let mut pages = Self::new(graph, kind, Depth::Backup);
        let ids: BTreeSet<String> = ids.into_iter().collect();
        match &mut pages.source {
            Source::Listing { wanted, .. } if kind.selects_by_listing() => *wanted = Some(ids),
            source => *source = Source::Ids(ids.into_iter().collect()),
        }
        pages
    }

    /// The next page; none after the last one or an error.
    pub async fn next(&mut self) -> Option<Result<PolicyPage, GraphError>> {
        let url = match &mut self.source {
            Source::Listing { next, .. } => next.take()?,
            Source::Ids(ids) if ids.is_empty() => return None,
            Source::Ids(ids) => {
                let some: Vec<String> = ids.drain(..ids.len().min(LARGEST)).collect();
                let page = self.graph.by_ids(self.kind, some).await;
                if page.is_err()
                    && let Source::Ids(ids) = &mut self.source
                {
                    ids.clear();
                }
                return Some(page);
            }
        };
        Some(match url {
            Ok(url) => self.read(url).await,
            Err(error) => Err(error),
        })
    }

    async fn read(&mut self, url: String) -> Result<PolicyPage, GraphError> {
        self.pages_left = self.pages_left.checked_sub(1).ok_or_else(too_many_pages)?;
        let (mut items, after) = self.graph.page(url).await?;
        if let Some(item) = items.iter().find(|item| id_of(item).is_empty()) {
            let name = self.kind.name_of(item).to_owned();
            return Err(GraphError::protocol(format!("a policy has no id: {name}")));
        }
        if let Source::Listing {
            wanted: Some(wanted),
            ..
        } = &mut self.source
        {
            items.retain(|item| wanted.remove(id_of(item)));
        }
        let mut page = self.graph.complete(self.kind, self.depth, items).await?;
        if let Source::Listing { next, wanted } = &mut self.source {
            if after.is_none() {
                let missing = wanted.take().unwrap_or_default();
                page.failed.extend(missing.into_iter().map(not_found));
            }
            // Nothing is left to look for.
            let done = wanted.as_ref().is_some_and(BTreeSet::is_empty);
            *next = after.filter(|_| !done);
        }
        Ok(page)
    }
}

impl PolicyPage {
    pub(crate) fn extend(&mut self, some: Vec<Reading>) {
        for one in some {
            match one.result {
                Ok(policy) => self.policies.push(policy),
                Err(error) => self.failed.push(ItemFailure {
                    id: one.id,
                    name: one.name,
                    error,
                }),
            }
        }
    }
}

pub(crate) fn too_many_pages() -> GraphError {
    GraphError::protocol("the listing has more pages than are followed")
}

fn not_found(id: String) -> ItemFailure {
    let message = format!("no policy has the id {id}");
    ItemFailure {
        id,
        name: String::new(),
        error: GraphError::new(GraphErrorKind::NotFound, message),
    }
}

pub(crate) fn id_of(item: &Value) -> &str {
    item["id"].as_str().unwrap_or_default()
}

/// An id as a segment of a path: it must not lead to another address.
pub(crate) fn segment(id: &str) -> Result<&str, GraphError> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if !id.is_empty() && !id.starts_with('.') && id.chars().all(plain) {
        return Ok(id);
    }
    let message = format!("{id:?} is no id of Graph");
    Err(GraphError::new(GraphErrorKind::NotFound, message))
}
