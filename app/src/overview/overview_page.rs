//! `/`: what needs someone, every tenant's operations, what runs now, how the last weeks went.

use domain::views::overview::Overview;
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    acknowledging::{Acknowledging, Answer},
    api::overview,
    attention::NeedsSomeone,
    board::Board,
    chart::Chart,
};
use crate::{
    runs::run_table::RunTable,
    ui::{
        answered::answered,
        empty::Empty,
        live::{Pace, live_resource},
        time::ClockAt,
    },
};

#[component]
pub fn OverviewPage() -> impl IntoView {
    let forms = Acknowledging::new();
    // Of a tenant rather than of a run: what people say of failures changes too.
    let page = live_resource(
        Pace::Page,
        move || forms.sent(),
        |_, changed| changed.any_tenant(),
        |_| overview(),
    );
    view! {
        <Title text="Overview" />
        {answered(page, move |page| view! { <Shown page forms /> })}
    }
}

#[component]
fn Shown(page: Overview, forms: Acknowledging) -> impl IntoView {
    let summary: Vec<_> = summary(&page)
        .into_iter()
        .enumerate()
        .map(|(index, (words, href))| {
            let words = match href {
                Some(href) => view! { <a href=href>{words}</a> }.into_any(),
                None => words.into_any(),
            };
            view! { <span>{(index > 0).then_some(" · ")} {words}</span> }
        })
        .collect();
    if page.tenants.is_empty() {
        return view! {
            <h1>"Overview"</h1>
            <Empty title="You belong to no tenant yet">
                <p>"An owner of a tenant can make you its member."</p>
            </Empty>
        }
        .into_any();
    }
    let active = match page.active.is_empty() {
        true => view! { <p class="muted">"Nothing is running."</p> }.into_any(),
        false => {
            let more = page.more_active.then(|| {
                view! { <p class="more"><a href="/runs?status=running">"All running"</a> " · " <a href="/runs?status=queued">"All queued"</a></p> }
            });
            view! {
                <RunTable rows=page.active as_of=page.as_of caption="Queued and running, oldest first" />
                {more}
            }
            .into_any()
        }
    };
    view! {
        <h1>"Overview"</h1>
        <p class="since">{summary} " · as of " <ClockAt at=page.as_of /></p>
        <section aria-labelledby="attention-title">
            <h2 id="attention-title">"Needs someone"</h2>
            <Answer forms />
            <NeedsSomeone attention=page.attention acknowledged=page.acknowledged as_of=page.as_of forms />
            <p>
                <a href="/runs?outcome=not_succeeded&last=24h">"All runs of the last 24 hours that did not succeed"</a>
            </p>
        </section>
        <section aria-labelledby="tenants-title">
            <h2 id="tenants-title">"Tenants"</h2>
            <Board tenants=page.tenants as_of=page.as_of />
        </section>
        <section aria-labelledby="running-title">
            <h2 id="running-title">"Queued and running"</h2>
            {active}
        </section>
        <section aria-labelledby="days-title">
            <h2 id="days-title">"The last four weeks"</h2>
            <Chart days=page.days />
        </section>
    }
    .into_any()
}

/// "6 tenants · nothing overdue · 2 operations need someone": in words, and where what is counted stands.
fn summary(page: &Overview) -> Vec<(String, Option<&'static str>)> {
    let counted = |count: usize, one: &str, several: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {several}"),
    };
    let cells = || page.tenants.iter().flat_map(|line| &line.cells);
    let overdue = match cells().filter(|cell| cell.overdue).count() {
        0 if cells().all(|cell| cell.expected_hours.is_none()) => None,
        0 => Some(("nothing overdue".to_owned(), None)),
        count => Some((counted(count, "overdue", "overdue"), Some("#tenants-title"))),
    };
    let mut troubled: Vec<_> = page
        .attention
        .iter()
        .flat_map(|one| &one.troubles)
        .flat_map(|one| one.runs.iter().map(|run| run.run))
        .collect();
    troubled.sort_unstable();
    troubled.dedup();
    let trouble = match troubled.len() {
        0 => ("nothing needs anyone".to_owned(), None),
        count => (
            counted(count, "operation needs someone", "operations need someone"),
            Some("#attention-title"),
        ),
    };
    let acknowledged: usize = page.acknowledged.iter().map(|one| one.runs.len()).sum();
    let acknowledged = (acknowledged > 0).then(|| {
        (
            format!("{acknowledged} acknowledged"),
            Some("#acknowledged"),
        )
    });
    let tenants = counted(page.tenants.len(), "tenant", "tenants");
    [
        Some((tenants, Some("/tenants"))),
        overdue,
        Some(trouble),
        acknowledged,
    ]
    .into_iter()
    .flatten()
    .collect()
}
