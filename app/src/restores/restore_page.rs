//! `/tenants/{id}/restores/{restore}`: the wizard from the preview on, and what became of the restore.

use domain::{RestoreStatus, views::restores::RestorePage as Restore};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    api::{
        AbortRestore, DecideMapping, ExecuteRestore, GeneratePreview, RestoreAgain, restore_detail,
    },
    execution::{Abort, Execution},
    mapping::Mapping,
    outcome::Outcome,
    preview::Preview,
    status::RestoreBadge,
    steps::{Step, Steps},
};
use crate::{
    runs::start_answer::use_answers,
    tenants::crumbs::TenantCrumbs,
    ui::{
        address::given,
        answered::answered,
        kept::Keeper,
        live::{Pace, live_resource},
        number::grouped,
        time::{Ago, At},
    },
};

/// Everything that can be pressed on the page.
#[derive(Clone, Copy)]
pub struct Actions {
    pub preview: ServerAction<GeneratePreview>,
    pub decide: ServerAction<DecideMapping>,
    pub execute: ServerAction<ExecuteRestore>,
    pub again: ServerAction<RestoreAgain>,
    pub abort: ServerAction<AbortRestore>,
    /// Whether it is being asked for the abort.
    pub abort_open: RwSignal<bool>,
    pub keeper: Keeper,
}

/// The restore that the page's forms are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub tenant: String,
    pub restore: String,
}

impl Place {
    pub fn path(&self) -> String {
        format!("/tenants/{}/restores/{}", self.tenant, self.restore)
    }
}

/// The fields that every form of the page begins with.
#[component]
pub fn PlaceFields(place: Place) -> impl IntoView {
    view! {
        <input type="hidden" name="tenant_id" value=place.tenant />
        <input type="hidden" name="restore_id" value=place.restore />
    }
}

#[component]
pub fn RestorePage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let restore = Memo::new(move |_| params.read().get("restore").unwrap_or_default());
    let cursor = Memo::new(move |_| given(&query.read(), "cursor"));
    let saved = Memo::new(move |_| given(&query.read(), "saved").is_some());
    let actions = Actions {
        preview: ServerAction::new(),
        decide: ServerAction::new(),
        execute: ServerAction::new(),
        again: ServerAction::new(),
        abort: ServerAction::new(),
        abort_open: RwSignal::new(false),
        keeper: Keeper::here(),
    };
    // What was pressed may have changed the restore without a run that tells so.
    let pressed = move || actions.decide.version().get() + actions.abort.version().get();
    let page = live_resource(
        Pace::Page,
        move || (id.get(), restore.get(), cursor.get(), pressed()),
        |(id, ..), changed| changed.tenant(id),
        |(id, restore, cursor, _)| restore_detail(id, restore, cursor),
    );
    let refused = move || {
        let preview = actions.preview.value().get().and_then(Result::err);
        let decide = actions.decide.value().get().and_then(Result::err);
        let execute = actions.execute.value().get().and_then(Result::err);
        let again = actions.again.value().get().and_then(Result::err);
        let abort = actions.abort.value().get().and_then(Result::err);
        preview.or(decide).or(execute).or(again).or(abort)
    };
    let answer = use_answers(id, refused);
    view! {
        {answered(page, move |page| {
            let place = Place { tenant: id.get_untracked(), restore: restore.get_untracked() };
            let later_items = cursor.get_untracked().is_some();
            view! {
                <Shown page place actions later_items>
                    {answer()}
                    {move || saved.get().then(|| view! {
                        <p class="answer" data-answer="saved">"Mapping saved."</p>
                    })}
                </Shown>
            }
        })}
    }
}

/// The children are what the last press was answered with.
#[component]
fn Shown(
    page: Restore,
    place: Place,
    actions: Actions,
    /// Whether the items shown are not the first page of them.
    later_items: bool,
    children: Children,
) -> impl IntoView {
    let status = page.row.status;
    let waits = matches!(
        status,
        RestoreStatus::PreviewQueued | RestoreStatus::Queued | RestoreStatus::Running
    );
    let undecided = page
        .mappings
        .iter()
        .filter(|row| row.is_undecided())
        .count();
    let title = match &page.row.backup_name {
        Some(backup) => format!("Restore from {backup} to {}", page.tenant_name),
        None => format!("Restore to {}", page.tenant_name),
    };
    let restores = format!("/tenants/{}/restores", place.tenant);
    let number = place.restore.clone();
    view! {
        <Title text=format!("{} · {title}", status.label()) />
        // As raw HTML: with a script the browser keeps it as text, and hydration would look for an element.
        {waits.then(|| view! { <noscript inner_html=r#"<meta http-equiv="refresh" content="5">"#></noscript> })}
        <TenantCrumbs
            id=place.tenant.clone()
            tenant_name=page.tenant_name.clone()
            between=vec![("Restores".to_owned(), restores)]
            here=place.restore.clone()
        />
        <article data-restore-id=number data-status=status.as_str()>
            <header class="headline">
                <h1>{title}</h1>
                <div role="status" class="run-state"><RestoreBadge status /></div>
                <Abort place=place.clone() status may_start=page.may_start actions />
            </header>
            <Since page=page.clone() />
            <Steps now=Step::of(status, undecided) path=place.path() />
            <div role="status" class="answers run-answers">{children()}</div>
            <Outcome page=page.clone() place=place.clone() actions />
            <Preview page=page.clone() place=place.clone() actions later_items />
            <Mapping page=page.clone() place=place.clone() undecided actions />
            <Execution page place actions />
        </article>
    }
}

/// What is restored from where, and who asked for it.
#[component]
fn Since(page: Restore) -> impl IntoView {
    let row = page.row;
    let policies = match row.policies {
        1 => "1 policy".to_owned(),
        several => format!("{} policies", grouped(several)),
    };
    let from = row
        .from_tenant
        .map(|tenant| format!(" · backup of {tenant}"))
        .unwrap_or_default();
    let assignments = match page.with_assignments {
        true => " · with assignments",
        false => " · without assignments",
    };
    let backup = row.backup.map(|(tenant, set)| {
        view! { " · " <a href=format!("/tenants/{tenant}/backups/{set}")>"Its backup"</a> }
    });
    let run = row.shadow_run.map(|run| {
        view! { " · " <a href=format!("/runs/{run}")>"View run"</a> }
    });
    view! {
        <p class="since">
            {policies}
            {assignments}
            {from}
            {backup}
            {row.dry_run.then_some(" · dry run")}
            {format!(" · begun by {} ", row.initiator_name)}
            <Ago at=row.created_at as_of=page.as_of />
            ", "
            <At at=row.created_at />
            {run}
        </p>
    }
}
