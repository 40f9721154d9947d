//! Completing policies with what their listing leaves out, twenty at a time.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    batch::{BatchRequest, LARGEST},
    client::TenantGraph,
    error::{GraphError, GraphErrorKind},
    kinds::{Detail, PolicyKind},
    policies::{Depth, Listed, PolicyPage, id_of, segment, too_many_pages},
    send::Call,
};

/// A policy on its way to completion: what is known of it, or why it could not be read.
pub(crate) struct Reading {
    pub id: String,
    pub name: String,
    pub result: Result<Value, GraphError>,
}

impl Reading {
    fn of(kind: &PolicyKind, item: Value) -> Self {
        Self {
            id: id_of(&item).to_owned(),
            name: kind.name_of(&item).to_owned(),
            result: Ok(item),
        }
    }

    /// Replaces what is known; a failure of it is the policy's.
    pub(crate) fn set(&mut self, kind: &PolicyKind, result: Result<Value, GraphError>) {
        if let Ok(policy) = &result {
            kind.name_of(policy).clone_into(&mut self.name);
        }
        self.result = result;
    }
}

impl TenantGraph {
    pub(crate) async fn page(&self, url: String) -> Result<Listed, GraphError> {
        let body = self.send(Call::new(Method::GET, url)).await?;
        self.page_in(body)
    }

    fn page_in(&self, mut body: Value) -> Result<Listed, GraphError> {
        let next = body["@odata.nextLink"]
            .as_str()
            .map(|link| self.checked_link(link));
        match body["value"].take() {
            Value::Array(items) => Ok((items, next)),
            _ => Err(GraphError::protocol("a page holds no list")),
        }
    }

    pub(crate) async fn complete(
        &self,
        kind: &PolicyKind,
        depth: Depth,
        items: Vec<Value>,
    ) -> Result<PolicyPage, GraphError> {
        let mut page = PolicyPage::default();
        // Twenty at a time, as many as a batch takes, so that little is in memory.
        let mut items = items.into_iter().peekable();
        while items.peek().is_some() {
            let some = items.by_ref().take(LARGEST);
            let mut some: Vec<Reading> = some.map(|item| Reading::of(kind, item)).collect();
            self.read_detail(kind, depth, &mut some).await?;
            if depth == Depth::Backup {
                self.read_parts(kind, &mut some).await?;
            }
            // Deleted between the listing and this: it is not there any more.
            some.retain(|one| !is_gone(&one.result));
            page.extend(some);
        }
        Ok(page)
    }

    /// At most twenty policies by their ids; one that is not there is a failure.
    pub(crate) async fn by_ids(
        &self,
        kind: &PolicyKind,
        ids: Vec<String>,
    ) -> Result<PolicyPage, GraphError> {
        let mut some: Vec<Reading> = ids
            .into_iter()
            .map(|id| Reading::of(kind, json!({ "id": id })))
            .collect();
        if !matches!(kind.detail, Detail::Item(_)) {
            self.read_items(kind, "", &mut some).await?;
        }
        self.read_detail(kind, Depth::Backup, &mut some).await?;
        self.read_parts(kind, &mut some).await?;
        let mut page = PolicyPage::default();
        page.extend(some);
        Ok(page)
    }

    /// Reads each policy at its own address.
    async fn read_items(
        &self,
        kind: &PolicyKind,
        query: &str,
        some: &mut [Reading],
    ) -> Result<(), GraphError> {
        let asked = some.iter_mut().filter(|one| one.result.is_ok());
        let mut asked: Vec<&mut Reading> = asked.collect();
        let paths = asked
            .iter()
            .map(|one| Ok(format!("{}/{}{query}", kind.list, segment(&one.id)?)))
            .collect();
        for (one, answer) in asked.iter_mut().zip(self.read_all(kind, paths).await?) {
            one.set(kind, answer);
        }
        Ok(())
    }

