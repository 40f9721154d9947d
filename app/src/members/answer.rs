//! What a form answers on the page that it was sent from. Some of it is there once and stored nowhere.

use serde::{Deserialize, Serialize};

/// Put into the page's context by whoever took the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormAnswer {
    /// Why the form was refused.
    pub problem: Option<String>,
    /// The link of a new invitation.
    pub link: Option<String>,
    /// What was typed and may stay. No address: no page shows one.
    pub name: String,
    pub role: String,
    /// The HTTP status of a refusal.
    pub status: u16,
}
