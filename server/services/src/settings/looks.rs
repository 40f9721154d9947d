//! What a page has to know of its reader before it is written.

use domain::{
    TenantId,
    preferences::{DateStyle, Looks, Theme, Zones},
};
use pure_rust_locales::{Locale, locale_match};

use super::page::preferences;
use crate::{Caller, Db, ServiceError, time_zone};

/// The caller's, from the database. `languages` are those that the browser asks for, as in `Accept-Language`.
pub async fn looks(
    caller: &Caller,
    db: &Db,
    languages: Option<&str>,
) -> Result<Looks, ServiceError> {
    let chosen = preferences(caller, db).await?;
    let elsewhere: Vec<(TenantId, String)> = sqlx::query_as(
        "select id, time_zone from tenants where id = any($1) and time_zone <> 'UTC' order by id",
    )
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await?;
    let tenants = elsewhere
        .into_iter()
        .filter_map(|(tenant, name)| Some((tenant, time_zone::table(&name)?)))
        .collect();
    Ok(Looks {
        theme: chosen.theme,
        zones: Zones {
            choice: chosen.zone,
            own: chosen.own_zone.as_deref().and_then(time_zone::table),
            tenants,
        },
        dates: match chosen.dates {
            DateStyle::Language => dates_of(languages),
            chosen => chosen,
        },
        shortcuts: chosen.shortcuts,
        run_columns: chosen.run_columns,
        signed_in: true,
    })
}

/// The theme that a cookie names; a stale or foreign word counts as none.
pub fn theme_named(word: Option<&str>) -> Theme {
    word.and_then(|word| word.parse().ok()).unwrap_or_default()
}

/// Languages that are asked for without a country, where the country is not named like the language.
const HOMES: [(&str, &str); 10] = [
    ("ca", "ES"),
    ("cs", "CZ"),
    ("da", "DK"),
    ("el", "GR"),
    ("en", "US"),
    ("et", "EE"),
    ("nb", "NO"),
    ("sl", "SI"),
    ("sv", "SE"),
    ("uk", "UA"),
];

/// How the language that is asked for first writes dates, such as the `en-GB` of "en-GB,en;q=0.9".
pub fn dates_of(languages: Option<&str>) -> DateStyle {
    let first = languages.and_then(|all| all.split([',', ';']).next());
    let locale = first.and_then(|tag| locale(tag.trim()));
    locale.map_or(DateStyle::Language, |locale| {
        style_of(locale_match!(locale => LC_TIME::D_FMT))
    })
}

fn locale(tag: &str) -> Option<Locale> {
    let mut parts = tag.split('-');
    let language = parts.next()?.to_ascii_lowercase();
    // Between language and country there may be a script: "sr-Latn-RS".
    let country = parts.find(|part| part.len() == 2);
    let country = country.map(str::to_ascii_uppercase).unwrap_or_else(|| {
        let home = HOMES.iter().find(|(known, _)| *known == language);
        home.map_or_else(
            || language.to_ascii_uppercase(),
            |(_, home)| (*home).to_owned(),
        )
    });
    format!("{language}_{country}").parse().ok()
}

/// The way of ours that comes nearest to a pattern of strftime: the same order of day, month and year.
fn style_of(pattern: &str) -> DateStyle {
    let place = |letters: &[char]| {
        let specifiers = pattern.match_indices('%');
        // A modifier may stand between: "%-d", "%Od".
        let letters_at = specifiers.filter_map(|(at, _)| {
            let letter = pattern[at + 1..]
                .trim_start_matches(['-', 'O', 'E'])
                .chars()
                .next()?;
            Some((at, letter))
        });
        let mut found = letters_at.filter(|(_, letter)| letters.contains(letter));
        found.next()
    };
    let (day, month) = (place(&['d', 'e']), place(&['m', 'b', 'B']));
    match (day, month) {
        (Some((day, _)), Some((month, letter))) if day < month => {
            let between = &pattern[day..month];
            match letter == 'm' && between.contains('.') {
                true => DateStyle::Dotted,
                false => DateStyle::DayFirst,
            }
        }
        (Some((day, _)), Some(_)) => {
            let year = place(&['Y', 'y']);
            match year.is_some_and(|(year, _)| year > day) {
                true => DateStyle::MonthFirst,
                false => DateStyle::Iso,
            }
        }
        _ => DateStyle::Iso,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_in_the_order_of_the_language_asked_for_first() {
        for (languages, style) in [
            ("en-US,en;q=0.9", DateStyle::MonthFirst),
            ("en", DateStyle::MonthFirst),
            ("en-GB", DateStyle::DayFirst),
            ("en-AU,de;q=0.5", DateStyle::DayFirst),
            ("de-DE,en-US;q=0.7", DateStyle::Dotted),
            ("de", DateStyle::Dotted),
            ("fr-FR", DateStyle::DayFirst),
            ("nb", DateStyle::DayFirst),
            ("cs", DateStyle::Dotted),
            ("sv-SE,sv;q=0.9", DateStyle::Iso),
            ("fr-CA", DateStyle::Iso),
            ("ja", DateStyle::Language),
            ("ja-JP", DateStyle::Iso),
            ("sr-Latn-RS", DateStyle::Dotted),
            ("*", DateStyle::Language),
            ("", DateStyle::Language),
            ("tlh-Qo'noS", DateStyle::Language),
        ] {
            assert_eq!(dates_of(Some(languages)), style, "{languages}");
        }
        assert_eq!(dates_of(None), DateStyle::Language);
    }
}
