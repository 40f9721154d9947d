//! One of several values in a form, or any.

use leptos::prelude::*;

/// A labelled list to choose from. `any` names the choice of none, where there is one.
#[component]
pub fn Choice(
    label: &'static str,
    name: &'static str,
    #[prop(optional_no_strip)] chosen: Option<String>,
    options: Vec<(String, String)>,
    #[prop(optional)] any: Option<&'static str>,
) -> impl IntoView {
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, label)| {
            let selected = chosen.as_deref() == Some(value.as_str());
            view! { <option value=value selected=selected>{label}</option> }
        })
        .collect();
    view! {
        <label class="field">
            <span>{label}</span>
            <select name=name>
                {any.map(|any| view! { <option value="">{any}</option> })}
                {options}
            </select>
        </label>
    }
}
