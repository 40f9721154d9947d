//! The form that makes a schedule. Every field is there from the start, as it has to work without a script.

use domain::{TenantId, views::backups::KindChoice};
use leptos::{form::ActionForm, prelude::*};

use super::api::CreateSchedule;
use crate::ui::time_zones::TimeZones;

const WEEKDAYS: [(&str, &str); 7] = [
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("0", "Sunday"),
];

#[component]
pub fn NewSchedule(
    tenant: TenantId,
    kinds: Vec<KindChoice>,
    create: ServerAction<CreateSchedule>,
) -> impl IntoView {
    let weekdays = WEEKDAYS
        .map(|(value, day)| view! { <option value=value>{day}</option> })
        .collect_view();
    let kinds: Vec<_> = kinds
        .into_iter()
        .enumerate()
        .map(|(index, kind)| {
            view! {
                <label class="check">
                    <input type="checkbox" name=format!("schedule[kinds][{index}]") value=kind.key />
                    {kind.label}
                </label>
            }
        })
        .collect();
    view! {
        <ActionForm action=create attr:class="sheet">
            <input type="hidden" name="tenant_id" value=tenant.to_string() />
            <label class="field">
                <span>"Name"</span>
                <input name="schedule[name]" required maxlength="200" placeholder="Nightly backup" />
            </label>
            <label class="field">
                <span>"How often"</span>
                <select name="schedule[every]">
                    <option value="day">"Every day"</option>
                    <option value="hour">"Every hour"</option>
                    <option value="week">"Every week"</option>
                    <option value="cron">"By cron expression"</option>
                </select>
            </label>
            <label class="field">
                <span>"At (of an hour only the minutes count)"</span>
                <input type="time" name="schedule[at]" value="02:00" />
            </label>
            <label class="field">
                <span>"Day of the week (for every week)"</span>
                <select name="schedule[weekday]">{weekdays}</select>
            </label>
            <label class="field">
                <span>"Cron expression (instead of the above)"</span>
                <input name="schedule[cron]" placeholder="30 2 * * 1-5" autocomplete="off" />
            </label>
            <label class="field">
                <span>"Time zone"</span>
                <input name="schedule[time_zone]" value="UTC" list="time-zones" required autocomplete="off" />
            </label>
            <TimeZones />
            <label class="field">
                <span>"Backups to keep, and as many complete ones"</span>
                <input type="number" name="schedule[keep]" value="30" min="1" max="1000" required />
            </label>
            <details>
                <summary>"Only some kinds"</summary>
                <fieldset class="check-grid">
                    <legend class="unseen">"Kinds of policies"</legend>
                    {kinds}
                </fieldset>
            </details>
            <button type="submit">"Make schedule"</button>
        </ActionForm>
    }
}
