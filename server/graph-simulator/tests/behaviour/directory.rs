//! Groups and organization as the directory service answers them, delta queries included.

use graph_simulator::{Faults, TenantSpec};
use serde_json::{Value, json};

use crate::caller::{Caller, ids};

const EVENTUAL: &[(&str, &str)] = &[("ConsistencyLevel", "eventual")];

async fn caller(groups: usize) -> Caller {
    Caller::new(TenantSpec::new("Contoso").groups(groups)).await
}

/// Follows a delta round to its end: the objects and the delta link.
async fn round(caller: &Caller, start: &str) -> (Vec<Value>, String) {
    let (mut found, mut next) = (Vec::new(), start.to_owned());
    loop {
        let answer = caller.get(&next).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        found.extend(answer.value());
        match answer.json()["@odata.deltaLink"].as_str() {
            Some(link) => return (found, link.to_owned()),
            None => {
                next = answer.json()["@odata.nextLink"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            }
        }
    }
}

#[tokio::test]
async fn the_organization_is_the_tenant() {
    let caller = caller(0).await;
    let organization = &caller.get("/v1.0/organization").await.value()[0];
    assert_eq!(organization["id"], caller.tenant.directory_id.as_str());
    assert_eq!(organization["displayName"], "Contoso");
    assert!(organization["verifiedDomains"][0]["isDefault"].is_boolean());
}

#[tokio::test]
async fn groups_come_in_pages_of_100_and_at_most_999() {
    let caller = caller(1100).await;
    let (all, pages) = caller.all("/v1.0/groups").await;
    assert_eq!((all.len(), pages), (1100, 11));
    let (_, pages) = caller
        .all("/v1.0/groups?$top=999&$select=id,displayName")
        .await;
    assert_eq!(pages, 2);
    assert_eq!(
        caller.get("/v1.0/groups?$top=1000").await.code(),
        "Request_UnsupportedQuery"
    );
    assert_eq!(caller.get("/v1.0/groups?$skip=10").await.status, 400);
}

#[tokio::test]
async fn search_and_count_need_the_consistency_header() {
    let caller = caller(200).await;
    let search = "/v1.0/groups?$search=\"displayName:pilot dev\"&$count=true";
    assert_eq!(caller.get(search).await.code(), "Request_UnsupportedQuery");
    assert_eq!(caller.get("/v1.0/groups/$count").await.status, 400);
    let found = caller.get_with(search, EVENTUAL).await;
    assert_eq!(found.json()["@odata.count"], 1);
    assert_eq!(found.value()[0]["displayName"], "Windows Pilot Devices");
    assert_eq!(
        caller.get_with("/v1.0/groups/$count", EVENTUAL).await.text,
        "200"
    );
    let sorted =
        "/v1.0/groups?$filter=startswith(displayName,'Windows')&$orderby=displayName&$count=true";
    assert_eq!(caller.get(sorted).await.status, 400);
    let names: Vec<Value> = caller
        .get_with(sorted, EVENTUAL)
        .await
        .value()
        .iter()
        .map(|group| group["displayName"].clone())
        .collect();
    assert_eq!(names, ["Windows Broad Devices", "Windows Pilot Devices"]);
}

#[tokio::test]
async fn a_name_with_an_apostrophe_is_found_when_it_is_doubled() {
    let caller = Caller::new(
        TenantSpec::new("Contoso")
            .groups(5)
            .extra_group("O'Brien's team"),
    )
    .await;
    let found = caller
        .get("/v1.0/groups?$filter=displayName eq 'O''Brien''s team'")
        .await
        .value();
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn ids_are_resolved_in_bulk_and_unknown_ones_left_out() {
    let caller = caller(30).await;
    let known = ids(&caller.get("/v1.0/groups?$top=3").await.value());
    let mut asked = known.clone();
    asked.push("00000000-0000-4000-8000-000000000000".to_owned());
    let found = caller
        .post(
            "/v1.0/directoryObjects/getByIds?$select=id,displayName",
            json!({"ids": asked, "types": ["group"]}),
        )
        .await;
    assert_eq!(ids(&found.value()), known);
    let missing = caller
        .get("/v1.0/groups/00000000-0000-4000-8000-000000000000")
        .await;
    assert_eq!(
        (missing.status, missing.code().as_str()),
        (404, "Request_ResourceNotFound")
    );
}

#[tokio::test]
async fn delta_brings_everything_once_and_then_only_changes() {
    let caller = caller(250).await;
    let (simulator, directory) = (caller.simulator(), caller.tenant.directory_id.as_str());
    let (all, link) = round(&caller, "/v1.0/groups/delta?$select=displayName,id").await;
    assert_eq!(all.len(), 250);
    let (nothing, link) = round(&caller, &link).await;
    assert!(nothing.is_empty());

    let added = simulator.add_group(directory, "New").unwrap();
    let id = |at: usize| all[at]["id"].as_str().unwrap();
    simulator.rename_group(directory, id(0), "Renamed").unwrap();
    simulator.delete_group(directory, id(1), false).unwrap();
    simulator.delete_group(directory, id(2), true).unwrap();
    let (changes, link) = round(&caller, &link).await;
    assert_eq!(
        changes,
        [
            json!({"id": added, "displayName": "New"}),
            json!({"id": id(0), "displayName": "Renamed"}),
            json!({"id": id(1), "@removed": {"reason": "changed"}}),
            json!({"id": id(2), "@removed": {"reason": "deleted"}}),
        ]
    );
    assert!(round(&caller, &link).await.0.is_empty());
}

#[tokio::test]
async fn a_change_during_the_first_round_appears_in_the_second() {
    let caller = caller(150).await;
    let first = caller.get("/v1.0/groups/delta").await;
    let id = first.value()[0]["id"].as_str().unwrap().to_owned();
    caller
        .simulator()
        .rename_group(&caller.tenant.directory_id, &id, "Renamed meanwhile")
        .unwrap();
    let (_, link) = round(&caller, first.json()["@odata.nextLink"].as_str().unwrap()).await;
    let (changes, _) = round(&caller, &link).await;
    assert_eq!(changes[0]["displayName"], "Renamed meanwhile");
}

#[tokio::test]
async fn an_expired_delta_token_answers_410_and_a_new_round_works() {
    let caller = caller(10).await;
    let (_, link) = round(&caller, "/v1.0/groups/delta").await;
    let faults = Faults {
        expire_delta: true,
        ..Faults::default()
    };
    caller
        .simulator()
        .set_faults(&caller.tenant.directory_id, faults);
    let gone = caller.get(&link).await;
    assert_eq!(
        (gone.status, gone.code().as_str()),
        (410, "syncStateNotFound")
    );
    let (all, link) = round(&caller, "/v1.0/groups/delta").await;
    assert_eq!(all.len(), 10);
    assert!(round(&caller, &link).await.0.is_empty());
}

#[tokio::test]
async fn latest_starts_from_now_and_paging_options_are_refused() {
    let caller = caller(10).await;
    let (nothing, link) = round(&caller, "/v1.0/groups/delta?$deltatoken=latest").await;
    assert!(nothing.is_empty());
    caller
        .simulator()
        .add_group(&caller.tenant.directory_id, "New")
        .unwrap();
    assert_eq!(round(&caller, &link).await.0.len(), 1);
    assert_eq!(caller.get("/v1.0/groups/delta?$top=5").await.status, 400);
}
