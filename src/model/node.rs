use std::time::Duration;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Allowance, CaptureId, Check, ChoiceId, Command, Domain, Expression, GateId, NodeId, NotAllowed,
    OutcomeId, Template, Value,
};

/// A question or an action, and how it is joined to the others.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// What holds of both kinds: its edges and guard.
    #[serde(flatten)]
    pub links: Links,
    /// Which of the two it is.
    #[serde(flatten)]
    pub kind: NodeKind,
    /// The findings that are allowed in it.
    #[serde(skip)] // It is for who reads the file: it changes nothing that would run.
    pub allow: Vec<Allowance>,
}

/// The two kinds of nodes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Chooses edges.
    Question(Question),
    /// Does work.
    Action(Box<Action>),
}

impl Node {
    /// The one line that says what is asked or done.
    pub fn title(&self) -> &str {
        match &self.kind {
            NodeKind::Question(question) => &question.title,
            NodeKind::Action(action) => &action.title,
        }
    }

    /// The question, if it is one.
    pub fn question(&self) -> Option<&Question> {
        match &self.kind {
            NodeKind::Question(question) => Some(question),
            NodeKind::Action(_) => None,
        }
    }

    /// The action, if it is one.
    pub fn action(&self) -> Option<&Action> {
        match &self.kind {
            NodeKind::Question(_) => None,
            NodeKind::Action(action) => Some(action),
        }
    }

    /// The choices, if it is a question that has any.
    pub fn choices(&self) -> Option<&IndexMap<ChoiceId, Choice>> {
        match &self.question()?.form {
            Form::Choices(choices) => Some(choices),
            Form::Input { .. } => None,
        }
    }

    /// Where it goes on when it is done, or not needed. A question with choices goes on only by the one it is answered with: where it
    /// was not asked, nowhere.
    pub fn onward(&self, answer: Option<&str>) -> Option<&Next> {
        match self.choices() {
            Some(choices) => choices.get(answer?).map(|choice| &choice.next),
            None => Some(&self.links.next),
        }
    }

    /// The ways on that there are: each of its choices, else the only one.
    pub fn ways(&self) -> impl Iterator<Item = (Option<&ChoiceId>, &Next)> {
        let choices = self.choices();
        let only = choices.is_none().then_some((None, &self.links.next));
        let choices = choices.into_iter().flatten();
        choices.map(|(id, choice)| (Some(id), &choice.next)).chain(only)
    }
}

/// How a node is joined to the others.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Links {
    /// Where it goes on.
    pub next: Next,
    /// Its guard: the node is needed only if this is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// How many of the incoming edges must be taken.
    pub join: Join,
    /// Nodes that must be final before; they never make this one run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<NodeId>,
    /// The same, and each must have worked out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<NodeId>,
}

/// Where a way goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// To these nodes; to none is the end of the branch.
    Nodes(Vec<NodeId>),
    /// To the end of the run: nothing new starts, and the gates are shown.
    Stop,
}

impl Next {
    /// The nodes it leads to.
    pub fn nodes(&self) -> &[NodeId] {
        match self {
            Self::Nodes(nodes) => nodes,
            Self::Stop => &[],
        }
    }
}

impl Default for Next {
    fn default() -> Self {
        Self::Nodes(Vec::new())
    }
}

/// How many incoming edges must be taken for a node to run. It waits until all are decided either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// At least one.
    #[default]
    Any,
    /// Every one.
    All,
}

/// A node that asks and so chooses edges.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    /// What is asked.
    pub title: String,
    /// What to look at to answer it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<Template>,
    /// How it is answered.
    pub form: Form,
    /// A command that prints the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detect: Option<Command>,
    /// The answer used headless when there is no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
}

impl Question {
    /// The answer that its own command printed.
    ///
    /// # Errors
    ///
    /// Why that is none.
    pub fn read_printed(&self, printed: &str) -> Result<Value, String> {
        let line = printed.trim();
        if line.is_empty() {
            return Err("the command printed nothing".to_owned());
        }
        self.read(line)
            .map_err(|not_allowed| format!("the command printed {line:?}, which {not_allowed}"))
    }

    /// Reads an answer that was typed or printed.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what is allowed.
    pub fn read(&self, typed: &str) -> Result<Value, NotAllowed> {
        match &self.form {
            Form::Choices(choices) if choices.contains_key(typed) => Ok(Value::from(typed)),
            Form::Choices(choices) => Err(NotAllowed::none_of(choices.keys().map(ChoiceId::as_str))),
            Form::Input { domain, .. } => domain.read(typed),
        }
    }
}

/// How a question is answered.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// By one of these.
    Choices(IndexMap<ChoiceId, Choice>),
    /// By a value that is typed.
    Input {
        /// The values allowed.
        domain: Domain,
        /// A command that prints likely ones.
        suggest: Option<Suggest>,
    },
}

/// A choice of a question.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// What it says to a person; none means its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Where it leads.
    pub next: Next,
    /// The gates that are decided by making it.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub decides: IndexMap<GateId, OutcomeId>,
}

/// A command that prints likely answers, one a line.
#[derive(Clone, Debug, Serialize)]
pub struct Suggest {
    /// The command.
    pub command: Command,
    /// How many lines are shown.
    pub limit: usize,
}

