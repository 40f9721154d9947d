//! Icons as inline SVG, drawn in the colour of the text beside them. None carries meaning alone: a word always stands with it.

use domain::{
    Outcome, RunState, Status,
    views::{restores::RestoreAction, runs::ItemOutcome},
};
use leptos::prelude::*;

/// The glyph of a run's state; each has its own shape, so that colour is never needed to tell them apart.
pub fn state_glyph(state: &RunState) -> AnyView {
    glyph(state.status(), state.outcome())
}

/// The same for the two parts of a state.
pub fn glyph(status: Status, outcome: Outcome) -> AnyView {
    drawn(match (status, outcome) {
        (Status::Queued, _) => QUEUED,
        (Status::Running, _) => RUNNING,
        (_, Outcome::Succeeded) => TICK,
        (_, Outcome::PartiallySucceeded) => HALF,
        (_, Outcome::Cancelled | Outcome::Pending) => DASH,
        (_, Outcome::Failed) => CROSS,
    })
}

/// The glyph of what a restore would do with a policy.
pub fn action_glyph(action: RestoreAction) -> AnyView {
    drawn(match action {
        RestoreAction::Create => PLUS,
        RestoreAction::Update => ARROW,
        RestoreAction::Unchanged => DASH,
        RestoreAction::Conflict => HALF,
        RestoreAction::Cannot => CROSS,
    })
}

/// The glyph of how one item of a run ended.
pub fn item_glyph(outcome: ItemOutcome) -> AnyView {
    drawn(match outcome {
        ItemOutcome::Succeeded => TICK,
        ItemOutcome::Failed => CROSS,
        ItemOutcome::Skipped => DASH,
    })
}

/// A whole icon, of shapes within a square of 16.
type Icon = &'static str;

macro_rules! icon {
    ($shapes:literal) => {
        concat!(
            r#"<svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">"#,
            $shapes,
            "</svg>"
        )
    };
}

const PLUS: Icon =
    icon!(r#"<path d="M8 3v10M3 8h10" fill="none" stroke="currentColor" stroke-width="2"/>"#);
const ARROW: Icon = icon!(
    r#"<path d="M2.5 8h10M8.5 4l4 4-4 4" fill="none" stroke="currentColor" stroke-width="2"/>"#
);
const QUEUED: Icon = icon!(
    r#"<circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="2.6 1.72"/>"#
);
const RUNNING: Icon = icon!(
    r#"<circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2" opacity="0.35"/><path d="M8 2.5A5.5 5.5 0 0 1 13.5 8" fill="none" stroke="currentColor" stroke-width="2"/>"#
);
const TICK: Icon =
    icon!(r#"<path d="M3 8.5l3.2 3.2L13 5" fill="none" stroke="currentColor" stroke-width="2"/>"#);
const HALF: Icon = icon!(
    r#"<circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2"/><path d="M8 2.5a5.5 5.5 0 0 0 0 11z" fill="currentColor"/>"#
);
const CROSS: Icon =
    icon!(r#"<path d="M4 4l8 8M12 4l-8 8" fill="none" stroke="currentColor" stroke-width="2.4"/>"#);
const DASH: Icon =
    icon!(r#"<path d="M3.5 8h9" fill="none" stroke="currentColor" stroke-width="2"/>"#);

/// Hundreds of them stand on a page, so each is one text for the page's views instead of elements with attributes.
fn drawn(icon: Icon) -> AnyView {
    view! { <span class="drawn" inner_html=icon></span> }.into_any()
}

pub fn bell() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
            <path
                d="M8 2a4 4 0 0 0-4 4v2.6L2.8 11.2h10.4L12 8.6V6a4 4 0 0 0-4-4zM6.4 13.2a1.7 1.7 0 0 0 3.2 0"
                fill="none"
                stroke="currentColor"
                stroke-width="1.4"
                stroke-linejoin="round"
                stroke-linecap="round"
            />
        </svg>
    }
}

/// The mark before the product's name: a globe's grid.
pub fn mark() -> impl IntoView {
    view! {
        <svg class="icon brand-mark" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
            <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.4" />
            <ellipse cx="8" cy="8" rx="2.8" ry="6.2" fill="none" stroke="currentColor" stroke-width="1.4" />
            <path d="M2 8h12" fill="none" stroke="currentColor" stroke-width="1.4" />
        </svg>
    }
}
