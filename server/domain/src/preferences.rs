//! How a person reads and is told, and the time zones in which times are written.

use std::{fmt, str::FromStr};

use chrono::{DateTime, FixedOffset, Offset, Utc};
use serde::{Deserialize, Serialize};

use crate::TenantId;

/// A choice whose stored word is not one of those that this version knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("use one of {0}")]
pub struct UnknownChoice(String);

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownChoice;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let known = Self::ALL.iter().copied().find(|one| one.as_str() == text);
                known.ok_or_else(|| {
                    let words: Vec<_> = Self::ALL.iter().map(|one| one.as_str()).collect();
                    UnknownChoice(words.join(", "))
                })
            }
        }
    };
}

choice! {
    /// Light or dark.
    Theme {
        #[default]
        System = "system", "As this device";
        Light = "light", "Light";
        Dark = "dark", "Dark";
    }
}

choice! {
    /// Whose time zone times are written in.
    ZoneChoice {
        #[default]
        Utc = "utc", "UTC";
        Browser = "browser", "My own";
        /// Where a page is about no one tenant: UTC.
        Tenant = "tenant", "The tenant's";
    }
}

choice! {
    /// How dates are written. None of the ways leaves open which number is the month.
    DateStyle {
        /// Where nothing of the language is known: as [`DateStyle::Iso`].
        #[default]
        Language = "language", "As my browser's language has them";
        Iso = "iso", "2026-11-21";
        Dotted = "dotted", "21.11.2026";
        DayFirst = "day_first", "21 Nov 2026";
        MonthFirst = "month_first", "Nov 21, 2026";
    }
}

impl DateStyle {
    /// In the notation of strftime.
    pub fn pattern(self) -> &'static str {
        match self {
            Self::Language | Self::Iso => "%Y-%m-%d",
            Self::Dotted => "%d.%m.%Y",
            Self::DayFirst => "%-d %b %Y",
            Self::MonthFirst => "%b %-d, %Y",
        }
    }
}

choice! {
    /// Which notifications a person gets about runs of their own and those they follow.
    NotifyAbout {
        #[default]
        Everything = "everything", "Everything: that a run was queued, and how it ended";
        Endings = "endings", "How runs ended";
        Trouble = "trouble", "Only runs that failed or succeeded partially";
    }
}

choice! {
    /// A column of the runs list that can be left out: not what a run is, nor how it stands.
    RunColumn {
        #[default]
        Tenant = "tenant", "Tenant";
        StartedBy = "started_by", "Started by";
        Progress = "progress", "Progress";
        Items = "items", "Items";
        Created = "created", "Created";
        Took = "took", "Took";
    }
}

/// The columns that a runs list has beside state and operation, and their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunColumns {
    /// Each of [`RunColumn::ALL`] once.
    order: Vec<RunColumn>,
    hidden: Vec<RunColumn>,
}

impl Default for RunColumns {
    fn default() -> Self {
        Self::new(&[], Vec::new())
    }
}

impl RunColumns {
    /// `order` names what comes first; what it does not name follows as it always did.
    pub fn new(order: &[RunColumn], hidden: Vec<RunColumn>) -> Self {
        let mut all = Vec::with_capacity(RunColumn::ALL.len());
        for column in order.iter().chain(RunColumn::ALL) {
            if !all.contains(column) {
                all.push(*column);
            }
        }
        Self { order: all, hidden }
    }

    /// Those that are left out, too.
    pub fn order(&self) -> &[RunColumn] {
        &self.order
    }

    pub fn hidden(&self) -> &[RunColumn] {
        &self.hidden
    }

    pub fn shows(&self, column: RunColumn) -> bool {
        !self.hidden.contains(&column)
    }

    /// In their order.
    pub fn shown(&self) -> impl Iterator<Item = RunColumn> {
        let order = self.order.iter().copied();
        order.filter(|column| self.shows(*column))
    }

    pub fn without(mut self, column: RunColumn) -> Self {
        self.hidden.push(column);
        self
    }

    /// One place nearer to the first; the first stays.
    pub fn earlier(mut self, column: RunColumn) -> Self {
        if let Some(place @ 1..) = self.place(column) {
            self.order.swap(place - 1, place);
        }
        self
    }

