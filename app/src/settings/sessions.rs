//! Where a person is signed in.

use chrono::{DateTime, Utc};
use domain::views::settings::SessionRow;
use leptos::prelude::*;

use crate::ui::time::{Ago, At};

#[component]
pub fn Sessions(rows: Vec<SessionRow>, as_of: DateTime<Utc>) -> impl IntoView {
    let alone = rows.iter().all(|row| row.this);
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let browser = row.browser.unwrap_or_else(|| "Unknown browser".to_owned());
            let this = row.this.then_some(" (this one)");
            view! {
                <tr data-this=row.this.to_string()>
                    <td data-label="Browser">{browser} {this}</td>
                    <td data-label="Signed in" class="muted"><Ago at=row.begun_at as_of /></td>
                    <td data-label="Ends" class="muted"><At at=row.ends_at /></td>
                </tr>
            }
        })
        .collect();
    let words = match alone {
        true => "You are signed in nowhere else.",
        false => "Ends every session but this one at once.",
    };
    view! {
        <table class="stacking">
            <caption class="unseen">"Sessions, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Browser"</th>
                    <th scope="col">"Signed in"</th>
                    <th scope="col">"Ends"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <form method="post" action="/settings/sessions" class="sheet">
            <p class="muted" id="sessions-note">{words}</p>
            <button type="submit" disabled=alone aria-describedby="sessions-note">"Sign out elsewhere"</button>
        </form>
    }
}
