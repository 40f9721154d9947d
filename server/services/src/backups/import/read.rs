//! All files of an import, each with its verdict, before anything is stored.

use std::collections::HashMap;

use domain::{sanitize, views::imports::ImportVerdict};
use graph::PolicyKind;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    files::{Content, File, Limits, SentFile, each},
    intents::{Beside, settings_in},
    names::made_from,
    recognize::{Found, Refused, recognize},
};
use crate::{
    ServiceError,
    backups::store::{Captured, Names},
};

/// One line of an import: a file, or one policy of a file that holds several.
#[derive(Debug)]
pub(super) struct Line {
    pub file: String,
    pub verdict: ImportVerdict,
    pub kind: Option<&'static PolicyKind>,
    pub name: Option<String>,
    pub reason: Option<String>,
    /// What is stored of an imported one.
    pub policy: Option<Captured>,
}

/// A file, or a part of it, before the others are known.
struct Part {
    /// As it is shown.
    file: String,
    path: Vec<String>,
    held: Held,
}

enum Held {
    Policy(Found),
    /// Settings of the policy that lies beside them.
    Settings,
    Nothing(Refused),
}

/// Reads every file. Nothing that one of them holds keeps another from its verdict.
pub(super) fn read(sent: Vec<SentFile>, limits: Limits) -> Vec<Line> {
    let mut names = Names::default();
    let mut beside = Beside::default();
    let mut parts = Vec::new();
    each(sent, limits, |file| {
        let shown = file.path.join("/");
        let path = file.path.clone();
        let held = held_by(file, &mut names, &mut beside);
        let several = held.len() > 1;
        for (at, held) in held.into_iter().enumerate() {
            let file = match several {
                true => display(&format!("[{}] {shown}", at + 1)),
                false => display(&shown),
            };
            let path = path.clone();
            parts.push(Part { file, path, held });
        }
    });
    let mut reading = Reading {
        names,
        ids: HashMap::new(),
        contents: HashMap::new(),
    };
    parts
        .into_iter()
        .map(|Part { file, path, held }| {
            let read = match held {
                Held::Policy(found) => beside
                    .complete(&path, found)
                    .and_then(Found::whole)
                    .and_then(|found| reading.policy(&file, id_in_name(&path), found)),
                Held::Settings => Err(beside.verdict(&path)),
                Held::Nothing(refused) => Err(refused),
            };
            read.unwrap_or_else(|refused| Line {
                file,
                verdict: refused.verdict,
                kind: refused.kind,
                name: refused.name.as_deref().map(sanitize::message),
                reason: Some(sanitize::message(&refused.reason)),
                policy: None,
            })
        })
        .collect()
}

/// What each part of a file holds. `names` and `beside` learn what the file tells of others.
fn held_by(file: File, names: &mut Names, beside: &mut Beside) -> Vec<Held> {
    let refused = |verdict, reason: &str| vec![Held::Nothing(Refused::new(verdict, reason))];
    let (format, bytes) = match file.content {
        Content::Text(format, bytes) => (format, bytes),
        Content::OtherFormat => {
            let reason = "Neither a JSON nor a YAML file.";
            return refused(ImportVerdict::NotAPolicy, reason);
        }
        Content::Unreadable(reason) => return refused(ImportVerdict::Unreadable, &reason),
    };
    let path = &file.path;
    let name = path.last().map_or("", String::as_str);
    if let Some(settings) = settings_in(format, &bytes, name) {
        beside.add_settings(path, settings);
        return vec![Held::Settings];
    }
    let folders = path.iter().take(path.len().saturating_sub(1));
    let folders: Vec<&str> = folders.map(String::as_str).collect();
    recognize(format, &bytes, &folders, names)
        .into_iter()
        .map(|part| match part {
            Ok(found) => {
                beside.add_policy(path, &found);
                Held::Policy(found)
            }
            Err(refused) => Held::Nothing(refused),
        })
        .collect()
}

/// A file that was taken, by what another one might share with it.
struct Taken {
    file: String,
    /// What people would call the same policy.
    same: String,
    content: String,
    own: bool,
}

