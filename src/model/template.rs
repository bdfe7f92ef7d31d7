use serde::{Deserialize, Serialize};

/// The source of a template, as the author wrote it. [`crate::template`] compiles and renders it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Template(pub String);

/// The source of an expression that is true or false, as the author wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expression(pub String);

impl From<&str> for Template {
    fn from(source: &str) -> Self {
        Self(source.to_owned())
    }
}

impl From<&str> for Expression {
    fn from(source: &str) -> Self {
        Self(source.to_owned())
    }
}
