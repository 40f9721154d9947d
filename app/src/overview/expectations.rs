//! On a tenant's page: how often each operation is expected, so that the overview can tell what is overdue.

use domain::{OperationType, TenantId};
use leptos::{form::ActionForm, prelude::*};

use super::api::{ExpectRuns, expectations};
use crate::ui::{
    answered::answered,
    refused::{Refused, refusal},
    submit::Submit,
};

#[component]
pub fn Expectations(tenant: TenantId, may_change: bool) -> impl IntoView {
    let expect = ServerAction::<ExpectRuns>::new();
    let said = Resource::new(
        move || expect.version().get(),
        move |_| expectations(tenant.to_string()),
    );
    let refused = move || view! { <Refused error=refusal(expect) /> };
    view! {
        <section aria-labelledby="expected-title">
            <h2 id="expected-title">"How often it is expected"</h2>
            <p class="muted">
                "The overview says what is overdue: when the last good run is older than this. For scheduled backups their schedules say it."
            </p>
            <div role="status" class="answers">{refused}</div>
            {answered(said, move |said| {
                said.into_iter()
                    .map(|(operation, hours)| view! { <Line tenant operation hours may_change expect /> })
                    .collect_view()
            })}
        </section>
    }
}

#[component]
fn Line(
    tenant: TenantId,
    operation: OperationType,
    #[prop(optional_no_strip)] hours: Option<i32>,
    may_change: bool,
    expect: ServerAction<ExpectRuns>,
) -> impl IntoView {
    view! {
        <ActionForm action=expect attr:class="expectation">
            <input type="hidden" name="tenant_id" value=tenant.to_string() />
            <input type="hidden" name="operation_type" value=operation.as_str() />
            <label class="field">
                <span>{format!("{}, every so many hours", operation.label())}</span>
                <input type="number" name="hours" min="1" max="8784" placeholder="any age"
                    value=hours.map(|hours| hours.to_string()) disabled=!may_change />
            </label>
            <Submit words=format!("Save {}", operation.label().to_lowercase()) pending=expect.pending() disabled=!may_change />
        </ActionForm>
    }
}
