//! A version in words: its settings by readable name, and whom it is assigned to.

use domain::{diff, views::backups::AssignmentLine};
use graph::{FilterType, PolicyKind, Target, TargetKind};
use serde_json::{Value, json};

use super::store::Names;

/// Every setting with its value: what a comparison with nothing shows.
pub(super) fn settings(kind: &PolicyKind, content: &Value) -> Vec<(String, String)> {
    diff::compare(&json!({}), &kind.comparable(content))
        .into_iter()
        .filter_map(|one| Some((one.label, diff::short(&one.after?))))
        .collect()
}

/// Whom targets mean, with the names that groups and filters had when they were captured.
pub fn assignment_lines(targets: &[Target], names: &Value) -> Vec<AssignmentLine> {
    let names: Names = serde_json::from_value(names.clone()).unwrap_or_default();
    targets.iter().map(|target| line(target, &names)).collect()
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
