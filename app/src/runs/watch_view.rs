//! "Tell me about new ones": being told when a run ends that a saved view holds.

use domain::views::saved_views::CountedView;
use leptos::{form::ActionForm, prelude::*};

use super::views_api::WatchView;

pub const TOLD: &str = "You are told when a run of it ends.";

/// Nothing for a view that holds no run that has ended. With `open` it goes back to the view.
#[component]
pub fn WatchForm(
    counted: CountedView,
    watch: ServerAction<WatchView>,
    #[prop(optional)] open: bool,
) -> impl IntoView {
    let CountedView { view, may_tell, .. } = counted;
    let words = match view.told {
        true => "Stop telling me",
        false => "Tell me about new ones",
    };
    let label = format!("{words}: {}", view.name);
    let (id, told) = (view.id, !view.told);
    (may_tell || view.told).then(|| {
        view! {
            <ActionForm action=watch>
                <input type="hidden" name="view" value=id.to_string() />
                <input type="hidden" name="told" value=told.to_string() />
                {open.then(|| view! { <input type="hidden" name="open" value="true" /> })}
                <button type="submit" aria-label=label>{words}</button>
            </ActionForm>
        }
    })
}
