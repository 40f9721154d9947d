//! Fills a tenant with policies exported from a real one, read from a folder at run time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use exported::decode;
use serde::Serialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::exported::{clean, place};
use crate::guard::write;
use crate::kind::Kind;
use crate::seed;
use crate::simulator::Simulator;
use crate::tenant::Data;

/// What came of reading a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadReport {
    /// Policies now in the tenant.
    pub loaded: usize,
    /// By the last path segment of their collection.
    pub by_kind: BTreeMap<String, usize>,
    /// Files that were left out.
    pub problems: Vec<LoadProblem>,
}

/// A file that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadProblem {
    pub file: PathBuf,
    pub reason: String,
}

/// Why a folder could not be read at all.
#[derive(Debug, Error)]
pub enum LoadError {
    /// No simulated tenant has this directory id.
    #[error("no tenant {0}")]
    UnknownTenant(String),
    /// The folder, or one inside it, cannot be listed.
    #[error("cannot read the folder {folder}: {source}")]
    Folder {
        folder: PathBuf,
        source: std::io::Error,
    },
}

impl Simulator {
    /// Replaces all policies of a tenant by those in the JSON files below `dir`, whatever their encoding.
    ///
    /// A file is placed by its `@odata.context`, else by its `@odata.type`, its shape or its folder. Annotations are removed
    /// (Graph adds them when asked to), ids and settings are kept; files without assignments get some, to groups of
    /// this tenant. A file that is no policy is named in the report and left out.
    ///
    /// # Errors
    /// If the tenant does not exist or a folder cannot be listed; the tenant is unchanged then.
    pub fn load_policies(&self, directory_id: &str, dir: &Path) -> Result<LoadReport, LoadError> {
        let unknown = || LoadError::UnknownTenant(directory_id.to_owned());
        let tenant = self.server.tenant(directory_id).ok_or_else(unknown)?;
        let mut files = Vec::new();
        json_files(dir, &mut files)?;
        files.sort();
        let mut report = LoadReport::default();
        let mut read = Vec::new();
        for file in files {
            match policy(&file) {
                Ok(found) => read.push(found),
                Err(reason) => report.problems.push(LoadProblem { file, reason }),
            }
        }
        let mut data = write(&tenant.data);
        data.policies.clear();
        for (kind, object) in read {
            store(&mut data, kind, object);
            report.loaded += 1;
            *report.by_kind.entry(kind.segment().to_owned()).or_default() += 1;
        }
        Ok(report)
    }
}

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let failed = |source| LoadError::Folder {
        folder: folder.to_owned(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            json_files(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        {
            found.push(path);
        }
    }
    Ok(())
}

fn policy(file: &Path) -> Result<(&'static Kind, Map<String, Value>), String> {
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    let text = decode(&bytes).map_err(|error| error.to_string())?;
    let value: Value = serde_json::from_str(&text).map_err(|error| format!("not JSON: {error}"))?;
    let Value::Object(object) = value else {
        return Err("not a JSON object".to_owned());
    };
    let folder = file
        .parent()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let kind = place(&object, folder).ok_or("no known policy kind")?;
    if !object.get(kind.name).is_some_and(Value::is_string) {
        return Err(format!("no {}", kind.name));
    }
    Ok((kind, clean(kind, object)))
}

fn store(data: &mut Data, kind: &'static Kind, mut object: Map<String, Value>) {
    let taken = |id: &str| {
        data.policies
            .get(kind.store)
            .is_some_and(|all| all.get(id).is_some())
    };
    let id = object
        .get("id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty() && !taken(id))
        .map(str::to_owned);
    let id = id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    object.insert("id".to_owned(), json!(id));
    for relation in kind.relations {
        object.entry(*relation).or_insert_with(|| json!([]));
    }
    let assigned = object
        .get("assignments")
        .and_then(Value::as_array)
        .is_some_and(|all| !all.is_empty());
    if kind.relations.contains(&"assignments") && !assigned {
        let made = seed::assignments_for(data, kind, &object);
        object.insert("assignments".to_owned(), Value::Array(made));
    }
    kind.mark_assigned(&mut object);
    data.collection(kind.store)
        .put(&id, Value::Object(object), None);
}
