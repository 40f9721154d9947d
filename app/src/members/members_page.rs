//! `/tenants/{id}/members`: who looks after a tenant, with which role, and who was invited to.

use domain::{
    Role, TenantId,
    views::members::{InvitationRow, MemberRow, MembersPage as Members},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{
    answer::FormAnswer,
    api::{ChangeRole, RemoveMember, RevokeInvitation, form_answer, member_list},
    role_table::RoleTable,
};
use crate::{
    tenants::crumbs::TenantCrumbs,
    ui::{
        answered::answered,
        choice::Choice,
        kept::Keeper,
        live::{Pace, live_resource},
        refused::{Refused, refusal},
        time::At,
    },
};

/// The page's forms that a script may send.
#[derive(Clone, Copy)]
struct Forms {
    change: ServerAction<ChangeRole>,
    remove: ServerAction<RemoveMember>,
    revoke: ServerAction<RevokeInvitation>,
    keeper: Keeper,
}

#[component]
pub fn MembersPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let forms = Forms {
        change: ServerAction::new(),
        remove: ServerAction::new(),
        revoke: ServerAction::new(),
        keeper: Keeper::here(),
    };
    let written = move || {
        (
            forms.change.version().get(),
            forms.remove.version().get(),
            forms.revoke.version().get(),
        )
    };
    let page = live_resource(
        Pace::Page,
        move || (id.get(), written()),
        |(id, _), changed| changed.tenant(id),
        |(id, _)| member_list(id),
    );
    let invited = Resource::new(move || id.get(), |_| form_answer());
    let answer = move || invited.get().and_then(Result::ok).unwrap_or_default();
    let refused = move || {
        let error = refusal(forms.change)
            .or_else(|| refusal(forms.remove))
            .or_else(|| refusal(forms.revoke));
        view! { <Refused error /> }
    };
    view! {
        {answered(page, move |page| {
            view! {
                <Listed page forms answer=answer()>
                    {refused}
                </Listed>
            }
        })}
    }
}

/// The children are what the forms in the lists answered.
#[component]
fn Listed(page: Members, forms: Forms, answer: FormAnswer, children: Children) -> impl IntoView {
    let tenant = page.tenant_id;
    let manages = page.role.may_manage_members();
    // By person, so that what is opened or chosen in a row stays with its person when others come or go.
    let rows = forms.keeper.rows(
        page.members,
        move |row| {
            (
                row.user_id,
                row.name.clone(),
                row.role,
                row.is_last_owner,
                manages,
            )
        },
        move |row| view! { <Member row tenant manages forms /> },
    );
    let title = format!("Members of {}", page.tenant_name);
    let invitations = match manages {
        true => view! { <Invitations tenant rows=page.invitations forms answer /> }.into_any(),
        false => view! {
            <p class="muted">
                {format!("Your role here is {}; an owner can invite people, change roles and remove members.", page.role.label().to_lowercase())}
            </p>
        }
        .into_any(),
    };
    view! {
        <Title text=title.clone() />
        <TenantCrumbs id=tenant.to_string() tenant_name=page.tenant_name here="Members" />
        <h1>{title}</h1>
        <div role="status" class="answers">{children()}</div>
        <table class="members stacking">
            <caption class="unseen">"Members by name"</caption>
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Since"</th>
                    {manages.then(|| view! { <th scope="col">"Actions"</th> })}
                </tr>
            </thead>
            <tbody>
                {rows}
            </tbody>
        </table>
        {page.more.then(|| view! { <p class="muted">"There are more; the first 500 by name are shown."</p> })}
        {invitations}
        <section aria-labelledby="roles-title">
            <h2 id="roles-title">"What each role may do"</h2>
            <RoleTable />
        </section>
    }
}

