//! What a run is: its number, type, inputs and identity, for readers who want to know exactly.

use domain::views::runs::RunDetail;
use leptos::prelude::*;
use serde_json::Value;

use crate::ui::{copy::Copy, time::At};

/// `ticket`: the run as text, as it is when it is asked for.
#[component]
pub fn RunIdentity(detail: RunDetail, ticket: Signal<String>) -> impl IntoView {
    let context = serde_json::to_string_pretty(&detail.context).unwrap_or_default();
    let number = detail.run.id.to_string();
    let path = format!("/runs/{number}");
    let tries = match detail.attempt {
        0 => "not tried yet".to_owned(),
        count => count.to_string(),
    };
    view! {
        <section aria-labelledby="identity-title">
            <h2 id="identity-title">"Identity"</h2>
            <dl class="facts">
                <div><dt>"Run"</dt><dd>
                    {number}
                    " "
                    <Copy path=path.clone() what="link" is_told=true />
                    " "
                    <Copy text=Signal::derive(move || format!("{}\n\n", ticket.get())) path what="as ticket" is_told=true />
                </dd></div>
                <div><dt>"Type"</dt><dd><code>{detail.run.operation_type}</code></dd></div>
                <div><dt>"Inputs"</dt><dd>{inputs_in_words(&detail.inputs)}</dd></div>
                <div><dt>"Created"</dt><dd><At at=detail.run.created_at /></dd></div>
                <div><dt>"Tries"</dt><dd>{tries}</dd></div>
                <div><dt>"Identity hash"</dt><dd><code class="hash">{detail.identity_hash.clone()}</code> <Copy text=detail.identity_hash what="hash" /></dd></div>
            </dl>
            <details class="context">
                <summary>"Context"</summary>
                <Copy text=context.clone() what="context" />
                <pre>{context}</pre>
            </details>
        </section>
    }
}

/// "kinds: settings_catalog, scripts", or "none" for an operation on everything.
fn inputs_in_words(inputs: &Value) -> String {
    let Some(inputs) = inputs.as_object().filter(|inputs| !inputs.is_empty()) else {
        return "none: everything".to_owned();
    };
    let parts: Vec<_> = inputs
        .iter()
        .map(|(name, value)| format!("{name}: {}", value_in_words(value)))
        .collect();
    parts.join("; ")
}

fn value_in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(value_in_words).collect();
            items.join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn inputs_read_like_words() {
        assert_eq!(inputs_in_words(&json!({})), "none: everything");
        assert_eq!(
            inputs_in_words(&json!({"kinds": ["a", "b"], "limit": 3})),
            "kinds: a, b; limit: 3"
        );
    }
}
