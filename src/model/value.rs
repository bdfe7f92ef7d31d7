use std::fmt;

use regex::Regex;
use serde::Serialize;

use super::ParameterId;

/// A value: of a parameter, an answer or a capture.
pub use serde_json::Value;

/// What kind of value is wanted, for a parameter or a typed answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One line of text.
    String,
    /// Several lines of text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
}

impl Kind {
    /// Every kind, by the word a file uses for it.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("string", Self::String),
        ("text", Self::Text),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
    ];

    fn with_article(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Text => "a text",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "true or false",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::WORDS.iter().find(|(_, kind)| kind == self);
        f.write_str(word.map_or("value", |(word, _)| word))
    }
}

/// A regular expression, as it is written. It is compiled when it is used, which is rare: compiled it takes up to a million times the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern, which is tried once.
    ///
    /// # Errors
    ///
    /// That it is no regular expression, or too large a one.
    pub fn new(source: &str) -> Result<Self, regex::Error> {
        Regex::new(source).map(|_| Self(source.to_owned()))
    }

    /// Whether it is found in a text.
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled().is_some_and(|regex| regex.is_match(text))
    }

    /// What its first group matches where it is found first; without a group, all that it matches.
    pub fn find<'a>(&self, text: &'a str) -> Option<&'a str> {
        let groups = self.compiled()?.captures(text)?;
        groups
            .get(1)
            .or_else(|| groups.get(0))
            .map(|group| group.as_str())
    }

    /// It was compiled before.
    fn compiled(&self) -> Option<Regex> {
        Regex::new(&self.0).ok()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The values that are allowed for a parameter or a typed answer.
#[derive(Clone, Debug, Serialize)]
pub struct Domain {
    /// Their kind.
    pub kind: Kind,
    /// The only ones allowed; empty means any.
    pub one_of: Vec<Value>,
    /// What a string must match.
    pub pattern: Option<Pattern>,
    /// Whether it must be an absolute `http` or `https` address.
    pub uri: bool,
    /// The least number, or the least length of a string.
    pub min: Option<f64>,
    /// The greatest number, or the greatest length of a string.
    pub max: Option<f64>,
}

/// A parameter of a runbook.
#[derive(Clone, Debug, Serialize)]
pub struct Parameter {
    /// Its id, which is its name in templates.
    pub id: ParameterId,
    /// The values it may have.
    pub domain: Domain,
    /// Its value where none is given.
    pub default: Option<Value>,
    /// What it is, for people.
    pub description: Option<String>,
}

/// Why a value is not allowed. It reads on after the value's name: "`tag` must match `^v`".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAllowed(String);

impl NotAllowed {
    /// The value is none of these.
    pub fn none_of<'a>(allowed: impl IntoIterator<Item = &'a str>) -> Self {
        let all: Vec<String> = allowed.into_iter().map(|word| format!("`{word}`")).collect();
        Self(format!("must be one of {}", all.join(", ")))
    }
}

impl Domain {
    /// Any value of a kind.
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            one_of: Vec::new(),
            pattern: None,
            uri: false,
            min: None,
            max: None,
        }
    }

    /// Reads a value that was typed.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(&self, typed: &str) -> Result<Value, NotAllowed> {
        let value = match self.kind {
            Kind::String | Kind::Text => Some(Value::from(typed)),
            Kind::Integer => typed.parse::<i64>().ok().map(Value::from),
            Kind::Number => typed
                .parse::<f64>()
                .ok()
                .and_then(serde_json::Number::from_f64)
                .map(Value::from),
            Kind::Boolean => match typed {
                "true" | "yes" => Some(Value::from(true)),
                "false" | "no" => Some(Value::from(false)),
                _ => None,
            },
        };
        let value = value.ok_or_else(|| NotAllowed(format!("must be {}", self.kind.with_article())))?;
        self.allows(&value)?;
        Ok(value)
    }

    /// Whether a value is allowed.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn allows(&self, value: &Value) -> Result<(), NotAllowed> {
        let fits = match self.kind {
            Kind::String => value.as_str().is_some_and(|text| !text.contains('\n')),
            Kind::Text => value.is_string(),
            Kind::Integer => value.is_i64() || value.is_u64(),
            Kind::Number => value.is_number(),
            Kind::Boolean => value.is_boolean(),
        };
        if !fits {
            let more = if value.is_string() && self.kind == Kind::String {
                " of one line"
            } else {
                ""
            };
            return Err(NotAllowed(format!("must be {}{more}", self.kind.with_article())));
        }
        if !self.one_of.is_empty() && !self.one_of.contains(value) {
            let all: Vec<String> = self.one_of.iter().map(|v| format!("`{}`", plain(v))).collect();
            return Err(NotAllowed(format!("must be one of {}", all.join(", "))));
        }
        if let Some(text) = value.as_str() {
            if let Some(pattern) = &self.pattern
                && !pattern.is_match(text)
            {
                return Err(NotAllowed(format!("must match `{pattern}`")));
            }
            if self.uri && !is_uri(text) {
                return Err(NotAllowed(
                    "must be an absolute address, such as `https://example.org`".to_owned(),
                ));
            }
        }
        let (measure, what) = match value {
            #[expect(clippy::cast_precision_loss, reason = "no text is that long")]
            Value::String(text) => (text.chars().count() as f64, " characters"),
            other => (other.as_f64().unwrap_or_default(), ""),
        };
        if let Some(min) = self.min.filter(|min| measure < *min) {
            return Err(NotAllowed(format!("must be at least {min}{what}")));
        }
        if let Some(max) = self.max.filter(|max| measure > *max) {
            return Err(NotAllowed(format!("must be at most {max}{what}")));
        }
        Ok(())
    }
}

/// An absolute address of the web: scheme, host, and nothing that cannot stand in one.
fn is_uri(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with(['/', '?', '#'])
            && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "\"<>\\^`{|}".contains(c))
    })
}

/// A value as people read it: a string without quotes, anything else as JSON.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_value_is_read_by_its_kind() {
        assert_eq!(Domain::of(Kind::String).read("1.10"), Ok(Value::from("1.10")));
        assert_eq!(Domain::of(Kind::Integer).read("7"), Ok(Value::from(7)));
        assert_eq!(Domain::of(Kind::Boolean).read("yes"), Ok(Value::from(true)));
        assert!(Domain::of(Kind::Integer).read("7.5").is_err());
        assert!(Domain::of(Kind::String).read("two\nlines").is_err());
    }

    #[test]
    fn what_is_not_allowed_says_what_is() {
        let tag = Domain {
            pattern: Pattern::new(r"^v\d+$").ok(),
            ..Domain::of(Kind::String)
        };
        assert_eq!(
            tag.read("7").map_err(|e| e.to_string()),
            Err(r"must match `^v\d+$`".to_owned())
        );
        let port = Domain {
            max: Some(65535.0),
            ..Domain::of(Kind::Integer)
        };
        assert_eq!(
            port.read("70000").map_err(|e| e.to_string()),
            Err("must be at most 65535".to_owned())
        );
        let site = Domain {
            uri: true,
            ..Domain::of(Kind::String)
        };
        assert!(site.read("https://example.org/x").is_ok());
        assert!(site.read("example.org").is_err());
    }
}
