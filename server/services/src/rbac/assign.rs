//! Making a role assignment as the signed-in person.

use domain::{
    AuditAction, FailureCode, FailureGroup, sanitize,
    views::rbac::{ASSIGN_PERMISSION, AssignmentChoice, ScopeChoice, SetupAnswer},
};
use graph::{GraphError, GraphErrorKind, NewRoleAssignment, RoleScope};

use super::{
    Visit,
    ask::{NoGraph, failure, refused_token},
    keeper::{Access, Held},
};
use crate::{
    ServiceError,
    audit::{self, Event},
};

/// Makes the assignment and keeps the answer under `once`. Sent again with the same `once`, it answers the same and
/// makes nothing: Intune takes any number of assignments that look alike.
///
/// # Errors
/// `Forbidden` without the right or without access of one's own, `Invalid` for a choice that is not complete.
pub async fn assign(
    visit: Visit<'_>,
    choice: &AssignmentChoice,
    once: &str,
) -> Result<SetupAnswer, ServiceError> {
    let role = visit.caller.role_on(visit.tenant)?;
    let right = match role.may_assign_roles() {
        true => Ok(()),
        false => Err(ServiceError::Forbidden(format!(
            "Your role on this tenant ({}) does not allow this; an owner can assign roles.",
            role.label()
        ))),
    };
    audit::allowed(visit.caller, visit.db, event(visit, choice), right).await?;
    if let Some(lacks) = choice.lacks() {
        return Err(ServiceError::Invalid(lacks));
    }
    if once.is_empty() || once.len() > 64 {
        return Err(ServiceError::Invalid(
            "once: review the assignment first".into(),
        ));
    }
    let no_access = || ServiceError::Forbidden("Sign in to Microsoft first.".into());
    let entry = visit
        .session
        .and_then(|session| visit.access.entry(session, visit.tenant))
        .ok_or_else(no_access)?;
    // Held until the answer is kept, so that a second press waits for the first one's.
    let mut held = entry.lock().await;
    if let Some(answer) = held.answer(once) {
        return Ok(answer.clone());
    }
    if !matches!(held.access, Access::Good { .. }) {
        return Err(no_access());
    }
    let answer = make(visit, &mut held, choice).await;
    held.keep_answer(once.to_owned(), answer.clone());
    if let Err(error) = tell(visit, choice, &answer).await {
        // Intune has it whether or not our log does, and a second try would make another one.
        tracing::error!(?error, "a role assignment is missing in the audit log");
    }
    Ok(answer)
}

fn event(visit: Visit<'_>, choice: &AssignmentChoice) -> Event {
    Event::new(AuditAction::RbacAssign).on(visit.tenant).about(
        "role_assignment",
        None,
        choice.name.trim(),
    )
}

async fn tell(
    visit: Visit<'_>,
    choice: &AssignmentChoice,
    answer: &SetupAnswer,
) -> Result<(), ServiceError> {
    let event = event(visit, choice);
    match answer {
        SetupAnswer::NotAssigned(failure) => {
            audit::refused(visit.db, visit.caller, event, &failure.message).await
        }
        _ => {
            let mut connection = visit.db.pool.acquire().await?;
            Ok(audit::done(&mut connection, visit.caller, event).await?)
        }
    }
}

async fn make(visit: Visit<'_>, held: &mut Held, choice: &AssignmentChoice) -> SetupAnswer {
    let new = NewRoleAssignment {
        display_name: choice.name.trim().to_owned(),
        role_definition_id: choice.role.clone(),
        members: choice.members.clone(),
        scope: match choice.scope {
            ScopeChoice::Everyone => RoleScope::AllDevicesAndUsers,
            ScopeChoice::Groups => RoleScope::Groups(choice.scope_groups.clone()),
        },
    };
    for renew in [false, true] {
        let graph = match visit.person(held, renew).await {
            Ok(graph) => graph,
            Err(NoGraph::NoAccess) => break,
            Err(NoGraph::Failed(failure)) => return SetupAnswer::NotAssigned(failure),
        };
        match graph.create_role_assignment(&new).await {
            Ok(made) => {
                tracing::info!(
                    user = %visit.caller.user_id,
                    tenant = %visit.tenant,
                    assignment = %sanitize::message(&made.id),
                    role = %sanitize::message(&new.role_definition_id),
                    members = %sanitize::message(&new.members.join(" ")),
                    scope = %sanitize::message(&reach(&new.scope)),
                    "role assigned"
                );
                return SetupAnswer::Assigned {
                    id: made.id,
                    name: made.display_name,
                };
            }
            Err(error) if refused_token(&error) => {}
            Err(error) => return not_made(visit, error),
        }
    }
    held.access = Access::RanOut;
    let message = "Your access to Microsoft ran out; nothing was assigned. Sign in again.";
    SetupAnswer::NotAssigned(FailureGroup::new(FailureCode::TokenRefused, message))
}

fn reach(scope: &RoleScope) -> String {
    match scope {
        RoleScope::AllDevicesAndUsers => "all devices and users".to_owned(),
        RoleScope::Groups(groups) => groups.join(" "),
    }
}

fn not_made(visit: Visit<'_>, error: GraphError) -> SetupAnswer {
    tracing::warn!(user = %visit.caller.user_id, tenant = %visit.tenant, kind = error.kind.as_str(), request = error.request_id, "a role could not be assigned");
    let unknown = error.outcome_unknown();
    let mut failure = failure(error.clone());
    if error.kind == GraphErrorKind::Forbidden {
        failure.message = format!(
            "It needs the delegated permission {ASSIGN_PERMISSION}, and an Intune role of your own that may assign roles."
        );
    }
    match unknown {
        true => SetupAnswer::MaybeAssigned(failure),
        false => SetupAnswer::NotAssigned(failure),
    }
}
