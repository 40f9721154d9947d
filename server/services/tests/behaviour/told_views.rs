//! Being told when a run ends that a saved view holds: of which runs, once, by whom, and when they are many.

use domain::{
    NotificationId, OperationType, Outcome, Role, RunId, SavedViewId, TenantId,
    preferences::NotifyAbout,
    views::{
        notifications::{NotificationEvent, NotificationRow},
        runs::RunQuery,
        saved_views::ViewScope,
    },
};
use serde_json::json;
use services::{
    Caller, ServiceError, access, notifications,
    runs::{self, Initiator},
    saved_views::{self, Change},
    settings,
    testing::TestDatabase,
};

use crate::digests::end;

/// The few query strings that these tests keep, read as the list reads them.
fn read(filters: &str) -> Option<RunQuery> {
    let mut query = RunQuery::default();
    match filters.split_once('=')? {
        ("outcome", outcome) => query.outcome = Some(outcome.parse().ok()?),
        ("status", status) => query.status = Some(status.parse().ok()?),
        ("tenant", tenant) => query.tenant = Some(tenant.parse().ok()?),
        ("text", text) => query.text = Some(text.to_owned()),
        _ => return None,
    }
    Some(query)
}

struct Scene {
    test: TestDatabase,
    contoso: TenantId,
    fabrikam: TenantId,
    /// Of both tenants.
    ada: Caller,
    /// Of Contoso alone.
    bob: Caller,
}

impl Scene {
    async fn new() -> Self {
        let test = TestDatabase::new().await;
        let contoso = test.tenant("Contoso").await;
        let fabrikam = test.tenant("Fabrikam").await;
        let both = [(contoso, Role::Operator), (fabrikam, Role::Operator)];
        let ada = test.person("Ada", &both).await;
        let bob = test.person("Bob", &[(contoso, Role::Readonly)]).await;
        Self {
            test,
            contoso,
            fabrikam,
            ada,
            bob,
        }
    }

    /// A view of Ada's that the team sees.
    async fn view(&self, name: &str, filters: &str) -> SavedViewId {
        let team = ViewScope::Team;
        let view = saved_views::save(&self.ada, &self.test.db, name, filters, team);
        view.await.unwrap()
    }

    async fn watch(&self, who: &Caller, view: SavedViewId) -> Result<(), ServiceError> {
        saved_views::subscribe(who, &self.test.db, view, read).await
    }

    /// A run of the scheduler's that has not ended; each call's is another's work.
    async fn begun(&self, tenant: TenantId) -> RunId {
        let salt = json!({ "salt": uuid::Uuid::new_v4() });
        let inputs = salt.as_object().cloned().unwrap();
        let verify = OperationType::TenantVerify;
        let started = runs::ensure_run(&self.test.db, tenant, verify, &inputs, &Initiator::System);
        started.await.unwrap().run_id
    }

    async fn ended(&self, tenant: TenantId, outcome: Outcome) -> RunId {
        let run = self.begun(tenant).await;
        end(&self.test, run, outcome).await;
        run
    }

    async fn tell(&self) -> u64 {
        saved_views::tell(&self.test.db, read).await.unwrap()
    }

    async fn lines(&self, who: &Caller) -> Vec<NotificationRow> {
        let page = notifications::list(who, &self.test.db, None).await;
        page.unwrap().rows
    }

