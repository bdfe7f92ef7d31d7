//! Switchback runs runbooks: questions choose the way, actions do the work, checks look at the world, and gates decide when it is over.
//!
//! This is the library behind the `switchback` program. It reads a YAML file to a [`model::Runbook`], finds every fault of it, previews it, and
//! walks it. The heart is [`traverse::Traversal`], a pure state machine: given events, it says what is to be done next, and it never
//! runs a command, asks a person, reads a clock or a file. Whatever reaches outside is a port of the [`engine`].
//!
//! # From a text to a plan
//!
//! ```
//! use std::sync::Arc;
//!
//! use switchback::model::plain;
//! use switchback::plan::{Planned, plan};
//! use switchback::source::Source;
//! use switchback::traverse::{Identity, Person, Source as Said, Word};
//! use switchback::{check, parse};
//!
//! let text = r#"
//! switchback: 1
//! name: restart_web
//! title: Restart the web server
//! nodes:
//!   busy:
//!     question: Does the other server carry the load?
//!     choices: { "yes": restart, "no": stop }
//!   restart:
//!     action: Restart the service
//!     run: [systemctl, restart, web]
//!     verify: [ { run: [systemctl, is-active, web] } ]
//! gates:
//!   answering: { title: The server answers, attest: Users reach the site again. }
//! "#;
//!
//! // Every fault of the file is a value; here there is none. `restart_web` names no other file, so none can be read.
//! let parsed = parse::runbook(&Source::new("restart.yaml", text), &|_| Err("no files here".to_owned()));
//! assert!(parsed.diagnostics.is_empty());
//! let runbook = Arc::new(parsed.value.expect("it has no faults"));
//! assert!(check::runbook(&runbook).is_empty());
//!
//! // Nothing is answered: both ways are still possible.
//! let open = plan(&runbook, serde_json::Map::new(), Vec::new())?;
//! assert_eq!(open.open_questions[0].as_str(), "busy");
//!
//! // With the answer it is the route. A person's word is taken, or rejected with what to say instead.
//! let ada = Person { name: "ada".to_owned(), identity: Identity::Asserted };
//! let yes = |text: &str| Word::Answer { question: "busy".into(), text: text.to_owned(), source: Said::Given };
//! let route = plan(&runbook, serde_json::Map::new(), vec![(yes("yes"), ada.clone())])?;
//! assert_eq!(route.steps.len(), 2);
//! let Planned::Question { answer: Some(answer), .. } = &route.steps[0].what else { panic!("it was answered") };
//! assert_eq!(plain(answer), "yes");
//!
//! let rejected = plan(&runbook, serde_json::Map::new(), vec![(yes("perhaps"), ada)]).unwrap_err();
//! assert_eq!(rejected.message, "the answer to `busy` must be one of `yes`, `no`, but is `perhaps`");
//! # Ok::<(), switchback::traverse::Rejected>(())
//! ```
//!
//! # What is where
//!
//! | to… | use |
//! | --- | --- |
//! | read a runbook, a drill or a test | [`parse::runbook`], [`parse::drill`], [`parse::test`], from a [`source::Source`] |
//! | find what is wrong with it | [`check::runbook`]; a finding is a [`diagnostic::Diagnostic`] with a stable [`diagnostic::Code`] |
//! | know what it says | [`model`]: [`model::Runbook`], [`model::Node`], [`model::Gate`], [`model::Check`] |
//! | see what would run | [`plan::plan`], which holds no means to run anything |
//! | draw it, or list what people do | [`draw`]: a [`draw::Chart`] as text, Mermaid, DOT, SVG; [`draw::checklist`] |
//! | tell what happened in a run | [`report::Account`], as HTML, Markdown, JSON, JUnit, or an in-toto statement |
//! | tell an editor of the format, or a program of the events | [`schema::Document`]: their JSON Schemas |
//! | walk it | [`traverse::Traversal`]: [`next`](traverse::Traversal::next) says what to do, [`hear`](traverse::Traversal::hear) takes what people say, [`apply`](traverse::Traversal::apply) what happened |
//! | drive it for real | [`engine::drive`], with the ports of [`engine`] as traits, and those of [`adapter`] for a real machine |
//! | render a text, or a script in which every value is safe | [`template`] |
//! | follow its edges | [`graph`] |
//! | call the whole program | [`cli::main`], which ends with a [`cli::Exit`] |
//!
//! Imports go down only, from [`cli`] to [`source`]; `docs/architecture.md` has the map.

pub mod adapter;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod draw;
pub mod engine;
pub mod graph;
pub mod model;
pub mod parse;
pub mod plan;
pub mod report;
pub mod schema;
pub mod source;
pub mod template;
pub mod traverse;
