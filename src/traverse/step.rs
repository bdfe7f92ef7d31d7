use std::time::Duration;

use crate::model::{Check, Command, Effect, GateId, NodeId, OutcomeId, Value};

use super::event::{Event, Owner, Rendered, Subject};

/// What is to be done next, fully rendered. Secrets are still references.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The traversal came to this by itself: it only has to be put on record.
    Record(Event),
    /// Run a question's own command, to find its answer.
    Detect {
        /// The question.
        question: NodeId,
        /// The command.
        command: Command<String>,
    },
    /// Run the command that prints likely answers.
    Suggest {
        /// The question.
        question: NodeId,
        /// The command.
        command: Command<String>,
        /// How many lines count.
        limit: usize,
    },
    /// Ask a question.
    Ask(Ask),
    /// Have an action agreed to before it starts.
    Confirm(Consent),
    /// Let the time between two attempts pass.
    Wait {
        /// The action.
        node: NodeId,
        /// How long.
        pause: Duration,
    },
    /// Run an action's command. Its intent goes on record first.
    Execute {
        /// The action.
        node: NodeId,
        /// Which attempt, from 1.
        attempt: u32,
        /// The command.
        command: Command<String>,
        /// What it does to the world: what only reads needs no durable intent.
        effect: Effect,
    },
    /// Write an action's file. Its intent goes on record first.
    Write {
        /// The action.
        node: NodeId,
        /// Which attempt, from 1.
        attempt: u32,
        /// Where.
        path: String,
        /// What.
        content: String,
        /// Whether other content that is there is replaced.
        overwrite: bool,
    },
    /// Look for the values of an attempt that is in doubt in what it printed.
    Recall {
        /// The action.
        node: NodeId,
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// Run what undoes an action. Its intent goes on record first.
    Undo {
        /// The action.
        node: NodeId,
        /// Which attempt, from 1.
        attempt: u32,
        /// What undoes it.
        command: Command<String>,
    },
    /// Carry out a check, again and again until it holds or its time has passed.
    Verify {
        /// Whose check.
        owner: Owner,
        /// Its place among the owner's checks, from 0.
        index: usize,
        /// The check.
        check: Box<Check<String>>,
    },
    /// Have a person state something: that manual work is done, that a check holds, that a gate is closed.
    Attest(Statement),
    /// Have a person say which outcome of a gate holds.
    Decide {
        /// The gate.
        gate: GateId,
        /// What holds when it is closed.
        title: String,
        /// The outcomes.
        outcomes: Vec<OutcomeId>,
        /// Who should say so.
        by: Vec<String>,
    },
    /// Have a person say what to make of a step that is in doubt.
    Resolve {
        /// The action.
        node: NodeId,
        /// What it does.
        work: Option<Rendered>,
    },
}

/// Who is free to do something, or who is needed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hands {
    /// The machine.
    Machine,
    /// A person.
    Person,
    /// Both: what a person agrees to is then the machine's to do.
    Both,
}

/// A question to ask.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The question.
    pub question: NodeId,
    /// What to look at to answer it.
    pub help: Option<String>,
    /// What its own command found.
    pub detected: Option<Value>,
    /// Likely answers.
    pub suggestions: Vec<String>,
}

/// An action to agree to.
#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    /// The action.
    pub node: NodeId,
    /// Exactly what will be done.
    pub work: Rendered,
    /// What that does to the world.
    pub effect: Effect,
    /// What the author wants asked; none means that only the changing is to be agreed to.
    pub prompt: Option<String>,
}

/// A statement for a person to make.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it is about.
    pub subject: Subject,
    /// What is stated, or asked.
    pub text: String,
    /// Who should.
    pub by: Vec<String>,
}

impl Step {
    /// Whose step it is; none for a mere record. Every owner has at most one step at a time.
    pub fn owner(&self) -> Option<Owner> {
        Some(match self {
            Self::Record(_) => return None,
            Self::Detect { question, .. } | Self::Suggest { question, .. } => Owner::Node(question.clone()),
            Self::Ask(ask) => Owner::Node(ask.question.clone()),
            Self::Confirm(consent) => Owner::Node(consent.node.clone()),
            Self::Wait { node, .. }
            | Self::Execute { node, .. }
            | Self::Write { node, .. }
            | Self::Recall { node, .. }
            | Self::Undo { node, .. }
            | Self::Resolve { node, .. } => Owner::Node(node.clone()),
            Self::Verify { owner, .. } => owner.clone(),
            Self::Attest(statement) => statement.subject.owner(),
            Self::Decide { gate, .. } => Owner::Gate(gate.clone()),
        })
    }

    /// Whether it takes the terminal for itself, for a person to use it: nobody is asked and nothing else runs meanwhile.
    pub fn takes_the_terminal(&self) -> bool {
        matches!(self, Self::Execute { command, .. } if command.terminal)
    }

    /// Whether a person must do it, and not the machine.
    pub fn is_a_persons(&self) -> bool {
        matches!(
            self,
            Self::Ask(_) | Self::Confirm(_) | Self::Attest(_) | Self::Decide { .. } | Self::Resolve { .. }
        )
    }
}
