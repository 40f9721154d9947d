//! Imports through the whole router: real exports, our own downloads, what is refused, and restores from what was imported.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::{
    BackupSetId, OperationType, Role, TenantId, VersionId,
    views::{
        backups::{BackupItemQuery, BackupSetPage},
        imports::ImportVerdict,
        restores::RestoreAction,
    },
};
use graph_simulator::TenantSpec;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use server::{
    http::{Site, Web, router},
    worker::Limits,
};
use services::{Caller, access, backups, changes::Changes, restores};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{
    restores::{back_up, contents, executed, leave_out_the_undecided, previewed},
    support::{Scene, no_delegated_access, real_files},
};

/// The program's pages for one scene.
struct Pages<'a> {
    scene: &'a Scene,
    router: Router,
}

struct Answer {
    status: StatusCode,
    location: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The set that an import made.
    fn set(&self) -> BackupSetId {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        let (_, set) = self.location.rsplit_once('/').unwrap();
        set.parse().unwrap()
    }
}

impl<'a> Pages<'a> {
    fn of(scene: &'a Scene) -> Self {
        let (changes, _relay) = Changes::listen(&scene.test.db);
        let router = router(Web {
            db: scene.test.db.clone(),
            changes,
            site: Arc::new(Site::none()),
            https: false,
            public_url: None,
            trusted_proxies: 0,
            delegated: no_delegated_access(),
            key: None,
            shutdown: CancellationToken::new(),
        });
        Self { scene, router }
    }

    async fn send(&self, caller: &Caller, mut request: Request<Body>) -> Answer {
        let (db, user) = (&self.scene.test.db, caller.user_id);
        let token = access::create_token(db, user, "test", Duration::from_secs(600))
            .await
            .unwrap();
        let bearer = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        let (parts, body) = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        let location = parts.headers.get(header::LOCATION);
        Answer {
            status: parts.status,
            location: location
                .map_or("", |value| value.to_str().unwrap())
                .to_owned(),
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).unwrap();
        self.send(&self.scene.ada, request).await
    }

