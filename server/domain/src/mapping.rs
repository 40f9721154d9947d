//! Which group, filter or other object of the target tenant stands for one of the source: proposed, never guessed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What an assignment names, as it was captured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Microsoft's id in the source tenant.
    pub id: String,
    /// None: the capture did not know it.
    pub name: Option<String>,
}

/// Something in the target tenant's cached directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Candidate {
    /// Microsoft's id in the target tenant.
    pub id: String,
    pub name: String,
}

/// What the cached directory suggests. As JSON: `{"proposal": "by_name", "found": {"id": …, "name": …}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proposal", content = "found", rename_all = "snake_case")]
pub enum Proposal {
    /// It is there itself: the same tenant.
    SameId(Candidate),
    /// Exactly one has its name.
    ByName(Candidate),
    /// Several have its name, or only in other upper and lower case: a person chooses. By name, then id.
    Ambiguous(Vec<Candidate>),
    Missing,
}

/// What a person decided. As JSON: `{"decision": "to", "id": …}` or `{"decision": "leave"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", content = "id", rename_all = "snake_case")]
pub enum Decision {
    /// The id in the target tenant.
    To(String),
    /// The assignment is left out, as reviewed.
    Leave,
}

impl Proposal {
    /// The one that stands unless a person decides otherwise.
    pub fn chosen(&self) -> Option<&Candidate> {
        match self {
            Self::SameId(candidate) | Self::ByName(candidate) => Some(candidate),
            Self::Ambiguous(_) | Self::Missing => None,
        }
    }
}

/// Proposes by id, then by exact name: equal but for surrounding white space, in the same case.
///
/// `by_id` is what the directory has under the wanted id. `by_name` may hold more than the exact matches;
/// a match only in another case is offered, never taken.
pub fn propose(wanted: &Wanted, by_id: Option<&Candidate>, by_name: &[Candidate]) -> Proposal {
    if let Some(same) = by_id.filter(|same| same.id.eq_ignore_ascii_case(&wanted.id)) {
        return Proposal::SameId(same.clone());
    }
    let name = wanted.name.as_deref().map(str::trim).unwrap_or_default();
    if name.is_empty() {
        return Proposal::Missing;
    }
    let mut exact = matching(by_name, |other| other == name);
    match (exact.pop(), exact.is_empty()) {
        (Some(only), true) => return Proposal::ByName(only),
        (Some(last), false) => {
            exact.push(last);
            return Proposal::Ambiguous(exact);
        }
        (None, _) => {}
    }
    let lower = name.to_lowercase();
    let similar = matching(by_name, |other| other.to_lowercase() == lower);
    if similar.is_empty() {
        Proposal::Missing
    } else {
        Proposal::Ambiguous(similar)
    }
}

/// Those whose trimmed name fits, each once, by name and id.
fn matching(candidates: &[Candidate], fits: impl Fn(&str) -> bool) -> Vec<Candidate> {
    let fitting = candidates.iter().filter(|one| fits(one.name.trim()));
    let mut found: Vec<Candidate> = fitting.cloned().collect();
    found.sort_unstable();
    found.dedup_by(|one, other| one.id.eq_ignore_ascii_case(&other.id));
    found
}

