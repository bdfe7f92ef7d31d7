use crate::model::{Check, Command, Form, Look, NodeKind, Runbook, SecretSource, Work};

use super::walk::Trail;

/// Shows every command of a runbook, in the order of its keys: the way to where its keys stand, the key of its program and arguments, and the
/// command.
pub fn runbook_commands<'r>(runbook: &'r Runbook, see: &mut dyn FnMut(&Trail<'_>, &str, &'r Command)) {
    let secrets = Trail::root("secrets");
    for (id, source) in &runbook.secrets {
        if let SecretSource::Command(command) = source {
            see(&secrets.key(id.as_str()), "command", command);
        }
    }
    let nodes = Trail::root("nodes");
    for node in runbook.nodes.values() {
        let at = nodes.key(node.id.as_str());
        match &node.kind {
            NodeKind::Question(question) => {
                if let Some(detect) = &question.detect {
                    see(&at.key("detect"), "run", detect);
                }
                if let Form::Input {
                    suggest: Some(suggest),
                    ..
                } = &question.form
                {
                    see(&at.key("suggest"), "run", &suggest.command);
                }
            }
            NodeKind::Action(action) => {
                if let Work::Run { command, .. } = &action.work {
                    see(&at, "run", command);
                }
                of_checks(&at, &action.verify, see);
                if let Some(undo) = &action.undo {
                    see(&at.key("undo"), "run", undo);
                }
            }
        }
    }
    let gates = Trail::root("gates");
    for gate in runbook.gates.values() {
        of_checks(&gates.key(gate.id.as_str()), &gate.verify, see);
    }
}

fn of_checks<'r>(at: &Trail<'_>, checks: &'r [Check], see: &mut dyn FnMut(&Trail<'_>, &str, &'r Command)) {
    let at = at.key("verify");
    for (index, check) in checks.iter().enumerate() {
        if let Look::Run { command, .. } = &check.look {
            see(&at.index(index), "run", command);
        }
    }
}
