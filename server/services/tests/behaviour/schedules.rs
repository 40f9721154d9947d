//! Schedules: each due time starts once, however many look; a missed one starts once; old backups go.

use domain::{Role, ScheduleId, TenantId};
use services::{
    Caller, ServiceError,
    schedules::{self, NewSchedule},
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

    async fn schedule(&self, cron: &str) -> ScheduleId {
        let new = NewSchedule {
            name: "Nightly".into(),
            cron: cron.into(),
            time_zone: "Europe/Berlin".into(),
            kinds: Vec::new(),
            keep: 3,
        };
        schedules::create(&self.ada, &self.test.db, self.tenant, new)
            .await
            .unwrap()
    }

    async fn due(&self, schedule: ScheduleId, hours_ago: i32) {
        sqlx::query("update backup_schedules set next_due_at = date_trunc('hour', now()) - make_interval(hours => $2) where id = $1")
            .bind(schedule)
            .bind(hours_ago)
            .execute(self.test.sql())
            .await
            .unwrap();
    }

    async fn runs(&self) -> i64 {
        self.test
            .number("select count(*) from operation_runs where type = 'backup_schedule.run'")
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_schedulers_start_a_thousand_due_times_a_thousand_times() {
    let scene = Scene::new().await;
    sqlx::query(
        "insert into backup_schedules (tenant_id, name, cron, time_zone, keep, next_due_at)
         select $1, 'Schedule ' || n, '0 * * * *', 'UTC', 3, now() - interval '1 second'
         from generate_series(1, 1000) n",
    )
    .bind(scene.tenant)
    .execute(scene.test.sql())
    .await
    .unwrap();
    let schedulers = (0..5).map(|_| {
        let db = scene.test.db.clone();
        tokio::spawn(async move { schedules::start_due(&db).await.unwrap() })
    });
    let started: usize = futures::future::join_all(schedulers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    // What one process had in hand, another left alone: whoever looks next finds nothing.
    let left = schedules::start_due(&scene.test.db).await.unwrap();
    assert_eq!((started, left), (1000, 0));
    assert_eq!(scene.runs().await, 1000);
    assert_eq!(
        scene.test.number("select count(*) from apalis.jobs").await,
        1000
    );
    assert_eq!(
        scene.test.number("select count(*) from backup_sets").await,
        1000
    );
    let told = "select count(*) from notifications";
    assert_eq!(
        scene.test.number(told).await,
        0,
        "the system is told nothing"
    );
    let by_system =
        "select count(*) from operation_runs where initiator_name = 'System' and user_id is null";
    assert_eq!(scene.test.number(by_system).await, 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_missed_in_a_downtime_start_once() {
    let scene = Scene::new().await;
    let hourly = scene.schedule("0 * * * *").await;
    scene.due(hourly, 30).await;
    assert_eq!(schedules::start_due(&scene.test.db).await.unwrap(), 1);
    assert_eq!(schedules::start_due(&scene.test.db).await.unwrap(), 0);
    assert_eq!(scene.runs().await, 1);
    let next = "select count(*) from backup_schedules where next_due_at > now() and next_due_at <= now() + interval '1 hour'";
    assert_eq!(scene.test.number(next).await, 1);
    // It counts as the last of the missed times.
    let last =
        "select count(*) from backup_schedule_starts where due_at > now() - interval '1 hour'";
    assert_eq!(scene.test.number(last).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_whose_times_can_not_be_read_is_turned_off_and_stops_no_other() {
    let scene = Scene::new().await;
    let broken = scene.schedule("0 * * * *").await;
    let sound = scene.schedule("0 * * * *").await;
    scene.due(broken, 3).await;
    scene.due(sound, 2).await;
    sqlx::query("update backup_schedules set time_zone = 'Nowhere/At_all' where id = $1")
        .bind(broken)
        .execute(scene.test.sql())
        .await
        .unwrap();
    assert_eq!(schedules::start_due(&scene.test.db).await.unwrap(), 1);
    let on = "select id from backup_schedules where enabled and next_due_at is not null";
    assert_eq!(scene.test.number(on).await, sound.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_schedule_starts_nothing_and_makes_up_for_nothing() {
    let scene = Scene::new().await;
    let hourly = scene.schedule("0 * * * *").await;
    scene.due(hourly, 2).await;
    let enable =
        |enabled| schedules::set_enabled(&scene.ada, &scene.test.db, scene.tenant, hourly, enabled);
    enable(false).await.unwrap();
    assert_eq!(schedules::start_due(&scene.test.db).await.unwrap(), 0);
    enable(true).await.unwrap();
    assert_eq!(schedules::start_due(&scene.test.db).await.unwrap(), 0);
    assert_eq!(scene.runs().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn run_now_twice_is_one_run() {
    let scene = Scene::new().await;
    let nightly = scene.schedule("0 3 * * *").await;
    let press = || schedules::run_now(&scene.ada, &scene.test.db, scene.tenant, nightly);
    let first = press().await.unwrap();
    let second = press().await.unwrap();
    assert_eq!(first.run.id, second.run.id);
    assert!(first.created && !second.created);
    assert_eq!(first.run.initiator_name, "Ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_schedule_can_not_be_is_named_and_not_stored() {
    let scene = Scene::new().await;
    let good = NewSchedule {
        name: "Nightly".into(),
        cron: "0 3 * * *".into(),
        time_zone: "UTC".into(),
        kinds: Vec::new(),
        keep: 3,
    };
    type Spoil = fn(&mut NewSchedule);
    let bad: [(&str, Spoil); 6] = [
        ("name", |new| new.name = "  ".into()),
        ("cron", |new| new.cron = "every day".into()),
        ("cron", |new| new.cron = "0 0 30 2 *".into()),
        ("time_zone", |new| new.time_zone = "Nowhere".into()),
        ("kinds", |new| new.kinds = vec!["nonsense".into()]),
        ("keep", |new| new.keep = 0),
    ];
    for (part, spoil) in bad {
        let mut new = good.clone();
        spoil(&mut new);
        let refused = schedules::create(&scene.ada, &scene.test.db, scene.tenant, new).await;
        let message = refused.unwrap_err().to_string();
        assert!(message.starts_with(part), "{message}");
    }
    let reader = scene
        .test
        .person("Rea", &[(scene.tenant, Role::Readonly)])
        .await;
    let refused = schedules::create(&reader, &scene.test.db, scene.tenant, good.clone()).await;
    assert!(matches!(refused, Err(ServiceError::Forbidden(_))));
    let stranger = scene.test.person("Sam", &[]).await;
    let refused = schedules::create(&stranger, &scene.test.db, scene.tenant, good).await;
    assert!(matches!(refused, Err(ServiceError::NotFound)));
    assert_eq!(
        scene
            .test
            .number("select count(*) from backup_schedules")
            .await,
        0
    );
}
