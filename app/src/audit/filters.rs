//! The filters of the audit log as they stand in the URL: `person`, `tenant`, `action`, `result`, `from`, `to`, `cursor`.

use std::str::FromStr;

use domain::{
    AuditAction, AuditResult,
    views::audit::{AuditChoices, AuditQuery},
};
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    ui::{
        address::{given, with_query},
        chips::Chip,
    },
};

const A_DAY: &str = "it is a day such as 2026-11-21";

/// Filters as given, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditFilters {
    pub person: Option<String>,
    pub tenant: Option<String>,
    pub action: Option<String>,
    pub result: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub cursor: Option<String>,
}

impl AuditFilters {
    pub fn from_url(query: &ParamsMap) -> Self {
        Self {
            person: given(query, "person"),
            tenant: given(query, "tenant"),
            action: given(query, "action"),
            result: given(query, "result"),
            from: given(query, "from"),
            to: given(query, "to"),
            cursor: given(query, "cursor"),
        }
    }

    /// # Errors
    /// `Invalid`, naming the filter that can't be understood and what it may be.
    pub fn to_query(&self) -> Result<AuditQuery, AppError> {
        Ok(AuditQuery {
            person: parsed(&self.person, "person", "it is the number of a person")?,
            tenant: parsed(&self.tenant, "tenant", "it is the number of a tenant")?,
            action: parsed(&self.action, "action", "it is a code such as run.start")?,
            result: parsed(&self.result, "result", "it is done or refused")?,
            from: parsed(&self.from, "from", A_DAY)?,
            to: parsed(&self.to, "to", A_DAY)?,
            cursor: parsed(
                &self.cursor,
                "cursor",
                "it is not one that this site gave out",
            )?,
        })
    }

    fn chosen(&self) -> [(&'static str, Option<String>); 6] {
        [
            ("person", self.person.clone()),
            ("tenant", self.tenant.clone()),
            ("action", self.action.clone()),
            ("result", self.result.clone()),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
        ]
    }

    pub fn is_filtered(&self) -> bool {
        self.chosen().iter().any(|(_, value)| value.is_some())
    }

    /// The address of another page of the same list.
    pub fn href_at(&self, cursor: String) -> String {
        let mut parts = self.chosen().to_vec();
        parts.push(("cursor", Some(cursor)));
        with_query("/audit", &parts)
    }

    /// The address of all that is chosen as a file.
    pub fn export_href(&self, format: &str) -> String {
        let mut parts = vec![("format", Some(format.to_owned()))];
        parts.extend(self.chosen());
        with_query("/audit/export", &parts)
    }

    /// Each filter in words, with the address of the list without it.
    pub fn chips(&self, choices: &AuditChoices) -> Vec<Chip> {
        let chosen = self.chosen();
        let without = |name: &str| {
            let rest: Vec<_> = chosen
                .iter()
                .filter(|(other, _)| *other != name)
                .cloned()
                .collect();
            with_query("/audit", &rest)
        };
        chosen
            .iter()
            .filter_map(|(name, value)| {
                Some(Chip {
                    words: words(name, value.as_deref()?, choices),
                    without: without(name),
                })
            })
            .collect()
    }
}

fn words(name: &str, value: &str, choices: &AuditChoices) -> String {
    let label = match name {
        "person" => choices
            .people
            .iter()
            .find(|(id, _)| id.to_string() == value)
            .map(|(_, name)| name.as_str()),
        "tenant" => choices
            .tenants
            .iter()
            .find(|(id, _)| id.to_string() == value)
            .map(|(_, name)| name.as_str()),
        "action" => value.parse().ok().map(AuditAction::label),
        "result" => value.parse().ok().map(AuditResult::label),
        _ => None,
    };
    let title = match name {
        "person" => "Person",
        "tenant" => "Tenant",
        "action" => "Action",
        "result" => "Result",
        "from" => "From",
        _ => "To",
    };
    format!("{title}: {}", label.unwrap_or(value))
}

fn parsed<T: FromStr>(
    value: &Option<String>,
    name: &str,
    may_be: &str,
) -> Result<Option<T>, AppError> {
    value
        .as_deref()
        .map(|value| value.trim().parse())
        .transpose()
        .map_err(|_| AppError::invalid(name, may_be))
}

#[cfg(test)]
mod tests {
    use domain::UserId;

    use super::*;

    fn filters() -> AuditFilters {
        AuditFilters {
            person: Some("7".into()),
            action: Some("run.start".into()),
            from: Some("2026-11-01".into()),
            ..AuditFilters::default()
        }
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        assert!(filters().to_query().is_ok());
        let bad = AuditFilters {
            action: Some("run.stop".into()),
            ..AuditFilters::default()
        };
        match bad.to_query() {
            Err(AppError::Invalid(why)) => assert!(why.starts_with("action:"), "{why}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_chip_names_its_filter_and_leads_to_the_list_without_it() {
        let choices = AuditChoices {
            people: vec![(UserId(7), "Ada".into())],
            ..AuditChoices::default()
        };
        let chips = filters().chips(&choices);
        assert_eq!(
            chips[0],
            Chip {
                words: "Person: Ada".to_owned(),
                without: "/audit?action=run.start&from=2026-11-01".to_owned()
            }
        );
        assert_eq!(chips[1].words, "Action: Run started");
        assert_eq!(
            filters().export_href("csv"),
            "/audit/export?format=csv&person=7&action=run.start&from=2026-11-01"
        );
    }
}
