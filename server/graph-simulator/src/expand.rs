//! `$expand` as a tree, and the related objects that Graph returns only when it is asked to.

/// One name in `$expand` with what is expanded below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expansion {
    pub(crate) name: String,
    pub(crate) inner: Vec<Self>,
}

impl Expansion {
    /// Reads `a,b($expand=c;$select=d)`; options other than `$expand` are left aside.
    pub(crate) fn parse(text: &str) -> Vec<Self> {
        split(text, ',')
            .into_iter()
            .filter_map(|item| {
                let (name, options) = match item.split_once('(') {
                    Some((name, rest)) => (name, rest.strip_suffix(')').unwrap_or(rest)),
                    None => (item, ""),
                };
                let inner = split(options, ';')
                    .into_iter()
                    .filter_map(|option| {
                        option
                            .trim()
                            .trim_start_matches('$')
                            .strip_prefix("expand=")
                    })
                    .flat_map(Self::parse)
                    .collect();
                let name = name.trim().to_owned();
                (!name.is_empty()).then_some(Self { name, inner })
            })
            .collect()
    }

    pub(crate) fn find<'a>(all: &'a [Self], name: &str) -> Option<&'a Self> {
        all.iter().find(|expansion| expansion.name == name)
    }
}

/// Splits at `separator` outside parentheses.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            letter if letter == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// What the objects of a relation relate to in turn.
pub(crate) fn relations_below(relation: &str) -> &'static [&'static str] {
    match relation {
        "definitionValues" => &["definition", "presentationValues"],
        "presentationValues" => &["presentation", "definitionValue"],
        "scheduledActionsForRule" => &["scheduledActionConfigurations"],
        "settings" => &["settingDefinitions"],
        _ => &[],
    }
}
