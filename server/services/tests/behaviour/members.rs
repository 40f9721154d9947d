//! Members and invitations: who may change them, that an owner is always left, and that a link works once.

use domain::{
    AuditAction, AuditResult, OperationType, Role, TenantId, identity::Inputs,
    views::audit::AuditQuery,
};
use services::{
    Caller, ServiceError,
    access::{self, NewUser, Origin},
    audit, runs,
    testing::TestDatabase,
};

const PASSWORD: &str = "correct horse battery";

async fn roles(test: &TestDatabase, tenant: TenantId) -> Vec<(String, String)> {
    sqlx::query_as(
        "select u.name, m.role from memberships m join users u on u.id = m.user_id
         where m.tenant_id = $1 order by u.name",
    )
    .bind(tenant)
    .fetch_all(test.sql())
    .await
    .unwrap()
}

fn invalid<T: std::fmt::Debug>(answer: Result<T, ServiceError>, part: &str) {
    match answer {
        Err(ServiceError::Invalid(why)) => assert!(why.contains(part), "{why}"),
        other => panic!("{other:?}"),
    }
}

fn new(email: &str) -> NewUser {
    NewUser {
        email: email.into(),
        name: "Nina".into(),
        password: PASSWORD.to_owned().into(),
    }
}

#[tokio::test]
async fn an_owner_changes_roles_and_others_are_refused_and_told_of() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Operator)]).await;
    let eve = test.person("Eve", &[]).await;
    let refused = access::change_role(&bob, &test.db, tenant, bob.user_id, Role::Owner).await;
    assert!(matches!(refused, Err(ServiceError::Forbidden(_))));
    let refused = access::remove_member(&bob, &test.db, tenant, ada.user_id).await;
    assert!(matches!(refused, Err(ServiceError::Forbidden(_))));
    for answer in [
        access::change_role(&eve, &test.db, tenant, bob.user_id, Role::Owner).await,
        access::change_role(&ada, &test.db, tenant, eve.user_id, Role::Owner).await,
        access::members(&eve, &test.db, tenant).await.map(|_| ()),
    ] {
        assert!(matches!(answer, Err(ServiceError::NotFound)), "{answer:?}");
    }
    access::change_role(&ada, &test.db, tenant, bob.user_id, Role::Readonly)
        .await
        .unwrap();
    assert_eq!(
        access::roles_of(&test.db, bob.user_id)
            .await
            .unwrap()
            .on(tenant),
        Some(Role::Readonly)
    );
    let page = audit::list(&ada, &test.db, &AuditQuery::default())
        .await
        .unwrap();
    let lines: Vec<_> = page.rows[..3]
        .iter()
        .map(|row| (row.action, row.result, row.subject.as_deref().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            (
                AuditAction::MemberRoleChange,
                AuditResult::Done,
                "Bob: Operator → Read only"
            ),
            (AuditAction::MemberRemove, AuditResult::Refused, "A member"),
            (
                AuditAction::MemberRoleChange,
                AuditResult::Refused,
                "to Owner"
            ),
        ]
    );
}

#[tokio::test]
async fn a_lower_role_counts_from_the_next_request_on() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let nina = access::create_user(&test.db, new("nina@example.test"))
        .await
        .unwrap();
    access::grant(&test.db, nina, tenant, Role::Operator)
        .await
        .unwrap();
    let signed_in =
        access::sign_in(&test.db, "nina@example.test", PASSWORD.to_owned().into()).await;
    let Ok(access::SignIn::Welcome(session)) = signed_in else {
        panic!("{signed_in:?}");
    };
    let start = async || {
        let caller: Caller = access::by_session(&test.db, &session)
            .await
            .unwrap()
            .unwrap();
        runs::start(
            &caller,
            &test.db,
            tenant,
            OperationType::InventorySync,
            Inputs::new(),
        )
        .await
    };
    assert!(start().await.is_ok());
    access::change_role(&ada, &test.db, tenant, nina, Role::Readonly)
        .await
        .unwrap();
    assert!(matches!(start().await, Err(ServiceError::Forbidden(_))));
    access::remove_member(&ada, &test.db, tenant, nina)
        .await
        .unwrap();
    assert!(matches!(start().await, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn the_last_owner_is_neither_removed_nor_given_a_lower_role() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Owner)]).await;
    access::change_role(&ada, &test.db, tenant, bob.user_id, Role::Operator)
        .await
        .unwrap();
    invalid(
        access::remove_member(&ada, &test.db, tenant, ada.user_id).await,
        "last owner",
    );
    invalid(
        access::change_role(&ada, &test.db, tenant, ada.user_id, Role::Operator).await,
        "last owner",
    );
    invalid(
        access::grant(&test.db, ada.user_id, tenant, Role::Readonly).await,
        "last owner",
    );
    // Not by plain SQL either, nor by the end of the account.
    for statement in [
        "delete from memberships",
        "update memberships set role = 'readonly'",
        "delete from users where name = 'Ada'",
    ] {
        let refused = sqlx::query(statement)
            .execute(test.sql())
            .await
            .expect_err(statement);
        assert!(refused.to_string().contains("keeps an owner"), "{refused}");
    }
    let page = access::members(&ada, &test.db, tenant).await.unwrap();
    let last: Vec<_> = page
        .members
        .iter()
        .map(|row| (row.name.as_str(), row.is_last_owner))
        .collect();
    assert_eq!(last, [("Ada", true), ("Bob", false)]);
    // A tenant itself may be deleted, owners and all.
    sqlx::query("delete from tenants")
        .execute(test.sql())
        .await
        .unwrap();
}