    async fn import_as(
        &self,
        caller: &Caller,
        tenant: TenantId,
        files: &[(&str, &[u8])],
    ) -> Answer {
        let mut body =
            b"--edge\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nHistory\r\n".to_vec();
        for (name, bytes) in files {
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: application/json\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let request = Request::post(format!("/tenants/{tenant}/backups/import"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(Body::from(body))
            .unwrap();
        self.send(caller, request).await
    }

    async fn import(&self, tenant: TenantId, files: &[(&str, &[u8])]) -> BackupSetPage {
        let set = self.import_as(&self.scene.ada, tenant, files).await.set();
        let query = BackupItemQuery::default();
        backups::set(&self.scene.ada, &self.scene.test.db, tenant, set, &query)
            .await
            .unwrap()
    }
}

/// Every file below a folder, by the name alone that a browser sends.
fn files_below(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            found.push((name, fs::read(&path).unwrap()));
        }
    }
}

fn named(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect()
}

fn counts(page: &BackupSetPage) -> Vec<(ImportVerdict, i64)> {
    page.imported.as_ref().unwrap().counts.clone()
}

async fn versions(scene: &Scene, set: BackupSetId) -> BTreeSet<VersionId> {
    let all: Vec<VersionId> =
        sqlx::query_scalar("select version_id from backup_items where backup_set_id = $1")
            .bind(set)
            .fetch_all(scene.test.sql())
            .await
            .unwrap();
    all.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn real_exports_are_imported_whole_and_restored_into_a_tenant() {
    let (Some(old), Some(new)) = (real_files("windows-v3.6"), real_files("windows-2026-03")) else {
        println!("skipped: the folder of real policies is not there");
        return;
    };
    let scene = Scene::with(TenantSpec::new("Empty").policies(0).groups(10)).await;
    let pages = Pages::of(&scene);
    for (folder, policies) in [(&old, 69), (&new, 70)] {
        let mut files = Vec::new();
        files_below(folder, &mut files);
        assert_eq!(files.len(), policies);
        let page = pages.import(scene.tenant, &named(&files)).await;
        let policies = i64::try_from(policies).unwrap();
        assert_eq!(counts(&page), [(ImportVerdict::Imported, policies)]);
        assert_eq!(page.set.policies, policies);
        assert_eq!(
            (page.set.name.as_str(), page.set.origin.as_str()),
            ("History", "Import")
        );
    }

    let worker = scene.worker(Limits::default());
    let sets: BackupSetId = sqlx::query_scalar("select max(id) from backup_sets")
        .fetch_one(scene.test.sql())
        .await
        .unwrap();
    let (db, ada) = (&scene.test.db, &scene.ada);
    let restore = restores::begin(ada, db, scene.tenant, sets, None, true)
        .await
        .unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    assert_eq!((preview.totals.create, preview.blocked), (70, None));
    let run = executed(&scene, scene.tenant, restore, false).await;
    assert_eq!(
        scene.test.state_of(run).await.1,
        "succeeded",
        "{:?}",
        scene.codes(run).await
    );
    let captured = back_up(&scene, scene.tenant).await;
    let (wanted, found) = (
        contents(&scene, sets).await,
        contents(&scene, captured).await,
    );
    assert_eq!(wanted.len(), 70);
    let mut named = 0;
    for (key, (content, assigned)) in &wanted {
        // Export tools leave out whose files they are.
        let text = content.to_string();
        let here = text.replace("%OrganizationId%", &scene.simulated.directory_id);
        named += usize::from(here != text);
        let content: Value = serde_json::from_str(&here).unwrap();
        assert_eq!(found.get(key), Some(&(content, assigned.clone())), "{key}");
    }
    assert!(named > 0, "no policy names its tenant");
    // Found again by name, as no id of the files is one of this tenant's.
    let again = restores::begin(ada, db, scene.tenant, sets, None, true)
        .await
        .unwrap();
    let preview = previewed(&scene, scene.tenant, again).await;
    assert_eq!(preview.totals.unchanged, 70, "{:?}", preview.totals);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_this_tenant_is_the_version_that_was_captured() {
    let Some(folder) = real_files("windows-2026-03") else {
        println!("skipped: the folder of real policies is not there");
        return;
    };
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0).groups(0)).await;
    let directory = &scene.simulated.directory_id;
    let simulator = &scene.simulator.simulator;
    simulator.load_policies(directory, &folder).unwrap();
    let worker = scene.worker(Limits::default());
    let captured = back_up(&scene, scene.tenant).await;
    let mut files = Vec::new();
    files_below(&folder, &mut files);
    let page = Pages::of(&scene).import(scene.tenant, &named(&files)).await;
    let own: i64 = sqlx::query_scalar(
        "select count(*) from backup_items a join backup_items b using (kind, graph_id)
         join policy_versions v on v.id = b.version_id
         where a.backup_set_id = $1 and b.backup_set_id = $2 and a.version_id <> b.version_id
           and coalesce(jsonb_array_length(v.content -> 'assignments'), 0) = 0",
    )
    .bind(page.set.id)
    .bind(captured)
    .fetch_one(scene.test.sql())
    .await
    .unwrap();
    assert_eq!(own, 0, "unassigned policies are the same versions");
    let same = versions(&scene, captured).await;
    let imported = versions(&scene, page.set.id).await;
    assert!(same.intersection(&imported).count() > 0);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_download_comes_back_as_the_same_versions_with_a_bad_file_beside_it() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(80).groups(20)).await;
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let pages = Pages::of(&scene);
    let path = format!("/tenants/{}/backups/{set}/download", scene.tenant);
    let archive = pages.get(&path).await.body;
    let captured = versions(&scene, set).await;
    let files: [(&str, &[u8]); 2] = [("bad.json", b"{"), ("download.zip", &archive)];
    let page = pages.import(scene.tenant, &files).await;
    assert_eq!(
        counts(&page),
        [
            (
                ImportVerdict::Imported,
                i64::try_from(captured.len()).unwrap()
            ),
            (ImportVerdict::Unreadable, 1)
        ]
    );
    assert_eq!(versions(&scene, page.set.id).await, captured);
    let stored = scene
        .test
        .number("select count(*) from policy_versions")
        .await;
    assert_eq!(stored, i64::try_from(captured.len()).unwrap());
    let row = &page.imported.unwrap().rows[1];
    assert!(row.file.starts_with("download.zip/"), "{}", row.file);
    assert_eq!(
        row.reason.as_deref(),
        Some("Equal to a version that was stored before.")
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_find_what_ids_of_another_tenant_do_not() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0).groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let sales = simulator.add_group(directory, "Sales").unwrap();
    let tag = json!({"id": "7", "displayName": "Here"});
    let here = simulator
        .add_policy(directory, "roleScopeTags", tag)
        .unwrap();
    let old = json!({"displayName": "Lock screen", "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "description": "old", "omaSettings": []});
    simulator
        .add_policy(directory, "deviceConfigurations", old)
        .unwrap();
    let worker = scene.worker(Limits::default());
    scene
        .start_and_finish(OperationType::DirectoryGroupsSync)
        .await;

    let theirs = "8f2d2d4e-7a8e-4a6c-9a57-0d1f0b0c1a11";
    let elsewhere = json!({"@odata.type": "#microsoft.graph.roleScopeTag", "id": here, "displayName": "Elsewhere"});
    let policy = json!({"displayName": "Lock screen", "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "id": "3d1f9c52-1111-4222-8333-444455556666", "description": "new", "omaSettings": [],
        "roleScopeTagIds": ["0"], "assignments": [
            {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": theirs}},
            {"target": {"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", "groupName": "Sales"}}]});
    let unnamed_tag = json!({"displayName": "Tagged", "@odata.type": "#microsoft.graph.deviceShellScript",
        "scriptContent": "YQ==", "roleScopeTagIds": [here]});
    let table = json!({"Objects": [{"Id": theirs, "DisplayName": "Sales", "Type": "Group"}]});
    let bytes = |value: &Value| value.to_string().into_bytes();
    let pages = Pages::of(&scene);
    let (table, elsewhere) = (bytes(&table), bytes(&elsewhere));
    let (policy, unnamed_tag) = (bytes(&policy), bytes(&unnamed_tag));
    let (db, ada) = (&scene.test.db, &scene.ada);

    let first: [(&str, &[u8]); 3] = [
        ("MigrationTable.json", &table),
        ("tag.json", &elsewhere),
        ("policy.json", &policy),
    ];
    let set = pages.import(scene.tenant, &first).await.set.id;
    let restore = restores::begin(ada, db, scene.tenant, set, None, true)
        .await
        .unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    let action = |name: &str| {
        let item = preview.items.iter().find(|item| item.name == name);
        item.unwrap().action
    };
    assert_eq!(action("Lock screen"), Some(RestoreAction::Update));
    assert_eq!(
        action("Elsewhere"),
        Some(RestoreAction::Create),
        "the tag with this number is another one here"
    );
    let targets: BTreeSet<_> = preview
        .mappings
        .iter()
        .map(|row| (row.source_name.as_deref(), row.target_id.as_deref()))
        .collect();
    assert_eq!(
        targets,
        BTreeSet::from([(Some("Sales"), Some(sales.as_str()))])
    );

    let second: [(&str, &[u8]); 1] = [("script.json", &unnamed_tag)];
    let set = pages.import(scene.tenant, &second).await.set.id;
    let restore = restores::begin(ada, db, scene.tenant, set, None, true)
        .await
        .unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    assert!(
        preview.mappings.iter().all(|row| row.is_undecided()) && preview.mappings.len() == 1,
        "{:?}",
        preview.mappings
    );
    leave_out_the_undecided(&scene, scene.tenant, restore).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_is_for_those_who_may_and_its_size_has_a_limit() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").policies(0).groups(0)).await;
    let (_, other) = scene
        .second(TenantSpec::new("Fabrikam").policies(0).groups(0))
        .await;
    let reader = scene
        .test
        .person("Rea", &[(scene.tenant, Role::Readonly)])
        .await;
    let pages = Pages::of(&scene);
    let script =
        br##"{"@odata.type": "#microsoft.graph.deviceShellScript", "displayName": "<b>A</b>"}"##;
    let files: [(&str, &[u8]); 2] = [("../<i>a.json", script), ("b.json", b"")];
    let refused = pages.import_as(&reader, scene.tenant, &files).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let hidden = pages.import_as(&reader, other, &files).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    let none = pages
        .import_as(&scene.ada, scene.tenant, &[("", b"")])
        .await;
    assert!(none.location.ends_with("/backups/import?problem=no_files"));
    let form = pages.get(&none.location).await;
    assert_eq!(form.status, StatusCode::OK);
    for part in [
        "No file was chosen.",
        "multipart/form-data",
        "Import of 2",
        "Import exports into Contoso",
    ] {
        assert!(form.text().contains(part), "{part}");
    }
    let large = vec![b' '; 65 * 1024 * 1024];
    let too_large = pages
        .import_as(&scene.ada, scene.tenant, &[("large.json", &large)])
        .await;
    assert_eq!(too_large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(too_large.text().contains("larger than 64 MiB"));
    let sets = "select count(*) from backup_sets";
    assert_eq!(scene.test.number(sets).await, 0);

    let files: [(&str, &[u8]); 3] = [
        ("../<i>a.json", script),
        ("b.json", b""),
        ("large.json", &large[..9 * 1024 * 1024]),
    ];
    let made = pages.import_as(&scene.ada, scene.tenant, &files).await;
    let page = pages.get(&made.location).await.text();
    for part in [
        "1 imported",
        "2 not readable",
        "data-verdict=\"imported\"",
        "data-verdict=\"unreadable\"",
        "The file is empty.",
        "Too large: a file may have 8 MiB.",
        "&lt;i&gt;a.json",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<i>") && !page.contains("<b>A"), "escaped");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_in_yaml_is_the_same_policy_as_in_json() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0).groups(0)).await;
    let pages = Pages::of(&scene);
    let (json, yaml) = (
        br##"{"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "description": "a: b",
            "displayName": "Lock screen", "omaSettings": [{"@odata.type": "#microsoft.graph.omaSettingInteger",
            "displayName": "One", "omaUri": "./Vendor", "value": 0}], "roleScopeTagIds": ["0"]}"##
            .as_slice(),
        br##"'@odata.type': '#microsoft.graph.windows10CustomConfiguration'
description: 'a: b'
displayName: Lock screen
omaSettings:
- '@odata.type': '#microsoft.graph.omaSettingInteger'
  displayName: One
  omaUri: ./Vendor
  value: 0
roleScopeTagIds:
- '0'
"##
        .as_slice(),
    );
    let files = [
        ("Lock screen.json", json),
        ("Lock screen.yaml", yaml),
        ("broken.yml", b"a: [1, 2\nb: 3".as_slice()),
        ("notes.txt", b"a: 1".as_slice()),
    ];
    let page = pages.import(scene.tenant, &files).await;
    let told = page.imported.unwrap().rows;
    let reasons: Vec<_> = told
        .iter()
        .map(|file| (file.file.as_str(), file.reason.clone().unwrap_or_default()))
        .collect();
    let why = |name: &str| {
        let (_, why) = reasons.iter().find(|(file, _)| *file == name).unwrap();
        why.as_str()
    };
    assert_eq!(page.set.policies, 1, "{reasons:?}");
    assert_eq!(
        why("Lock screen.yaml"),
        "The same policy as in Lock screen.json."
    );
    assert!(why("broken.yml").starts_with("Not YAML: "), "{reasons:?}");
    assert_eq!(why("notes.txt"), "Neither a JSON nor a YAML file.");
}
