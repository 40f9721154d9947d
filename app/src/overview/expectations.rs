//! On a tenant's page: how often each operation is expected, so that the overview can tell what is overdue.

use domain::views::overview::ExpectedEvery;
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::api::{ExpectRuns, expectations};
use crate::ui::{
    address::given,
    refused::{Refused, refusal},
    submit::Submit,
};

/// The section; `tenant` is the number in the address. Nothing for a tenant that the page has no answer for either.
#[component]
pub fn Expectations(tenant: Memo<String>) -> impl IntoView {
    let expect = ServerAction::<ExpectRuns>::new();
    let said = Resource::new(
        move || (tenant.get(), expect.version().get()),
        |(tenant, _)| expectations(tenant),
    );
    let content = move || {
        let said = said.get().and_then(Result::ok)?;
        Some(view! { <Said tenant=tenant.get_untracked() said expect /> })
    };
    view! { <Transition>{content}</Transition> }
}

#[component]
fn Said(
    tenant: String,
    said: Vec<ExpectedEvery>,
    expect: ServerAction<ExpectRuns>,
) -> impl IntoView {
    let refused = move || view! { <Refused error=refusal(expect) /> };
    let (query, known) = (use_query_map(), said.clone());
    let saved = move || {
        let operation = given(&query.read(), "expected")?;
        let saved = known
            .iter()
            .find(|said| said.operation.as_str() == operation)?;
        // Nothing was saved by a press that was refused.
        let words = refusal(expect).is_none().then(|| in_words(saved))?;
        Some(view! { <p class="answer" data-answer="done">{words}</p> })
    };
    let lines: Vec<_> = said
        .into_iter()
        .map(|said| view! { <Line tenant=tenant.clone() said expect /> })
        .collect();
    view! {
        <section aria-labelledby="expected-title">
            <h2 id="expected-title">"How often it is expected"</h2>
            <p class="muted">
                "The overview says what is overdue: when the last good run is older than this. For scheduled backups their schedules say it."
            </p>
            <div role="status" class="answers">{refused} {saved}</div>
            {lines}
        </section>
    }
}

fn in_words(said: &ExpectedEvery) -> String {
    let operation = said.operation.label();
    match said.within_hours {
        Some(hours) => format!("Saved: {operation} is expected every {hours} h."),
        None => format!(
            "Saved: the last {} may be of any age.",
            operation.to_lowercase()
        ),
    }
}

#[component]
fn Line(tenant: String, said: ExpectedEvery, expect: ServerAction<ExpectRuns>) -> impl IntoView {
    let ExpectedEvery {
        operation,
        within_hours,
        may_change,
    } = said;
    view! {
        <ActionForm action=expect attr:class="expectation">
            <input type="hidden" name="tenant_id" value=tenant />
            <input type="hidden" name="operation_type" value=operation.as_str() />
            <label class="field">
                <span>{format!("{}, every so many hours", operation.label())}</span>
                <input type="number" name="hours" min="1" max="8784" placeholder="any age"
                    value=within_hours.map(|hours| hours.to_string()) disabled=!may_change />
            </label>
            <Submit words=format!("Save {}", operation.label().to_lowercase()) pending=expect.pending() disabled=!may_change />
        </ActionForm>
    }
}
