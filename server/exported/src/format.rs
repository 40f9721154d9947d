//! How a file writes its policy down.

use serde_json::Value;

/// Told by a file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Yaml,
}

impl Format {
    /// None: the file's extension is of neither.
    pub fn of(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// The one value in the text.
    ///
    /// # Errors
    /// What is wrong, in one line, with the line and the column of it.
    pub fn parse(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Json => serde_json::from_str(text).map_err(|error| format!("Not JSON: {error}.")),
            Self::Yaml => serde_saphyr::from_str(text).map_err(|error| {
                // Its words go on with a drawing of the place.
                let told = error.to_string();
                let line = told.lines().next().unwrap_or_default();
                format!("Not YAML: {}.", line.trim_end_matches(['.', ':']))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn the_extension_tells_in_any_case() {
        assert_eq!(Format::of("Win - A.b.JSON"), Some(Format::Json));
        assert_eq!(Format::of("a.yaml"), Some(Format::Yaml));
        assert_eq!(Format::of("a.Yml"), Some(Format::Yaml));
        assert_eq!(Format::of("json"), None);
        assert_eq!(Format::of("a.xml"), None);
    }

    #[test]
    fn yaml_as_python_writes_it_is_the_same_as_the_json_that_it_came_from() {
        let yaml = r##"
'@odata.type': '#microsoft.graph.windows10CustomConfiguration'
assignments: []
createdDateTime: '2024-05-01T10:00:00.1234567Z'
description: ''
displayName: 'Größe: "yes"'
omaSettings:
- '@odata.type': '#microsoft.graph.omaSettingString'
  omaUri: ./Device/Vendor/MSFT/Policy
  value: "<a>\n\
    \  <b/>\n</a>"
- '@odata.type': '#microsoft.graph.omaSettingInteger'
  isReadOnly: false
  value: 0
roleScopeTagIds:
- '0'
supportsScopeTags: true
validOperatingSystemBuildRanges: null
version: 3
wrapped: a long text that is folded
  over two lines
"##;
        assert_eq!(
            Format::Yaml.parse(yaml).unwrap(),
            json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "assignments": [],
                "createdDateTime": "2024-05-01T10:00:00.1234567Z", "description": "", "displayName": "Größe: \"yes\"",
                "omaSettings": [
                    {"@odata.type": "#microsoft.graph.omaSettingString", "omaUri": "./Device/Vendor/MSFT/Policy",
                     "value": "<a>\n  <b/>\n</a>"},
                    {"@odata.type": "#microsoft.graph.omaSettingInteger", "isReadOnly": false, "value": 0}],
                "roleScopeTagIds": ["0"], "supportsScopeTags": true, "validOperatingSystemBuildRanges": null,
                "version": 3, "wrapped": "a long text that is folded over two lines"})
        );
    }

    #[test]
    fn what_is_neither_says_where_in_one_line() {
        let json = Format::Json.parse("{\"a\": \n}").unwrap_err();
        assert!(
            json.starts_with("Not JSON: ") && json.contains("line 2"),
            "{json}"
        );
        for broken in ["a: [1, 2\nb: 3", "a: 'open", "a: 1\na: 2", "- a\nb: c"] {
            let told = Format::Yaml.parse(broken).unwrap_err();
            assert!(
                told.starts_with("Not YAML: ") && told.contains("line"),
                "{told}"
            );
            assert_eq!(told.lines().count(), 1, "{told}");
        }
    }

    #[test]
    fn a_yaml_file_that_unfolds_without_end_is_refused() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for depth in 1..12 {
            let inner = format!("*a{}", depth - 1);
            let items = [inner.as_str(); 9].join(", ");
            bomb.push_str(&format!("a{depth}: &a{depth} [{items}]\n"));
        }
        assert!(Format::Yaml.parse(&bomb).is_err());
        let deep = "[".repeat(100_000);
        assert!(Format::Yaml.parse(&deep).is_err());
    }
}
