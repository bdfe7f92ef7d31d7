use std::fmt;

use super::Severity;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident => $name:literal, $severity:ident;)*) => {
        /// The stable code of a finding. Codes are an interface: they are never renamed, and a retired one is not used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code there is, in the order of this file.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as it is printed.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How much findings of this code matter.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Whether an author can make an exception: from every warning, except that there is nothing to make one from.
            pub fn can_be_allowed(self) -> bool {
                self.severity() == Severity::Warning && self != Self::UnusedAllow
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
    /// A check of a step that may have been cut short, on what only the whole step prints.
    VerifiesOwnCaptures => "verifies-own-captures", Warning;
    /// A step that destroys something, of which nothing says what is lost.
    UnconfirmedDestroy => "unconfirmed-destroy", Warning;

    // The commands.
    /// A value that is put into a script without being escaped.
    RawInterpolation => "raw-interpolation", Warning;
    /// A text that is run as a script.
    Eval => "eval", Warning;
    /// A value in a script for a shell within the command.
    NestedShell => "nested-shell", Warning;
    /// A value in a command for the shell of another machine.
    RemoteShell => "remote-shell", Warning;
    /// An argument that a program may take for an option.
    LeadingDash => "leading-dash", Warning;
    /// A secret where every user of the machine can read it.
    SecretInArguments => "secret-in-arguments", Warning;

    // The routes.
    /// A node that waits for edges of which not all can be taken.
    DeadJoin => "dead-join", Warning;
    /// A value that does not exist on some route to where it is used.
    UndefinedOnRoute => "undefined-on-route", Warning;
    /// Choices or guards that leave out an answer.
    NotExhaustive => "not-exhaustive", Warning;
    /// A comparison with something that the value never is.
    ImpossibleComparison => "impossible-comparison", Warning;
    /// A gate that is closed on no route.
    UnclosableGate => "unclosable-gate", Warning;
    /// A route on which no gate says whether it is complete.
    GatelessRoute => "gateless-route", Warning;

    // What is left over.
    /// A parameter that nothing uses.
    UnusedParameter => "unused-parameter", Warning;
    /// An answer that nothing uses.
    UnusedAnswer => "unused-answer", Warning;
    /// A captured value that nothing uses.
    UnusedCapture => "unused-capture", Warning;
    /// An exception under which nothing is found.
    UnusedAllow => "unused-allow", Warning;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
