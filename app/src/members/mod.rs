//! Who looks after a tenant: its members, their roles, and invitations.

pub mod answer;
pub mod api;
pub mod invitation_page;
pub mod members_page;
mod role_table;
