//! Step 2 of a restore: all policies of the backup or only some, with or without their assignments.

use domain::{VersionId, views::backups::BackupItemRow};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;

use super::{
    begin_api::{BeginRestore, PolicyListing},
    steps::{Step, Steps},
};
use crate::{
    backups::set_page::{ItemFilterForm, ItemFilters},
    tenants::crumbs::TenantCrumbs,
    ui::{
        empty::NoMatch,
        number::grouped,
        pager::Pager,
        submit::{READ_ONLY, Submit},
        ticks::{Tick, Ticked, TickedCount, TickedElsewhere},
        time::At,
    },
};

/// What is chosen, kept while the list is filtered and paged.
#[derive(Clone, Copy, Default)]
pub struct Choice {
    ticked: Ticked<VersionId>,
    /// Only the ticked ones, instead of all policies of the backup.
    only_ticked: RwSignal<bool>,
}

impl Choice {
    /// Another backup has other policies.
    pub fn forget(self) {
        self.ticked.write().clear();
        self.only_ticked.set(false);
    }
}

/// The children are why the last press had no effect.
#[component]
pub fn PolicyChoice(
    listing: PolicyListing,
    id: String,
    filters: ItemFilters,
    choice: Choice,
    begin: ServerAction<BeginRestore>,
    children: Children,
) -> impl IntoView {
    let restores = format!("/tenants/{id}/restores");
    let path = format!("{restores}/new");
    let source = listing.source.clone();
    let unfiltered = format!("{path}?set={}", source.set);
    let title = format!("New restore to {}", listing.tenant_name);
    let of = match source.tenant.to_string() == id {
        true => String::new(),
        false => format!(", a backup of {}", source.tenant_name),
    };
    let set = source.set.to_string();
    let next = listing.next.clone().map(|cursor| {
        let href = filters.href_at(&path, Some(set.clone()), cursor);
        ("Next page →", href)
    });
    view! {
        <Title text=title.clone() />
        <TenantCrumbs
            id=id.clone()
            tenant_name=listing.tenant_name.clone()
            between=vec![("Restores".to_owned(), restores), ("New restore".to_owned(), path.clone())]
            here=source.name.clone()
        />
        <h1>{title}</h1>
        <Steps now=Step::Policies />
        <section aria-labelledby="step-title">
            <h2 id="step-title">"Choose policies"</h2>
            <p>
                {format!("From {}{of}, created ", source.name)}
                <At at=source.created_at />
                ". "
                <a href=path.clone()>"Choose another backup"</a>
            </p>
            <div role="status" class="answers run-answers">{children()}</div>
            <ItemFilterForm action=path filters kinds=listing.kinds.clone()>
                <input type="hidden" name="set" value=set />
            </ItemFilterForm>
            <Form listing id unfiltered next choice begin />
        </section>
    }
}

#[component]
fn Form(
    listing: PolicyListing,
    id: String,
    unfiltered: String,
    next: Option<(&'static str, String)>,
    choice: Choice,
    begin: ServerAction<BeginRestore>,
) -> impl IntoView {
    let allowed = listing.may_start;
    let note = if allowed {
        "Nothing is written yet: the next step is a preview."
    } else {
        READ_ONLY
    };
    let Choice {
        ticked,
        only_ticked,
    } = choice;
    // Whoever ticks a policy means only those that are ticked.
    let now_only = move |_| only_ticked.set(true);
    let shown: Vec<VersionId> = listing.rows.iter().map(|row| row.version).collect();
    let table = if listing.rows.is_empty() {
        view! { <NoMatch what="policies" without_filters=unfiltered /> }.into_any()
    } else {
        let rows: Vec<_> = listing
            .rows
            .into_iter()
            .enumerate()
            .map(|(index, row)| view! { <Row index row ticked /> })
            .collect();
        view! {
            <table class="choosable stacking" on:change=now_only>
                <caption class="unseen">"Policies in the backup by name"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Policy"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"Platform"</th>
                        <th scope="col">"Captured"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <Pager note="By name" as_of=listing.as_of newer=None older=next />
        }
        .into_any()
    };
    let all = format!(
        "All {} policies of the backup",
        grouped(listing.source.policies)
    );
    view! {
        <ActionForm action=begin attr:class="choice">
            <input type="hidden" name="tenant_id" value=id />
            <input type="hidden" name="set_id" value=listing.source.set.to_string() />
            <fieldset>
                <legend class="unseen">"Which policies"</legend>
                <label class="check">
                    <input type="radio" name="only_chosen" value="false" checked=true
                        prop:checked=move || !only_ticked.get() on:change=move |_| only_ticked.set(false) />
                    {all}
                </label>
                <label class="check">
                    <input type="radio" name="only_chosen" value="true"
                        prop:checked=move || only_ticked.get() on:change=move |_| only_ticked.set(true) />
                    "Only the policies ticked below"
                </label>
            </fieldset>
            <TickedElsewhere field="versions" shown=shown.clone() ticked />
            {table}
            <p class="muted" aria-live="polite"><TickedCount shown ticked none="" /></p>
            <label class="check">
                <input type="checkbox" name="with_assignments" value="true" checked=true />
                "Restore assignments too"
            </label>
            <div class="actions">
                <Submit words="Continue" pending=begin.pending() disabled=!allowed note="note-begin" />
                <p id="note-begin" class="surface-note">{note}</p>
            </div>
        </ActionForm>
    }
}

#[component]
fn Row(index: usize, row: BackupItemRow, ticked: Ticked<VersionId>) -> impl IntoView {
    view! {
        <tr data-version-id=row.version.to_string()>
            <td data-label="Policy"><Tick field="versions" index id=row.version name=row.name ticked /></td>
            <td data-label="Kind" class="muted">{row.kind_label}</td>
            <td data-label="Platform" class="muted">{row.platform.unwrap_or_default()}</td>
            <td data-label="Captured" class="muted"><At at=row.captured_at /></td>
        </tr>
    }
}
