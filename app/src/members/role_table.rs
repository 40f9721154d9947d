//! What each role sees and may do, as the rules themselves say it.

use domain::Role;
use leptos::prelude::*;

#[component]
pub fn RoleTable() -> impl IntoView {
    let heads = Role::ALL.map(|role| view! { <th scope="col">{role.label()}</th> });
    let rows: Vec<_> = Role::abilities()
        .into_iter()
        .map(|(words, roles)| {
            let cells = Role::ALL.map(|role| {
                let may = roles.contains(&role);
                let (word, class) = if may { ("Yes", "") } else { ("No", "muted") };
                view! { <td data-label=role.label() class=class>{word}</td> }
            });
            view! {
                <tr>
                    <th scope="row">{words}</th>
                    {cells}
                </tr>
            }
        })
        .collect();
    view! {
        <table class="abilities">
            <caption class="unseen">"What each role sees and may do"</caption>
            <thead>
                <tr>
                    <th scope="col">"On this tenant"</th>
                    {heads}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
