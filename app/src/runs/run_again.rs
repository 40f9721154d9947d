//! Asks for the same work once more, after a run has ended.

use domain::{OperationType, views::runs::RunRow};
use leptos::{form::ActionForm, prelude::*};
use serde_json::Value;

use super::api::StartOperation;

/// The form, for a run that has ended and whose inputs a start surface can give. Says why it is disabled.
#[component]
pub fn RunAgain(
    run: RunRow,
    inputs: Value,
    may_start: bool,
    start: ServerAction<StartOperation>,
) -> impl IntoView {
    let operation = run.operation_type.parse::<OperationType>().ok();
    let offered = operation
        .filter(|_| !run.state.status().is_active())
        .zip(kinds(&inputs));
    offered.map(|(operation, kinds)| {
        let kinds: Vec<_> = kinds
            .into_iter()
            .enumerate()
            .map(|(index, kind)| view! { <input type="hidden" name=format!("kinds[{index}]") value=kind /> })
            .collect();
        view! {
            <ActionForm action=start attr:class="run-again">
                <input type="hidden" name="tenant_id" value=run.tenant_id.to_string() />
                <input type="hidden" name="operation_type" value=operation.as_str() />
                {kinds}
                <button
                    type="submit"
                    disabled=!may_start
                    title=(!may_start).then_some("Your role on this tenant does not allow it")
                    on:click=move |event| {
                        if start.pending().get_untracked() {
                            event.prevent_default();
                        }
                    }
                >
                    "Run again"
                </button>
            </ActionForm>
        }
    })
}

/// The policy kinds that the inputs name; none at all for inputs that this form can't repeat.
fn kinds(inputs: &Value) -> Option<Vec<String>> {
    let Some(inputs) = inputs.as_object() else {
        return inputs.is_null().then(Vec::new);
    };
    match (inputs.len(), inputs.get("kinds")) {
        (0, _) => Some(Vec::new()),
        (1, Some(Value::Array(kinds))) => kinds
            .iter()
            .map(|kind| kind.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_inputs_that_the_form_can_repeat_are_offered() {
        assert_eq!(kinds(&json!({})), Some(vec![]));
        assert_eq!(kinds(&json!({"kinds": ["a"]})), Some(vec!["a".to_owned()]));
        assert_eq!(kinds(&json!({"kinds": ["a"], "selection": [1]})), None);
        assert_eq!(kinds(&json!({"kinds": [1]})), None);
    }
}
