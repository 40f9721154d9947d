//! The chosen filters in words, each with the list's address without it.

use domain::{
    Status, TenantId,
    views::{
        run_list::{Last, OutcomeFilter, RunInitiator},
        runs::operation_label,
    },
};

use super::filters::RunFilters;
use crate::ui::chips::Chip;

impl RunFilters {
    /// `tenants` and `people` give their names.
    pub fn chips(&self, tenants: &[(TenantId, String)], people: &[RunInitiator]) -> Vec<Chip> {
        let words = |part: &str, value: String| match part {
            "status" => {
                let label = value.parse().map(Status::label).map(str::to_owned);
                format!("Status: {}", label.unwrap_or(value))
            }
            "outcome" => {
                let label = value.parse().map(OutcomeFilter::label).map(str::to_owned);
                format!("Outcome: {}", label.unwrap_or(value))
            }
            "operation" => format!("Operation: {}", operation_label(&value)),
            "tenant" => {
                let known = tenants.iter().find(|(id, _)| id.to_string() == value);
                format!("Tenant: {}", known.map_or(&value, |(_, name)| name))
            }
            "mine" => "Started by me".to_owned(),
            "initiator" if value == "system" => "Started by System".to_owned(),
            "initiator" => {
                let known = people.iter().find(|person| person.id.to_string() == value);
                format!("Started by {}", known.map_or(&value, |person| &person.name))
            }
            "from" => format!("Created from {value}"),
            "to" => format!("Created to {value}"),
            "last" => {
                let length = value.parse().map(Last::length).map(str::to_owned);
                format!("Created in the last {}", length.unwrap_or(value))
            }
            _ => format!("Text: {value}"),
        };
        let given = self.parts().into_iter();
        given
            .filter_map(|(part, value)| {
                Some(Chip {
                    words: words(part, value?),
                    without: self.without(part).href(),
                })
            })
            .collect()
    }

    fn without(&self, part: &str) -> Self {
        let kept: Vec<_> = self
            .parts()
            .into_iter()
            .filter(|(name, _)| *name != part)
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        Self::from_pairs(&kept)
    }
}

#[cfg(test)]
mod tests {
    use domain::UserId;

    use super::{super::filters::tests::filters, *};

    #[test]
    fn taking_a_chip_away_keeps_the_others_and_goes_to_the_first_page() {
        let ada = RunInitiator {
            id: UserId(9),
            name: "Ada".into(),
        };
        let chips = filters().chips(&[(TenantId(7), "Contoso".into())], &[ada]);
        let words: Vec<_> = chips.iter().map(|chip| chip.words.as_str()).collect();
        assert_eq!(
            words,
            [
                "Status: Completed",
                "Outcome: Failed",
                "Operation: Inventory sync",
                "Tenant: Contoso",
                "Started by me",
                "Started by Ada",
                "Created from 2026-11-01",
                "Created to 2026-11-21",
                "Created in the last 24 hours",
                "Text: throttled"
            ]
        );
        assert_eq!(
            chips[0].without,
            "/runs?outcome=failed&operation=inventory.sync&tenant=7&mine=1&initiator=9&from=2026-11-01&to=2026-11-21&last=24h&text=throttled"
        );
    }

    #[test]
    fn the_last_chip_leads_to_everything_and_not_to_the_default_view() {
        let filters = RunFilters {
            outcome: Some("failed".into()),
            ..RunFilters::default()
        };
        assert_eq!(filters.chips(&[], &[])[0].without, "/runs?view=all");
    }
}