struct Reading {
    /// Of all files together, for ids that a file itself does not name.
    names: Names,
    ids: HashMap<(&'static str, String), Taken>,
    contents: HashMap<String, Taken>,
}

impl Reading {
    fn policy(
        &mut self,
        file: &str,
        id_in_name: Option<String>,
        mut found: Found,
    ) -> Result<Line, Refused> {
        let kind = found.kind;
        let content = self.content_of(&found)?;
        let given = found.content.get("id").and_then(Value::as_str);
        let known = given
            .filter(|id| is_an_id(id))
            .map(str::to_owned)
            .or(id_in_name);
        let same = kind.same_policy_key(&Value::Object(found.content.clone()));
        let with_its_id = known
            .as_ref()
            .and_then(|id| self.ids.get(&(kind.key, id.clone())));
        let mut reason = None;
        if let Some(other) = with_its_id {
            if other.same == same {
                return Err(duplicate(&found, other, other.content != content));
            }
            // Renamed between two exports, or copied by hand: both are kept.
            let file = &other.file;
            reason = Some(sanitize::message(&format!(
                "Another name than in {file}, which has its id; it got an id of its own."
            )));
        }
        if let Some(other) = self.contents.get(&content)
            && !(other.own && found.own)
        {
            return Err(duplicate(&found, other, false));
        }
        let id = known
            .filter(|_| reason.is_none())
            .unwrap_or_else(|| self.made_id(&found, &content));
        found.content.insert("id".to_owned(), json!(id));
        let mut names = found.names.clone();
        names.learn(&self.names);
        let taken = || Taken {
            file: file.to_owned(),
            same: same.clone(),
            content: content.clone(),
            own: found.own,
        };
        self.ids.insert((kind.key, id), taken());
        self.contents.insert(content.clone(), taken());
        let policy = captured(kind, Value::Object(found.content), &names)?;
        Ok(Line {
            file: file.to_owned(),
            verdict: ImportVerdict::Imported,
            kind: Some(kind),
            name: Some(sanitize::message(&policy.name)),
            reason,
            policy: Some(policy),
        })
    }

    /// Equal for policies of one kind that have everything but the id in common.
    fn content_of(&self, found: &Found) -> Result<String, Refused> {
        let mut content = found.content.clone();
        content.remove("id");
        let bare = captured(found.kind, Value::Object(content), &Names::default())?;
        Ok(format!("{} {}", found.kind.key, bare.content_hash))
    }

    /// For a policy that comes without an id: the same in every import, so that its versions have one history.
    fn made_id(&self, found: &Found, content: &str) -> String {
        let policy = Value::Object(found.content.clone());
        let (what, key) = match found.kind.key {
            // As where others refer to these by name.
            "assignment_filters" => ("filter", found.kind.name_of(&policy).to_owned()),
            "scope_tags" => ("scope tag", found.kind.name_of(&policy).to_owned()),
            _ => ("policy", found.kind.same_policy_key(&policy)),
        };
        let id = made_from(what, &key);
        match self.ids.contains_key(&(found.kind.key, id.clone())) {
            // Intune allows two policies of one name.
            true => made_from(what, &format!("{key}\n{content}")),
            false => id,
        }
    }
}

fn captured(kind: &'static PolicyKind, content: Value, names: &Names) -> Result<Captured, Refused> {
    let name = kind.name_of(&content).to_owned();
    Captured::new(kind, content, names).map_err(|error| Refused {
        kind: Some(kind),
        name: Some(name),
        ..Refused::new(
            ImportVerdict::Unreadable,
            match error {
                ServiceError::Invalid(_) => "It holds a number that JSON can't carry exactly.",
                _ => "It can't be stored.",
            },
        )
    })
}

fn duplicate(found: &Found, other: &Taken, differs: bool) -> Refused {
    let reason = match differs {
        true => format!(
            "Another state of the policy in {}; a set holds one, the first.",
            other.file
        ),
        false => format!("The same policy as in {}.", other.file),
    };
    Refused {
        kind: Some(found.kind),
        name: found
            .content
            .get(found.kind.name_property)
            .and_then(Value::as_str)
            .map(str::to_owned),
        ..Refused::new(ImportVerdict::Duplicate, reason)
    }
}

/// Whether Microsoft could have made it; anything longer would not fit its index.
fn is_an_id(text: &str) -> bool {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter);
    (1..=150).contains(&text.len()) && text.bytes().all(fits)
}

/// `Win - Baseline__0b45c0f5-….json`: where a tool was asked to keep ids.
fn id_in_name(path: &[String]) -> Option<String> {
    let (stem, _) = path.last()?.rsplit_once('.')?;
    let (_, id) = stem.rsplit_once("__")?;
    Uuid::parse_str(id).ok().map(|id| id.to_string())
}

/// A file's name as it is stored and shown: one line, bounded, without secrets.
fn display(path: &str) -> String {
    let shown = sanitize::message(path);
    match shown.is_empty() {
        true => "unnamed".to_owned(),
        false => shown,
    }
}

#[cfg(test)]
#[path = "tests/read.rs"]
pub(super) mod tests;
