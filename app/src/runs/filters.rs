//! The filters of the runs list as they stand in the URL: `status`, `outcome`, `operation`, `tenant`, `mine`, `initiator`,
//! `from`, `to`, `last`, `text`, `cursor`, and `view` for the saved view that they came from.

use domain::{SavedViewId, views::runs::RunQuery};
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    ui::address::{given, with_query},
};

const A_DAY: &str = "it is a day such as 2026-11-21";
/// The list as it is, for somebody whose default is another view.
pub const EVERYTHING: &str = "/runs?view=all";

/// Filters as given, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunFilters {
    pub status: Option<String>,
    pub outcome: Option<String>,
    pub operation: Option<String>,
    pub tenant: Option<String>,
    pub mine: Option<String>,
    pub initiator: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub last: Option<String>,
    pub text: Option<String>,
    pub cursor: Option<String>,
    pub view: Option<String>,
}

impl RunFilters {
    pub fn from_url(query: &ParamsMap) -> Self {
        Self::from_values(|name| given(query, name))
    }

    /// From the parts of a query string; those that a form sent empty count as absent.
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        Self::from_values(|wanted| {
            let found = pairs.iter().find(|(name, _)| name == wanted);
            let value = found.map(|(_, value)| value.clone());
            value.filter(|value| !value.trim().is_empty())
        })
    }

    pub(super) fn from_values(value: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            status: value("status"),
            outcome: value("outcome"),
            operation: value("operation"),
            tenant: value("tenant"),
            mine: value("mine"),
            initiator: value("initiator"),
            from: value("from"),
            to: value("to"),
            last: value("last"),
            text: value("text"),
            cursor: value("cursor"),
            view: value("view"),
        }
    }

    /// # Errors
    /// `Invalid`, naming the filter that can't be understood and what it may be.
    pub fn to_query(&self) -> Result<RunQuery, AppError> {
        let part =
            |name: &'static str, may_be: &'static str| move || AppError::invalid(name, may_be);
        self.view_named()?;
        let shapeless = |operation: &String| operation.chars().any(char::is_control);
        if self.operation.as_ref().is_some_and(shapeless) {
            return Err(AppError::invalid(
                "operation",
                "it is a code such as inventory.sync",
            ));
        }
        Ok(RunQuery {
            status: parsed(
                &self.status,
                part("status", "it is queued, running or completed"),
            )?,
            outcome: parsed(
                &self.outcome,
                part(
                    "outcome",
                    "it is pending, succeeded, partially_succeeded, failed, cancelled or not_succeeded",
                ),
            )?,
            operation_type: self.operation.clone(),
            tenant: parsed(&self.tenant, part("tenant", "it is the number of a tenant"))?,
            mine: match self.mine.as_deref() {
                None | Some("0") => false,
                Some("1") => true,
                Some(_) => return Err(AppError::invalid("mine", "it is 1 or left out")),
            },
            initiator: parsed(
                &self.initiator,
                part("initiator", "it is system or the number of a person"),
            )?,
            from: parsed(&self.from, part("from", A_DAY))?,
            to: parsed(&self.to, part("to", A_DAY))?,
            last: parsed(&self.last, part("last", "it is 1h, 24h, 7d or 30d"))?,
            text: self.text.clone(),
            cursor: parsed(
                &self.cursor,
                part("cursor", "it is not one that this site gave out"),
            )?,
        })
    }

    /// The saved view that the address names, if it names one.
    ///
    /// # Errors
    /// `Invalid` for what is no view's number.
    pub fn view_named(&self) -> Result<Option<SavedViewId>, AppError> {
        match self.view.as_deref() {
            None | Some("all") => Ok(None),
            Some(view) => view
                .parse()
                .map(Some)
                .map_err(|_| AppError::invalid("view", "it is the number of a saved view, or all")),
        }
    }

    /// Whether the address says nothing but a view's number.
    pub fn names_view_alone(&self) -> bool {
        !self.is_filtered() && self.cursor.is_none()
    }

    /// The filters alone, named as in the address, in the order in which they always stand there.
    pub fn parts(&self) -> [(&'static str, Option<String>); 10] {
        [
            ("status", self.status.clone()),
            ("outcome", self.outcome.clone()),
            ("operation", self.operation.clone()),
            ("tenant", self.tenant.clone()),
            ("mine", self.mine.clone().filter(|mine| mine != "0")),
            ("initiator", self.initiator.clone()),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
            ("last", self.last.clone()),
            ("text", self.text.clone()),
        ]
    }

    /// The address at `path` of what the filters choose.
    pub fn href_of(&self, path: &str) -> String {
        with_query(path, &self.parts())
    }

    /// The filters as a query string, the same for the same filters.
    pub fn query_string(&self) -> String {
        self.href_of("").trim_start_matches('?').to_owned()
    }

    /// The list's first page with these filters.
    pub fn href(&self) -> String {
        match self.is_filtered() {
            true => self.href_of("/runs"),
            false => EVERYTHING.to_owned(),
        }
    }

    /// The address of another page of the same list.
    pub fn href_at(&self, cursor: String) -> String {
        let more = [("cursor", Some(cursor)), ("view", self.view.clone())];
        with_query("/runs", &[self.parts().as_slice(), &more].concat())
    }

    /// Whether anything but the page is chosen.
    pub fn is_filtered(&self) -> bool {
        self.parts().iter().any(|(_, value)| value.is_some())
    }
}

