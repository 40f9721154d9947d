//! What a run is about: the restore or the backup that it works on.

use domain::{BackupSetId, OperationType, RestoreId, Status, views::runs::RunDetail};
use leptos::prelude::*;
use serde_json::Value;

/// A line with a link; nothing for a run that is about its tenant as a whole.
#[component]
pub fn RunAbout(detail: RunDetail) -> impl IntoView {
    let tenant = detail.run.tenant_id;
    let exported = detail.run.operation_type == OperationType::PolicyExport.as_str()
        && detail.run.state.status() == Status::Completed;
    about(&detail.inputs, &detail.context).map(|about| {
        let (href, words) = match about {
            About::Restore(id) => (format!("/tenants/{tenant}/restores/{id}"), "restore"),
            About::Backup(id) => (format!("/tenants/{tenant}/backups/{id}"), "backup set"),
        };
        let download = (exported && matches!(about, About::Backup(_))).then(|| {
            // Not the router's: what comes is a file.
            view! { " · " <a rel="external" download href=format!("{href}/download")>"Download as files"</a> }
        });
        view! {
            <p class="since about">
                "About "
                <a href=href>{format!("{words} {}", about.number())}</a>
                {download}
            </p>
        }
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Restore(RestoreId),
    Backup(BackupSetId),
}

impl About {
    fn number(self) -> i64 {
        match self {
            Self::Restore(id) => id.0,
            Self::Backup(id) => id.0,
        }
    }
}

fn about(inputs: &Value, context: &Value) -> Option<About> {
    let number = |name: &str| {
        [context, inputs]
            .into_iter()
            .find_map(|part| part.get(name)?.as_i64())
    };
    let restore = number("restore_run_id").map(|id| About::Restore(RestoreId(id)));
    restore.or_else(|| number("backup_set_id").map(|id| About::Backup(BackupSetId(id))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_names_its_restore_or_its_backup() {
        let none = json!({});
        assert_eq!(
            about(&none, &json!({"restore_run_id": 7})),
            Some(About::Restore(RestoreId(7)))
        );
        assert_eq!(
            about(&json!({"backup_set_id": 3}), &none),
            Some(About::Backup(BackupSetId(3)))
        );
        assert_eq!(about(&json!({"kinds": []}), &Value::Null), None);
    }
}
