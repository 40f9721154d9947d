//! Real exported policies. They are no part of this project; without them these tests say so and do nothing.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::compare;

/// What the server owns, in the exported kinds.
const OWNED: [&str; 9] = [
    "assignments",
    "createdDateTime",
    "creationSource",
    "id",
    "lastModifiedDateTime",
    "priorityMetaData",
    "settingCount",
    "supportsScopeTags",
    "version",
];

fn folder(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/openintunebaseline")
        .join(name);
    let there = folder.is_dir();
    if !there {
        eprintln!(
            "did nothing: there are no real policies at {}",
            folder.display()
        );
    }
    there.then_some(folder)
}

/// The policies of a folder by file name.
fn policies(folder: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                found.insert(name, freed(serde_json::from_str(&text_of(&path)).unwrap()));
            }
        }
    }
    found
}

fn text_of(file: &Path) -> String {
    let bytes = fs::read(file).unwrap();
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => {
            let units = rest
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).unwrap(),
        plain => String::from_utf8(plain.to_vec()).unwrap(),
    }
}

fn freed(mut policy: Value) -> Value {
    policy
        .as_object_mut()
        .unwrap()
        .retain(|member, _| !OWNED.contains(&member.as_str()));
    policy
}

#[test]
fn real_policies_do_not_differ_from_themselves_and_all_their_settings_are_seen() {
    for name in ["windows-2026-03", "windows-v3.6"] {
        let Some(folder) = folder(name) else {
            return;
        };
        let policies = policies(&folder);
        assert!(policies.len() > 50, "{}", policies.len());
        for (file, policy) in policies {
            assert_eq!(compare(&policy, &policy), [], "{file}");
            let mut reversed = policy.clone();
            if let Some(settings) = reversed.get_mut("settings").and_then(Value::as_array_mut) {
                settings.reverse();
            }
            assert_eq!(compare(&policy, &reversed), [], "{file}");
            let all = compare(&Value::Null, &policy);
            let settings = policy["settings"].as_array().map_or(0, Vec::len);
            assert!(
                all.len() > settings,
                "{file}: {} for {settings} settings",
                all.len()
            );
            assert!(
                all.iter()
                    .all(|one| one.before.is_none() && !one.label.is_empty()),
                "{file}"
            );
        }
    }
}

/// A file's name without the release at its end: `… - v3.7.json`.
fn unversioned(file: &str) -> &str {
    file.rsplit_once(" - v").map_or(file, |(name, _)| name)
}

#[test]
fn real_policies_of_one_name_differ_in_some_settings_between_two_releases() {
    let (Some(old), Some(new)) = (folder("windows-v3.6"), folder("windows-2026-03")) else {
        return;
    };
    let (old, new) = (policies(&old), policies(&new));
    let new: BTreeMap<&str, &Value> = new
        .iter()
        .map(|(file, policy)| (unversioned(file), policy))
        .collect();
    // Differences and values of the newer one, by file.
    let counts: BTreeMap<&str, (usize, usize)> = old
        .iter()
        .filter_map(|(file, before)| {
            let after = new.get(unversioned(file))?;
            let all = compare(&Value::Null, after).len();
            Some((file.as_str(), (compare(before, after).len(), all)))
        })
        .collect();
    assert!(counts.len() > 50, "{counts:#?}");
    assert!(
        counts.values().all(|(found, all)| found < all),
        "{counts:#?}"
    );
    let unchanged = counts.values().filter(|(found, _)| *found == 0).count();
    assert!(
        unchanged > counts.len() / 2 && unchanged < counts.len(),
        "{counts:#?}"
    );
    // Another release has at least another name, and most of a policy stays.
    let (found, all) = counts
        .values()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(found > 0 && found * 10 < all, "{counts:#?}");
}
