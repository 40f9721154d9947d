//! The last look at an assignment, with the names that Microsoft just told, and the button that makes it.

use domain::{
    TenantId,
    views::rbac::{AssignmentChoice, FoundGroup, Review, ScopeChoice},
};
use leptos::{form::ActionForm, prelude::*};

use super::api::AssignRole;
use crate::ui::submit::Submit;

#[component]
pub fn ReviewPart(
    review: Review,
    choice: AssignmentChoice,
    tenant: TenantId,
    /// The page with the same choice, to change it.
    change: String,
    assign: ServerAction<AssignRole>,
) -> impl IntoView {
    let scope = match &review.scope {
        None => "All devices and users".into_any(),
        Some(groups) => list(groups),
    };
    let refused = move || match assign.value().get() {
        Some(Err(error)) => Some(
            view! { <p class="notice" role="alert" data-answer="refused">{error.to_string()}</p> },
        ),
        _ => None,
    };
    let ids = |name: &'static str, ids: Vec<String>| {
        ids.into_iter()
            .enumerate()
            .map(|(at, id)| {
                view! { <input type="hidden" name=format!("choice[{name}][{at}]") value=id /> }
            })
            .collect::<Vec<_>>()
    };
    let scope_groups = match choice.scope {
        ScopeChoice::Everyone => Vec::new(),
        ScopeChoice::Groups => choice.scope_groups,
    };
    view! {
        <section aria-labelledby="review-title" data-step="review">
            <h2 id="review-title">"Review"</h2>
            <p>
                "This creates the role assignment “" <strong>{review.name.clone()}</strong>
                "” in Intune, as you. Members of the groups below get the role at once."
            </p>
            <dl class="facts sides">
                <div><dt>"Role"</dt><dd>{review.role.name.clone()}</dd></div>
                <div><dt>"Members"</dt><dd>{list(&review.members)}</dd></div>
                <div><dt>"Scope"</dt><dd>{scope}</dd></div>
            </dl>
            {refused}
            <div class="row-actions after-facts">
                <ActionForm action=assign>
                    <input type="hidden" name="tenant_id" value=tenant.to_string() />
                    <input type="hidden" name="once" value=review.once />
                    <input type="hidden" name="choice[name]" value=review.name />
                    <input type="hidden" name="choice[role]" value=review.role.id />
                    <input type="hidden" name="choice[scope]" value=choice.scope.as_str() />
                    {ids("members", choice.members)}
                    {ids("scope_groups", scope_groups)}
                    <Submit words="Create" pending=assign.pending() />
                </ActionForm>
                <a class="button" href=change>"Change"</a>
            </div>
        </section>
    }
}

fn list(groups: &[FoundGroup]) -> AnyView {
    let items: Vec<_> = groups
        .iter()
        .map(|group| {
            view! { <li>{group.name.clone()} " " <code>{group.id.clone()}</code></li> }
        })
        .collect();
    view! { <ul class="lines">{items}</ul> }.into_any()
}
