//! A small reader for `$filter`: comparisons, `startswith`, `endswith`, `contains`, `isof`, `in`, `and`, `or`, `not`.

use serde_json::Value;

use crate::error::GraphError;

/// A filter that can be asked about objects.
#[derive(Debug, Clone)]
pub(crate) enum Filter {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Equals(String, Value),
    OneOf(String, Vec<Value>),
    StartsWith(String, String),
    EndsWith(String, String),
    Contains(String, String),
    IsOf(String),
}

impl Filter {
    pub(crate) fn parse(text: &str) -> Result<Self, GraphError> {
        let mut reader = Reader {
            tokens: tokens(text)?,
            at: 0,
        };
        let filter = reader.either()?;
        if reader.at == reader.tokens.len() {
            Ok(filter)
        } else {
            Err(invalid())
        }
    }

    pub(crate) fn accepts(&self, object: &Value) -> bool {
        match self {
            Self::And(left, right) => left.accepts(object) && right.accepts(object),
            Self::Or(left, right) => left.accepts(object) || right.accepts(object),
            Self::Not(inner) => !inner.accepts(object),
            Self::Equals(path, wanted) => equal(property(object, path), wanted),
            Self::OneOf(path, wanted) => wanted
                .iter()
                .any(|wanted| equal(property(object, path), wanted)),
            Self::StartsWith(path, text) => lower(object, path).starts_with(&text.to_lowercase()),
            Self::EndsWith(path, text) => lower(object, path).ends_with(&text.to_lowercase()),
            Self::Contains(path, text) => lower(object, path).contains(&text.to_lowercase()),
            Self::IsOf(wanted) => {
                let actual = object
                    .get("@odata.type")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                actual.trim_start_matches('#') == wanted
            }
        }
    }

    /// Whether the filter negates a type test, which Intune refuses.
    pub(crate) fn negates_type(&self) -> bool {
        match self {
            Self::Not(inner) => matches!(**inner, Self::IsOf(_)) || inner.negates_type(),
            Self::And(left, right) | Self::Or(left, right) => {
                left.negates_type() || right.negates_type()
            }
            _ => false,
        }
    }

    /// Whether the directory wants `ConsistencyLevel` and `$count` for this filter.
    pub(crate) fn is_advanced(&self) -> bool {
        match self {
            Self::Not(_) | Self::EndsWith(..) => true,
            Self::And(left, right) | Self::Or(left, right) => {
                left.is_advanced() || right.is_advanced()
            }
            _ => false,
        }
    }
}

fn invalid() -> GraphError {
    GraphError::bad_request("Invalid filter clause: the query specified in the URI is not valid.")
}

fn property<'a>(object: &'a Value, path: &str) -> &'a Value {
    path.split('/').fold(object, |value, name| {
        value.get(name).unwrap_or(&Value::Null)
    })
}

fn lower(object: &Value, path: &str) -> String {
    property(object, path)
        .as_str()
        .unwrap_or_default()
        .to_lowercase()
}

/// String comparison in Graph ignores case.
fn equal(actual: &Value, wanted: &Value) -> bool {
    match (actual, wanted) {
        (Value::String(a), Value::String(b)) => a.to_lowercase() == b.to_lowercase(),
        (Value::Array(items), wanted) => items.iter().any(|item| equal(item, wanted)),
        _ => actual == wanted,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
}

fn tokens(text: &str) -> Result<Vec<Token>, GraphError> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        match letters[at] {
            ' ' => at += 1,
            '(' | ')' | ',' => {
                found.push(match letters[at] {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Comma,
                });
                at += 1;
            }
            '\'' => {
                let mut word = String::new();
                at += 1;
                loop {
                    match (letters.get(at), letters.get(at + 1)) {
                        (Some('\''), Some('\'')) => {
                            word.push('\'');
                            at += 2;
                        }
                        (Some('\''), _) => break at += 1,
                        (Some(letter), _) => {
                            word.push(*letter);
                            at += 1;
                        }
                        (None, _) => return Err(invalid()),
                    }
                }
                found.push(Token::Text(word));
            }
            _ => {
                let start = at;
                while at < letters.len() && !" (),'".contains(letters[at]) {
                    at += 1;
                }
                found.push(Token::Word(letters[start..at].iter().collect()));
            }
        }
    }
    Ok(found)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Result<Token, GraphError> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(invalid)?;
        self.at += 1;
        Ok(token)
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let matches = self.tokens.get(self.at) == Some(wanted);
        self.at += usize::from(matches);
        matches
    }

    fn need(&mut self, wanted: &Token) -> Result<(), GraphError> {
        if self.take(wanted) {
            Ok(())
        } else {
            Err(invalid())
        }
    }

    fn either(&mut self) -> Result<Filter, GraphError> {
        let mut left = self.both()?;
        while self.take(&Token::Word("or".to_owned())) {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Filter, GraphError> {
        let mut left = self.single()?;
        while self.take(&Token::Word("and".to_owned())) {
            left = Filter::And(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Filter, GraphError> {
        if self.take(&Token::Open) {
            let inner = self.either()?;
            self.need(&Token::Close)?;
            return Ok(inner);
        }
        let Token::Word(word) = self.next()? else {
            return Err(invalid());
        };
        if word == "not" {
            return Ok(Filter::Not(Box::new(self.single()?)));
        }
        if self.take(&Token::Open) {
            return self.function(&word);
        }
        let Token::Word(operator) = self.next()? else {
            return Err(invalid());
        };
        match operator.as_str() {
            "eq" => Ok(Filter::Equals(word, self.literal()?)),
            "ne" => Ok(Filter::Not(Box::new(Filter::Equals(word, self.literal()?)))),
            "in" => {
                self.need(&Token::Open)?;
                let mut values = vec![self.literal()?];
                while self.take(&Token::Comma) {
                    values.push(self.literal()?);
                }
                self.need(&Token::Close)?;
                Ok(Filter::OneOf(word, values))
            }
            _ => Err(invalid()),
        }
    }

    fn function(&mut self, name: &str) -> Result<Filter, GraphError> {
        let first = self.next()?;
        if let (true, Token::Text(kind)) = (name.eq_ignore_ascii_case("isof"), &first) {
            self.need(&Token::Close)?;
            return Ok(Filter::IsOf(kind.trim_start_matches('#').to_owned()));
        }
        let (Token::Word(path), true, Token::Text(text)) =
            (first, self.take(&Token::Comma), self.next()?)
        else {
            return Err(invalid());
        };
        self.need(&Token::Close)?;
        match name.to_ascii_lowercase().as_str() {
            "startswith" => Ok(Filter::StartsWith(path, text)),
            "endswith" => Ok(Filter::EndsWith(path, text)),
            "contains" => Ok(Filter::Contains(path, text)),
            _ => Err(invalid()),
        }
    }

    fn literal(&mut self) -> Result<Value, GraphError> {
        match self.next()? {
            Token::Text(text) => Ok(Value::String(text)),
            Token::Word(word) => Ok(serde_json::from_str(&word).unwrap_or(Value::String(word))),
            _ => Err(invalid()),
        }
    }
}
