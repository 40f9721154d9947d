//! Imports: whole or not at all, each version once, and the rights of a backup.

use domain::{
    BackupSetId, Role, TenantId,
    views::{
        backups::{BackupItemQuery, BackupSetPage},
        imports::{ImportVerdict, ImportedFileQuery},
    },
};
use serde_json::{Value, json};
use services::{
    Caller, ServiceError,
    backups::{self, SentFile},
    testing::TestDatabase,
};

struct Scene {
    test: TestDatabase,
    tenant: TenantId,
    ada: Caller,
}

impl Scene {
    async fn new() -> Self {
        let test = TestDatabase::new().await;
        let tenant = test.tenant("Contoso").await;
        let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
        Self { test, tenant, ada }
    }

    async fn import(&self, files: Vec<SentFile>) -> BackupSetId {
        backups::import(&self.ada, &self.test.db, self.tenant, "", files)
            .await
            .unwrap()
    }

    async fn page(&self, set: BackupSetId, files: ImportedFileQuery) -> BackupSetPage {
        let query = BackupItemQuery {
            files,
            ..BackupItemQuery::default()
        };
        backups::set(&self.ada, &self.test.db, self.tenant, set, &query)
            .await
            .unwrap()
    }

    async fn versions(&self) -> i64 {
        self.test
            .number("select count(*) from policy_versions")
            .await
    }
}

fn file(name: &str, content: impl ToString) -> SentFile {
    SentFile {
        name: name.to_owned(),
        bytes: Some(content.to_string().into_bytes()),
    }
}

