use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
            #[serde(transparent)]
            pub struct $name(Arc<str>);

            impl $name {
                /// The id as it is written.
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl From<&str> for $name {
                fn from(id: &str) -> Self {
                    Self(id.into())
                }
            }

            impl Borrow<str> for $name {
                fn borrow(&self) -> &str {
                    &self.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.pad(&self.0)
                }
            }
        )*
    };
}

ids! {
    /// The id of a question or an action.
    NodeId
    /// The id of a choice of a question.
    ChoiceId
    /// The id of a completion gate.
    GateId
    /// The id of an outcome that a person can decide a gate with.
    OutcomeId
    /// The id of a parameter.
    ParameterId
    /// The id of a secret.
    SecretId
    /// The id of a value captured from an action's output.
    CaptureId
    /// The id of a check, within its action or gate.
    CheckId
    /// The id of a scenario of a drill.
    ScenarioId
    /// The id of a case of a test.
    CaseId
}

/// Whether `text` may be an id: a lower-case letter, then lower-case letters, digits and `_`.
pub fn is_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
