//! Imported backup sets: what came of each file.

use serde::{Deserialize, Serialize};

use crate::VersionId;

/// What came of a file, or of one policy in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportVerdict {
    Imported,
    /// Another file of the same import holds the same policy.
    Duplicate,
    NotAPolicy,
    /// A policy, of a kind that TenantAtlas does not know.
    Unsupported,
    Unreadable,
}

impl ImportVerdict {
    pub const ALL: [Self; 5] = [
        Self::Imported,
        Self::Duplicate,
        Self::NotAPolicy,
        Self::Unsupported,
        Self::Unreadable,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Duplicate => "duplicate",
            Self::NotAPolicy => "not_a_policy",
            Self::Unsupported => "unsupported",
            Self::Unreadable => "unreadable",
        }
    }

    /// In words, as they follow a number too.
    pub fn label(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Duplicate => "duplicate",
            Self::NotAPolicy => "not a policy",
            Self::Unsupported => "unsupported kind",
            Self::Unreadable => "not readable",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What of an imported set's files is asked for; every part stands in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportedFileQuery {
    /// [`ImportVerdict::as_str`]; none for all.
    pub verdict: Option<String>,
    /// The position of the last line before.
    pub after: Option<String>,
}

/// One line: a file, or one policy of a file that holds several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedFileRow {
    pub position: i32,
    pub file: String,
    pub verdict: ImportVerdict,
    pub kind_label: Option<String>,
    pub policy: Option<String>,
    pub reason: Option<String>,
    pub version: Option<VersionId>,
}

/// A page of them, in the order in which they were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedFiles {
    /// How many lines have each verdict; none with zero.
    pub counts: Vec<(ImportVerdict, i64)>,
    pub rows: Vec<ImportedFileRow>,
    /// Position after which the next page begins, if there is one.
    pub next: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_read_as_it_is_written() {
        for verdict in ImportVerdict::ALL {
            assert_eq!(ImportVerdict::parse(verdict.as_str()), Some(verdict));
        }
        assert_eq!(ImportVerdict::parse("fine"), None);
    }
}
