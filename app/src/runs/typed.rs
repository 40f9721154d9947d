//! Filters that are typed into the search of the runs list: `tenant:Contoso outcome:failed "timed out"`.

use super::{
    filter_fields::{Choices, operations, outcomes, statuses, times},
    filters::RunFilters,
};
use crate::error::AppError;

/// What may be typed before a colon, and the filter that it stands for.
const NAMES: [(&str, &str); 9] = [
    ("status", "status"),
    ("outcome", "outcome"),
    ("operation", "operation"),
    ("tenant", "tenant"),
    ("by", "initiator"),
    ("initiator", "initiator"),
    ("last", "last"),
    ("from", "from"),
    ("to", "to"),
];

/// A search that names filters.
#[derive(Debug, PartialEq, Eq)]
pub struct Typed {
    /// Each filter with what was typed for it.
    parts: Vec<(&'static str, String)>,
    /// The rest.
    text: Option<String>,
}

impl Typed {
    /// None for a text that names no filter, and is to be searched for as it is.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = Vec::new();
        for word in words(text) {
            let named = word.split_once(':').and_then(|(name, value)| {
                let known = NAMES.iter().find(|(known, _)| *known == name)?;
                Some((known.1, unquoted(value))).filter(|(_, value)| !value.is_empty())
            });
            match named {
                Some(part) => parts.push(part),
                None => rest.push(unquoted(word)),
            }
        }
        let text = rest.join(" ");
        (!parts.is_empty()).then(|| Self {
            parts,
            text: Some(text).filter(|text| !text.is_empty()),
        })
    }

    /// The filters with what was typed in place of the search, and of what was chosen of the same.
    ///
    /// # Errors
    /// `Invalid`, naming the filter whose value can't be meant, or may mean several.
    pub fn among(self, filters: &RunFilters, choices: &Choices) -> Result<RunFilters, AppError> {
        let chosen = filters.parts();
        let mut typed = Vec::new();
        for (name, value) in self.parts {
            let meant = match (name, value.as_str()) {
                ("initiator", "me") => None,
                ("status", _) => Some(one_of(name, &value, statuses())?),
                ("outcome", _) => Some(one_of(name, &value, outcomes())?),
                ("operation", _) => Some(one_of(name, &value, operations())?),
                ("last", _) => Some(one_of(name, &value, times())?),
                ("tenant", _) => Some(one_of(name, &value, choices.tenants())?),
                ("initiator", _) => Some(one_of(name, &value, choices.people())?),
                _ => Some(value),
            };
            // Two filters of the address, but one question: who started it.
            if name == "initiator" {
                typed.push(("mine", meant.is_none().then(|| "1".to_owned())));
            }
            typed.push((name, meant));
        }
        let meant = RunFilters::from_values(|name| match name {
            "text" => self.text.clone(),
            // They belong to what was chosen before.
            "cursor" | "view" => None,
            _ => {
                let latest = typed.iter().rev().find(|(known, _)| *known == name);
                let kept = chosen.iter().find(|(known, _)| *known == name);
                latest.or(kept).and_then(|(_, value)| value.clone())
            }
        });
        meant.to_query()?;
        Ok(meant)
    }
}

/// The text at its spaces, but not at those between quotation marks.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    })
    .filter(|word| !word.is_empty())
}

fn unquoted(word: &str) -> String {
    word.replace('"', "")
}

