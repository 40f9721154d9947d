//! What a start surface answers: queued, already running, or could not be queued; always with the link to the run.

use chrono::{DateTime, Utc};
use domain::{
    RunId, RunState, TenantId,
    views::runs::{Followers, RunRow},
};
use leptos::prelude::*;
use leptos_router::{
    hooks::{use_location, use_query_map},
    params::ParamsMap,
};
use serde::{Deserialize, Serialize};

use super::{api::FollowRun, run_actions::Follow};
use crate::{
    error::AppError,
    ui::{
        address::given,
        kept::Keeper,
        live::{Pace, live_resource},
        progress::counts_in_words,
        time::AgoAtOnce,
    },
};

/// The answer that the URL speaks of, as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    pub run: RunRow,
    /// False if the run was active already.
    pub created: bool,
    /// The queue did not take it.
    pub not_queued: bool,
    pub followers: Followers,
    pub as_of: DateTime<Utc>,
}

/// `?run=42&answer=created`: which run the answer is about, and whether it was created.
fn asked_for(query: &ParamsMap) -> Option<(String, bool)> {
    let created = match given(query, "answer")?.as_str() {
        "created" => true,
        "existing" => false,
        _ => return None,
    };
    Some((given(query, "run")?, created))
}

/// The run that a start surface answered with; on a tenant's page nothing for one that is not the tenant's.
#[server(prefix = "/api", endpoint = "start_answer")]
pub async fn start_answer(
    #[server(default)] tenant: Option<TenantId>,
    run: String,
    created: bool,
) -> Result<Option<Started>, AppError> {
    let (caller, db) = crate::asking::asked()?;
    // Not through `AppError`: a stale link must not turn the tenant's page into a 404.
    let Ok(run) = run.parse() else {
        return Ok(None);
    };
    let detail = match services::runs::detail(&caller, &db, run).await {
        Ok(detail) if tenant.is_none_or(|tenant| detail.run.tenant_id == tenant) => detail,
        Ok(_) | Err(services::ServiceError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let not_queued = detail
        .failures
        .iter()
        .any(|failure| failure.code == domain::FailureCode::QueueDispatchFailed);
    Ok(Some(Started {
        run: detail.run,
        created,
        not_queued,
        followers: detail.followers,
        as_of: detail.as_of,
    }))
}

/// What the start surfaces on this page of a tenant answered: the last press refused, or else the run that the URL speaks of.
pub fn use_answers(
    tenant: Memo<String>,
    refused: impl Fn() -> Option<AppError> + Copy + Send + Sync + 'static,
) -> impl Fn() -> AnyView + Copy + Send + Sync + 'static {
    answers(move || tenant.get().parse().ok().map(Some), refused)
}

/// The same on a page that is not a tenant's.
pub fn use_answers_of_any_tenant(
    refused: impl Fn() -> Option<AppError> + Copy + Send + Sync + 'static,
) -> impl Fn() -> AnyView + Copy + Send + Sync + 'static {
    answers(|| Some(None), refused)
}

/// `of` is none on the page of a tenant that can't be one, and none inside where any tenant's run may be shown.
fn answers(
    of: impl Fn() -> Option<Option<TenantId>> + Clone + Send + Sync + 'static,
    refused: impl Fn() -> Option<AppError> + Copy + Send + Sync + 'static,
) -> impl Fn() -> AnyView + Copy + Send + Sync + 'static {
    let query = use_query_map();
    let answer = live_resource(
        Pace::Page,
        move || (of(), asked_for(&query.read())),
        |(_, asked), changed| {
            let run = asked
                .as_ref()
                .and_then(|(run, _)| run.parse::<RunId>().ok());
            run.is_some_and(|run| changed.run(run))
        },
        |(tenant, asked)| async move {
            match (tenant, asked) {
                (Some(tenant), Some((run, created))) => start_answer(tenant, run, created).await,
                _ => Ok(None),
            }
        },
    );
    let shown = move || match (refused(), answer.get()) {
        (Some(error), _) => view! { <StartRefused error /> }.into_any(),
        (_, Some(Ok(Some(started)))) => view! { <StartAnswerLine started /> }.into_any(),
        _ => ().into_any(),
    };
    // A page that is told anew must not take the link from under the pointer, nor have the answer read out again.
    let keeper = Keeper::here();
    move || keeper.once((), move || shown)
}

/// The answer in words.
#[component]
fn StartAnswerLine(started: Started) -> impl IntoView {
    let Started {
        run,
        created,
        not_queued,
        followers,
        as_of,
    } = started;
    // From one run to another the router would keep the query, and with it this answer: so that page is loaded anew.
    let on_a_run = use_location()
        .pathname
        .get_untracked()
        .starts_with("/runs/");
    let rel = on_a_run.then_some("external");
    let follow = ServerAction::<FollowRun>::new();
    let joins = (!created && !run.mine && run.state.status().is_active())
        .then(|| view! { <Follow run=run.id followers follow /> });
    let operation = run.operation_label().to_owned();
    let kind = if not_queued {
        "failed"
    } else if created {
        "created"
    } else {
        "existing"
    };
    let words = if not_queued {
        view! {
            <strong>"Could not be queued. "</strong>
            {format!("{operation} was not started: the queue did not take it. Try again in a moment.")}
        }
        .into_any()
    } else if created {
        let since = since(&run.state);
        view! { {format!("{operation} queued.{since}")} }.into_any()
    } else {
        let who = match run.mine {
            true => "you",
            false => run.initiator_name.as_str(),
        };
        let far = counts_in_words(&run);
        view! {
            {format!("Already running, started by {who} ")}
            <AgoAtOnce at=run.created_at as_of />
            {(!far.is_empty()).then(|| format!(", {far}"))}
        }
        .into_any()
    };
    view! {
        <p
            class="answer"
            data-answer=kind
            data-run-id=run.id.to_string()
            data-status=run.state.status().as_str()
            data-outcome=run.state.outcome().as_str()
        >
            {words}
            {if created { " " } else { " · " }}
            <a class="answer-link" rel=rel href=format!("/runs/{}", run.id)>"View run"</a>
        </p>
        {joins}
    }
}

/// What became of a run that was queued.
fn since(state: &RunState) -> String {
    match state {
        RunState::Queued => String::new(),
        RunState::Running { .. } => " It is running.".to_owned(),
        RunState::Completed { .. } => format!(" It has ended: {}.", state.label().to_lowercase()),
    }
}

/// Why a press of a start button had no effect at all.
#[component]
pub fn StartRefused(error: AppError) -> impl IntoView {
    view! {
        <p class="answer" data-answer="refused">
            <strong>"Not started. "</strong>
            {error.to_string()}
        </p>
    }
}
