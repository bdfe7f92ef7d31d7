//! What the texts of a runbook speak of.

use std::collections::HashSet;

use crate::graph::Pair;
use crate::model::{CaptureId, Runbook, Work};
use crate::template::Trail;

/// What is used anywhere, and who speaks of whom.
#[derive(Debug)]
pub(super) struct Uses<'r> {
    runbook: &'r Runbook,
    parameters: Vec<bool>,
    answers: Vec<bool>,
    captures: HashSet<(usize, &'r CaptureId)>,
    /// The nodes of which all captures are used at once.
    outputs: HashSet<usize>,
    all_answers: bool,
    all_outputs: bool,
    /// The node that must be final, and the one that speaks of it. Gates come when all nodes are final.
    pub(super) mentions: Vec<Pair>,
    /// Those of them that want a value of it, and not only its state.
    pub(super) values: Vec<Pair>,
    /// Whether a gate wants a value of a node.
    pub(super) gates_want_values: bool,
}

impl<'r> Uses<'r> {
    pub(super) fn new(runbook: &'r Runbook) -> Self {
        Self {
            runbook,
            parameters: vec![false; runbook.parameters.len()],
            answers: vec![false; runbook.nodes.len()],
            captures: HashSet::new(),
            outputs: HashSet::new(),
            all_answers: false,
            all_outputs: false,
            mentions: Vec::new(),
            values: Vec::new(),
            gates_want_values: false,
        }
    }

    /// Takes note of a name in a text.
    pub(super) fn note(&mut self, at: &Trail<'_>, name: &[String]) {
        let mut parts = name.iter().map(String::as_str);
        let (root, id, capture) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        match (root, id) {
            ("answers", None) | ("run", None | Some("answers")) => self.all_answers = true,
            ("outputs", None) => self.all_outputs = true,
            ("answers" | "outputs" | "nodes", Some(id)) => {
                if let Some(node) = self.runbook.nodes.get_index_of(id) {
                    self.note_node(at, root, node, capture);
                }
            }
            _ => {
                if let Some(parameter) = self.runbook.parameters.get_index_of(root) {
                    self.parameters[parameter] = true;
                }
            }
        }
    }

    fn note_node(&mut self, at: &Trail<'_>, root: &str, node: usize, capture: Option<&str>) {
        match (root, capture) {
            ("answers", _) => self.answers[node] = true,
            ("outputs", None) => drop(self.outputs.insert(node)),
            ("outputs", Some(capture)) => {
                let work = self.runbook.nodes[node].action().map(|action| &action.work);
                if let Some(Work::Run {
                    capture: captures, ..
                }) = work
                    && let Some((id, _)) = captures.get_key_value(capture)
                {
                    self.captures.insert((node, id));
                }
            }
            _ => {}
        }
        match at.node().map(|speaker| self.runbook.nodes.get_index_of(speaker)) {
            Some(Some(speaker)) if speaker != node => {
                self.mentions.push((node, speaker));
                if root != "nodes" {
                    self.values.push((node, speaker));
                }
            }
            Some(_) => {}
            None => self.gates_want_values |= root != "nodes",
        }
    }

    pub(super) fn parameter(&self, position: usize) -> bool {
        self.parameters[position]
    }

    pub(super) fn answer(&self, node: usize) -> bool {
        self.all_answers || self.answers[node]
    }

    pub(super) fn capture(&self, node: usize, capture: &'r CaptureId) -> bool {
        self.all_outputs || self.outputs.contains(&node) || self.captures.contains(&(node, capture))
    }
}
