//! Role, scope and name of an assignment that is being put together.

use domain::views::rbac::{AssignmentChoice, LONGEST_NAME, RoleChoice, ScopeChoice};
use leptos::prelude::*;

/// The fields below the groups.
#[component]
pub fn Choosing(
    roles: Vec<RoleChoice>,
    choice: AssignmentChoice,
    #[prop(optional_no_strip)] lacks: Option<String>,
) -> impl IntoView {
    let options: Vec<_> = roles
        .into_iter()
        .map(|role| {
            let label = match role.is_built_in {
                true => format!("{} (built in)", role.name),
                false => role.name,
            };
            let selected = role.id == choice.role;
            view! { <option value=role.id selected=selected>{label}</option> }
        })
        .collect();
    let scope = |of: ScopeChoice, words: &'static str| {
        view! {
            <label class="check">
                <input type="radio" name="scope" value=of.as_str() checked=choice.scope == of />
                {words}
            </label>
        }
    };
    view! {
        <section aria-labelledby="assign-title" class="assign">
            <h2 id="assign-title">"Assign a role"</h2>
            <p class="helper">
                "Groups ticked under Members get the role. They may use it on all devices and users, or on those in the \
                 groups ticked under Scope."
            </p>
            <div class="sheet">
                <label class="field">
                    <span>"Role"</span>
                    <select name="role">
                        <option value="">"Choose a role"</option>
                        {options}
                    </select>
                </label>
                <fieldset>
                    <legend>"Scope"</legend>
                    <div class="lines">
                        {scope(ScopeChoice::Everyone, "All devices and users")}
                        {scope(ScopeChoice::Groups, "Only the groups ticked under Scope")}
                    </div>
                </fieldset>
                <label class="field">
                    <span>"Name of the assignment"</span>
                    <input name="name" value=choice.name.clone() maxlength=LONGEST_NAME.to_string() autocomplete="off" />
                </label>
                {lacks.map(|lacks| view! { <p class="notice" role="alert" data-answer="lacks">{lacks}</p> })}
                <button type="submit" name="step" value="review">
                    "Review"
                </button>
            </div>
        </section>
    }
}