fn script(name: &str, content: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.deviceManagementScript", "displayName": name, "scriptContent": content})
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_files_beside_good_ones_are_named_and_the_good_ones_are_imported() {
    let scene = Scene::new().await;
    let set = scene
        .import(vec![
            file("Scripts/one.json", script("One", "YQ==")),
            file("broken.json", "{\"a\": "),
            file("two.json", script("Two\u{0}", "Yg==")),
            file("notes.txt", "hello"),
            file("again.json", script("One", "YQ==")),
            file(
                "app.json",
                json!({"@odata.type": "#microsoft.graph.win32LobApp", "displayName": "App"}),
            ),
        ])
        .await;
    let page = scene.page(set, ImportedFileQuery::default()).await;
    assert_eq!(page.set.origin, "Import");
    assert_eq!(page.set.created_by.as_deref(), Some("Ada"));
    assert!(
        page.set.name.starts_with("Import of 2"),
        "{}",
        page.set.name
    );
    assert_eq!(page.rows.len(), 2);
    let files = page.imported.unwrap();
    assert_eq!(
        files.counts,
        [
            (ImportVerdict::Imported, 2),
            (ImportVerdict::Duplicate, 1),
            (ImportVerdict::NotAPolicy, 1),
            (ImportVerdict::Unsupported, 1),
            (ImportVerdict::Unreadable, 1),
        ]
    );
    let shown: Vec<_> = files
        .rows
        .iter()
        .map(|row| (row.file.as_str(), row.verdict, row.version.is_some()))
        .collect();
    assert_eq!(
        shown,
        [
            ("Scripts/one.json", ImportVerdict::Imported, true),
            ("broken.json", ImportVerdict::Unreadable, false),
            ("two.json", ImportVerdict::Imported, true),
            ("notes.txt", ImportVerdict::NotAPolicy, false),
            ("again.json", ImportVerdict::Duplicate, false),
            ("app.json", ImportVerdict::Unsupported, false),
        ]
    );
    assert!(
        files.rows[1]
            .reason
            .as_deref()
            .unwrap()
            .contains("line 1 column")
    );
    assert_eq!(files.rows[0].policy.as_deref(), Some("One"));
    assert_eq!(
        files.rows[0].kind_label.as_deref(),
        Some("Platform scripts")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_there_is_not_stored_again_and_a_changed_one_joins_its_history() {
    let scene = Scene::new().await;
    let first = scene
        .import(vec![file("one.json", script("One", "YQ=="))])
        .await;
    let second = scene
        .import(vec![file("one.json", script("One", "YQ=="))])
        .await;
    assert_ne!(first, second);
    assert_eq!(scene.versions().await, 1);
    let again = scene
        .page(second, ImportedFileQuery::default())
        .await
        .imported
        .unwrap();
    assert_eq!(
        again.rows[0].reason.as_deref(),
        Some("Equal to a version that was stored before.")
    );
    let third = scene
        .import(vec![file("one.json", script("One", "Yg=="))])
        .await;
    assert_eq!(scene.versions().await, 2);
    let page = scene.page(third, ImportedFileQuery::default()).await;
    assert_eq!(page.rows[0].versions, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_imports_are_read_page_by_page_and_by_verdict() {
    let scene = Scene::new().await;
    let mut files: Vec<SentFile> = (0..130)
        .map(|n| {
            file(
                &format!("{n}.json"),
                script(&format!("Script {n:03}"), "YQ=="),
            )
        })
        .collect();
    files.insert(50, file("bad.json", "nonsense"));
    let set = scene.import(files).await;
    let first = scene
        .page(set, ImportedFileQuery::default())
        .await
        .imported
        .unwrap();
    assert_eq!((first.rows.len(), first.next), (100, Some(99)));
    let after = ImportedFileQuery {
        after: Some("99".into()),
        verdict: None,
    };
    let rest = scene.page(set, after).await.imported.unwrap();
    assert_eq!((rest.rows.len(), rest.next), (31, None));
    let bad = ImportedFileQuery {
        verdict: Some("unreadable".into()),
        after: None,
    };
    let bad = scene.page(set, bad).await.imported.unwrap();
    assert_eq!(bad.rows.len(), 1);
    assert_eq!(bad.rows[0].file, "bad.json");
    for (verdict, after) in [(Some("fine"), None), (None, Some("x"))] {
        let query = BackupItemQuery {
            files: ImportedFileQuery {
                verdict: verdict.map(str::to_owned),
                after: after.map(str::to_owned),
            },
            ..BackupItemQuery::default()
        };
        let refused = backups::set(&scene.ada, &scene.test.db, scene.tenant, set, &query).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_back_up_may_not_import_and_what_fails_leaves_nothing() {
    let scene = Scene::new().await;
    let files = || vec![file("one.json", script("One", "YQ=="))];
    let reader = scene
        .test
        .person("Rea", &[(scene.tenant, Role::Readonly)])
        .await;
    let stranger = scene.test.person("Sam", &[]).await;
    let (db, tenant) = (&scene.test.db, scene.tenant);
    let import = |caller, name, files| backups::import(caller, db, tenant, name, files);
    assert!(matches!(
        import(&reader, "", files()).await,
        Err(ServiceError::Forbidden(_))
    ));
    assert!(matches!(
        import(&stranger, "", files()).await,
        Err(ServiceError::NotFound)
    ));
    let long = "x".repeat(201);
    for (name, files) in [(long.as_str(), files()), ("a\0b", files()), ("", vec![])] {
        assert!(matches!(
            import(&scene.ada, name, files).await,
            Err(ServiceError::Invalid(_))
        ));
    }
    // The last statement fails: nothing of what came before it stays.
    sqlx::query(
        "alter table backup_import_files add constraint refused check (file_name <> 'one.json')",
    )
    .execute(scene.test.sql())
    .await
    .unwrap();
    assert!(matches!(
        import(&scene.ada, "", files()).await,
        Err(ServiceError::Database(_))
    ));
    let sets = "select count(*) from backup_sets";
    assert_eq!(
        (scene.test.number(sets).await, scene.versions().await),
        (0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_of_the_same_policies_at_once_neither_wait_for_ever_nor_store_twice() {
    let scene = Scene::new().await;
    let files = || -> Vec<SentFile> {
        let scripts = (0..300).map(|n| script(&format!("Script {n}"), "YQ=="));
        let filters = (0..300).map(|n| {
            json!({"@odata.type": "#microsoft.graph.deviceAndAppManagementAssignmentFilter",
                "displayName": format!("Filter {n}"), "platform": "iOS", "rule": "x"})
        });
        let all = scripts.chain(filters).enumerate();
        all.map(|(n, policy)| file(&format!("{n}.json"), policy))
            .collect()
    };
    let (mut forth, mut back) = (files(), files());
    back.reverse();
    forth.rotate_left(100);
    let imports = [files(), back, forth].map(|files| scene.import(files));
    let sets = futures::future::join_all(imports).await;
    assert_eq!(scene.versions().await, 600);
    for set in sets {
        let page = scene.page(set, ImportedFileQuery::default()).await;
        assert_eq!(page.set.policies, 600);
    }
}