#[tokio::test]
async fn two_owners_who_remove_each_other_at_once_leave_one() {
    for _ in 0..8 {
        let test = TestDatabase::new().await;
        let tenant = test.tenant("Contoso").await;
        let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
        let bob = test.person("Bob", &[(tenant, Role::Owner)]).await;
        let (one, other) = tokio::join!(
            access::remove_member(&ada, &test.db, tenant, bob.user_id),
            access::change_role(&bob, &test.db, tenant, ada.user_id, Role::Readonly),
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        let left = roles(&test, tenant).await;
        assert_eq!(
            left.iter().filter(|(_, role)| role == "owner").count(),
            1,
            "{left:?}"
        );
    }
}

#[tokio::test]
async fn an_invitation_makes_an_account_with_its_role_and_works_once() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let made = access::invite(
        &ada,
        &test.db,
        tenant,
        " Nina@Example.test ",
        Role::Operator,
    )
    .await
    .unwrap();
    let stored: String = sqlx::query_scalar("select i::text from invitations i")
        .fetch_one(test.sql())
        .await
        .unwrap();
    assert!(!stored.contains(&made.token));
    let offer = access::offer(None, &test.db, &made.token).await.unwrap();
    assert_eq!(
        (offer.role, offer.address.as_str()),
        (Role::Operator, "N… at Example.test")
    );
    // Looking changes nothing, nor does a form that can't be used.
    let origin = Origin::default();
    invalid(
        access::join(&test.db, &origin, &made.token, new("other@example.test")).await,
        "another address",
    );
    let short = NewUser {
        password: "short".to_owned().into(),
        ..new("nina@example.test")
    };
    invalid(
        access::join(&test.db, &origin, &made.token, short).await,
        "password",
    );
    assert_eq!(test.number("select count(*) from users").await, 1);

    let (one, other) = tokio::join!(
        access::join(&test.db, &origin, &made.token, new("nina@example.test")),
        access::join(&test.db, &origin, &made.token, new("nina@example.test")),
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let joined = one.or(other).unwrap();
    assert_eq!(joined.tenant, tenant);
    let nina = access::by_session(&test.db, &joined.session)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(nina.roles.on(tenant), Some(Role::Operator));
    assert_eq!(
        roles(&test, tenant).await,
        [
            ("Ada".into(), "owner".into()),
            ("Nina".to_owned(), "operator".to_owned())
        ]
    );
    let used = access::offer(None, &test.db, &made.token).await;
    assert!(matches!(used, Err(ServiceError::NotFound)));
    let all: Vec<String> = sqlx::query_scalar("select e::text from audit_events e")
        .fetch_all(test.sql())
        .await
        .unwrap();
    let all = all.join("\n");
    assert!(all.contains("invitation.accept") && all.contains("invitation.create"));
    for secret in [
        made.token.as_str(),
        joined.session.as_str(),
        "ina@",
        PASSWORD,
    ] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_invitation_is_for_the_invited_address_alone() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let eve = test.person("Eve", &[]).await;
    let nina = access::create_user(&test.db, new("nina@example.test"))
        .await
        .unwrap();
    let nina = Caller {
        user_id: nina,
        ..test.person("Nina", &[]).await
    };
    let made = access::invite(&ada, &test.db, tenant, "nina@example.test", Role::Readonly)
        .await
        .unwrap();
    let refused = access::accept(&eve, &test.db, &made.token).await;
    assert!(matches!(refused, Err(ServiceError::Forbidden(_))));
    invalid(
        access::join(
            &test.db,
            &Origin::default(),
            &made.token,
            new("nina@example.test"),
        )
        .await,
        "has an account already",
    );
    assert_eq!(
        access::accept(&nina, &test.db, &made.token).await.unwrap(),
        tenant
    );
    let again = access::accept(&nina, &test.db, &made.token).await;
    assert!(matches!(again, Err(ServiceError::NotFound)));
    invalid(
        access::invite(&ada, &test.db, tenant, "NINA@example.test", Role::Owner).await,
        "is a member already",
    );
}

#[tokio::test]
async fn who_has_become_a_member_meanwhile_keeps_that_role_and_the_log_tells_it() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let nina = access::create_user(&test.db, new("nina@example.test"))
        .await
        .unwrap();
    let made = access::invite(&ada, &test.db, tenant, "nina@example.test", Role::Readonly)
        .await
        .unwrap();
    access::grant(&test.db, nina, tenant, Role::Operator)
        .await
        .unwrap();
    let nina = Caller {
        user_id: nina,
        ..test.person("Nina", &[]).await
    };
    access::accept(&nina, &test.db, &made.token).await.unwrap();
    assert_eq!(
        roles(&test, tenant).await,
        [
            ("Ada".into(), "owner".into()),
            ("Nina".to_owned(), "operator".to_owned())
        ]
    );
    let told: String = sqlx::query_scalar(
        "select subject from audit_events where action = 'invitation.accept' and result = 'done'",
    )
    .fetch_one(test.sql())
    .await
    .unwrap();
    assert_eq!(told, format!("Nina, {}", Role::Operator.label()));
}

