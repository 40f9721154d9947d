//! Who asks: people, their sessions and tokens, and their roles on tenants.

mod caller;
mod own_sessions;
mod password;
mod people;
mod sign_in;
mod tokens;

pub use caller::Caller;
pub use own_sessions::{PasswordChange, change_password, note_browser, sign_out_elsewhere};
pub use people::{NewUser, create_user, grant, missing_tenant, set_password, user_id_of};
pub use sign_in::{
    SESSION_LIFETIME, SessionKey, SignIn, by_session, going_on, sign_in, sign_out, tidy,
};
pub(crate) use sign_in::{new_token, token_hash};
pub use tokens::{by_token, create_token};
