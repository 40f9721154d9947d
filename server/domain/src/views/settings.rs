//! A person's own settings, as their page shows them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::preferences::{DateStyle, NotifyAbout, RunColumns, Theme, ZoneChoice};

/// What a person may choose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    pub theme: Theme,
    pub zone: ZoneChoice,
    /// An IANA name: "Europe/Berlin".
    pub own_zone: Option<String>,
    pub dates: DateStyle,
    pub shortcuts: bool,
    pub notify_about: NotifyAbout,
    pub run_columns: RunColumns,
}

/// A browser in which this person is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// "Firefox on Windows", if it said so.
    pub browser: Option<String>,
    pub begun_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// The one that asks.
    pub this: bool,
}

/// The whole page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub name: String,
    pub email: String,
    pub preferences: Preferences,
    /// Newest first, at most twenty.
    pub sessions: Vec<SessionRow>,
    pub as_of: DateTime<Utc>,
}
