//! Reads the path of a Graph request into plain segments, whichever of its spellings was used.

use crate::error::GraphError;
use crate::kind::Kind;
use crate::query::decode;

/// Collections below `deviceManagement` that are no policies.
const TEMPLATES: [&str; 2] = ["templates", "configurationPolicyTemplates"];

/// The Graph version in front of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    Beta,
}

impl Version {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// Types without objects of their own, by which an action of several types is addressed.
const ABSTRACT: [&str; 1] = ["managedDeviceMobileAppConfiguration"];

/// A path below the version, split: `x('id')/microsoft.graph.assign` becomes `x`, `id`, `assign`.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) version: Version,
    pub(crate) segments: Vec<String>,
    /// The value of a function's single argument: `f(name='value')`.
    pub(crate) argument: Option<String>,
}

impl Address {
    /// `path` begins with `/v1.0` or `/beta`.
    pub(crate) fn parse(path: &str) -> Result<Self, GraphError> {
        let mut parts = path.trim_matches('/').split('/');
        let version = match parts.next().unwrap_or_default() {
            "v1.0" => Version::V1,
            "beta" => Version::Beta,
            other => return Err(GraphError::bad_request(format!("Invalid version: {other}"))),
        };
        let mut address = Self {
            version,
            segments: Vec::new(),
            argument: None,
        };
        for part in parts.filter(|part| !part.is_empty()) {
            address.push(&decode(part));
        }
        Ok(address)
    }

    fn push(&mut self, part: &str) {
        let (name, inside) = match part.split_once('(') {
            Some((name, rest)) if rest.ends_with(')') => (name, Some(&rest[..rest.len() - 1])),
            _ => (part, None),
        };
        // A qualified action is the action; a cast to a derived type changes nothing here.
        let bare = name.strip_prefix("microsoft.graph.").unwrap_or(name);
        let is_type = Kind::of_type(bare).is_some() || ABSTRACT.contains(&bare);
        let is_cast = bare != name && inside.is_none() && is_type;
        if !is_cast {
            self.segments.push(bare.to_owned());
        }
        match inside.map(str::trim) {
            None | Some("") => {}
            Some(text) => match (text.split_once('='), unquote(text)) {
                (_, Some(key)) => self.segments.push(key),
                (Some((_, value)), None) => {
                    self.argument = Some(unquote(value).unwrap_or_else(|| value.to_owned()))
                }
                (None, None) => self.segments.push(text.to_owned()),
            },
        }
    }

    /// The kind at the start of the path and the segments behind it.
    pub(crate) fn kind(&self) -> Option<(&'static Kind, &[String])> {
        [2, 3].into_iter().find_map(|length| {
            let head = self.segments.get(..length)?;
            Some((Kind::at(&head.join("/"))?, self.segments.get(length..)?))
        })
    }

    /// The path with ids replaced by `{id}`.
    pub(crate) fn template(&self) -> String {
        let first_key = match (self.kind(), self.segments.first().map(String::as_str)) {
            (Some((_, rest)), _) => self.segments.len() - rest.len(),
            (None, Some("groups" | "organization")) => 1,
            (None, Some("deviceManagement"))
                if self
                    .segments
                    .get(1)
                    .is_some_and(|segment| TEMPLATES.contains(&segment.as_str())) =>
            {
                2
            }
            _ => usize::MAX,
        };
        let mut template = format!("/{}", self.version.text());
        for (at, segment) in self.segments.iter().enumerate() {
            let is_key = at >= first_key && (at - first_key).is_multiple_of(2);
            let is_word = segment.starts_with('$') || segment == "delta";
            template.push('/');
            template.push_str(if is_key && !is_word { "{id}" } else { segment });
        }
        template
    }
}

/// The text inside single quotes, doubled quotes undone; `None` if `text` is not quoted.
pub(crate) fn unquote(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("''", "'"))
}
