//! Step 4 of a restore: which groups, filters and scope tags of the tenant stand for those of the backup.

use chrono::{DateTime, Utc};
use domain::views::restores::{MappingKind, MappingRow, RestorePage};
use leptos::{form::ActionForm, prelude::*};

use super::{
    api::LEAVE_OUT,
    restore_page::{Actions, Place, PlaceFields},
};
use crate::ui::{
    number::grouped,
    submit::{READ_ONLY, Submit},
    time::AgoAtOnce,
};

#[component]
pub fn Mapping(
    page: RestorePage,
    place: Place,
    /// Lines without a decision.
    undecided: usize,
    actions: Actions,
) -> impl IntoView {
    let tenant = place.tenant.clone();
    let open = page.row.status.may_be_scoped();
    let left = match undecided {
        0 => None,
        1 => Some("1 line is undecided.".to_owned()),
        count => Some(format!("{count} lines are undecided.")),
    };
    let body = if page.mappings.is_empty() {
        let words = match page.previewed_at {
            Some(_) => "Nothing has to be mapped.",
            None => "The preview finds what has to be mapped.",
        };
        view! { <p>{words}</p> }.into_any()
    } else {
        let note = match (page.may_start, open) {
            (false, _) => READ_ONLY,
            (true, false) => "It can't be changed any more in this restore.",
            (true, true) => "Lines that you don't change stay as they are.",
        };
        let allowed = page.may_start && open;
        let rows: Vec<(usize, MappingRow)> = page.mappings.into_iter().enumerate().collect();
        // A line that was decided is a new one, so that nothing typed into it is sent a second time.
        let rows = actions.keeper.rows(
            rows,
            move |(index, row)| (*index, row.clone(), allowed),
            move |(index, row)| view! { <Line index row allowed /> },
        );
        view! {
            {left.map(|left| view! { <p class="notice" data-undecided=undecided.to_string()>{left}</p> })}
            <ActionForm action=actions.decide attr:class="choice">
                <PlaceFields place />
                <table class="mapping stacking">
                    <caption class="unseen">"What the backup refers to, and what stands for it in this tenant"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"What"</th>
                            <th scope="col">"In the backup"</th>
                            <th scope="col" class="number">"Policies"</th>
                            <th scope="col">"Found here"</th>
                            <th scope="col">"Use"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                <div class="actions">
                    <Submit words="Save mapping" pending=actions.decide.pending() disabled=!allowed note="note-mapping" />
                    <p id="note-mapping" class="surface-note">{note}</p>
                </div>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <section id="mapping" aria-labelledby="mapping-title">
            <h2 id="mapping-title">"Mapping"</h2>
            <Helper tenant synced_at=page.groups_synced_at previewed_at=page.previewed_at as_of=page.as_of />
            {body}
        </section>
    }
}

/// Where what is offered comes from, how old it is and how to refresh it.
#[component]
fn Helper(
    tenant: String,
    #[prop(optional_no_strip)] synced_at: Option<DateTime<Utc>>,
    #[prop(optional_no_strip)] previewed_at: Option<DateTime<Utc>>,
    as_of: DateTime<Utc>,
) -> impl IntoView {
    let age = match synced_at {
        Some(at) => view! { "which was synced completely " <AgoAtOnce at as_of /> }.into_any(),
        None => "which was never synced completely".into_any(),
    };
    view! {
        <p class="helper">
            "Groups come from TenantAtlas' cache of this tenant's directory, "
            {age}
            "; this page asks Microsoft nothing. To refresh it: Sync directory groups on the "
            <a href=format!("/tenants/{tenant}")>"tenant's page"</a>
            ". "
            {previewed_at.map(|at| view! {
                "Filters and scope tags are those that the preview read "
                <AgoAtOnce at as_of />
                " and those of the synced inventory; to refresh them, generate the preview again."
            })}
        </p>
    }
}

#[component]
fn Line(index: usize, row: MappingRow, allowed: bool) -> impl IntoView {
    let source_id = row.source_id.clone();
    let shown_id = source_id.clone();
    let field = |part: &str| format!("choices[{index}][{part}]");
    let name = row
        .source_name
        .clone()
        .unwrap_or_else(|| "name not known".to_owned());
    let decision = match (&row.target_id, row.left_out, row.comes_with) {
        (Some(_), ..) => "mapped",
        (None, true, _) => "left_out",
        (None, false, true) => "comes_with",
        (None, false, false) => "undecided",
    };
    let none_chosen = match row.comes_with {
        true => "The one of this restore",
        false => "Undecided",
    };
    let names: Vec<String> = row
        .candidates
        .iter()
        .map(|(_, name)| name.clone())
        .collect();
    let namesakes = |name: &String| names.iter().filter(|one| *one == name).count() > 1;
    let label = format!("{} {name}: use", row.what.label());
    // A decision that is no longer among the candidates must not turn into another one by saving.
    let kept = row
        .target_id
        .clone()
        .filter(|id| row.candidates.iter().all(|(candidate, _)| candidate != id))
        .map(|id| {
            let words = format!("{id} (chosen before)");
            view! { <option value=id selected=true>{words}</option> }
        });
    let candidates: Vec<_> = row
        .candidates
        .into_iter()
        .map(|(id, name)| {
            let selected = row.target_id.as_ref() == Some(&id);
            let words = match namesakes(&name) {
                true => format!("{name} ({id})"),
                false => name,
            };
            view! { <option value=id selected=selected>{words}</option> }
        })
        .collect();
    // Of thousands of groups any other can be named; the cache knows it.
    let by_name = (row.what == MappingKind::Group && allowed).then(|| {
        view! {
            <input
                type="text"
                name=field("name")
                aria-label=format!("{label} the group named")
                placeholder="or the exact name of another group"
                autocomplete="off"
            />
        }
    });
    let was = match row.left_out {
        true => LEAVE_OUT.to_owned(),
        false => row.target_id.clone().unwrap_or_default(),
    };
    view! {
        <tr data-mapping=row.what.as_str() data-source-id=row.source_id data-decision=decision>
            <td data-label="What" class="muted">{row.what.label()}</td>
            <td data-label="In the backup">
                <span>
                    {name}
                    <code class="source-id">{shown_id}</code>
                </span>
            </td>
            <td data-label="Policies" class="number">{grouped(row.used_by)}</td>
            <td data-label="Found here" class="muted">{row.found}</td>
            <td data-label="Use">
              <span class="field">
                <input type="hidden" name=field("what") value=row.what.as_str() />
                <input type="hidden" name=field("source_id") value=source_id />
                <input type="hidden" name=field("was") value=was />
                <select name=field("target") aria-label=label.clone() disabled=!allowed>
                    <option value="" selected=matches!(decision, "undecided" | "comes_with")>{none_chosen}</option>
                    {kept}
                    {candidates}
                    <option value=LEAVE_OUT selected=row.left_out>"Leave out"</option>
                </select>
                {by_name}
              </span>
            </td>
        </tr>
    }
}