#[component]
fn Member(row: MemberRow, tenant: TenantId, manages: bool, forms: Forms) -> impl IntoView {
    let ids = move || {
        view! {
            <input type="hidden" name="tenant_id" value=tenant.to_string() />
            <input type="hidden" name="user_id" value=row.user_id.to_string() />
        }
    };
    let options = Role::ALL.map(|role| {
        view! { <option value=role.as_str() selected=role == row.role>{role.label()}</option> }
    });
    let named = |verb: &str| format!("{verb} {}", row.name);
    let (role_of, change) = (named("Role of"), named("Change role of"));
    let (remove, opened) = (named("Remove"), format!("{} …", named("Remove")));
    let role = match (manages, row.is_last_owner) {
        (true, false) => view! {
            <ActionForm action=forms.change attr:class="row-actions">
                {ids()}
                <select name="role" aria-label=role_of>{options}</select>
                <button type="submit" aria-label=change>"Change"</button>
            </ActionForm>
        }
        .into_any(),
        (true, true) => view! {
            <span>
                {row.role.label()}
                <span class="muted">" · the last owner: make somebody else an owner first"</span>
            </span>
        }
        .into_any(),
        (false, _) => row.role.label().into_any(),
    };
    let actions = manages.then(|| {
        let form = (!row.is_last_owner).then(|| {
            view! {
                // Opened first, so that no single press takes somebody out.
                <details class="confirm">
                    <summary aria-label=opened>"Remove …"</summary>
                    <ActionForm action=forms.remove>
                        {ids()}
                        <button type="submit">{remove}</button>
                    </ActionForm>
                </details>
            }
        });
        view! { <td data-label="Actions">{form}</td> }
    });
    view! {
        <tr data-user-id=row.user_id.to_string() data-role=row.role.as_str()>
            <td data-label="Name">
                <span>
                    {row.name} {row.is_you.then_some(" (you)")} " "
                    <span class="muted">{row.address}</span>
                </span>
            </td>
            <td data-label="Role">{role}</td>
            <td data-label="Since" class="muted"><At at=row.since /></td>
            {actions}
        </tr>
    }
}

#[component]
fn Invitations(
    tenant: TenantId,
    rows: Vec<InvitationRow>,
    forms: Forms,
    answer: FormAnswer,
) -> impl IntoView {
    let problem = answer.problem.map(
        |problem| view! { <p class="notice" data-answer="refused" role="alert">{problem}</p> },
    );
    let link = answer.link.map(|link| {
        view! {
            <div class="answer" data-answer="created" role="status">
                <p>
                    "Invited. Hand this link over now: it is shown this once, works once, and ends after seven days."
                </p>
                <label class="field">
                    <span>"Invitation link"</span>
                    <input type="text" readonly value=link />
                </label>
            </div>
        }
    });
    let roles = Role::ALL.map(|role| (role.as_str().to_owned(), role.label().to_owned()));
    let waiting = match rows.is_empty() {
        true => view! { <p class="muted">"No invitation waits."</p> }.into_any(),
        false => {
            let rows: Vec<_> = rows
                .into_iter()
                .map(|row| view! { <Waiting row tenant forms /> })
                .collect();
            view! {
                <table class="invitations stacking">
                    <caption class="unseen">"Invitations that wait, newest first"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Address"</th>
                            <th scope="col">"Role"</th>
                            <th scope="col">"Invited by"</th>
                            <th scope="col">"Ends"</th>
                            <th scope="col">"Actions"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            }
            .into_any()
        }
    };
    view! {
        <section aria-labelledby="invitations-title">
            <h2 id="invitations-title">"Invitations"</h2>
            {problem}
            {link}
            // Sent as a whole page: the answer is this page with the link on it, with a script or without.
            <form method="post" action=format!("/tenants/{tenant}/members") class="filters" aria-label="Invite">
                <label class="field">
                    <span>"Email"</span>
                    <input type="email" name="email" autocomplete="off" required />
                </label>
                <Choice label="Role" name="role" chosen=Some(answer.role) options=roles.to_vec() />
                <button type="submit">"Invite"</button>
            </form>
            {waiting}
        </section>
    }
}

#[component]
fn Waiting(row: InvitationRow, tenant: TenantId, forms: Forms) -> impl IntoView {
    let label = format!("Revoke the invitation of {}", row.address);
    view! {
        <tr data-invitation-id=row.id.to_string()>
            <td data-label="Address">{row.address}</td>
            <td data-label="Role">{row.role.label()}</td>
            <td data-label="Invited by" class="muted">{row.invited_by}</td>
            <td data-label="Ends" class="muted"><At at=row.expires_at /></td>
            <td data-label="Actions">
                <ActionForm action=forms.revoke>
                    <input type="hidden" name="tenant_id" value=tenant.to_string() />
                    <input type="hidden" name="invitation_id" value=row.id.to_string() />
                    <button type="submit" aria-label=label>"Revoke"</button>
                </ActionForm>
            </td>
        </tr>
    }
}