fn parsed<T: std::str::FromStr>(
    text: &Option<String>,
    error: impl FnOnce() -> AppError,
) -> Result<Option<T>, AppError> {
    match text {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| error()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::{DateTime, NaiveDate};
    use domain::{
        Outcome, RunCursor, RunId, RunPosition, Status, TenantId, UserId,
        views::run_list::{InitiatorFilter, Last},
    };

    use super::*;

    pub(crate) fn filters() -> RunFilters {
        RunFilters {
            status: Some("completed".into()),
            outcome: Some("failed".into()),
            operation: Some("inventory.sync".into()),
            tenant: Some("7".into()),
            mine: Some("1".into()),
            initiator: Some("9".into()),
            from: Some("2026-11-01".into()),
            to: Some("2026-11-21".into()),
            last: Some("24h".into()),
            text: Some("throttled".into()),
            cursor: Some("o5-42".into()),
            view: Some("3".into()),
        }
    }

    #[test]
    fn every_filter_reaches_the_query() {
        let query = filters().to_query();
        assert_eq!(
            query,
            Ok(RunQuery {
                status: Some(Status::Completed),
                outcome: Some(Outcome::Failed.into()),
                operation_type: Some("inventory.sync".into()),
                tenant: Some(TenantId(7)),
                mine: true,
                initiator: Some(InitiatorFilter::Person(UserId(9))),
                from: NaiveDate::from_ymd_opt(2026, 11, 1),
                to: NaiveDate::from_ymd_opt(2026, 11, 21),
                last: Some(Last::Day),
                text: Some("throttled".into()),
                cursor: Some(RunCursor::Older(RunPosition {
                    created_at: DateTime::from_timestamp_micros(5).unwrap_or_default(),
                    id: RunId(42)
                })),
            })
        );
    }

    #[test]
    fn a_filter_that_can_not_be_understood_is_named() {
        for (part, value) in [
            ("status", "done"),
            ("outcome", "ok"),
            ("tenant", "x"),
            ("mine", "yes"),
            ("initiator", "ada"),
            ("from", "yesterday"),
            ("to", "2026-13-01"),
            ("last", "a while"),
            ("cursor", "42"),
            ("view", "best"),
            ("operation", "\0"),
        ] {
            let filters = RunFilters::from_pairs(&[(part.to_owned(), value.to_owned())]);
            match filters.to_query() {
                Err(AppError::Invalid(text)) => assert!(text.starts_with(part), "{text}"),
                other => panic!("{part}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_same_filters_have_the_same_address_wherever_they_came_from() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let filters = RunFilters::from_pairs(&[
            pair("text", "a&b"),
            pair("outcome", ""),
            pair("status", "running"),
        ]);
        assert_eq!(filters.query_string(), "status=running&text=a%26b");
        assert_eq!(filters.href(), "/runs?status=running&text=a%26b");
        assert_eq!(
            filters.href_at("o5-42".into()),
            "/runs?status=running&text=a%26b&cursor=o5-42"
        );
        assert_eq!(RunFilters::default().href(), EVERYTHING);
    }
}
