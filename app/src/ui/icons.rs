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
    match (status, outcome) {
        (Status::Queued, _) => queued().into_any(),
        (Status::Running, _) => running().into_any(),
        (_, Outcome::Succeeded) => tick().into_any(),
        (_, Outcome::PartiallySucceeded) => half().into_any(),
        (_, Outcome::Cancelled | Outcome::Pending) => dash().into_any(),
        (_, Outcome::Failed) => cross().into_any(),
    }
}

/// The glyph of what a restore would do with a policy.
pub fn action_glyph(action: RestoreAction) -> AnyView {
    match action {
        RestoreAction::Create => plus().into_any(),
        RestoreAction::Update => arrow().into_any(),
        RestoreAction::Unchanged => dash().into_any(),
        RestoreAction::Conflict => half().into_any(),
        RestoreAction::Cannot => cross().into_any(),
    }
}

/// The glyph of how one item of a run ended.
pub fn item_glyph(outcome: ItemOutcome) -> AnyView {
    match outcome {
        ItemOutcome::Succeeded => tick().into_any(),
        ItemOutcome::Failed => cross().into_any(),
        ItemOutcome::Skipped => dash().into_any(),
    }
}

fn plus() -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M8 3v10M3 8h10" fill="none" stroke="currentColor" stroke-width="2" />
        </svg>
    }
}

fn arrow() -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M2.5 8h10M8.5 4l4 4-4 4" fill="none" stroke="currentColor" stroke-width="2" />
        </svg>
    }
}

fn queued() -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="2.6 1.72" />
        </svg>
    }
}

fn running() -> impl IntoView {
    view! {
        <svg class="glyph glyph-running" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2" opacity="0.35" />
            <path d="M8 2.5A5.5 5.5 0 0 1 13.5 8" fill="none" stroke="currentColor" stroke-width="2" />
        </svg>
    }
}

fn tick() -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M3 8.5l3.2 3.2L13 5" fill="none" stroke="currentColor" stroke-width="2" />
        </svg>
    }
}

fn half() -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2" />
            <path d="M8 2.5a5.5 5.5 0 0 0 0 11z" fill="currentColor" />
        </svg>
    }
}

fn cross() -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M4 4l8 8M12 4l-8 8" fill="none" stroke="currentColor" stroke-width="2.4" />
        </svg>
    }
}

fn dash() -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M3.5 8h9" fill="none" stroke="currentColor" stroke-width="2" />
        </svg>
    }
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