/// A node that does work.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Action {
    /// What is done.
    pub title: String,
    /// Why, and what to mind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Template>,
    /// The work itself.
    pub work: Work,
    /// What it does to the world.
    pub effect: Effect,
    /// What is asked first, headless too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Template>,
    /// What should be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<Template>,
    /// How the world must be afterwards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<Check>,
    /// Whether running it twice is the same as once.
    pub idempotent: bool,
    /// How often it is tried again by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Where it goes on when it failed; none means the failure is not handled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_failure: Vec<NodeId>,
    /// What a resumed run does when only its start is on record.
    pub on_interrupt: OnInterrupt,
    /// What takes it back, when somebody asks for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Command>,
}

impl Action {
    /// Whether somebody has to agree before it starts: to what the author asks, to a command that changes the world, to all that destroys.
    pub fn asks_consent(&self) -> bool {
        match self.effect {
            _ if self.confirm.is_some() => true,
            Effect::Read => false,
            Effect::Change => matches!(self.work, Work::Run { .. }),
            Effect::Destroy => true,
        }
    }
}

/// The work of an action.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// None: a named meeting point that succeeds at once.
    #[default]
    Milestone,
    /// A command, and the values taken from its output.
    Run {
        /// The command.
        command: Command,
        /// The values.
        capture: IndexMap<CaptureId, Capture>,
    },
    /// Something a person does, and then says is done.
    Manual(Template),
    /// A file that is written.
    Write(Write),
}

impl Work {
    /// The names of the values that are taken from its output.
    pub fn captures(&self) -> impl Iterator<Item = &CaptureId> {
        self.capture_map().into_iter().flat_map(IndexMap::keys)
    }

    /// How a value is taken from its output.
    pub fn capture(&self, id: &CaptureId) -> Option<&Capture> {
        self.capture_map()?.get(id)
    }

    /// Whether it is given the terminal, for a person to use it.
    pub fn takes_the_terminal(&self) -> bool {
        matches!(self, Self::Run { command, .. } if command.terminal)
    }

    /// How values are taken from its output, if it can have any.
    pub fn capture_map(&self) -> Option<&IndexMap<CaptureId, Capture>> {
        match self {
            Self::Run { capture, .. } => Some(capture),
            Self::Milestone | Self::Manual(_) | Self::Write(_) => None,
        }
    }
}

/// What an action does to the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It only looks.
    Read,
    /// It changes something that can be changed back.
    #[default]
    Change,
    /// It destroys something.
    Destroy,
}

impl Effect {
    /// Every effect, by the word a file uses for it.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("read", Self::Read),
        ("change", Self::Change),
        ("destroy", Self::Destroy),
    ];

    /// The effect as a verb of what it does: `reads`, `changes`, `destroys`.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Read => "reads",
            Self::Change => "changes",
            Self::Destroy => "destroys",
        }
    }
}

/// A value taken from a command's output.
#[derive(Clone, Debug, Serialize)]
pub struct Capture {
    /// From which stream.
    pub stream: Stream,
    /// Which part of it.
    pub part: Part,
}

impl Capture {
    /// The value that a person types in its place: a part of a document can be any value, everything else is a text.
    pub fn typed(&self, text: String) -> Value {
        match &self.part {
            Part::Json(_) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            Part::Whole | Part::Regex(_) => Value::String(text),
        }
    }
}

/// An output stream of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A part of a text.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// All of it, without white space at its ends.
    Whole,
    /// The first group of a regular expression, else its whole match.
    Regex(super::Pattern),
    /// What stands at a JSON pointer (RFC 6901).
    Json(String),
}

/// A file that an action writes.
#[derive(Clone, Debug, Serialize)]
pub struct Write {
    /// Where.
    pub path: Template,
    /// What.
    pub content: Content,
    /// Whether a file that is there with other content is replaced; else the action fails.
    pub overwrite: bool,
}

/// Where the content of a written file comes from.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// From the runbook.
    Inline(Template),
    /// From a template file.
    File {
        /// Its path as written, from the runbook's folder.
        path: String,
        /// What is in it.
        text: Template,
    },
    /// The incident note that comes with the program: nobody said what stands in it.
    Note(Template),
}

impl Content {
    /// The template that the content is made with.
    pub fn text(&self) -> &Template {
        match self {
            Self::Inline(text) | Self::File { text, .. } | Self::Note(text) => text,
        }
    }
}

/// How often an action is tried again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Retry {
    /// How many attempts more than the first.
    pub times: u32,
    /// How long lies between two.
    pub backoff: Duration,
}

/// What a resumed run does with an action of which only the start is on record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnInterrupt {
    /// Ask a person.
    #[default]
    Ask,
    /// Look: its checks hold, so it is done; anything else asks.
    Verify,
    /// Run it again; it must be idempotent.
    Retry,
    /// Take it as failed.
    Fail,
}

impl OnInterrupt {
    /// Every policy, by the word a file uses for it.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("ask", Self::Ask),
        ("verify", Self::Verify),
        ("retry", Self::Retry),
        ("fail", Self::Fail),
    ];
}
