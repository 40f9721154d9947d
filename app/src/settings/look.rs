//! How pages look: theme, time zone, dates, shortcuts.

use domain::{
    preferences::{DateStyle, Theme, ZoneChoice},
    views::settings::Preferences,
};
use leptos::{html, prelude::*};

use super::choices::Choices;
use crate::ui::{keys::ShortcutList, time_zones::TimeZones};

#[component]
pub fn LookForm(chosen: Preferences) -> impl IntoView {
    let themes = Theme::ALL
        .iter()
        .map(|one| (one.as_str(), one.label(), *one == chosen.theme))
        .collect();
    let zones = ZoneChoice::ALL
        .iter()
        .map(|one| (one.as_str(), one.label(), *one == chosen.zone))
        .collect();
    let dates = DateStyle::ALL
        .iter()
        .map(|one| (one.as_str(), one.label(), *one == chosen.dates))
        .collect();
    let own_zone = NodeRef::<html::Input>::new();
    let browser_says = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        let Some(field) = own_zone.get() else { return };
        let Some(zone) = zone_of_the_browser() else {
            return;
        };
        if field.value().is_empty() {
            field.set_value(&zone);
        }
        browser_says.set(format!("This browser is in {zone}."));
    });
    view! {
        <form method="post" action="/settings/look" class="sheet">
            <Choices legend="Theme" name="theme" choices=themes />
            <Choices legend="Times in" name="zone" choices=zones />
            <label class="field">
                <span>"Your own time zone"</span>
                <input name="own_zone" value=chosen.own_zone list="time-zones" autocomplete="off" placeholder="Europe/Berlin"
                    maxlength="64" aria-describedby="own-zone-note" node_ref=own_zone />
            </label>
            <p id="own-zone-note" class="muted">
                "The server writes the pages, so it has to know. A tenant's time zone is set on its page; where a page is about no one tenant, its times are in UTC. "
                {browser_says}
            </p>
            <TimeZones />
            <Choices legend="Dates as" name="dates" choices=dates />
            <fieldset class="choices">
                <legend id="shortcuts-title">"Keyboard shortcuts"</legend>
                <label class="check">
                    <input type="checkbox" name="shortcuts" value="on" checked=chosen.shortcuts />
                    "Single keys are shortcuts, but never while you type"
                </label>
                <ShortcutList />
            </fieldset>
            <button type="submit">"Save look and keys"</button>
        </form>
    }
}

#[cfg(feature = "hydrate")]
fn zone_of_the_browser() -> Option<String> {
    use js_sys::{Array, Intl::DateTimeFormat, Object, Reflect};

    let options = DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}
