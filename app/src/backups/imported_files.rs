//! What came of each file of an imported set.

use domain::views::imports::{ImportVerdict, ImportedFileRow, ImportedFiles as Files};
use leptos::prelude::*;

use crate::ui::{address::with_query, number::grouped};

#[component]
pub fn ImportedFiles(
    files: Files,
    /// The tenant's and the set's pages.
    tenant_path: String,
    path: String,
    /// The verdict that the lines are narrowed to.
    #[prop(optional_no_strip)]
    verdict: Option<String>,
    /// Whether this is not the first page of lines.
    later_page: bool,
) -> impl IntoView {
    let narrowed = |verdict: Option<String>, after: Option<String>| {
        let query = [("verdict", verdict), ("after", after)];
        format!("{}#files-title", with_query(&path, &query))
    };
    let counts: Vec<_> = files
        .counts
        .iter()
        .enumerate()
        .map(|(index, (one, count))| {
            let words = format!("{} {}", grouped(*count), one.label());
            let href = narrowed(Some(one.as_str().to_owned()), None);
            let current = (verdict.as_deref() == Some(one.as_str())).then_some("true");
            view! {
                {(index > 0).then_some(", ")}
                <a href=href data-verdict=one.as_str() aria-current=current>{words}</a>
            }
        })
        .collect();
    let all = (verdict.is_some() || later_page)
        .then(|| view! { " · " <a href=narrowed(None, None)>"All files"</a> });
    let next = files.next.map(|after| {
        let href = narrowed(verdict.clone(), Some(after.to_string()));
        view! { <p><a href=href>"More files →"</a></p> }
    });
    let rows: Vec<_> = files
        .rows
        .into_iter()
        .map(|row| view! { <Row row tenant_path=tenant_path.clone() /> })
        .collect();
    view! {
        <section aria-labelledby="files-title">
            <h2 id="files-title">"Files of this import"</h2>
            <p class="since import-counts">{counts} {all}</p>
            <table class="import-files stacking">
                <caption class="unseen">"What came of each file, in the order in which they were read"</caption>
                <thead>
                    <tr>
                        <th scope="col">"File"</th>
                        <th scope="col">"Verdict"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"Policy"</th>
                        <th scope="col">"Reason"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {next}
        </section>
    }
}

#[component]
fn Row(row: ImportedFileRow, tenant_path: String) -> impl IntoView {
    let policy = match (row.version, row.policy) {
        (Some(version), Some(name)) => {
            let href = format!("{tenant_path}/backups/versions/{version}");
            view! { <a href=href>{name}</a> }.into_any()
        }
        (_, name) => name.unwrap_or_default().into_any(),
    };
    view! {
        <tr data-verdict=row.verdict.as_str()>
            <td data-label="File">{row.file}</td>
            <td data-label="Verdict"><Verdict verdict=row.verdict /></td>
            <td data-label="Kind" class="muted">{row.kind_label.unwrap_or_default()}</td>
            <td data-label="Policy">{policy}</td>
            <td data-label="Reason" class="muted">{row.reason.unwrap_or_default()}</td>
        </tr>
    }
}

#[component]
fn Verdict(verdict: ImportVerdict) -> impl IntoView {
    let glyph = match verdict {
        ImportVerdict::Imported => "✓",
        ImportVerdict::Duplicate | ImportVerdict::NotAPolicy => "–",
        ImportVerdict::Unsupported | ImportVerdict::Unreadable => "!",
    };
    view! {
        <span class="verdict" data-verdict=verdict.as_str()>
            <span aria-hidden="true">{glyph}</span>
            " "
            {verdict.label()}
        </span>
    }
}
