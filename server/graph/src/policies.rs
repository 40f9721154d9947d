//! Policies of one kind, page by page, each completed with what its listing leaves out.

use reqwest::Method;
use serde_json::Value;

use crate::{
    batch::BatchRequest,
    client::TenantGraph,
    error::{GraphError, GraphErrorKind},
    kinds::{Detail, PolicyKind},
    send::Call,
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
    next: Option<Result<String, GraphError>>,
    pages_left: usize,
}

impl PolicyPages {
    pub(crate) fn new(graph: TenantGraph, kind: &'static PolicyKind) -> Self {
        let first = graph.url(kind.version, &format!("{}{}", kind.list, kind.query));
        Self {
            pages_left: graph.shared.settings.max_pages,
            graph,
            kind,
            next: Some(Ok(first)),
        }
    }

    /// The next page; none after the last one or an error.
    pub async fn next(&mut self) -> Option<Result<PolicyPage, GraphError>> {
        let page = match self.next.take()? {
            Ok(url) => self.read(url).await,
            Err(error) => Err(error),
        };
        Some(page)
    }

    async fn read(&mut self, url: String) -> Result<PolicyPage, GraphError> {
        self.pages_left = self
            .pages_left
            .checked_sub(1)
            .ok_or_else(|| GraphError::protocol("the listing has more pages than are followed"))?;
        let (items, next) = self.graph.page(url).await?;
        if let Some(item) = items
            .iter()
            .find(|item| item["id"].as_str().is_none_or(str::is_empty))
        {
            let name = self.kind.name_of(item).to_owned();
            return Err(GraphError::protocol(format!("a policy has no id: {name}")));
        }
        let page = self.graph.complete(self.kind, items).await?;
        self.next = next;
        Ok(page)
    }
}

impl TenantGraph {
    /// The items of one page, and the link to the next.
    async fn page(
        &self,
        url: String,
    ) -> Result<(Vec<Value>, Option<Result<String, GraphError>>), GraphError> {
        let mut body = self.send(Call::new(Method::GET, url)).await?;
        let next = body["@odata.nextLink"]
            .as_str()
            .map(|link| self.checked_link(link));
        match body["value"].take() {
            Value::Array(items) => Ok((items, next)),
            _ => Err(GraphError::protocol("a page holds no list")),
        }
    }

    async fn complete(
        &self,
        kind: &PolicyKind,
        items: Vec<Value>,
    ) -> Result<PolicyPage, GraphError> {
        let mut page = PolicyPage::default();
        // Twenty at a time, as many as a batch takes, so that little is in memory.
        let mut items = items.into_iter().peekable();
        while items.peek().is_some() {
            let some: Vec<Value> = items.by_ref().take(20).collect();
            self.complete_some(kind, some, &mut page).await?;
        }
        Ok(page)
    }

    async fn complete_some(
        &self,
        kind: &PolicyKind,
        items: Vec<Value>,
        page: &mut PolicyPage,
    ) -> Result<(), GraphError> {
        let below = match kind.detail {
            Detail::Listed => {
                page.policies.extend(items);
                return Ok(());
            }
            Detail::Item(query) => query,
            Detail::Children { path, .. } => path,
        };
        let requests = items
            .iter()
            .map(|item| BatchRequest {
                id: id_of(item).to_owned(),
                path: format!("{}/{}{below}", kind.list, id_of(item)),
            })
            .collect();
        let answers = self.batch(kind.version, requests).await?;
        for (item, answer) in items.into_iter().zip(answers) {
            let read = match answer.result {
                Ok(body) => self.with_detail(kind, item.clone(), body).await,
                Err(error) => Err(error),
            };
            match read {
                Ok(policy) => page.policies.push(policy),
                // Deleted between the listing and this: it is not there any more.
                Err(error) if error.kind == GraphErrorKind::NotFound => {}
                Err(error) => page.failed.push(ItemFailure {
                    id: id_of(&item).to_owned(),
                    name: kind.name_of(&item).to_owned(),
                    error,
                }),
            }
        }
        Ok(())
    }

    async fn with_detail(
        &self,
        kind: &PolicyKind,
        mut item: Value,
        body: Value,
    ) -> Result<Value, GraphError> {
        let Detail::Children { member, each, .. } = kind.detail else {
            return Ok(body);
        };
        let mut children = self.all_children(body).await?;
        if let Some((path, member_of_child)) = each {
            for child in &mut children {
                let path = format!(
                    "{}/{}/{member}/{}{path}",
                    kind.list,
                    id_of(&item),
                    id_of(child)
                );
                let body = self.get_json(kind.version, &path).await?;
                child[member_of_child] = Value::Array(self.all_children(body).await?);
            }
        }
        item[member] = Value::Array(children);
        Ok(item)
    }

    /// The items of a first page that is here already, and of all that follow it.
    async fn all_children(&self, mut body: Value) -> Result<Vec<Value>, GraphError> {
        let mut next = body["@odata.nextLink"]
            .as_str()
            .map(|link| self.checked_link(link));
        let Value::Array(mut children) = body["value"].take() else {
            return Err(GraphError::protocol("a page holds no list"));
        };
        let mut pages_left = self.shared.settings.max_pages;
        while let Some(url) = next {
            pages_left = pages_left.checked_sub(1).ok_or_else(|| {
                GraphError::protocol("the listing has more pages than are followed")
            })?;
            let (more, after) = self.page(url?).await?;
            children.extend(more);
            next = after;
        }
        Ok(children)
    }
}

fn id_of(item: &Value) -> &str {
    item["id"].as_str().unwrap_or_default()
}
