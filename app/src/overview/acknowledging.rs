//! Saying that somebody looks after a failure: its forms, what they answered, and what is looked after already.

use chrono::{DateTime, Utc};
use domain::{
    AcknowledgementId, FailureCode, RunId,
    views::overview::{LONGEST_NOTE, Standing, Trouble, Troubled},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{
    api::{AcknowledgeFailures, TakeBackAcknowledgement},
    attention::{Run, what},
};
use crate::ui::{address::given, refused::refusal, time::Ago};

/// What a form acknowledges.
type Subject = (FailureCode, Vec<RunId>);

/// The section's forms, as they are to survive that the page is told anew: which one is open and what is written in it
/// is kept by what it acknowledges, as lines move when others come or go.
#[derive(Clone, Copy)]
pub struct Acknowledging {
    acknowledge: ServerAction<AcknowledgeFailures>,
    take_back: ServerAction<TakeBackAcknowledgement>,
    opened: RwSignal<Option<Subject>>,
    note: RwSignal<String>,
}

impl Acknowledging {
    pub fn new() -> Self {
        let forms = Self {
            acknowledge: ServerAction::new(),
            take_back: ServerAction::new(),
            opened: RwSignal::new(None),
            note: RwSignal::new(String::new()),
        };
        Effect::new(move || {
            if let Some(Ok(())) = forms.acknowledge.value().get() {
                forms.opened.set(None);
                forms.note.set(String::new());
            }
        });
        forms
    }

    /// Another one after every answer.
    pub fn sent(self) -> (usize, usize) {
        (
            self.acknowledge.version().get(),
            self.take_back.version().get(),
        )
    }

    fn is_open(self, subject: &Subject) -> bool {
        self.opened.with(|opened| opened.as_ref() == Some(subject))
    }

    /// One at a time.
    fn toggled(self, subject: &Subject, open: bool) {
        let was_open = untrack(|| self.is_open(subject));
        if open && !was_open {
            self.note.set(String::new());
            self.opened.set(Some(subject.clone()));
        } else if !open && was_open {
            self.opened.set(None);
        }
    }
}

/// What came of the last form, as the address says it.
#[component]
pub fn Answer(forms: Acknowledging) -> impl IntoView {
    let query = use_query_map();
    let answer = move || {
        if let Some(error) = refusal(forms.acknowledge).or_else(|| refusal(forms.take_back)) {
            return Some(("refused", error.to_string()));
        }
        let query = query.read();
        let added = given(&query, "acknowledged").and_then(|added| added.parse().ok());
        match (added, given(&query, "taken_back")) {
            (Some(added), _) => Some(("done", in_words(added))),
            (None, Some(_)) => Some(("done", "Taken back: it needs someone again.".to_owned())),
            (None, None) => None,
        }
    };
    let answer = move || {
        answer().map(|(kind, words)| view! { <p class="answer" data-answer=kind>{words}</p> })
    };
    view! { <div role="status" class="answers run-answers">{answer}</div> }
}

fn in_words(added: u32) -> String {
    match added {
        0 => "Nothing was left to acknowledge: somebody was faster, or it has succeeded meanwhile."
            .to_owned(),
        1 => {
            "Acknowledged. It stands below until the operation succeeds or somebody takes it back."
                .to_owned()
        }
        _ => format!(
            "{added} acknowledged. They stand below until the operation succeeds or somebody takes them back."
        ),
    }
}

/// Opened first, as there may be something to say; `words` are the button's, `of` tells it from the others.
#[component]
pub fn Acknowledge(
    code: FailureCode,
    runs: Vec<RunId>,
    words: String,
    of: String,
    forms: Acknowledging,
) -> impl IntoView {
    let subject: Subject = (code, runs.clone());
    let toggled = subject.clone();
    let runs: Vec<_> = runs
        .into_iter()
        .enumerate()
        .map(|(index, run)| {
            view! { <input type="hidden" name=format!("runs[{index}]") value=run.to_string() /> }
        })
        .collect();
    let (opened, pressed, note) = (
        format!("{words} …: {of}"),
        format!("{words}: {of}"),
        format!("Note: {of}"),
    );
    view! {
        <details
            class="confirm acknowledge"
            open=move || forms.is_open(&subject)
            on:toggle=move |event| {
                let open = event_target::<leptos::web_sys::Element>(&event).has_attribute("open");
                forms.toggled(&toggled, open);
            }
        >
            <summary aria-label=opened>{words.clone()} " …"</summary>
            <ActionForm action=forms.acknowledge attr:class="acknowledging">
                <input type="hidden" name="code" value=code.as_str() />
                {runs}
                <label class="field">
                    <span>"Who does what, for the others to read (optional)"</span>
                    <input
                        type="text"
                        name="note"
                        maxlength=LONGEST_NOTE.to_string()
                        aria-label=note
                        autocomplete="off"
                        prop:value=move || forms.note.get()
                        on:input=move |event| forms.note.set(event_target_value(&event))
                    />
                </label>
                <button type="submit" aria-label=pressed>{words}</button>
            </ActionForm>
        </details>
    }
}

/// What somebody looks after, out of the way of what nobody does.
#[component]
pub fn Acknowledged(
    troubles: Vec<Trouble>,
    as_of: DateTime<Utc>,
    forms: Acknowledging,
) -> impl IntoView {
    let count: usize = troubles.iter().map(|one| one.runs.len()).sum();
    let troubles: Vec<_> = troubles
        .into_iter()
        .map(|Trouble { code, runs }| {
            let runs: Vec<_> = runs
                .into_iter()
                .map(|run| view! { <One run code as_of forms /> })
                .collect();
            view! {
                <li class="failure" data-code=code.as_str()>
                    <p><strong>{code.happened()}</strong> ". " {code.remedy()}</p>
                    <ul class="messages">{runs}</ul>
                </li>
            }
        })
        .collect();
    // It stays where it is when the last one goes, so that one who has opened it finds it open with the next.
    view! {
        <details id="acknowledged" class="acknowledged" hidden=count == 0>
            <summary>{format!("{count} acknowledged")}</summary>
            <ul class="failures">{troubles}</ul>
        </details>
    }
}

#[component]
fn One(
    run: Troubled,
    code: FailureCode,
    as_of: DateTime<Utc>,
    forms: Acknowledging,
) -> impl IntoView {
    let said = match run.standing.clone() {
        Standing::Acknowledged { id, by, at, note } => {
            let take_back = run.may_acknowledge.then(|| {
                let of = format!("{}, {}", what(&run), code.happened());
                view! { <TakeBack id of forms /> }
            });
            let note = note.map(|note| view! { ": " <q>{note}</q> });
            view! {
                <div class="acknowledged-by">
                    <span>"Acknowledged by " {by} " " <Ago at as_of /> {note}</span>
                    {take_back}
                </div>
            }
            .into_any()
        }
        Standing::New | Standing::CameBack { .. } => ().into_any(),
    };
    view! { <Run run code as_of>{said}</Run> }
}

#[component]
fn TakeBack(id: AcknowledgementId, of: String, forms: Acknowledging) -> impl IntoView {
    view! {
        <ActionForm action=forms.take_back>
            <input type="hidden" name="acknowledgement" value=id.to_string() />
            <button type="submit" class="quiet" aria-label=format!("Take back: {of}")>"Take back"</button>
        </ActionForm>
    }
}
