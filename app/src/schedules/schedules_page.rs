//! `/tenants/{id}/schedules`: when the tenant is backed up by itself, and what came of it.

use domain::{
    TenantId,
    views::schedules::{ScheduleRow, SchedulesPage as Schedules},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{
    api::{CreateSchedule, DeleteSchedule, EnableSchedule, RunSchedule, schedule_list},
    new_schedule::NewSchedule,
};
use crate::{
    runs::start_answer::use_answers,
    ui::{
        address::with_query,
        answered::answered,
        empty::Empty,
        live::{Pace, live_resource},
        refused::{Refused, refusal},
        time::At,
    },
};

/// The page's four forms.
#[derive(Clone, Copy)]
struct Forms {
    create: ServerAction<CreateSchedule>,
    run: ServerAction<RunSchedule>,
    enable: ServerAction<EnableSchedule>,
    delete: ServerAction<DeleteSchedule>,
}

#[component]
pub fn SchedulesPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let forms = Forms {
        create: ServerAction::new(),
        run: ServerAction::new(),
        enable: ServerAction::new(),
        delete: ServerAction::new(),
    };
    let written = move || {
        (
            forms.create.version().get(),
            forms.enable.version().get(),
            forms.delete.version().get(),
        )
    };
    let page = live_resource(
        Pace::Page,
        move || (id.get(), written()),
        |(id, _), changed| changed.tenant(id),
        |(id, _)| schedule_list(id),
    );
    let answer = use_answers(id, move || forms.run.value().get().and_then(Result::err));
    let refused = move || {
        let error = refusal(forms.create)
            .or_else(|| refusal(forms.enable))
            .or_else(|| refusal(forms.delete));
        view! { <Refused error /> }
    };
    view! {
        {answered(page, move |page| {
            view! {
                <Listed page id=id.get_untracked() forms>
                    {answer()}
                    {refused}
                </Listed>
            }
        })}
    }
}

/// The children are what the forms answered.
#[component]
fn Listed(page: Schedules, id: String, forms: Forms, children: Children) -> impl IntoView {
    let tenant = id.parse::<TenantId>().ok();
    let may_start = page.may_start;
    let list = if page.rows.is_empty() {
        view! {
            <Empty title="No schedule yet">
                <p>"A schedule backs the tenant up by itself and keeps as many backups as you say."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = page
            .rows
            .into_iter()
            .filter_map(|row| Some(view! { <Row row tenant=tenant? may_start forms /> }))
            .collect();
        view! {
            <table class="schedules stacking">
                <caption class="unseen">"Schedules by name"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"Next"</th>
                        <th scope="col">"Last run"</th>
                        <th scope="col" class="number">"Backups"</th>
                        <th scope="col">"Actions"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let form = match (tenant, may_start) {
        (Some(tenant), true) => {
            view! { <NewSchedule tenant kinds=page.kinds create=forms.create /> }.into_any()
        }
        _ => view! { <p class="muted">"Your role on this tenant is read only; an operator or owner can make schedules."</p> }.into_any(),
    };
    view! {
        <Title text=format!("Schedules of {}", page.tenant_name) />
        <nav class="crumbs" aria-label="You are here">
            <a href="/tenants">"Tenants"</a> " / " <a href=format!("/tenants/{id}")>{page.tenant_name.clone()}</a> " / Schedules"
        </nav>
        <h1>{format!("Backup schedules of {}", page.tenant_name)}</h1>
        <div role="status" class="answers">{children()}</div>
        {list}
        <section aria-labelledby="new-title">
            <h2 id="new-title">"New schedule"</h2>
            {form}
        </section>
    }
}

#[component]
fn Row(row: ScheduleRow, tenant: TenantId, may_start: bool, forms: Forms) -> impl IntoView {
    let next = match row.next_due_at {
        Some(at) => view! { <At at /> }.into_any(),
        None => "paused".into_any(),
    };
    let last = match row.last_run {
        Some(run) => {
            let word = match row.last_outcome.as_deref().unwrap_or_default() {
                "succeeded" => "Succeeded",
                "partially_succeeded" => "Partially succeeded",
                "failed" => "Failed",
                "running" => "Running",
                _ => "Queued",
            };
            let all = with_query(
                "/runs",
                &[
                    ("tenant", Some(tenant.to_string())),
                    ("text", Some(format!("schedule_id={}", row.id))),
                ],
            );
            view! { {word} " · " <a href=format!("/runs/{run}")>"View run"</a> " · " <a href=all>"All its runs"</a> }
                .into_any()
        }
        None => "never".into_any(),
    };
    let what = match row.kinds.len() {
        0 => "every kind".to_owned(),
        _ => row.kinds.join(", "),
    };
    let (toggle, toggled) = if row.enabled {
        ("Pause", "false")
    } else {
        ("Go on", "true")
    };
    let ids = move || {
        view! {
            <input type="hidden" name="tenant_id" value=tenant.to_string() />
            <input type="hidden" name="schedule_id" value=row.id.to_string() />
        }
    };
    let named = |verb: &str| format!("{verb}: {}", row.name);
    let (run_label, toggle_label, delete_label) =
        (named("Run now"), named(toggle), named("Delete"));
    let actions = may_start.then(|| {
        view! {
            <div class="row-actions">
                <ActionForm action=forms.run>
                    {ids()}
                    <button type="submit" aria-label=run_label>"Run now"</button>
                </ActionForm>
                <ActionForm action=forms.enable>
                    {ids()} <input type="hidden" name="enabled" value=toggled />
                    <button type="submit" aria-label=toggle_label>{toggle}</button>
                </ActionForm>
                <ActionForm action=forms.delete>
                    {ids()}
                    <button type="submit" aria-label=delete_label>"Delete"</button>
                </ActionForm>
            </div>
        }
    });
    view! {
        <tr data-schedule-id=row.id.to_string()>
            <td data-label="Name">{row.name.clone()}</td>
            <td data-label="When" class="muted">
                <code>{row.cron}</code> " " {row.time_zone} ", " {what}
            </td>
            <td data-label="Next" class="muted">{next}</td>
            <td data-label="Last run" class="muted">{last}</td>
            <td data-label="Backups" class="number">{kept(row.sets, row.keep)}</td>
            <td data-label="Actions">{actions}</td>
        </tr>
    }
}

/// Nights that missed something push no complete backup out, so there may be more than are to be kept.
fn kept(sets: i64, keep: i32) -> String {
    match sets > i64::from(keep) {
        true => format!("{sets}: the last {keep}, and the last {keep} complete ones"),
        false => format!("{sets} of {keep}"),
    }
}
