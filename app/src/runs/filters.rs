//! The filters of the runs list as they stand in the URL: `status`, `outcome`, `operation`, `tenant`, `mine`, `from`, `to`,
//! `text`, `cursor`.

use domain::{
    Outcome, Status, TenantId,
    views::runs::{RunQuery, operation_label},
};
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    ui::address::{given, with_query},
};

const A_DAY: &str = "it is a day such as 2026-11-21";

/// Filters as given, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunFilters {
    pub status: Option<String>,
    pub outcome: Option<String>,
    pub operation: Option<String>,
    pub tenant: Option<String>,
    pub mine: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub text: Option<String>,
    pub cursor: Option<String>,
}

impl RunFilters {
    pub fn from_url(query: &ParamsMap) -> Self {
        Self {
            status: given(query, "status"),
            outcome: given(query, "outcome"),
            operation: given(query, "operation"),
            tenant: given(query, "tenant"),
            mine: given(query, "mine"),
            from: given(query, "from"),
            to: given(query, "to"),
            text: given(query, "text"),
            cursor: given(query, "cursor"),
        }
    }

    /// # Errors
    /// `Invalid`, naming the filter that can't be understood and what it may be.
    pub fn to_query(&self) -> Result<RunQuery, AppError> {
        let part =
            |name: &'static str, may_be: &'static str| move || AppError::invalid(name, may_be);
        Ok(RunQuery {
            status: parsed(
                &self.status,
                part("status", "it is queued, running or completed"),
            )?,
            outcome: parsed(
                &self.outcome,
                part(
                    "outcome",
                    "it is pending, succeeded, partially_succeeded, failed or cancelled",
                ),
            )?,
            operation_type: self.operation.clone(),
            tenant: parsed(&self.tenant, part("tenant", "it is the number of a tenant"))?,
            mine: match self.mine.as_deref() {
                None | Some("0") => false,
                Some("1") => true,
                Some(_) => return Err(AppError::invalid("mine", "it is 1 or left out")),
            },
            from: parsed(&self.from, part("from", A_DAY))?,
            to: parsed(&self.to, part("to", A_DAY))?,
            text: self.text.clone(),
            cursor: parsed(
                &self.cursor,
                part("cursor", "it is not one that this site gave out"),
            )?,
        })
    }

    /// The list's address with these filters.
    pub fn href(&self) -> String {
        with_query(
            "/runs",
            &[
                ("status", self.status.clone()),
                ("outcome", self.outcome.clone()),
                ("operation", self.operation.clone()),
                ("tenant", self.tenant.clone()),
                ("mine", self.mine.clone()),
                ("from", self.from.clone()),
                ("to", self.to.clone()),
                ("text", self.text.clone()),
                ("cursor", self.cursor.clone()),
            ],
        )
    }

    /// The address of another page of the same list.
    pub fn href_at(&self, cursor: String) -> String {
        Self {
            cursor: Some(cursor),
            ..self.clone()
        }
        .href()
    }

    /// Each filter in words, with the address of the list without it. `tenants` gives their names.
    pub fn chips(&self, tenants: &[(TenantId, String)]) -> Vec<Chip> {
        let first_page = Self {
            cursor: None,
            ..self.clone()
        };
        let mut chips = Vec::new();
        let mut chip = |words: String, rest: Self| {
            chips.push(Chip {
                words,
                without: rest.href(),
            })
        };
        if let Some(status) = &self.status {
            let label = status
                .parse()
                .map_or(status.as_str(), |known: Status| known.label());
            chip(
                format!("Status: {label}"),
                Self {
                    status: None,
                    ..first_page.clone()
                },
            );
        }
        if let Some(outcome) = &self.outcome {
            let label = outcome
                .parse()
                .map_or(outcome.as_str(), |known: Outcome| known.label());
            chip(
                format!("Outcome: {label}"),
                Self {
                    outcome: None,
                    ..first_page.clone()
                },
            );
        }
        if let Some(operation) = &self.operation {
            let label = operation_label(operation);
            chip(
                format!("Operation: {label}"),
                Self {
                    operation: None,
                    ..first_page.clone()
                },
            );
        }
        if let Some(tenant) = &self.tenant {
            let known = tenants.iter().find(|(id, _)| id.to_string() == *tenant);
            let label = known.map_or(tenant.as_str(), |(_, name)| name.as_str());
            chip(
                format!("Tenant: {label}"),
                Self {
                    tenant: None,
                    ..first_page.clone()
                },
            );
        }
        if self.mine.as_deref() == Some("1") {
            chip(
                "Started by me".to_owned(),
                Self {
                    mine: None,
                    ..first_page.clone()
                },
            );
        }
        if let Some(from) = &self.from {
            chip(
                format!("Created from {from}"),
                Self {
                    from: None,
                    ..first_page.clone()
                },
            );
        }
        if let Some(to) = &self.to {
            chip(
                format!("Created to {to}"),
                Self {
                    to: None,
                    ..first_page.clone()
                },
            );
        }
        if let Some(text) = &self.text {
            chip(
                format!("Text: {text}"),
                Self {
                    text: None,
                    ..first_page.clone()
                },
            );
        }
        chips
    }

