//! A run's state: glyph and word, with the contract's attributes.

use domain::RunState;
use leptos::prelude::*;

use super::icons::state_glyph;

/// Shows a state in words and shape. Styles and tests find it by `data-status` and `data-outcome`.
#[component]
pub fn StatusBadge(state: RunState) -> impl IntoView {
    view! {
        <span class="state" data-status=state.status().as_str() data-outcome=state.outcome().as_str()>
            {state_glyph(&state)}
            <span class="state-word">{state.label()}</span>
        </span>
    }
}