    async fn read_detail(
        &self,
        kind: &PolicyKind,
        depth: Depth,
        some: &mut [Reading],
    ) -> Result<(), GraphError> {
        let (path, member, each) = match kind.detail {
            Detail::Listed => return Ok(()),
            Detail::Item(query) => return self.read_items(kind, query, some).await,
            Detail::Children { path, member, each } => (path, member, each),
        };
        let explained = match depth {
            Depth::Content => "",
            Depth::Backup => kind.explained,
        };
        let asked = some.iter_mut().filter(|one| one.result.is_ok());
        let mut asked: Vec<&mut Reading> = asked.collect();
        let paths = asked
            .iter()
            .map(|one| {
                Ok(format!(
                    "{}/{}{path}{explained}",
                    kind.list,
                    segment(&one.id)?
                ))
            })
            .collect();
        for (one, answer) in asked.iter_mut().zip(self.read_all(kind, paths).await?) {
            let children = match answer {
                Ok(body) => self.with_children(kind, &one.id, member, each, body).await,
                Err(error) => Err(error),
            };
            match (children, &mut one.result) {
                (Ok(children), Ok(policy)) => policy[member] = children,
                (Err(error), _) => one.result = Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    async fn with_children(
        &self,
        kind: &PolicyKind,
        id: &str,
        member: &str,
        each: Option<(&str, &str)>,
        body: Value,
    ) -> Result<Value, GraphError> {
        let mut children = self.all_children(body).await?;
        if let Some((path, member_of_child)) = each {
            let paths = children
                .iter()
                .map(|child| {
                    let (id, child) = (segment(id)?, segment(id_of(child))?);
                    Ok(format!("{}/{id}/{member}/{child}{path}", kind.list))
                })
                .collect();
            for (child, answer) in children.iter_mut().zip(self.read_all(kind, paths).await?) {
                child[member_of_child] = match answer {
                    Ok(body) => Value::Array(self.all_children(body).await?),
                    Err(error) if error.kind == GraphErrorKind::NotFound => {
                        let name = format!("{member_of_child} changed while they were read");
                        return Err(GraphError::new(GraphErrorKind::Unavailable, name));
                    }
                    Err(error) => return Err(error),
                };
            }
        }
        Ok(Value::Array(children))
    }

    /// Answers in the order of the paths. A path that can't be asked for fails alone.
    pub(crate) async fn read_all(
        &self,
        kind: &PolicyKind,
        paths: Vec<Result<String, GraphError>>,
    ) -> Result<Vec<Result<Value, GraphError>>, GraphError> {
        let requests = paths
            .iter()
            .enumerate()
            .filter_map(|(at, path)| {
                Some(BatchRequest {
                    id: at.to_string(),
                    path: path.as_ref().ok()?.clone(),
                })
            })
            .collect();
        let mut answers = self.batch(kind.version, requests).await?.into_iter();
        let missing = || GraphError::protocol("a batch left a request without an answer");
        Ok(paths
            .into_iter()
            .map(|path| match path {
                Ok(_) => answers.next().ok_or_else(missing)?.result,
                Err(error) => Err(error),
            })
            .collect())
    }

    /// The items of a first page that is here already, and of all that follow it.
    pub(crate) async fn all_children(&self, body: Value) -> Result<Vec<Value>, GraphError> {
        let (mut children, next) = self.page_in(body)?;
        self.each_page(next, |more| children.extend(more)).await?;
        Ok(children)
    }

    /// Takes each page from this one on, to the last.
    pub(crate) async fn each_page(
        &self,
        mut next: Option<Result<String, GraphError>>,
        mut take: impl FnMut(Vec<Value>),
    ) -> Result<(), GraphError> {
        let mut pages_left = self.shared.settings.max_pages;
        while let Some(url) = next {
            pages_left = pages_left.checked_sub(1).ok_or_else(too_many_pages)?;
            let (items, after) = self.page(url?).await?;
            take(items);
            next = after;
        }
        Ok(())
    }
}

fn is_gone(result: &Result<Value, GraphError>) -> bool {
    matches!(result, Err(error) if error.kind == GraphErrorKind::NotFound)
}
