//! The tenants of the demonstration.

use std::collections::HashSet;

use graph_simulator::Simulator;

#[test]
fn the_demonstration_is_the_same_in_every_run() {
    let (first, second) = (Simulator::demo(), Simulator::demo());
    assert_eq!(first.tenants(), second.tenants());
    for tenant in first.tenants() {
        let id = &tenant.directory_id;
        assert_eq!(first.policies(id), second.policies(id));
        assert_eq!(first.groups(id), second.groups(id));
        for policy in first.policies(id).unwrap() {
            assert_eq!(first.policy(id, &policy.id), second.policy(id, &policy.id));
        }
    }
}

#[test]
fn the_demonstration_has_the_promised_sizes_and_every_kind() {
    let simulator = Simulator::demo();
    let sizes: Vec<_> = simulator
        .tenants()
        .iter()
        .map(|tenant| (tenant.display_name.clone(), tenant.policies, tenant.groups))
        .collect();
    let expected = [
        ("Contoso", 320, 3000),
        ("Fabrikam", 240, 2000),
        ("Northwind", 40, 150),
    ];
    assert_eq!(
        sizes,
        expected.map(|(name, policies, groups)| (name.to_owned(), policies, groups))
    );
    for tenant in simulator.tenants().iter().take(2) {
        let kinds: HashSet<String> = simulator
            .policies(&tenant.directory_id)
            .unwrap()
            .into_iter()
            .map(|policy| policy.kind)
            .collect();
        assert_eq!(kinds.len(), 25, "{kinds:?}");
    }
}

#[test]
fn fabrikam_shares_group_names_has_one_twice_and_lacks_one() {
    let simulator = Simulator::demo();
    let tenants = simulator.tenants();
    let groups = |at: usize| simulator.groups(&tenants[at].directory_id).unwrap();
    let (contoso, fabrikam) = (groups(0), groups(1));
    let names: HashSet<&str> = contoso.iter().map(|group| group.name.as_str()).collect();
    let shared = fabrikam
        .iter()
        .filter(|group| names.contains(group.name.as_str()))
        .count();
    assert!(shared > 1000 && shared < fabrikam.len(), "{shared}");
    let ids: HashSet<&str> = contoso.iter().map(|group| group.id.as_str()).collect();
    assert!(
        fabrikam
            .iter()
            .all(|group| !ids.contains(group.id.as_str()))
    );
    let times = |name: &str| fabrikam.iter().filter(|group| group.name == name).count();
    assert_eq!(
        (times("Windows Pilot Devices"), times("Kiosk Devices")),
        (2, 0)
    );
    assert!(names.contains("Kiosk Devices"));
}

#[test]
fn assignments_refer_to_groups_and_filters_of_their_own_tenant() {
    let simulator = Simulator::demo();
    for tenant in simulator.tenants() {
        let id = &tenant.directory_id;
        let groups: HashSet<String> = simulator
            .groups(id)
            .unwrap()
            .into_iter()
            .map(|group| group.id)
            .collect();
        let policies = simulator.policies(id).unwrap();
        let filters: HashSet<&str> = policies
            .iter()
            .filter(|policy| policy.kind == "assignmentFilters")
            .map(|policy| policy.id.as_str())
            .collect();
        let mut assigned = 0;
        for policy in &policies {
            let object = simulator.policy(id, &policy.id).unwrap();
            for assignment in object["assignments"].as_array().into_iter().flatten() {
                let target = &assignment["target"];
                assigned += 1;
                assert!(
                    target["groupId"]
                        .as_str()
                        .is_none_or(|group| groups.contains(group))
                );
                assert!(
                    target["deviceAndAppManagementAssignmentFilterId"]
                        .as_str()
                        .is_none_or(|filter| filters.contains(filter))
                );
            }
        }
        assert!(assigned > 0);
    }
}
