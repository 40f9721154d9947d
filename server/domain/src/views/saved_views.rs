//! Filters of the runs list that were given a name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{SavedViewId, views::run_list::CappedCount};

/// Whom a view is offered to. Anyone may open one whose link they have only if it is theirs or the team's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewScope {
    Mine,
    Team,
}

impl ViewScope {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Team => "team",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Mine => "Only mine",
            Self::Team => "Team",
        }
    }
}

impl fmt::Display for ViewScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is mine or team")]
pub struct UnknownScope;

impl FromStr for ViewScope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "mine" => Ok(Self::Mine),
            "team" => Ok(Self::Team),
            _ => Err(UnknownScope),
        }
    }
}

/// The longest name of a view, in letters.
pub const LONGEST_NAME: usize = 60;
/// How many views one person may keep.
pub const MOST_VIEWS: i64 = 50;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub id: SavedViewId,
    pub name: String,
    /// The list's query string, without a leading question mark.
    pub filters: String,
    pub scope: ViewScope,
    /// Whether it is the reader's, who may then change it.
    pub own: bool,
    pub owner_name: String,
    /// Whether it opens for the reader where no filter is given.
    pub is_default: bool,
    /// Whether the reader is told when a run ends that it holds.
    pub told: bool,
}

/// A view in the list of them. Without a count where the reader may not see what it filters by, or counting takes long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedView {
    pub view: SavedView,
    pub runs: Option<CappedCount>,
    /// Whether it can hold runs that have ended, of which one may be told.
    pub may_tell: bool,
}

/// Where an address of the list leads that names a view, or nothing at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ViewToOpen {
    /// The list as it was asked for.
    AsAsked,
    View(SavedView),
    /// The view was deleted, or is somebody else's own.
    Gone,
}
