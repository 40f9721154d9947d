//! One of a few, as radio buttons.

use leptos::prelude::*;

/// `choices` are each a value, its label and whether it is the one that holds now.
#[component]
pub fn Choices(
    legend: &'static str,
    name: &'static str,
    choices: Vec<(&'static str, &'static str, bool)>,
) -> impl IntoView {
    let choices: Vec<_> = choices
        .into_iter()
        .map(|(value, label, chosen)| {
            view! {
                <label class="check">
                    <input type="radio" name=name value=value checked=chosen />
                    {label}
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="choices">
            <legend>{legend}</legend>
            {choices}
        </fieldset>
    }
}
