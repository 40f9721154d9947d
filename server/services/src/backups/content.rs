//! A version in words: its settings by readable name, its scope tags, and whom it is assigned to.

use std::collections::BTreeSet;

use domain::{
    diff::{self, CatalogNames, Difference},
    views::backups::AssignmentLine,
};
use graph::{FilterType, PolicyKind, Target, TargetKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::store::Names;
use crate::restores::scope_tag_ids;

/// Every setting with its value: what a comparison with nothing shows.
pub(super) fn settings(
    kind: &PolicyKind,
    content: &Value,
    names: &CatalogNames,
) -> Vec<(String, String)> {
    diff::compare(&json!({}), &kind.comparable(content), names)
        .into_iter()
        .filter_map(|one| Some((one.label, diff::short(&one.after?))))
        .collect()
}

/// Whom targets mean, with the names that groups and filters had when they were captured.
pub fn assignment_lines(targets: &[Target], names: &Value) -> Vec<AssignmentLine> {
    lines(targets, &Names::deserialize(names).unwrap_or_default())
}

/// The same with names that are known already.
pub(crate) fn lines(targets: &[Target], names: &Names) -> Vec<AssignmentLine> {
    targets.iter().map(|target| line(target, names)).collect()
}

/// The change of a policy's scope tags, by their names; none if it has the same. The default tag, which a policy has if
/// it has no other, says nothing.
pub(crate) fn scope_tags_changed(
    before: BTreeSet<String>,
    after: BTreeSet<String>,
) -> Option<Difference> {
    let side = |tags: BTreeSet<String>| (!tags.is_empty()).then(|| json!(tags));
    (before != after).then(|| Difference {
        path: "roleScopeTagIds".to_owned(),
        label: "Scope tags".to_owned(),
        before: side(before),
        after: side(after),
    })
}

/// The names that scope tags had when they were captured; the id of one whose name was not known.
pub(super) fn scope_tags(content: &Value, names: &Value) -> BTreeSet<String> {
    let names = Names::deserialize(names).unwrap_or_default();
    let tags = scope_tag_ids(content).into_iter();
    tags.map(|id| names.scope_tags.get(&id).cloned().unwrap_or(id))
        .collect()
}

fn line(target: &Target, names: &Names) -> AssignmentLine {
    let group = |id: &Option<String>| {
        let id = id.as_deref().unwrap_or_default();
        names
            .groups
            .get(id)
            .cloned()
            .unwrap_or_else(|| id.to_owned())
    };
    let to = match &target.kind {
        TargetKind::AllDevices => "All devices".to_owned(),
        TargetKind::AllUsers => "All users".to_owned(),
        TargetKind::Group => format!("Group {}", group(&target.group_id)),
        TargetKind::ExcludedGroup => format!("Excluded: group {}", group(&target.group_id)),
        TargetKind::Other(name) => name.clone(),
    };
    let filter = target.filter_id.as_ref().map(|id| {
        let name = names.filters.get(id).unwrap_or(id);
        match target.filter_type {
            FilterType::Exclude => format!("without filter {name}"),
            FilterType::Include | FilterType::None => format!("only with filter {name}"),
        }
    });
    AssignmentLine { to, filter }
}
