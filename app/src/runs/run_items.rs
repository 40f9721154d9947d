//! The items behind a run's counts: filtered, searched, page by page; more come in while it runs.

use domain::{
    FailureCode, RunId,
    views::runs::{ItemOutcome, RunItemRow, RunItemsPage},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::{ItemFilters, run_items};
use crate::ui::{
    address::{given, with_query},
    answered::answered,
    choice::Choice,
    filter_form::FilterForm,
    icons,
    live::{Pace, live_resource},
};

/// What stands in the page's address about its items.
fn asked_for(query: &leptos_router::params::ParamsMap) -> ItemFilters {
    ItemFilters {
        items: given(query, "items"),
        items_code: given(query, "items_code"),
        text: given(query, "text"),
        cursor: given(query, "cursor"),
    }
}

fn href(run: &str, filters: &ItemFilters) -> String {
    let path = format!("/runs/{run}");
    let href = with_query(
        &path,
        &[
            ("items", filters.items.clone()),
            ("items_code", filters.items_code.clone()),
            ("text", filters.text.clone()),
            ("cursor", filters.cursor.clone()),
        ],
    );
    format!("{href}#items")
}

/// Where the items of a run stand that failed in one way.
pub fn href_of_failed(run: RunId, code: FailureCode) -> String {
    let filters = ItemFilters {
        items: Some(ItemOutcome::Failed.as_str().to_owned()),
        items_code: Some(code.as_str().to_owned()),
        ..ItemFilters::default()
    };
    href(&run.to_string(), &filters)
}

/// The section; `run` is the number in the address.
#[component]
pub fn RunItems(run: Memo<String>) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| (run.get(), asked_for(&query.read())));
    let page = live_resource(
        Pace::Page,
        move || asked.get(),
        |(run, _), changed| run.parse::<RunId>().is_ok_and(|run| changed.run(run)),
        |(run, filters)| run_items(run, filters),
    );
    view! {
        <section id="items" class="run-items" aria-labelledby="items-title">
            <h2 id="items-title">"Items"</h2>
            {move || {
                let (run, filters) = asked.get();
                view! { <Filters run filters /> }
            }}
            {answered(page, move |page: RunItemsPage| {
                let (run, filters) = asked.get_untracked();
                view! { <Page page run filters /> }
            })}
        </section>
    }
}

#[component]
fn Filters(run: String, filters: ItemFilters) -> impl IntoView {
    let outcomes =
        ItemOutcome::ALL.map(|outcome| (outcome.as_str().to_owned(), outcome.label().to_owned()));
    // Offered only where a failure led here: most runs fail in one way, if at all.
    let code = filters.items_code.map(|code| {
        let words = code
            .parse::<FailureCode>()
            .map_or_else(|_| code.clone(), |known| known.happened().to_owned());
        let options = vec![(code.clone(), words)];
        view! { <Choice label="Failure" name="items_code" chosen=Some(code) options any="Any" /> }
    });
    view! {
        <FilterForm action=format!("/runs/{run}")>
            <Choice label="Items" name="items" chosen=filters.items options=outcomes.to_vec() any="All" />
            {code}
            <label class="field">
                <span>"Name or error"</span>
                <input type="search" name="text" value=filters.text.unwrap_or_default() maxlength="200" />
            </label>
        </FilterForm>
    }
}

#[component]
fn Page(page: RunItemsPage, run: String, filters: ItemFilters) -> impl IntoView {
    let kept = page.only_failed_kept.then(|| {
        view! { <p class="muted">"Of a run that ended more than 30 days ago, only the items that failed are kept."</p> }
    });
    let narrowed = filters != ItemFilters::default();
    if page.rows.is_empty() {
        let first = href(&run, &ItemFilters::default());
        let words = match narrowed {
            true => view! { "No item matches. " <a href=first>"All items"</a> }.into_any(),
            false => "No single item has been counted.".into_any(),
        };
        return view! { <div>{kept} <p class="muted">{words}</p></div> }.into_any();
    }
    let rows: Vec<_> = page
        .rows
        .into_iter()
        .map(|item| view! { <Row item /> })
        .collect();
    let link = |cursor: Option<String>, rel: &'static str, word: &'static str| {
        cursor.map(|cursor| {
            let filters = ItemFilters {
                cursor: Some(cursor),
                ..filters.clone()
            };
            view! { <a href=href(&run, &filters) rel=rel>{word}</a> }
        })
    };
    let newer = link(page.newer, "prev", "← Previous page");
    let older = link(page.older, "next", "Next page →");
    // One element around them, here and above: what has another number of elements after a change can't be changed while
    // it is not on the page yet, and ends the script.
    view! {
        <div>
        {kept}
        <table class="stacking items">
            <caption class="unseen">"Items of this run: those that failed first, of each the latest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Ended"</th>
                    <th scope="col">"Item"</th>
                    <th scope="col">"Kind"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <nav class="pager" aria-label="Pages of items">
            <span>"Those that failed first, of each the latest first"</span>
            <span class="pager-links">{newer} {older}</span>
        </nav>
        </div>
    }
    .into_any()
}

#[component]
fn Row(item: RunItemRow) -> impl IntoView {
    let failure = item.failure.map(|(code, message)| {
        view! {
            <span class="failure-line">
                {message}
                " "
                <span class="muted">{format!("{}. {}", code.actor().label(), code.remedy())}</span>
            </span>
        }
    });
    let note = item
        .note
        .map(|note| view! { <span class="muted">{format!(", {}", note.replace('_', " "))}</span> });
    view! {
        <tr data-item-state=item.outcome.as_str()>
            <td data-label="Ended">
                <span class="item-end" data-state=item.outcome.as_str()>
                    {icons::item_glyph(item.outcome)}
                    <span>{item.outcome.label()} {note}</span>
                </span>
            </td>
            <td data-label="Item">
                <div class="item">
                    <span>{item.name}</span>
                    {failure}
                </div>
            </td>
            <td data-label="Kind" class="muted">{item.kind_label}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leads_to_the_items_that_failed_that_way() {
        assert_eq!(
            href_of_failed(RunId(7), FailureCode::Forbidden),
            "/runs/7?items=failed&items_code=graph.forbidden#items"
        );
    }
}
