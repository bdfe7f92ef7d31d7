//! The runbook as the field speaks of it.
//!
//! Data only: nothing here reads YAML, renders a template or walks the graph.

mod allow;
mod check;
mod command;
mod drill;
mod gate;
mod id;
mod node;
mod notify;
mod runbook;
mod said;
mod span;
mod template;
mod test;
mod value;

pub use allow::Allowance;
pub use check::{Check, DEFAULT_EVERY, DEFAULT_REQUEST, Http, JsonMatcher, Look, Matcher, Method};
pub use command::{Command, DEFAULT_GRACE, DEFAULT_SHELL, DEFAULT_TIMEOUT, Feed, Invocation};
pub use drill::{Drill, DrillResolution, DrillStep, Scenario, Turn};
pub use gate::Gate;
pub use id::{
    CaptureId, CaseId, CheckId, ChoiceId, GateId, NodeId, OutcomeId, ParameterId, ScenarioId, SecretId, is_id,
};
pub use node::{
    Action, Capture, Choice, Content, Effect, Form, Join, Links, Next, Node, NodeKind, OnInterrupt, Part,
    Question, Retry, Stream, Suggest, Work, Write,
};
pub use notify::{CdEvent, CdEventKind, Notify, Occasion};
pub use runbook::{Runbook, SecretSource};
pub use said::{Expectation, GATE_VERDICTS, NODE_STATES, RUN_STATES, Said};
pub use span::elapsed;
pub use template::{Expression, Template};
pub use test::{Case, CaseExpectation, ExpectedWork, Printed, Scene, Simulated, Simulation, Test, Which};
pub use value::{Domain, Kind, NotAllowed, Parameter, Pattern, Value, plain};
