//! The page: who is signed in, what the search found, and the assignment that is being made.

use chrono::{DateTime, Utc};
use domain::{
    Role,
    views::rbac::{
        AccessState, Assignment, AssignmentChoice, FoundGroup, GroupSearch, Review, RoleChoice,
        ScopeChoice, SetupPage, SetupQuery,
    },
};
use graph::{GraphError, GraphErrorKind, PersonGraph};

use super::{
    Visit,
    ask::{NoGraph, failure, found, refused_token},
    keeper::{Access, Held},
    sign_in::new_id,
};
use crate::ServiceError;

/// What Graph was asked for the page.
struct Asked {
    search: GroupSearch,
    assignment: Option<Assignment>,
}

/// Everything that the page shows. Asks Graph with the session's own access, and with nothing else.
pub async fn page(visit: Visit<'_>, query: &SetupQuery) -> Result<SetupPage, ServiceError> {
    let role = visit.caller.role_on(visit.tenant)?;
    let (tenant_name, as_of): (String, DateTime<Utc>) =
        sqlx::query_as("select name, now() from tenants where id = $1")
            .bind(visit.tenant)
            .fetch_optional(&visit.db.pool)
            .await?
            .ok_or(ServiceError::NotFound)?;
    let mut page = SetupPage {
        tenant_name,
        role,
        access: offered(visit, role),
        search: GroupSearch::Disabled,
        assignment: None,
        answer: None,
        as_of,
    };
    let Some(entry) = visit
        .session
        .and_then(|session| visit.access.entry(session, visit.tenant))
    else {
        return Ok(page);
    };
    let mut held = entry.lock().await;
    if page.access == AccessState::None {
        let asked = ask(visit, &mut held, query, role, as_of).await;
        page.search = asked.search;
        page.assignment = asked.assignment;
        page.access = state(&held.access);
    }
    let answer = query.answer.as_deref().and_then(|id| held.answer(id));
    page.answer = answer.cloned();
    Ok(page)
}

/// `None` if this reader may sign in.
fn offered(visit: Visit<'_>, role: Role) -> AccessState {
    let why = if !role.may_search_directory() {
        "Your role on this tenant is read only; an operator or owner can sign in to Microsoft here."
    } else if visit.session.is_none() {
        "A program has no session that access could be bound to."
    } else if visit.access.key().is_none() {
        "This server was started without the key that opens client secrets (TENANTATLAS_SECRET_KEY_FILE)."
    } else {
        return AccessState::None;
    };
    AccessState::NotOffered(why.to_owned())
}

fn state(access: &Access) -> AccessState {
    match access {
        Access::None => AccessState::None,
        Access::RanOut => AccessState::RanOut,
        Access::Good { token, since } => AccessState::SignedIn {
            account: token.account.clone(),
            since: *since,
        },
    }
}

async fn ask(
    visit: Visit<'_>,
    held: &mut Held,
    query: &SetupQuery,
    role: Role,
    as_of: DateTime<Utc>,
) -> Asked {
    let nothing = |search| Asked {
        search,
        assignment: None,
    };
    // A token that is refused although its time is not over is renewed once.
    for renew in [false, true] {
        let graph = match visit.person(held, renew).await {
            Ok(graph) => graph,
            Err(NoGraph::NoAccess) => return nothing(GroupSearch::Disabled),
            Err(NoGraph::Failed(failure)) => return nothing(GroupSearch::Failed(failure)),
        };
        if let Ok(asked) = ask_with(&graph, query, role, as_of).await {
            return asked;
        }
    }
    held.access = Access::RanOut;
    nothing(GroupSearch::Disabled)
}

/// Graph refused the token.
struct TokenRefused;