    /// One place nearer to the last; the last stays.
    pub fn later(mut self, column: RunColumn) -> Self {
        if let Some(place) = self
            .place(column)
            .filter(|place| place + 1 < self.order.len())
        {
            self.order.swap(place, place + 1);
        }
        self
    }

    fn place(&self, column: RunColumn) -> Option<usize> {
        self.order.iter().position(|one| *one == column)
    }
}

/// A time zone as far as pages need it: when its distance from UTC changed, and to what.
///
/// Server and browser write times by this one table. The browser's own knowledge of zones may be of another year, and
/// then a page would not be the one that the server wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// "Europe/Berlin".
    pub name: String,
    /// Seconds since 1970 from which on an offset in seconds east of UTC holds, in order. The first holds before, too.
    pub offsets: Vec<(i64, i32)>,
}

impl Zone {
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            offsets: Vec::new(),
        }
    }

    /// How far from UTC the zone is at that time.
    pub fn offset_at(&self, at: DateTime<Utc>) -> FixedOffset {
        let passed = self
            .offsets
            .partition_point(|(from, _)| *from <= at.timestamp());
        let holds = self.offsets.get(passed.saturating_sub(1));
        holds
            .and_then(|(_, seconds)| FixedOffset::east_opt(*seconds))
            .unwrap_or_else(|| Utc.fix())
    }
}

/// The zones that a reader's pages are written in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zones {
    pub choice: ZoneChoice,
    /// The reader's own.
    pub own: Option<Zone>,
    /// Of tenants that are elsewhere than UTC.
    pub tenants: Vec<(TenantId, Zone)>,
}

impl Zones {
    /// The zone in which times that belong to this tenant, or to none, are written.
    pub fn of(&self, tenant: Option<TenantId>) -> Option<&Zone> {
        match self.choice {
            ZoneChoice::Utc => None,
            ZoneChoice::Browser => self.own.as_ref(),
            ZoneChoice::Tenant => self.of_tenant(tenant?),
        }
    }

    pub fn of_tenant(&self, tenant: TenantId) -> Option<&Zone> {
        let mut zones = self.tenants.iter();
        zones.find(|(id, _)| *id == tenant).map(|(_, zone)| zone)
    }
}

/// What every page has to know of its reader before it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looks {
    pub theme: Theme,
    pub zones: Zones,
    pub dates: DateStyle,
    /// Whether single keys are shortcuts.
    pub shortcuts: bool,
    pub run_columns: RunColumns,
    pub signed_in: bool,
}

impl Looks {
    /// Of someone who is not signed in.
    pub fn anonymous(theme: Theme, dates: DateStyle) -> Self {
        Self {
            theme,
            zones: Zones::default(),
            dates,
            shortcuts: false,
            run_columns: RunColumns::default(),
            signed_in: false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn columns_move_one_place_and_never_get_lost() {
        use RunColumn::{Created, Items, Progress, StartedBy, Tenant, Took};
        let columns = RunColumns::new(&[Created, Created], vec![Items]);
        let all = [Created, Tenant, StartedBy, Progress, Items, Took];
        assert_eq!(columns.order(), all);
        assert_eq!(
            columns.shown().collect::<Vec<_>>(),
            [Created, Tenant, StartedBy, Progress, Took]
        );
        let moved = columns.clone().later(Created).earlier(Took);
        assert_eq!(
            moved.order(),
            [Tenant, Created, StartedBy, Progress, Took, Items]
        );
        assert_eq!(columns.clone().earlier(Created).later(Took), columns);
    }

    #[test]
    fn a_zone_knows_its_offset_before_between_and_after_its_changes() {
        let zone = Zone {
            name: "Test".into(),
            offsets: vec![(0, 3600), (100, 7200)],
        };
        let at = |seconds| {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            zone.offset_at(at).local_minus_utc()
        };
        assert_eq!([at(-5), at(0), at(99), at(100)], [3600, 3600, 3600, 7200]);
        assert_eq!(
            Zone::utc()
                .offset_at(DateTime::UNIX_EPOCH)
                .local_minus_utc(),
            0
        );
    }

    #[test]
    fn a_word_that_is_no_choice_is_answered_with_those_that_are() {
        assert_eq!("dark".parse(), Ok(Theme::Dark));
        let error = "dim".parse::<Theme>().unwrap_err();
        assert_eq!(error.to_string(), "use one of system, light, dark");
    }
}
