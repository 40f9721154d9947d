//! A form whose fields become the page's address: plain GET without a script, without empty parts with one.

use leptos::{ev::SubmitEvent, prelude::*, wasm_bindgen::JsCast, web_sys};
use leptos_router::hooks::use_navigate;

/// Filters of the list at `action`; the children are its fields. `everything` is its address without any, where that is
/// another.
#[component]
pub fn FilterForm(
    #[prop(into)] action: String,
    #[prop(optional, into)] everything: Option<String>,
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let on_submit = {
        let action = action.clone();
        move |event: SubmitEvent| {
            // Where this fails the browser sends the form itself.
            if let Some(query) = chosen(&event) {
                event.prevent_default();
                let href = match query.as_str() {
                    "" => everything.as_ref().unwrap_or(&action).clone(),
                    query => format!("{action}?{query}"),
                };
                navigate(&href, Default::default());
            }
        }
    };
    view! {
        <form method="get" action=action class="filters" aria-label="Filters" on:submit=on_submit>
            {children()}
            <button type="submit">"Filter"</button>
        </form>
    }
}

/// Lets the fields of the form at `action` show what is chosen by now, once the page does: a field that somebody has
/// changed keeps that, whatever the page is told anew.
pub fn show_what_is_chosen(action: &str) {
    let selector = format!("form.filters[action=\"{action}\"]");
    request_animation_frame(move || {
        let form = document().query_selector(&selector).ok().flatten();
        if let Some(form) = form.and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok()) {
            form.reset();
        }
    });
}

/// The form's fields as a query, without those that are empty.
fn chosen(event: &SubmitEvent) -> Option<String> {
    let form: web_sys::HtmlFormElement = event.target()?.dyn_into().ok()?;
    let data = web_sys::FormData::new_with_form(&form).ok()?;
    let query = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    Some(without_empty_parts(&String::from(query.to_string())))
}

fn without_empty_parts(query: &str) -> String {
    let parts: Vec<_> = query
        .split('&')
        .filter(|part| !part.ends_with('='))
        .collect();
    parts.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_chosen_stays_in_the_address() {
        assert_eq!(
            without_empty_parts("status=running&outcome=&mine=1"),
            "status=running&mine=1"
        );
        assert_eq!(without_empty_parts("status="), "");
    }
}