/// The choice that is written or called so, whatever its case.
fn one_of(name: &str, value: &str, options: Vec<(String, String)>) -> Result<String, AppError> {
    let is_meant = |text: &str| text.to_lowercase() == value.to_lowercase();
    let mut meant = options
        .iter()
        .filter(|(code, label)| is_meant(code) || is_meant(label));
    match (meant.next(), meant.next()) {
        (Some((code, _)), None) => Ok(code.clone()),
        (Some(_), Some(_)) => Err(AppError::invalid(
            name,
            format!("several are called “{value}”: choose one of them from the list"),
        )),
        (None, _) => {
            let known: Vec<_> = options.iter().map(|(_, label)| label.as_str()).collect();
            let (shown, more) = known.split_at(known.len().min(12));
            let more = if more.is_empty() { "" } else { " and others" };
            Err(AppError::invalid(
                name,
                format!("“{value}” is none of {}{more}", shown.join(", ")),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{TenantId, UserId, views::run_list::RunInitiator};

    use super::*;

    fn choices() -> Choices {
        let tenant = |id, name: &str| (TenantId(id), name.to_owned());
        Choices {
            tenants: vec![
                tenant(1, "Contoso"),
                tenant(2, "Fabrikam Ltd"),
                tenant(3, "Twin"),
                tenant(4, "twin"),
            ],
            people: vec![RunInitiator {
                id: UserId(9),
                name: "Ada Lovelace".to_owned(),
            }],
        }
    }

    fn typed(text: &str, chosen: &RunFilters) -> Result<String, AppError> {
        let Some(typed) = Typed::read(text) else {
            panic!("{text} names no filter");
        };
        Ok(typed.among(chosen, &choices())?.query_string())
    }

    #[test]
    fn a_text_without_a_filter_is_searched_for_as_it_is() {
        for text in [
            "",
            "timed out",
            "at 12:04",
            "https://graph.microsoft.com",
            "\"status:running\"",
            "status:",
        ] {
            assert_eq!(Typed::read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_typed_is_chosen_by_code_or_by_name_and_the_rest_is_searched_for() {
        let none = RunFilters::default();
        for (text, address) in [
            ("status:running", "status=running"),
            (
                "outcome:\"Partially succeeded\"",
                "outcome=partially_succeeded",
            ),
            (
                "operation:\"inventory SYNC\" by:me",
                "operation=inventory.sync&mine=1",
            ),
            (
                "tenant:\"fabrikam ltd\" timed out",
                "tenant=2&text=timed%20out",
            ),
            ("by:\"Ada Lovelace\" last:24h", "initiator=9&last=24h"),
            (
                "initiator:system from:2026-11-01 to:2026-11-02",
                "initiator=system&from=2026-11-01&to=2026-11-02",
            ),
            ("status:queued status:running", "status=running"),
            ("\"exactly this\" tenant:1", "tenant=1&text=exactly%20this"),
        ] {
            assert_eq!(typed(text, &none), Ok(address.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_was_chosen_besides_stays() {
        let chosen = RunFilters {
            status: Some("queued".to_owned()),
            tenant: Some("2".to_owned()),
            cursor: Some("o5-42".to_owned()),
            view: Some("3".to_owned()),
            ..RunFilters::default()
        };
        assert_eq!(
            typed("tenant:contoso", &chosen),
            Ok("status=queued&tenant=1".to_owned())
        );
        let by = |initiator: Option<&str>, mine: Option<&str>| RunFilters {
            initiator: initiator.map(str::to_owned),
            mine: mine.map(str::to_owned),
            ..RunFilters::default()
        };
        assert_eq!(
            typed("by:me", &by(Some("9"), None)),
            Ok("mine=1".to_owned())
        );
        assert_eq!(
            typed("by:system", &by(None, Some("1"))),
            Ok("initiator=system".to_owned())
        );
    }

    #[test]
    fn a_value_that_is_no_choice_or_several_is_named() {
        let none = RunFilters::default();
        for (text, why) in [
            (
                "tenant:Contso",
                "tenant: “Contso” is none of Contoso, Fabrikam Ltd, Twin, twin",
            ),
            (
                "tenant:twin",
                "tenant: several are called “twin”: choose one of them from the list",
            ),
            (
                "status:done",
                "status: “done” is none of Queued, Running, Completed",
            ),
            ("from:yesterday", "from: it is a day such as 2026-11-21"),
        ] {
            assert_eq!(
                typed(text, &none),
                Err(AppError::Invalid(why.to_owned())),
                "{text}"
            );
        }
    }
}