    async fn told_of(&self, who: &Caller) -> Vec<RunId> {
        let lines = self.lines(who).await;
        lines.into_iter().map(|line| line.run_id).collect()
    }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> String {
    match answer {
        Err(ServiceError::Invalid(why)) => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn who_watches_a_view_is_told_once_of_each_run_that_ends_in_it() {
    let scene = Scene::new().await;
    let view = scene.view("Failed", "outcome=failed").await;
    let before = scene.ended(scene.contoso, Outcome::Failed).await;
    scene.watch(&scene.bob, view).await.unwrap();
    scene.watch(&scene.bob, view).await.unwrap();
    let failed = scene.ended(scene.contoso, Outcome::Failed).await;
    scene.ended(scene.contoso, Outcome::Succeeded).await;
    let running = scene.begun(scene.contoso).await;
    assert_eq!(scene.told_of(&scene.bob).await, []);
    assert_eq!(scene.tell().await, 1);
    let lines = scene.lines(&scene.bob).await;
    assert_eq!(lines.len(), 1, "{before} had ended, {running} has not");
    assert_eq!(
        (lines[0].run_id, lines[0].sentence(), lines[0].href()),
        (
            failed,
            "Connection check for Contoso: failed (in “Failed”)".into(),
            format!("/runs/{failed}")
        )
    );
    // Whoever was killed before it noted that it is done leaves the same runs behind.
    sqlx::query("insert into ended_runs_untold (run_id) select id from operation_runs where status = 'completed'")
        .execute(scene.test.sql())
        .await
        .unwrap();
    assert_eq!(scene.tell().await, 0);
    assert_eq!(scene.lines(&scene.bob).await.len(), 1);
    // Of two views that hold a run, one tells.
    let all = scene
        .view("Of Contoso", &format!("tenant={}", scene.contoso))
        .await;
    scene.watch(&scene.bob, all).await.unwrap();
    scene.ended(scene.contoso, Outcome::Failed).await;
    assert_eq!(scene.tell().await, 1);
    notifications::mark_run_read(&scene.bob, &scene.test.db, failed)
        .await
        .unwrap();
    assert!(scene.lines(&scene.bob).await[1].read);
    for view in [view, all] {
        saved_views::unsubscribe(&scene.bob, &scene.test.db, view)
            .await
            .unwrap();
    }
    scene.ended(scene.contoso, Outcome::Failed).await;
    assert_eq!(scene.tell().await, 0);
    let left = "select count(*) from ended_runs_untold";
    assert_eq!(scene.test.number(left).await, 0);
}

#[tokio::test]
async fn nobody_is_told_of_runs_they_may_not_see_or_of_views_they_are_not_offered() {
    let scene = Scene::new().await;
    let failed = scene.view("Failed", "outcome=failed").await;
    let of_fabrikam = scene
        .view("Fabrikam", &format!("tenant={}", scene.fabrikam))
        .await;
    let eve = scene.test.person("Eve", &[]).await;
    let unseen = scene.watch(&eve, failed).await;
    assert!(matches!(unseen, Err(ServiceError::NotFound)));
    for view in [failed, of_fabrikam] {
        scene.watch(&scene.bob, view).await.unwrap();
    }
    scene.watch(&scene.ada, failed).await.unwrap();
    let elsewhere = scene.ended(scene.fabrikam, Outcome::Failed).await;
    assert_eq!(scene.tell().await, 1);
    assert_eq!(scene.told_of(&scene.ada).await, [elsewhere]);
    assert_eq!(scene.told_of(&scene.bob).await, []);

    let keep = Change::Scope(ViewScope::Mine);
    saved_views::change(&scene.ada, &scene.test.db, failed, &keep)
        .await
        .unwrap();
    scene.ended(scene.contoso, Outcome::Failed).await;
    assert_eq!(scene.tell().await, 1, "Ada alone");
    let share = Change::Scope(ViewScope::Team);
    saved_views::change(&scene.ada, &scene.test.db, failed, &share)
        .await
        .unwrap();
    let owner = scene
        .test
        .person("Olga", &[(scene.contoso, Role::Owner)])
        .await;
    let second = scene.ended(scene.contoso, Outcome::Failed).await;
    access::remove_member(&owner, &scene.test.db, scene.contoso, scene.bob.user_id)
        .await
        .unwrap();
    scene.tell().await;
    let of_bob: i64 = sqlx::query_scalar("select count(*) from notifications where user_id = $1")
        .bind(scene.bob.user_id)
        .fetch_one(scene.test.sql())
        .await
        .unwrap();
    assert_eq!(of_bob, 0, "of {second} he may not hear any more");
}

#[tokio::test]
async fn who_started_or_follows_a_run_is_not_told_of_it_again_and_what_nobody_wants_stays_unwritten()
 {
    let scene = Scene::new().await;
    let view = scene
        .view("Contoso", &format!("tenant={}", scene.contoso))
        .await;
    scene.watch(&scene.ada, view).await.unwrap();
    scene.watch(&scene.bob, view).await.unwrap();
    let verify = OperationType::TenantVerify;
    let started = runs::start(
        &scene.ada,
        &scene.test.db,
        scene.contoso,
        verify,
        Default::default(),
    );
    let run = started.await.unwrap().run.id;
    runs::follow(&scene.bob, &scene.test.db, run).await.unwrap();
    end(&scene.test, run, Outcome::Failed).await;
    assert_eq!(scene.tell().await, 0);
    let ends = "select count(*) from notifications where event = 'failed'";
    assert_eq!(scene.test.number(ends).await, 2);

    settings::set_notify_about(&scene.bob, &scene.test.db, NotifyAbout::Trouble)
        .await
        .unwrap();
    scene.ended(scene.contoso, Outcome::Succeeded).await;
    assert_eq!(scene.tell().await, 1, "Ada alone");
    scene.ended(scene.contoso, Outcome::Failed).await;
    assert_eq!(scene.tell().await, 2);
}

#[tokio::test]
async fn a_run_whose_end_is_committed_late_is_told_then_and_two_that_look_at_once_tell_once() {
    let scene = Scene::new().await;
    let view = scene.view("Failed", "outcome=not_succeeded").await;
    scene.watch(&scene.bob, view).await.unwrap();
    let late = scene.begun(scene.fabrikam).await;
    let late_here = scene.begun(scene.contoso).await;
    let mut tx = scene.test.sql().begin().await.unwrap();
    sqlx::query(
        "update operation_runs set status = 'completed', outcome = 'failed' where id in ($1, $2)",
    )
    .bind(late)
    .bind(late_here)
    .execute(&mut *tx)
    .await
    .unwrap();
    // Of another outcome, as ends of one day and outcome wait for each other to be counted.
    let quick = scene
        .ended(scene.contoso, Outcome::PartiallySucceeded)
        .await;
    assert_eq!(scene.tell().await, 1);
    assert_eq!(scene.told_of(&scene.bob).await, [quick]);
    tx.commit().await.unwrap();
    let (one, other) = tokio::join!(scene.tell(), scene.tell());
    assert_eq!(one + other, 1);
    assert_eq!(scene.told_of(&scene.bob).await, [late_here, quick]);
}

#[tokio::test]
async fn more_than_ten_at_once_share_a_line_that_leads_to_the_view_and_counts_what_its_reader_sees()
{
    let scene = Scene::new().await;
    let view = scene.view("Failed", "outcome=not_succeeded").await;
    scene.watch(&scene.ada, view).await.unwrap();
    for _ in 0..10 {
        scene.ended(scene.contoso, Outcome::Failed).await;
    }
    scene.tell().await;
    let lines = scene.lines(&scene.ada).await;
    assert_eq!(lines.len(), 10);
    assert!(lines.iter().all(|line| line.digest.is_none()));
    // What comes soon after is too much for lines of its own.
    for _ in 0..2 {
        scene.ended(scene.contoso, Outcome::Failed).await;
    }
    scene.tell().await;
    scene
        .ended(scene.fabrikam, Outcome::PartiallySucceeded)
        .await;
    scene.tell().await;
    let lines = scene.lines(&scene.ada).await;
    assert_eq!(lines.len(), 11);
    assert_eq!(
        (lines[0].sentence(), lines[0].href(), lines[0].event),
        (
            "3 runs ended in “Failed”: 2 failed, 1 partially succeeded".into(),
            format!("/runs?view={view}"),
            NotificationEvent::PartiallySucceeded
        )
    );
    let unread = async || {
        let frame = notifications::frame(&scene.ada, &scene.test.db).await;
        frame.unwrap().unread
    };
    assert_eq!(unread().await, 11);
    let contoso_alone = Caller {
        roles: domain::Roles::new(vec![(scene.contoso, Role::Operator)]),
        ..scene.ada.clone()
    };
    let newest = &scene.lines(&contoso_alone).await[0];
    assert_eq!(newest.sentence(), "2 runs ended in “Failed”: 2 failed");

    // Opening one of them leaves the line unread; opening the view reads it, and leaves the others.
    notifications::mark_run_read(&scene.ada, &scene.test.db, lines[0].run_id)
        .await
        .unwrap();
    assert_eq!(unread().await, 11);
    notifications::mark_view_read(&scene.ada, &scene.test.db, view)
        .await
        .unwrap();
    assert_eq!(unread().await, 10);
    assert!(scene.lines(&scene.ada).await[0].read);
    scene.ended(scene.contoso, Outcome::Failed).await;
    scene.tell().await;
    let lines = scene.lines(&scene.ada).await;
    assert_eq!((lines.len(), lines[0].read), (11, false));
    let digest = lines[0].digest.as_ref().unwrap();
    notifications::mark_digest_read(&scene.ada, &scene.test.db, &digest.id)
        .await
        .unwrap();
    assert_eq!(unread().await, 10);
    // Without the view the line still says what happened.
    saved_views::delete(&scene.ada, &scene.test.db, view)
        .await
        .unwrap();
    let lines = scene.lines(&scene.ada).await;
    assert_eq!(
        (lines[0].sentence(), lines[0].href()),
        (
            "4 runs ended: 3 failed, 1 partially succeeded".into(),
            "/runs?view=all".into()
        )
    );
    let ids: std::collections::BTreeSet<NotificationId> =
        lines.iter().map(|line| line.id).collect();
    assert_eq!(ids.len(), 11);
}

#[tokio::test]
async fn only_views_that_can_hold_ended_runs_are_watched_and_one_that_is_not_understood_stops_no_other()
 {
    let scene = Scene::new().await;
    for (name, filters) in [
        ("Running", "status=running"),
        ("Pending", "outcome=pending"),
    ] {
        let view = scene.view(name, filters).await;
        assert!(refusal(scene.watch(&scene.bob, view).await).starts_with("view:"));
    }
    let mut views = Vec::new();
    for index in 0..21 {
        views.push(scene.view(&format!("View {index}"), "text=contoso").await);
    }
    for view in &views[..20] {
        scene.watch(&scene.bob, *view).await.unwrap();
    }
    scene.watch(&scene.bob, views[0]).await.unwrap();
    assert!(refusal(scene.watch(&scene.bob, views[20]).await).contains("20 views"));
    let listed = saved_views::list(&scene.bob, &scene.test.db).await.unwrap();
    assert_eq!(listed.iter().filter(|view| view.told).count(), 20);
    sqlx::query("update saved_views set filters = 'of another time' where id = any($1)")
        .bind(&views[..19])
        .execute(scene.test.sql())
        .await
        .unwrap();
    let run = scene.ended(scene.contoso, Outcome::Succeeded).await;
    assert_eq!(scene.tell().await, 1);
    assert_eq!(scene.told_of(&scene.bob).await, [run]);
}