async fn ask_with(
    graph: &PersonGraph,
    query: &SetupQuery,
    role: Role,
    as_of: DateTime<Utc>,
) -> Result<Asked, TokenRefused> {
    let text = query.text.as_deref().map(str::trim).unwrap_or_default();
    let search = match text {
        "" => GroupSearch::Ready,
        text => searched(graph.search_groups(text).await, as_of)?,
    };
    let can_choose = matches!(
        search,
        GroupSearch::Ready | GroupSearch::Empty | GroupSearch::Results { .. }
    );
    let assignment = match can_choose && role.may_assign_roles() {
        true => Some(assignment(graph, query).await?),
        false => None,
    };
    Ok(Asked { search, assignment })
}

fn searched(
    answer: Result<graph::FoundGroups, GraphError>,
    as_of: DateTime<Utc>,
) -> Result<GroupSearch, TokenRefused> {
    Ok(match answer {
        Ok(all) if all.groups.is_empty() => GroupSearch::Empty,
        Ok(all) => GroupSearch::Results {
            total: all.total,
            groups: all.groups.into_iter().map(found).collect(),
        },
        Err(error) if refused_token(&error) => return Err(TokenRefused),
        Err(error) => match error.kind {
            GraphErrorKind::Throttled => GroupSearch::Throttled {
                until: error.retry_after.map(|wait| as_of + wait),
            },
            GraphErrorKind::Forbidden | GraphErrorKind::ConsentMissing => {
                GroupSearch::ConsentMissing
            }
            _ => GroupSearch::Failed(failure(error)),
        },
    })
}

async fn assignment(graph: &PersonGraph, query: &SetupQuery) -> Result<Assignment, TokenRefused> {
    match choice(graph, &query.choice, query.review).await {
        Ok(assignment) => Ok(assignment),
        Err(error) if refused_token(&error) => Err(TokenRefused),
        Err(error) => Ok(Assignment::Failed(failure(error))),
    }
}

async fn choice(
    graph: &PersonGraph,
    choice: &AssignmentChoice,
    review: bool,
) -> Result<Assignment, GraphError> {
    let roles: Vec<RoleChoice> = graph
        .role_definitions()
        .await?
        .into_iter()
        .map(|role| RoleChoice {
            id: role.id,
            name: role.display_name,
            is_built_in: role.is_built_in,
        })
        .collect();
    let mut ids: Vec<String> = [choice.members.as_slice(), &choice.scope_groups].concat();
    ids.sort();
    ids.dedup();
    ids.truncate(2 * domain::views::rbac::MOST_GROUPS);
    let mut chosen: Vec<FoundGroup> = graph
        .groups_by_id(&ids)
        .await?
        .into_iter()
        .map(found)
        .collect();
    chosen.sort_by_cached_key(|group| group.name.to_lowercase());
    let lacks = match choice.lacks() {
        Some(lacks) => lacks,
        None => match reviewed(choice, &roles, &chosen) {
            Ok(reviewed) if review => return Ok(Assignment::Review(reviewed)),
            Ok(_) => String::new(),
            Err(gone) => gone,
        },
    };
    Ok(Assignment::Choosing {
        roles,
        chosen,
        lacks: (review && !lacks.is_empty()).then_some(lacks),
    })
}

/// The choice with the names that Microsoft told, or what of it is not there.
fn reviewed(
    choice: &AssignmentChoice,
    roles: &[RoleChoice],
    chosen: &[FoundGroup],
) -> Result<Review, String> {
    let role = roles
        .iter()
        .find(|role| role.id == choice.role)
        .ok_or("The chosen role is not there any more.")?;
    let named = |ids: &[String]| -> Result<Vec<FoundGroup>, String> {
        ids.iter()
            .map(|id| {
                let group = chosen.iter().find(|group| group.id == *id);
                group
                    .cloned()
                    .ok_or_else(|| "A chosen group is not there any more.".to_owned())
            })
            .collect()
    };
    Ok(Review {
        once: new_id(),
        name: choice.name.trim().to_owned(),
        role: role.clone(),
        members: named(&choice.members)?,
        scope: match choice.scope {
            ScopeChoice::Everyone => None,
            ScopeChoice::Groups => Some(named(&choice.scope_groups)?),
        },
    })
}
