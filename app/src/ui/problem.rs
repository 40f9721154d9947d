//! What stands in a page's place when there is no answer: not found, not allowed, signed out, not understood, not reachable.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use crate::error::AppError;

/// The answer's view, or the page that says why there is none and what to do next.
pub fn or_problem<T, V: IntoView + 'static>(
    answer: Result<T, AppError>,
    view: impl FnOnce(T) -> V,
) -> AnyView {
    match answer {
        Ok(answer) => view(answer).into_any(),
        Err(error) => view! { <Problem error /> }.into_any(),
    }
}

/// A failure as a whole page.
#[component]
pub fn Problem(error: AppError) -> impl IntoView {
    let location = use_location();
    let here = untrack(move || {
        format!(
            "{}{}",
            location.pathname.get(),
            query(&location.search.get())
        )
    });
    let (title, text) = match &error {
        AppError::NotFound => (
            "Not found",
            "There is nothing at this address, or it belongs to a tenant that you do not look after.".to_owned(),
        ),
        AppError::NotSignedIn => (
            "You are signed out",
            "Your session has ended. Sign in again to go on where you were.".to_owned(),
        ),
        AppError::NotAllowed(missing) => ("Not allowed", missing.clone()),
        AppError::Invalid(why) => ("This address can't be understood", why.clone()),
        AppError::Unavailable => (
            "TenantAtlas can't be reached right now",
            "The server or its database does not answer. Nothing was lost; try again in a moment.".to_owned(),
        ),
        AppError::Internal => (
            "Something went wrong on our side",
            "The reason stands in the server's log. Try again; if it stays, tell whoever operates TenantAtlas.".to_owned(),
        ),
    };
    let next = match &error {
        AppError::NotSignedIn => {
            view! { <a class="button" rel="external" href=sign_in_href(&here)>"Sign in"</a> }
                .into_any()
        }
        AppError::Unavailable | AppError::Internal => {
            view! { <a class="button" rel="external" href=here>"Try again"</a> }.into_any()
        }
        AppError::Invalid(_) => view! {
            <p class="actions">
                <a class="button" href=path_of(&here)>"Show it without filters"</a>
                <a class="button" href="/">"Overview"</a>
            </p>
        }
        .into_any(),
        _ => view! {
            <p class="actions">
                <a class="button" href="/tenants">"Tenants"</a>
                <a class="button" href="/runs">"Runs"</a>
            </p>
        }
        .into_any(),
    };
    view! {
        <section class="problem" data-problem=error.status().to_string()>
            <Title text=title />
            <h1>{title}</h1>
            <p>{text}</p>
            {next}
        </section>
    }
}

/// The page for addresses that lead nowhere. Answers 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::error::answer_with(AppError::NotFound);
    view! { <Problem error=AppError::NotFound /> }
}

fn query(search: &str) -> String {
    match search.trim_start_matches('?') {
        "" => String::new(),
        search => format!("?{search}"),
    }
}

fn path_of(address: &str) -> String {
    address.split('?').next().unwrap_or("/").to_owned()
}

fn sign_in_href(here: &str) -> String {
    format!("/login?next={}", super::address::encode(here))
}
