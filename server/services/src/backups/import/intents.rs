//! Legacy endpoint security policies, whose settings an export may keep in a file beside the policy's own.

use std::collections::HashMap;

use domain::views::imports::ImportVerdict;
use exported::{Format, minimal};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::recognize::{Found, Refused, is_named, parsed};

const KIND: &str = "endpoint_security";
/// What the file of the settings is called after the policy's.
const SETTINGS: &str = "_Settings";

/// `settingsDelta` is what a create calls the settings; some tools write them down so.
pub(super) fn with_settings(policy: &mut Map<String, Value>) {
    if let Some(settings) = policy.remove("settingsDelta") {
        policy.entry("settings").or_insert(settings);
    }
}

/// The settings in `Firewall_Settings.json`, which are those of the policy in `Firewall.json`. None for any other file.
pub(super) fn settings_in(format: Format, bytes: &[u8], name: &str) -> Option<Vec<Value>> {
    policy_beside(name)?;
    let settings = match parsed(format, bytes).ok()? {
        Value::Object(object) if is_named(&object) => return None,
        Value::Object(mut object) => {
            let settings = object.remove("settings");
            settings.or_else(|| object.remove("value"))?
        }
        list => list,
    };
    let Value::Array(settings) = settings else {
        return None;
    };
    settings.into_iter().map(setting).collect()
}

/// One as Graph sends it. None for anything else.
fn setting(value: Value) -> Option<Value> {
    match value {
        Value::Object(setting) if setting.contains_key("definitionId") => {
            Some(Value::Object(minimal(setting)))
        }
        _ => None,
    }
}

/// The settings that lie beside policies, by where these lie.
#[derive(Debug, Default)]
pub(super) struct Beside(HashMap<String, Here>);

/// What goes by one name in one folder.
#[derive(Debug, Default)]
struct Here {
    /// One list for each file of settings.
    files: Vec<Vec<Value>>,
    /// Policies that hold their settings themselves.
    whole: usize,
    /// Policies that don't.
    bare: usize,
}

impl Here {
    /// What each of the policies gets that lack their own. Nothing where files of several folders are mixed, so that a
    /// policy would get another's.
    fn settings(&self) -> Option<&Vec<Value>> {
        let first = self.files.first()?;
        let clear = self.bare <= self.files.len() && self.files.iter().all(|one| one == first);
        clear.then_some(first)
    }
}

impl Beside {
    pub fn add_settings(&mut self, path: &[String], settings: Vec<Value>) {
        if let Some(policy) = policy_beside(name_in(path)) {
            let here = self.0.entry(place(path, &policy)).or_default();
            here.files.push(settings);
        }
    }

    pub fn add_policy(&mut self, path: &[String], found: &Found) {
        if found.kind.key != KIND {
            return;
        }
        let here = self.0.entry(place(path, name_in(path))).or_default();
        match has_settings(found) {
            true => here.whole += 1,
            false => here.bare += 1,
        }
    }

    /// The policy with its settings and its template, once all files are known.
    pub fn complete(&self, path: &[String], mut found: Found) -> Result<Found, Refused> {
        if found.kind.key != KIND {
            return Ok(found);
        }
        if !has_settings(&found) {
            match self.settings_of(path) {
                Ok(settings) => found.content.insert("settings".to_owned(), settings),
                Err(reason) => return Err(found.unreadable(reason)),
            };
        }
        if !found.content.contains_key("templateId") {
            let Some(template) = template_in(name_in(path)) else {
                let reason = "It does not say which template it was made from.";
                return Err(found.unreadable(reason.to_owned()));
            };
            found
                .content
                .insert("templateId".to_owned(), json!(template));
        }
        Ok(found)
    }

    /// The settings of a policy that does not hold them, or why there are none, in a sentence.
    fn settings_of(&self, path: &[String]) -> Result<Value, String> {
        let name = name_in(path);
        let here = self.0.get(&place(path, name));
        if let Some(settings) = here.and_then(Here::settings) {
            return Ok(json!(settings));
        }
        let file = settings_beside(name);
        Err(match here.is_some_and(|here| !here.files.is_empty()) {
            true => {
                format!("It comes without its settings: it is not clear which {file} holds them.")
            }
            false => {
                format!("It comes without its settings: no {file} that holds them lies beside it.")
            }
        })
    }

    /// What became of a file of settings, once all files are known.
    pub fn verdict(&self, path: &[String]) -> Refused {
        let policy = policy_beside(name_in(path)).unwrap_or_default();
        let reason = match self.0.get(&place(path, &policy)) {
            Some(here) if here.bare > 0 => match here.settings() {
                Some(_) => {
                    format!("The settings of the policy in {policy}; they were joined to it.")
                }
                None => {
                    format!("Settings of a policy: it is not clear which {policy} they belong to.")
                }
            },
            Some(here) if here.whole > 0 => {
                format!("Settings of the policy in {policy}, which holds them itself.")
            }
            _ => format!(
                "Settings without their policy: no {policy} of legacy endpoint security lies beside them."
            ),
        };
        Refused::new(ImportVerdict::NotAPolicy, reason)
    }
}

fn has_settings(found: &Found) -> bool {
    found.content.get("settings").is_some_and(Value::is_array)
}

fn name_in(path: &[String]) -> &str {
    path.last().map_or("", String::as_str)
}

/// The folder of this file with the name of a policy's; where such files are written, names differ in more than their
/// case.
fn place(path: &[String], policy: &str) -> String {
    let stem = policy.rsplit_once('.').map_or(policy, |(stem, _)| stem);
    let folders = path.split_last().map_or(&[][..], |(_, folders)| folders);
    format!("{}/{stem}", folders.join("/")).to_lowercase()
}

/// `Firewall.json` for `Firewall_Settings.json`.
fn policy_beside(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let at = stem.len().checked_sub(SETTINGS.len())?;
    let (policy, ending) = stem.split_at_checked(at)?;
    let is_one = !policy.is_empty() && ending.eq_ignore_ascii_case(SETTINGS);
    is_one.then(|| format!("{policy}.{extension}"))
}

/// `Firewall_Settings.json` for `Firewall.json`.
fn settings_beside(name: &str) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "json"));
    format!("{stem}{SETTINGS}.{extension}")
}

/// `c53e5a9f-…_Firewall.json`: a tool that leaves the template out of the policy begins the file's name with it.
fn template_in(name: &str) -> Option<String> {
    let (template, _) = name.split_once('_')?;
    Uuid::parse_str(template).ok().map(|id| id.to_string())
}

#[cfg(test)]
#[path = "tests/intents.rs"]
mod tests;
