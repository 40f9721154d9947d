//! Runs by day and outcome as bars, and the same numbers as a table.

use domain::{Outcome, views::overview::Day};
use leptos::prelude::*;

use crate::ui::{number::grouped, time::day_in_words};

/// Units of a bar's drawing.
const HEIGHT: i64 = 96;
const SHOWN: [(Outcome, &str); 3] = [
    (Outcome::Failed, "bar-failed"),
    (Outcome::PartiallySucceeded, "bar-partial"),
    (Outcome::Succeeded, "bar-success"),
];

#[component]
pub fn Chart(days: Vec<Day>) -> impl IntoView {
    let most = days.iter().map(Day::all).max().unwrap_or(0);
    if most == 0 {
        return view! { <p class="muted">"No run has ended in this time."</p> }.into_any();
    }
    let bars: Vec<_> = days
        .iter()
        .map(|day| view! { <Bar day=day.clone() most /> })
        .collect();
    let rows: Vec<_> = days
        .iter()
        .rev()
        .filter(|day| day.all() > 0)
        .map(|day| view! { <Row day=day.clone() /> })
        .collect();
    let ends = [days.first(), days.last()]
        .map(|day| day.map(|day| view! { <span>{day_in_words(day.day)}</span> }));
    let heads =
        SHOWN.map(|(outcome, _)| view! { <th scope="col" class="number">{outcome.label()}</th> });
    let legend = SHOWN.map(|(outcome, class)| {
        view! {
            <li>
                <svg viewBox="0 0 16 16" aria-hidden="true"><rect class=class width="16" height="16" /></svg>
                {outcome.label()}
            </li>
        }
    });
    view! {
        <ol class="chart" aria-label="Runs that ended, by the day they were created">{bars}</ol>
        <p class="chart-ends">{ends}</p>
        <ul class="chart-legend" aria-label="Parts of a bar, from its top">{legend}</ul>
        <p class="muted">
            {format!("Runs that ended, by the day (UTC) they were created; the highest bar is {}.", grouped(most))}
        </p>
        <details>
            <summary>"As a table"</summary>
            <table class="days">
                <caption class="unseen">"Runs that ended, by the day they were created, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Day (UTC)"</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .into_any()
}

fn href(day: &Day, outcome: Option<Outcome>) -> String {
    let outcome = outcome.map_or(String::new(), |outcome| format!("&outcome={outcome}"));
    format!("/runs?status=completed{outcome}&from={0}&to={0}", day.day)
}

/// One day: trouble on top, so that it stands out however much went well.
#[component]
fn Bar(day: Day, most: i64) -> impl IntoView {
    let mut top = HEIGHT;
    let parts: Vec<_> = SHOWN
        .into_iter()
        .rev()
        .map(|(outcome, class)| {
            let height = part(day.of(outcome), most);
            top -= height;
            view! { <rect class=class x="0" y=top.to_string() width="16" height=height.to_string() /> }
        })
        .collect();
    let label = in_words(&day_in_words(day.day), &day);
    view! {
        <li>
            <a href=href(&day, None) aria-label=label.clone() title=label>
                <svg viewBox=format!("0 -4 16 {}", HEIGHT + 4) preserveAspectRatio="none" aria-hidden="true">{parts}</svg>
            </a>
        </li>
    }
}

/// Height of a part: to scale, but one that is there is seen.
fn part(runs: i64, most: i64) -> i64 {
    match runs {
        0 => 0,
        _ => (runs * (HEIGHT - 6) / most.max(1)).max(2),
    }
}

/// "2026-11-20: 12 runs, 2 failed".
fn in_words(date: &str, day: &Day) -> String {
    let all = match day.all() {
        1 => "1 run".to_owned(),
        count => format!("{} runs", grouped(count)),
    };
    let partial = (day.partially_succeeded > 0)
        .then(|| format!(", {} partially succeeded", grouped(day.partially_succeeded)));
    let failed = (day.failed > 0).then(|| format!(", {} failed", grouped(day.failed)));
    format!(
        "{date}: {all}{}{}",
        partial.unwrap_or_default(),
        failed.unwrap_or_default()
    )
}

#[component]
fn Row(day: Day) -> impl IntoView {
    let counts = SHOWN.map(|(outcome, _)| {
        let count = match day.of(outcome) {
            0 => view! { "0" }.into_any(),
            runs => view! { <a href=href(&day, Some(outcome))>{grouped(runs)}</a> }.into_any(),
        };
        view! { <td class="number">{count}</td> }
    });
    view! {
        <tr>
            <th scope="row"><a href=href(&day, None)>{day_in_words(day.day)}</a></th>
            {counts}
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn a_day_is_told_in_words_and_a_rare_failure_is_still_seen() {
        let day = Day {
            day: NaiveDate::default(),
            succeeded: 1999,
            partially_succeeded: 0,
            failed: 1,
        };
        assert_eq!(
            in_words("1970-01-01", &day),
            "1970-01-01: 2,000 runs, 1 failed"
        );
        assert_eq!(part(day.failed, day.all()), 2);
        assert!(part(day.succeeded, day.all()) + part(day.failed, day.all()) <= HEIGHT);
    }
}
