//! `/tenants/{id}/rbac`: search groups and assign roles as oneself. No monitoring page: it asks Microsoft live.
//!
//! Reached by whole page loads only (`rel="external"`), as the address of Microsoft's sign-in is allowed for its form
//! by a header of this page.

use domain::{
    TenantId,
    views::rbac::{Assignment, AssignmentChoice, GroupSearch, ScopeChoice, SetupPage, SetupQuery},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};

use super::{
    access::Access,
    answer::{Answer, SignInAgain},
    api::{AssignRole, access_setup},
    choosing::Choosing,
    failure::FailureWords,
    review::ReviewPart,
    search::{Found, SearchField},
};
use crate::{
    tenants::crumbs::TenantCrumbs,
    ui::{
        address::{given, with_query},
        answered::answered,
    },
};

#[component]
pub fn RbacPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let asked = Memo::new(move |_| from_address(&query.read()));
    let again = Memo::new(move |_| given(&query.read(), "sign_in").is_some());
    let assign = ServerAction::<AssignRole>::new();
    let page = Resource::new(
        move || (id.get(), asked.get()),
        |(id, asked)| access_setup(id, asked),
    );
    view! {
        {answered(page, move |page| {
            let (id, query, again) = (id.get_untracked(), asked.get_untracked(), again.get_untracked());
            view! { <Setup page id query again assign /> }
        })}
    }
}

#[component]
fn Setup(
    page: SetupPage,
    id: String,
    query: SetupQuery,
    again: bool,
    assign: ServerAction<AssignRole>,
) -> impl IntoView {
    let path = format!("/tenants/{id}/rbac");
    let text = query.text.clone().unwrap_or_default();
    let state = page.search.as_str();
    let disabled = page.search == GroupSearch::Disabled;
    let title = format!("Access setup of {}", page.tenant_name);
    let back = address(&path, &query);
    let (chosen, choice, below) = match page.assignment {
        None => {
            let why = (!disabled && !page.role.may_assign_roles()).then(|| {
                view! { <p class="muted">"Your role on this tenant lets you search; an owner can assign roles."</p> }
            });
            (Vec::new(), None, why.into_any())
        }
        Some(Assignment::Failed(failure)) => (
            Vec::new(),
            None,
            view! { <p class="notice">"Roles can't be assigned now. " <FailureWords failure /></p> }
                .into_any(),
        ),
        Some(Assignment::Choosing {
            roles,
            chosen,
            lacks,
        }) => {
            let choice = query.choice.clone();
            (
                chosen,
                Some(choice.clone()),
                view! { <Choosing roles choice lacks /> }.into_any(),
            )
        }
        Some(Assignment::Review(review)) => {
            let change = address(&path, &SetupQuery { review: false, ..query.clone() });
            let tenant = id.parse::<TenantId>().unwrap_or(TenantId(0));
            return view! {
                <Head title id=id.clone() tenant_name=page.tenant_name />
                <ReviewPart review choice=query.choice tenant change assign />
            }
            .into_any();
        }
    };
    view! {
        <Head title id=id.clone() tenant_name=page.tenant_name />
        <div role="status" class="answers">
            {page.answer.map(|answer| view! { <Answer answer /> })}
            {again.then(|| view! { <SignInAgain /> })}
        </div>
        <section aria-labelledby="access-title" class="own-access">
            <h2 id="access-title">"Your access to Microsoft"</h2>
            <div class="beside">
                <Access access=page.access path=path.clone() back as_of=page.as_of />
            </div>
        </section>
        <form method="get" action=path aria-label="Access setup">
            <section aria-labelledby="search-title" data-search-state=state>
                <h2 id="search-title">"Groups"</h2>
                <SearchField text=text.clone() disabled />
                <Found search=page.search text chosen choice />
            </section>
            {below}
        </form>
    }
    .into_any()
}

#[component]
fn Head(title: String, id: String, tenant_name: String) -> impl IntoView {
    view! {
        <Title text=title.clone() />
        <TenantCrumbs id tenant_name here="Access setup" />
        <h1>{title}</h1>
        <p class="helper">
            "Search the tenant's groups and give them Intune roles. All of it happens as you, with your own Microsoft \
             account; TenantAtlas keeps that access in memory while you are signed in, and stores nothing of it."
        </p>
    }
}

fn from_address(query: &ParamsMap) -> SetupQuery {
    let all = |name: &str| query.get_all(name).unwrap_or_default();
    SetupQuery {
        text: given(query, "q"),
        choice: AssignmentChoice {
            name: given(query, "name").unwrap_or_default(),
            role: given(query, "role").unwrap_or_default(),
            members: all("member"),
            scope: match query.get("scope").as_deref() {
                Some("groups") => ScopeChoice::Groups,
                _ => ScopeChoice::Everyone,
            },
            scope_groups: all("scope_group"),
        },
        review: given(query, "step").as_deref() == Some("review"),
        answer: given(query, "answer"),
    }
}

/// The page with this search and choice; without an answer, which is told once.
fn address(path: &str, query: &SetupQuery) -> String {
    let choice = &query.choice;
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let many = |name: &'static str, ids: &[String]| -> Vec<_> {
        ids.iter().map(|id| (name, Some(id.clone()))).collect()
    };
    let parts = [
        vec![("q", query.text.clone())],
        many("member", &choice.members),
        many("scope_group", &choice.scope_groups),
        vec![
            ("role", some(&choice.role)),
            (
                "scope",
                (choice.scope == ScopeChoice::Groups).then(|| choice.scope.as_str().to_owned()),
            ),
            ("name", some(&choice.name)),
            ("step", query.review.then(|| "review".to_owned())),
        ],
    ];
    with_query(path, &parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_and_choice_stand_in_the_address_and_are_read_from_it() {
        let query = SetupQuery {
            text: Some("kiosk & co".into()),
            choice: AssignmentChoice {
                name: "Helpdesk".into(),
                role: "r1".into(),
                members: vec!["a".into(), "b".into()],
                scope: ScopeChoice::Groups,
                scope_groups: vec!["c".into()],
            },
            review: true,
            answer: None,
        };
        let written = address("/tenants/1/rbac", &query);
        assert_eq!(
            written,
            "/tenants/1/rbac?q=kiosk%20%26%20co&member=a&member=b&scope_group=c&role=r1&scope=groups&name=Helpdesk&step=review"
        );
        let mut map = ParamsMap::new();
        for (name, value) in [
            ("q", "kiosk & co"),
            ("member", "a"),
            ("member", "b"),
            ("scope_group", "c"),
        ] {
            map.insert(name, value.to_owned());
        }
        for (name, value) in [
            ("role", "r1"),
            ("scope", "groups"),
            ("name", "Helpdesk"),
            ("step", "review"),
        ] {
            map.insert(name, value.to_owned());
        }
        assert_eq!(from_address(&map), query);
        assert_eq!(address("/x", &SetupQuery::default()), "/x");
    }
}
