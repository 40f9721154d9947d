//! Saved views: whose they are, who sees them, and what may not be kept.

use domain::{
    Role, SavedViewId,
    views::saved_views::{MOST_VIEWS, ViewScope, ViewToOpen},
};
use services::{
    Caller, ServiceError,
    saved_views::{self, Change},
    testing::TestDatabase,
};

struct Scene {
    test: TestDatabase,
    ada: Caller,
    /// Of the same tenant as Ada.
    bob: Caller,
    /// Of another tenant.
    eve: Caller,
}

impl Scene {
    async fn new() -> Self {
        let test = TestDatabase::new().await;
        let tenant = test.tenant("Contoso").await;
        let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
        let bob = test.person("Bob", &[(tenant, Role::Readonly)]).await;
        let other = test.tenant("Fabrikam").await;
        let eve = test.person("Eve", &[(other, Role::Owner)]).await;
        Self {
            test,
            ada,
            bob,
            eve,
        }
    }

    async fn save(&self, who: &Caller, name: &str) -> Result<SavedViewId, ServiceError> {
        saved_views::save(who, &self.test.db, name, "outcome=failed", ViewScope::Mine).await
    }

    async fn change(
        &self,
        who: &Caller,
        view: SavedViewId,
        to: Change,
    ) -> Result<(), ServiceError> {
        saved_views::change(who, &self.test.db, view, &to).await
    }

    async fn names(&self, who: &Caller) -> Vec<String> {
        let views = saved_views::list(who, &self.test.db).await.unwrap();
        views.into_iter().map(|view| view.name).collect()
    }

    async fn opened(&self, who: &Caller, view: Option<SavedViewId>) -> ViewToOpen {
        saved_views::to_open(who, &self.test.db, view)
            .await
            .unwrap()
    }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> String {
    match answer {
        Err(ServiceError::Invalid(why)) => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_view_is_its_owners_until_it_is_shared_and_stays_the_owners_to_change() {
    let scene = Scene::new().await;
    let view = scene.save(&scene.ada, " Failed ").await.unwrap();
    assert_eq!(scene.names(&scene.ada).await, ["Failed"]);
    assert_eq!(scene.names(&scene.bob).await, [""; 0]);
    assert_eq!(scene.opened(&scene.bob, Some(view)).await, ViewToOpen::Gone);
    let team = Change::Scope(ViewScope::Team);
    let refused = scene.change(&scene.bob, view, team.clone()).await;
    assert!(matches!(refused, Err(ServiceError::NotFound)));
    scene.change(&scene.ada, view, team).await.unwrap();
    assert_eq!(scene.names(&scene.bob).await, ["Failed"]);
    // A view says whom and what its owner looks after: nothing for people of other tenants.
    assert_eq!(scene.names(&scene.eve).await, [""; 0]);
    assert_eq!(scene.opened(&scene.eve, Some(view)).await, ViewToOpen::Gone);
    let ViewToOpen::View(opened) = scene.opened(&scene.bob, Some(view)).await else {
        panic!("it is shared");
    };
    assert_eq!(
        (
            opened.filters.as_str(),
            opened.own,
            opened.owner_name.as_str()
        ),
        ("outcome=failed", false, "Ada")
    );
    let deleted = saved_views::delete(&scene.bob, &scene.test.db, view).await;
    assert!(matches!(deleted, Err(ServiceError::NotFound)));
    saved_views::delete(&scene.ada, &scene.test.db, view)
        .await
        .unwrap();
    assert_eq!(scene.opened(&scene.ada, Some(view)).await, ViewToOpen::Gone);
}

#[tokio::test]
async fn names_are_one_of_a_kind_for_each_person_and_neither_empty_nor_endless() {
    let scene = Scene::new().await;
    let first = scene.save(&scene.ada, "Failed").await.unwrap();
    let other = scene.save(&scene.ada, "Other").await.unwrap();
    scene.save(&scene.bob, "Failed").await.unwrap();
    let taken = refusal(scene.save(&scene.ada, "FAILED").await);
    assert!(
        taken.starts_with("name: you have a view named “FAILED” already"),
        "{taken}"
    );
    let rename = Change::Name("failed".into());
    assert!(refusal(scene.change(&scene.ada, other, rename).await).contains("already"));
    // In other letters it is still its own name.
    let same = Change::Name("FAILED".into());
    scene.change(&scene.ada, first, same).await.unwrap();
    for name in ["", "  ", "a\u{0}b", &"x".repeat(61)] {
        assert!(refusal(scene.save(&scene.ada, name).await).starts_with("name:"));
    }
    scene.save(&scene.ada, &"x".repeat(60)).await.unwrap();
    let none = saved_views::save(&scene.ada, &scene.test.db, "All", "", ViewScope::Mine).await;
    assert!(refusal(none).starts_with("filters:"));
}

#[tokio::test]
async fn one_view_at_most_is_the_default_and_only_for_its_owner() {
    let scene = Scene::new().await;
    let first = scene.save(&scene.ada, "First").await.unwrap();
    let second = scene.save(&scene.ada, "Second").await.unwrap();
    assert_eq!(scene.opened(&scene.ada, None).await, ViewToOpen::AsAsked);
    for view in [first, second] {
        scene
            .change(&scene.ada, view, Change::Default(true))
            .await
            .unwrap();
        let ViewToOpen::View(opened) = scene.opened(&scene.ada, None).await else {
            panic!("it is the default");
        };
        assert_eq!(opened.id, view);
    }
    assert_eq!(scene.opened(&scene.bob, None).await, ViewToOpen::AsAsked);
    scene
        .change(&scene.ada, second, Change::Default(false))
        .await
        .unwrap();
    assert_eq!(scene.opened(&scene.ada, None).await, ViewToOpen::AsAsked);
}

#[tokio::test]
async fn of_many_views_made_the_default_at_once_one_is_and_none_is_refused() {
    let scene = Scene::new().await;
    let mut views = Vec::new();
    for index in 0..8 {
        let name = format!("View {index}");
        views.push(scene.save(&scene.ada, &name).await.unwrap());
    }
    for _ in 0..5 {
        sqlx::query("update saved_views set is_default = false")
            .execute(scene.test.sql())
            .await
            .unwrap();
        let changes = views
            .iter()
            .map(|view| scene.change(&scene.ada, *view, Change::Default(true)));
        futures::future::try_join_all(changes).await.unwrap();
        let defaults = "select count(*) from saved_views where is_default";
        assert_eq!(scene.test.number(defaults).await, 1);
    }
}

#[tokio::test]
async fn a_person_keeps_no_more_than_the_most_even_when_saving_at_once() {
    let scene = Scene::new().await;
    for index in 1..MOST_VIEWS {
        scene
            .save(&scene.ada, &format!("View {index}"))
            .await
            .unwrap();
    }
    let (one, other) = tokio::join!(
        scene.save(&scene.ada, "Last"),
        scene.save(&scene.ada, "One too many")
    );
    assert_eq!(
        [&one, &other].iter().filter(|saved| saved.is_ok()).count(),
        1
    );
    let refused = [one, other].into_iter().find(Result::is_err).unwrap();
    assert!(refusal(refused).contains("50 views already"));
}
