//! Addresses that end in a token: whoever has one may see the page, so it is kept out of the log and of `Referer`.

pub(super) const INVITATIONS: &str = "/invitations/";
const LINKS: [(&str, &str); 2] = [
    (INVITATIONS, "/invitations/…"),
    ("/handover/", "/handover/…"),
];

/// Whether an address has such a token in it.
pub(super) fn has_token(path: &str) -> bool {
    LINKS
        .iter()
        .any(|(beginning, _)| path.starts_with(beginning))
}

/// A path for the log.
pub(super) fn without_token(path: &str) -> &str {
    let link = LINKS
        .iter()
        .find(|(beginning, _)| path.starts_with(beginning));
    link.map_or(path, |(_, bare)| bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_gets_a_links_path_without_its_token() {
        assert_eq!(without_token("/invitations/abc"), "/invitations/…");
        assert_eq!(without_token("/handover/abc"), "/handover/…");
        assert_eq!(without_token("/tenants/7/members"), "/tenants/7/members");
    }
}
