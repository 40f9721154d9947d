//! When a run was queued, joined, started, came to each step, ended and was repeated; how long each took, and whose doing it was.

use chrono::{DateTime, TimeDelta, Utc};
use domain::views::runs::{ItemOutcome, RunDetail};
use leptos::{either::Either, prelude::*};

use crate::ui::{
    icons,
    number::grouped,
    time::{At, BareClockAt, Lasting, fine_span, zone_here},
};

#[component]
pub fn RunTimeline(detail: RunDetail) -> impl IntoView {
    let as_of = detail.as_of;
    let moments = moments(&detail);
    // Within half a day the time of day leaves no doubt.
    let first_and_last = moments.first().zip(moments.last());
    let dated =
        first_and_last.is_some_and(|(first, last)| last.at - first.at > TimeDelta::hours(12));
    let moments: Vec<_> = moments
        .into_iter()
        .map(|moment| view! { <Point moment dated as_of /> })
        .collect();
    view! {
        <section aria-labelledby="timeline-title">
            <h2 id="timeline-title">{format!("Timeline ({})", zone_here())}</h2>
            <ol class="timeline">{moments}</ol>
        </section>
    }
}

/// Something that happened, and what followed it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moment {
    label: String,
    at: DateTime<Utc>,
    until: Until,
    /// Why a try ended, or what went wrong in a step.
    trouble: Option<String>,
}

/// Up to when a moment lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// It is a point: the end, what somebody did, or the start before the steps begin.
    Point,
    Next(DateTime<Utc>),
    /// The same of what only waited.
    Waited(DateTime<Utc>),
    /// It goes on.
    Now,
}

fn moments(detail: &RunDetail) -> Vec<Moment> {
    let run = &detail.run;
    let started = run.state.started_at();
    let ended = run.state.completed_at();
    let end = ended.map_or(Until::Now, Until::Next);
    let mut moments = vec![Moment {
        label: format!("Queued by {}", run.initiator_name),
        at: run.created_at,
        until: started.or(ended).map_or(Until::Now, Until::Waited),
        trouble: None,
    }];
    if let Some(at) = started {
        let until = if detail.steps.is_empty() {
            end
        } else {
            Until::Point
        };
        moments.push(Moment {
            label: "Started".to_owned(),
            at,
            until,
            trouble: None,
        });
    }
    for (index, step) in detail.steps.iter().enumerate() {
        let next = detail.steps.get(index + 1).map(|next| Until::Next(next.at));
        moments.push(Moment {
            label: step.label.clone(),
            at: step.at,
            until: next.unwrap_or(end),
            trouble: step
                .failure
                .clone()
                .or_else(|| failed_items(step.failed_items)),
        });
    }
    if let Some(at) = ended {
        let label = format!("Ended: {}", run.state.label().to_lowercase());
        moments.push(Moment {
            label,
            at,
            until: Until::Point,
            trouble: None,
        });
    }
    let joined = detail.followers.joined.iter();
    let joined = joined.map(|(name, at)| (format!("Joined by {name}"), *at));
    let repeated = detail.related.repeated_by.iter();
    let repeated = repeated.map(|run| {
        let label = format!("Repeated by {} as run {}", run.initiator_name, run.id);
        (label, run.created_at)
    });
    moments.extend(joined.chain(repeated).map(|(label, at)| Moment {
        label,
        at,
        until: Until::Point,
        trouble: None,
    }));
    // What is of one moment stays in the order in which it was told.
    moments.sort_by_key(|moment| moment.at);
    moments
}

fn failed_items(count: i64) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 item failed".to_owned()),
        _ => Some(format!("{} items failed", grouped(count))),
    }
}

#[component]
fn Point(moment: Moment, dated: bool, as_of: DateTime<Utc>) -> impl IntoView {
    let lasted = match moment.until {
        Until::Point => ().into_any(),
        Until::Waited(next) => format!("waited {}", fine_span(moment.at, next)).into_any(),
        Until::Next(next) => fine_span(moment.at, next).into_any(),
        Until::Now => view! { <Lasting since=moment.at as_of /> " so far" }.into_any(),
    };
    let when = match dated {
        true => Either::Left(view! { <At at=moment.at /> }),
        false => Either::Right(view! { <BareClockAt at=moment.at /> }),
    };
    let troubled = moment.trouble.is_some().then_some("true");
    let trouble = moment
        .trouble
        .map(|words| view! { <span class="timeline-trouble">{icons::item_glyph(ItemOutcome::Failed)} {words}</span> });
    view! {
        <li data-now=(moment.until == Until::Now).then_some("true") data-troubled=troubled>
            <span class="timeline-label">{moment.label} {trouble}</span>
            <span class="timeline-took">{lasted}</span>
            <span class="timeline-when">{when}</span>
        </li>
    }
}
