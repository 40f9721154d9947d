//! Two states of a policy, setting by setting, as they may be shown.

use domain::{
    diff::{self, CatalogNames, Difference, SetChange},
    views::backups::AssignmentLine,
};
use graph::{PolicyKind, with_secrets_hidden};
use serde_json::Value;
use uuid::Uuid;

use super::content::{assignment_lines, scope_tags, scope_tags_changed};

/// A policy as it was captured, with the names of what it refers to.
#[derive(Clone, Copy)]
pub(super) struct State<'a> {
    pub content: &'a Value,
    pub names: &'a Value,
}

pub(super) struct Compared {
    /// Scope tags included.
    pub differences: Vec<Difference>,
    pub assignments: SetChange<AssignmentLine>,
}

/// Both states are of the kind. Values that are secret differ or not, but are not told.
pub(super) fn compared(
    kind: &PolicyKind,
    before: State<'_>,
    after: State<'_>,
    names: &CatalogNames,
) -> Compared {
    let salt = Uuid::new_v4();
    let shown =
        |state: State<'_>| kind.comparable(&with_secrets_hidden(state.content, salt.as_bytes()));
    let lines = |state: State<'_>| assignment_lines(&kind.assignments(state.content), state.names);
    let tags = |state: State<'_>| scope_tags(state.content, state.names);
    let mut differences = diff::compare(&shown(before), &shown(after), names);
    differences.extend(scope_tags_changed(tags(before), tags(after)));
    Compared {
        differences,
        assignments: diff::assignments(&lines(before), &lines(after)),
    }
}