    /// Whether anything but the page is chosen.
    pub fn is_filtered(&self) -> bool {
        Self {
            cursor: None,
            ..self.clone()
        } != Self::default()
    }
}

/// A filter that can be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    pub words: String,
    /// The list's address without it, from the first page.
    pub without: String,
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
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn filters() -> RunFilters {
        RunFilters {
            status: Some("completed".into()),
            outcome: Some("failed".into()),
            operation: Some("inventory.sync".into()),
            tenant: Some("7".into()),
            mine: Some("1".into()),
            from: Some("2026-11-01".into()),
            to: Some("2026-11-21".into()),
            text: Some("throttled".into()),
            cursor: Some("o42".into()),
        }
    }

    #[test]
    fn every_filter_reaches_the_query() {
        let query = filters().to_query();
        assert_eq!(
            query,
            Ok(RunQuery {
                status: Some(Status::Completed),
                outcome: Some(Outcome::Failed),
                operation_type: Some("inventory.sync".into()),
                tenant: Some(TenantId(7)),
                mine: true,
                from: NaiveDate::from_ymd_opt(2026, 11, 1),
                to: NaiveDate::from_ymd_opt(2026, 11, 21),
                text: Some("throttled".into()),
                cursor: Some(domain::RunCursor::Older(domain::RunId(42))),
            })
        );
    }

    #[test]
    fn a_filter_that_can_not_be_understood_is_named() {
        let bad = |filters: RunFilters, part: &str| match filters.to_query() {
            Err(AppError::Invalid(text)) => assert!(text.starts_with(part), "{text}"),
            other => panic!("{part}: {other:?}"),
        };
        bad(
            RunFilters {
                status: Some("done".into()),
                ..Default::default()
            },
            "status:",
        );
        bad(
            RunFilters {
                outcome: Some("ok".into()),
                ..Default::default()
            },
            "outcome:",
        );
        bad(
            RunFilters {
                tenant: Some("x".into()),
                ..Default::default()
            },
            "tenant:",
        );
        bad(
            RunFilters {
                mine: Some("yes".into()),
                ..Default::default()
            },
            "mine:",
        );
        bad(
            RunFilters {
                from: Some("yesterday".into()),
                ..Default::default()
            },
            "from:",
        );
        bad(
            RunFilters {
                cursor: Some("42".into()),
                ..Default::default()
            },
            "cursor:",
        );
    }

    #[test]
    fn taking_a_chip_away_keeps_the_others_and_goes_to_the_first_page() {
        let chips = filters().chips(&[(TenantId(7), "Contoso".into())]);
        let words: Vec<_> = chips.iter().map(|chip| chip.words.as_str()).collect();
        assert_eq!(
            words,
            [
                "Status: Completed",
                "Outcome: Failed",
                "Operation: Inventory sync",
                "Tenant: Contoso",
                "Started by me",
                "Created from 2026-11-01",
                "Created to 2026-11-21",
                "Text: throttled"
            ]
        );
        assert_eq!(
            chips[0].without,
            "/runs?outcome=failed&operation=inventory.sync&tenant=7&mine=1&from=2026-11-01&to=2026-11-21&text=throttled"
        );
    }
}
