//! What failed in a run, by kind: how often, who has to act, and what to do.

use domain::{FailureCode, FailureGroup, RunId, TenantId};
use leptos::prelude::*;

use super::run_items::href_of_failed;
use crate::{
    tenants::client_secret::{REPLACE_SECRET, href_of_client_secret},
    ui::copy::Copy,
};

#[component]
pub fn RunFailures(
    failures: Vec<FailureGroup>,
    active: bool,
    /// Microsoft's latest request of each code: pairs of a code and the request's id.
    #[prop(optional)]
    request_ids: Vec<(String, String)>,
    /// The run whose page lists the items that failed.
    #[prop(optional_no_strip)]
    items_of: Option<RunId>,
    /// The tenant on whose page the reader can mend what they may.
    #[prop(optional_no_strip)]
    tenant: Option<TenantId>,
    /// The run that did again what failed, and succeeded.
    #[prop(optional_no_strip)]
    put_right_by: Option<RunId>,
) -> impl IntoView {
    let put_right = put_right_by.map(|run| {
        view! {
            <p class="notice good" data-put-right-by=run.to_string()>
                "Put right since: "
                <a rel="external" href=format!("/runs/{run}")>{format!("run {run}")}</a>
                " did it again and succeeded."
            </p>
        }
    });
    let groups: Vec<_> = by_code(failures)
        .into_iter()
        .map(|(code, messages)| {
            let request = request_ids
                .iter()
                .find(|(of, _)| of == code.as_str())
                .map(|(_, id)| id.clone());
            // What stands for the rest is no item's own code.
            let items = items_of
                .filter(|_| code != FailureCode::Truncated)
                .map(|run| href_of_failed(run, code));
            let mend = tenant.filter(|_| code.asks_for_secret());
            view! { <Failure code messages request items mend /> }
        })
        .collect();
    let body = match groups.is_empty() {
        true if active => view! { <p class="muted">"Nothing has failed so far."</p> }.into_any(),
        true => view! { <p class="muted">"Nothing failed."</p> }.into_any(),
        false => view! { <ul class="failures">{groups}</ul> }.into_any(),
    };
    view! {
        <section aria-labelledby="failures-title">
            <h2 id="failures-title">"What failed, and who must act"</h2>
            {put_right}
            {body}
        </section>
    }
}

/// Groups that differ only in their message stand together; the kind that failed most stays first.
fn by_code(failures: Vec<FailureGroup>) -> Vec<(FailureCode, Vec<FailureGroup>)> {
    let mut kinds: Vec<(FailureCode, Vec<FailureGroup>)> = Vec::new();
    for group in failures {
        match kinds.iter_mut().find(|(code, _)| *code == group.code) {
            Some((_, messages)) => messages.push(group),
            None => kinds.push((group.code, vec![group])),
        }
    }
    kinds
}

#[component]
fn Failure(
    code: FailureCode,
    messages: Vec<FailureGroup>,
    request: Option<String>,
    items: Option<String>,
    mend: Option<TenantId>,
) -> impl IntoView {
    let count = messages
        .iter()
        .fold(0_u32, |sum, group| sum.saturating_add(group.count));
    let several = messages.len() > 1;
    let messages: Vec<_> = messages
        .into_iter()
        .map(|group| {
            let times = several.then(|| format!(" ({} ×)", group.count));
            let copied = group.message.clone();
            view! { <li>{group.message} {times} " " <Copy text=copied what="message" /></li> }
        })
        .collect();
    let request = request.map(|id| {
        view! {
            <p class="muted">
                "Microsoft request id: " <code>{id.clone()}</code> " " <Copy text=id what="request id" />
            </p>
        }
    });
    let items = items.map(|href| {
        view! { <p><a href=href>"Items that failed this way"</a></p> }
    });
    view! {
        <li class="failure" data-code=code.as_str() data-count=count.to_string()>
            <h3>
                <span>{format!("{count} × {}", code.happened())}</span>
                <code>{code.as_str()}</code>
            </h3>
            <p>
                <strong class="actor">{format!("{}. ", code.actor().label())}</strong>
                {code.remedy()}
                {mend.map(|tenant| view! { " " <a rel="external" href=href_of_client_secret(tenant)>{REPLACE_SECRET}</a> })}
            </p>
            <ul class="messages">{messages}</ul>
            {request}
            {items}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_one_code_stand_together_in_the_order_of_the_first() {
        let group = |code, message: &str| FailureGroup::new(code, message);
        let kinds = by_code(vec![
            group(FailureCode::Forbidden, "a"),
            group(FailureCode::Throttled, "b"),
            group(FailureCode::Forbidden, "c"),
        ]);
        let shape: Vec<_> = kinds.iter().map(|(code, all)| (*code, all.len())).collect();
        assert_eq!(
            shape,
            [(FailureCode::Forbidden, 2), (FailureCode::Throttled, 1)]
        );
    }
}
