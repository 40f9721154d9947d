//! The wizard's steps as a list that shows where one is.

use domain::RestoreStatus;
use leptos::prelude::*;

/// A step; ordered as they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Backup,
    Policies,
    Preview,
    Mapping,
    Execute,
    Result,
}

impl Step {
    const ALL: [Self; 6] = [
        Self::Backup,
        Self::Policies,
        Self::Preview,
        Self::Mapping,
        Self::Execute,
        Self::Result,
    ];

    /// Where a restore stands.
    pub fn of(status: RestoreStatus, undecided: usize) -> Self {
        match status {
            RestoreStatus::Draft => Self::Policies,
            RestoreStatus::Scoped | RestoreStatus::PreviewQueued => Self::Preview,
            RestoreStatus::Previewed if undecided > 0 => Self::Mapping,
            RestoreStatus::Previewed | RestoreStatus::Queued | RestoreStatus::Running => {
                Self::Execute
            }
            RestoreStatus::Completed
            | RestoreStatus::CompletedWithErrors
            | RestoreStatus::Failed
            | RestoreStatus::Aborted => Self::Result,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Backup => "Choose backup",
            Self::Policies => "Choose policies",
            Self::Preview => "Preview",
            Self::Mapping => "Mapping",
            Self::Execute => "Execute",
            Self::Result => "Result",
        }
    }

    /// Its section of the restore's page.
    fn section(self) -> Option<&'static str> {
        match self {
            Self::Backup | Self::Policies => None,
            Self::Preview => Some("#preview"),
            Self::Mapping => Some("#mapping"),
            Self::Execute => Some("#execute"),
            Self::Result => Some("#result"),
        }
    }
}

/// `path` is the restore's page, once there is one.
#[component]
pub fn Steps(now: Step, #[prop(optional, into)] path: Option<String>) -> impl IntoView {
    let steps: Vec<_> = Step::ALL
        .into_iter()
        .map(|step| {
            let (state, word) = match step {
                _ if step == now => ("now", "this step"),
                _ if step < now => ("done", "done"),
                _ => ("later", "to come"),
            };
            // A result has a place on the page once there is one.
            let shown = step != Step::Result || now == Step::Result;
            let href = path
                .as_ref()
                .filter(|_| shown)
                .zip(step.section())
                .map(|(path, section)| format!("{path}{section}"));
            let label = match href {
                Some(href) => view! { <a href=href>{step.label()}</a> }.into_any(),
                None => step.label().into_any(),
            };
            view! {
                <li data-step=state aria-current=(step == now).then_some("step")>
                    {label}
                    <span class="step-word">{word}</span>
                </li>
            }
        })
        .collect();
    view! { <ol class="steps" aria-label="Steps of a restore">{steps}</ol> }
}
