//! Who asks: people, their sessions and tokens, and their roles on tenants.

mod caller;
mod invitations;
mod members;
mod own_sessions;
mod password;
mod people;
mod sign_in;
mod tokens;

pub use caller::{Caller, Origin};
pub use invitations::{
    Invitation, Joined, accept, invite, join, offer, revoke as revoke_invitation,
};
pub use members::{change_role, members, remove as remove_member, roles_of};
pub use own_sessions::{PasswordChange, change_password, note_browser, sign_out_elsewhere};
pub use people::{NewUser, create_user, grant, missing_tenant, set_password, user_id_of};
pub use sign_in::{
    SESSION_LIFETIME, SessionKey, SignIn, by_session, going_on, password_fits, sign_in,
    sign_in_from, sign_out, tidy,
};
pub(crate) use sign_in::{new_token, token_hash};
pub use tokens::{by_token, create_token};
