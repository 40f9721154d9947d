//! Readable names, made from the machine's own where nothing better is known.

/// The name of a settings catalog's setting, from its definition id: `device_vendor_msft_policy_config_
/// defender_allowemailscanning` is `Defender allowemailscanning`. What its parent's id says is not repeated.
pub(super) fn of_definition(id: &str, parent: Option<&str>) -> String {
    let below = parent.and_then(|parent| id.strip_prefix(parent)?.strip_prefix('_'));
    let name = below.unwrap_or_else(|| without_vendor(id));
    // An administrative template's id holds the categories it stands under.
    let last = name.rsplit('~').next().unwrap_or(name);
    let words: Vec<&str> = last
        .split(['_', '.'])
        .filter(|word| !word.is_empty() && *word != "l" && !word.starts_with('{'))
        .collect();
    let words = words.join(" ");
    [words.trim(), id.trim(), "Setting"]
        .into_iter()
        .find(|text| !text.is_empty())
        .map(capitalised)
        .unwrap_or_default()
}

/// What an option's value says beyond its definition's id: `…_allowemailscanning_1` is `1`.
pub(super) fn of_option<'a>(value: &'a str, definition: &str) -> &'a str {
    // Some definitions carry a version their options lack, so that only the beginning is shared.
    let shared = value
        .bytes()
        .zip(definition.bytes().chain(std::iter::once(b'_')))
        .take_while(|(one, other)| one == other)
        .count();
    let end = value.as_bytes()[..shared]
        .iter()
        .rposition(|byte| *byte == b'_');
    match end.and_then(|end| value.get(end + 1..)) {
        Some(rest) if !rest.is_empty() => rest,
        _ => value,
    }
}

/// The name of a JSON member: `passwordMinimumLength` is `Password minimum length`.
pub(super) fn of_member(member: &str) -> String {
    if member == "@odata.type" {
        return "Type".to_owned();
    }
    let mut words = String::new();
    let mut before = ' ';
    for letter in member.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
        before = letter;
    }
    if words.trim().is_empty() {
        return "Value".to_owned();
    }
    capitalised(&words)
}

fn without_vendor(id: &str) -> &str {
    let scope = ["device_", "user_"];
    let bare = scope
        .iter()
        .find_map(|scope| id.strip_prefix(scope))
        .unwrap_or(id);
    let makers = ["vendor_msft_policy_config_", "vendor_msft_", "com.apple."];
    makers
        .iter()
        .find_map(|maker| bare.strip_prefix(maker))
        .unwrap_or(id)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_named_by_its_last_words() {
        for (id, label) in [
            (
                "device_vendor_msft_policy_config_defender_allowemailscanning",
                "Defender allowemailscanning",
            ),
            (
                "user_vendor_msft_policy_config_word16v2~policy~l_word~l_security_l_macros",
                "Security macros",
            ),
            (
                "vendor_msft_firewall_mdmstore_global_ftp",
                "Firewall mdmstore global ftp",
            ),
            (
                "device_vendor_msft_passportforwork_{tenantid}_policies_usecert",
                "Passportforwork policies usecert",
            ),
            ("com.apple.mcx.filevault2_enable", "Mcx filevault2 enable"),
            ("ünknown", "Ünknown"),
            (
                "device_vendor_msft_policy_config_",
                "Device_vendor_msft_policy_config_",
            ),
            ("{a}", "{a}"),
            ("_", "_"),
            ("", "Setting"),
            (" ", "Setting"),
        ] {
            assert_eq!(of_definition(id, None), label);
        }
    }

    #[test]
    fn a_childs_name_does_not_repeat_its_parents() {
        assert_eq!(of_definition("a_b_drive_name", Some("a_b")), "Drive name");
        assert_eq!(of_definition("a_bc_drive", Some("a_b")), "A bc drive");
    }

    #[test]
    fn an_option_is_named_by_what_its_definition_does_not_say() {
        for (value, definition, rest) in [
            ("a_allow_1", "a_allow", "1"),
            ("a_allow_add_restrict", "a_allow", "add_restrict"),
            ("a_schedule_15", "a_schedule_v2", "15"),
            ("a_allow", "a_allow", "allow"),
            ("a_allow_", "a_allow", "a_allow_"),
            ("other", "a_allow", "other"),
            ("größe_ü", "größe", "ü"),
            ("grö_1", "grä", "grö_1"),
            ("", "a", ""),
        ] {
            assert_eq!(
                of_option(value, definition),
                rest,
                "{value} of {definition}"
            );
        }
    }

    #[test]
    fn a_member_is_named_by_its_words() {
        for (member, label) in [
            ("passwordMinimumLength", "Password minimum length"),
            ("omaUri", "Oma uri"),
            ("@odata.type", "Type"),
            ("ÖffnungsZeit", "Öffnungs zeit"),
            ("", "Value"),
        ] {
            assert_eq!(of_member(member), label);
        }
    }
}