#[tokio::test]
async fn an_invitation_ends_by_time_by_being_revoked_by_a_newer_one_and_with_its_makers_right() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Owner)]).await;
    let invite = async |by: &Caller, email: &str| {
        access::invite(by, &test.db, tenant, email, Role::Owner)
            .await
            .unwrap()
    };
    let is_good = async |token: &str| access::offer(None, &test.db, token).await.is_ok();

    let old = invite(&ada, "a@example.test").await;
    sqlx::query("update invitations set expires_at = now()")
        .execute(test.sql())
        .await
        .unwrap();
    assert!(!is_good(&old.token).await);
    let joined = access::join(
        &test.db,
        &Origin::default(),
        &old.token,
        new("a@example.test"),
    )
    .await;
    assert!(matches!(joined, Err(ServiceError::NotFound)));

    let revoked = invite(&ada, "b@example.test").await;
    access::revoke_invitation(&ada, &test.db, tenant, revoked.id)
        .await
        .unwrap();
    assert!(!is_good(&revoked.token).await);
    let again = access::revoke_invitation(&ada, &test.db, tenant, revoked.id).await;
    assert!(matches!(again, Err(ServiceError::NotFound)));

    let replaced = invite(&ada, "c@example.test").await;
    let newer = invite(&ada, "C@example.test").await;
    assert!(!is_good(&replaced.token).await && is_good(&newer.token).await);

    let bobs = invite(&bob, "bob-again@example.test").await;
    access::change_role(&ada, &test.db, tenant, bob.user_id, Role::Operator)
        .await
        .unwrap();
    assert!(!is_good(&bobs.token).await && is_good(&newer.token).await);
    let page = access::members(&ada, &test.db, tenant).await.unwrap();
    let waiting: Vec<_> = page.invitations.iter().map(|row| row.id).collect();
    assert_eq!(waiting, [newer.id]);
    // A request that was let in as an owner's, and comes after the change.
    let late = access::invite(&bob, &test.db, tenant, "e@example.test", Role::Owner).await;
    assert!(matches!(late, Err(ServiceError::Forbidden(_))), "{late:?}");
    let bob = Caller {
        roles: access::roles_of(&test.db, bob.user_id).await.unwrap(),
        ..bob
    };
    let page = access::members(&bob, &test.db, tenant).await.unwrap();
    assert!(page.invitations.is_empty());
    let refused = access::invite(&bob, &test.db, tenant, "d@example.test", Role::Readonly).await;
    assert!(matches!(refused, Err(ServiceError::Forbidden(_))));
}