/// What still waits for a person: nothing certain was proposed, and nothing is decided under the wanted id.
pub fn undecided<'a>(
    proposals: &'a [(Wanted, Proposal)],
    decisions: &BTreeMap<String, Decision>,
) -> Vec<&'a Wanted> {
    let open = proposals
        .iter()
        .filter(|(wanted, proposal)| match decisions.get(&wanted.id) {
            Some(Decision::Leave) => false,
            Some(Decision::To(id)) => id.trim().is_empty(),
            None => proposal.chosen().is_none(),
        });
    open.map(|(wanted, _)| wanted).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wanted(name: &str) -> Wanted {
        Wanted {
            id: "source".to_owned(),
            name: Some(name.to_owned()),
        }
    }

    fn one(id: &str, name: &str) -> Candidate {
        Candidate {
            id: id.to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn the_same_id_comes_before_any_name() {
        let same = one("SOURCE", "Renamed since");
        assert_eq!(
            propose(&wanted("Pilot"), Some(&same), &[one("1", "Pilot")]),
            Proposal::SameId(same)
        );
        // What was looked up under another id says nothing.
        assert_eq!(
            propose(&wanted("Pilot"), Some(&one("9", "Pilot")), &[]),
            Proposal::Missing
        );
    }

    #[test]
    fn one_exact_name_is_proposed_whatever_resembles_it() {
        let directory = [
            one("1", "pilot"),
            one("2", " Pilot\u{a0}"),
            one("3", "Pilot 2"),
        ];
        for name in ["Pilot", "\tPilot "] {
            assert_eq!(
                propose(&wanted(name), None, &directory),
                Proposal::ByName(directory[1].clone())
            );
        }
    }

    #[test]
    fn two_exact_names_are_ambiguous_and_one_seen_twice_is_not() {
        let twins = [one("2", "Pilot"), one("1", "Pilot")];
        assert_eq!(
            propose(&wanted("Pilot"), None, &twins),
            Proposal::Ambiguous(vec![one("1", "Pilot"), one("2", "Pilot")])
        );
        assert_eq!(
            propose(
                &wanted("Pilot"),
                None,
                &[one("1", "Pilot"), one("1", "Pilot")]
            ),
            Proposal::ByName(one("1", "Pilot"))
        );
    }

    #[test]
    fn another_case_is_offered_and_never_taken() {
        assert_eq!(
            propose(&wanted("Büro"), None, &[one("1", "BÜRO")]),
            Proposal::Ambiguous(vec![one("1", "BÜRO")])
        );
    }

    #[test]
    fn what_no_name_fits_is_missing() {
        for candidates in [
            &[][..],
            &[one("1", "Pilot group"), one("2", "Pil*"), one("3", "")],
        ] {
            assert_eq!(
                propose(&wanted("Pilot"), None, candidates),
                Proposal::Missing
            );
            assert_eq!(propose(&wanted(" "), None, candidates), Proposal::Missing);
            let nameless = Wanted {
                name: None,
                ..wanted("")
            };
            assert_eq!(propose(&nameless, None, candidates), Proposal::Missing);
        }
    }

    #[test]
    fn a_person_is_asked_where_nothing_certain_was_proposed() {
        let proposals = [
            ("same", Proposal::SameId(one("same", "A"))),
            ("named", Proposal::ByName(one("1", "B"))),
            (
                "twins",
                Proposal::Ambiguous(vec![one("2", "C"), one("3", "C")]),
            ),
            ("gone", Proposal::Missing),
        ]
        .map(|(id, proposal)| {
            (
                Wanted {
                    id: id.to_owned(),
                    name: None,
                },
                proposal,
            )
        });
        let open = |decisions: &[(&str, Decision)]| -> Vec<String> {
            let decisions = decisions
                .iter()
                .map(|(id, one)| ((*id).to_owned(), one.clone()));
            let open = undecided(&proposals, &decisions.collect()).into_iter();
            open.map(|wanted| wanted.id.clone()).collect()
        };
        assert_eq!(open(&[]), ["twins", "gone"]);
        assert_eq!(open(&[("gone", Decision::Leave)]), ["twins"]);
        assert_eq!(open(&[("twins", Decision::To("3".to_owned()))]), ["gone"]);
        assert_eq!(
            open(&[("named", Decision::To(" ".to_owned()))]),
            ["named", "twins", "gone"]
        );
    }

    #[test]
    fn proposals_and_decisions_keep_their_written_form() {
        let written = |proposal: &Proposal| serde_json::to_value(proposal).unwrap_or_default();
        let pilot = json!({"id": "1", "name": "Pilot"});
        for (proposal, form) in [
            (
                Proposal::SameId(one("1", "Pilot")),
                json!({"proposal": "same_id", "found": pilot}),
            ),
            (
                Proposal::ByName(one("1", "Pilot")),
                json!({"proposal": "by_name", "found": pilot}),
            ),
            (
                Proposal::Ambiguous(vec![one("1", "Pilot")]),
                json!({"proposal": "ambiguous", "found": [pilot]}),
            ),
            (Proposal::Missing, json!({"proposal": "missing"})),
        ] {
            assert_eq!(written(&proposal), form);
            assert_eq!(
                serde_json::from_value::<Proposal>(form).ok(),
                Some(proposal)
            );
        }
        let decided = |decision: &Decision| serde_json::to_value(decision).unwrap_or(Value::Null);
        assert_eq!(
            decided(&Decision::To("1".to_owned())),
            json!({"decision": "to", "id": "1"})
        );
        assert_eq!(decided(&Decision::Leave), json!({"decision": "leave"}));
    }
}
