use std::fmt;

use super::Severity;

macro_rules! codes {
    ($($(#[doc = $about:literal])+ $variant:ident => $name:literal, $severity:ident;)*) => {
        /// The stable code of a finding. Codes are an interface: they are never renamed, and a retired one is not used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $about])+ $variant,)*
        }

        impl Code {
            /// Every code there is, in the order of this file.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as it is printed.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is found for, in a sentence.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($about),+).trim_ascii_start(),)* }
            }

            /// How much findings of this code matter.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    // The text.
    /// The text is not YAML.
    Syntax => "syntax", Error;
    /// The file is larger than a runbook may be.
    TooLarge => "too-large", Error;
    /// The document is nested deeper than a runbook may be.
    TooDeep => "too-deep", Error;
    /// A YAML tag (`!name`), which has no meaning here.
    Tag => "yaml-tag", Error;
    /// The file asks for a version of the format that this program does not know.
    UnsupportedVersion => "unsupported-version", Error;

    /// A file that the runbook names cannot be read.
    UnreadableFile => "unreadable-file", Error;

    // The shape.
    /// A key that does not exist at this place.
    UnknownField => "unknown-field", Error;
    /// A key that must be there and is not.
    MissingField => "missing-field", Error;
    /// A key that stands twice in one mapping.
    DuplicateKey => "duplicate-key", Error;
    /// A value of the wrong kind.
    WrongType => "wrong-type", Error;
    /// A number or boolean where text is wanted.
    UnquotedString => "unquoted-string", Error;
    /// A value that is none of those allowed, or out of bounds.
    InvalidValue => "invalid-value", Error;
    /// An id that is not `snake_case`, or a reserved word.
    InvalidId => "invalid-id", Error;
    /// Two keys that cannot stand together, or neither of two of which one must.
    ConflictingFields => "conflicting-fields", Error;

    // The graph.
    /// A node that does not exist.
    UnknownNode => "unknown-node", Error;
    /// A gate, outcome, secret or check that does not exist.
    UnknownName => "unknown-name", Error;
    /// Nodes that lead back to themselves, or wait for each other.
    Cycle => "cycle", Error;
    /// A node that no edge leads to.
    UnreachableNode => "unreachable-node", Error;
    /// A question that can have no answer.
    QuestionWithoutChoices => "question-without-choices", Error;
    /// Two checks of one owner, or a gate and a node, with the same id.
    DuplicateId => "duplicate-id", Error;

    // The templates.
    /// A template or expression that cannot be parsed, or uses a filter or function that does not exist.
    TemplateSyntax => "template-syntax", Error;
    /// A name that no parameter, answer, capture or fact of the run has.
    UndefinedName => "undefined-name", Error;
    /// A node that speaks of another which need not be final by then.
    NotBefore => "not-before", Error;
    /// An interpolation where a shell cannot be made safe.
    UnsafeInterpolation => "unsafe-interpolation", Error;
    /// An expression that is known not to be true or false.
    NotABoolean => "not-a-boolean", Error;

    // The steps.
    /// Automatic repetition of a step that is not declared to bear it.
    RetryWithoutIdempotent => "retry-without-idempotent", Error;
    /// A change of which nothing looks whether it has worked.
    UnverifiedChange => "unverified-change", Warning;
    /// A value that is put into a script without being escaped.
    RawInterpolation => "raw-interpolation", Warning;

    // The machine.
    /// A command that is not found on this machine: looked for only when asked, with `check --preflight`.
    CommandNotFound => "command-not-found", Error;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
