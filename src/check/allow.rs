//! Exceptions from the rules, which their authors gave a reason for.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Allowance, Runbook};
use crate::source::{Path, Segment};

/// An exception: the place under which it holds, and the code.
type Exception = (Vec<Segment>, &'static str);

/// The findings without those that are allowed; and, where all rules were applied, with the exceptions under which nothing was found.
pub(super) fn apply(runbook: &Runbook, mut found: Vec<Diagnostic>, all_were: bool) -> Vec<Diagnostic> {
    let exceptions = exceptions(runbook);
    if exceptions.is_empty() {
        return found;
    }
    let mut used = HashSet::new();
    found.retain(|finding| {
        let segments = finding.path.segments();
        // Of an exception in the node and one for the whole file, the nearer one is used.
        let places = [segments.get(..2), Some(&[][..])].into_iter().flatten();
        let allowed = places.map(|place| (place.to_vec(), finding.code.as_str()));
        match allowed
            .into_iter()
            .find(|exception| exceptions.contains_key(exception))
        {
            Some(exception) => {
                used.insert(exception);
                false
            }
            None => true,
        }
    });
    if !all_were {
        return found;
    }
    let unused = exceptions
        .into_iter()
        .filter(|(exception, _)| !used.contains(exception));
    let mut unused: Vec<(usize, Exception)> = unused
        .map(|(exception, position)| (position, exception))
        .collect();
    unused.sort_unstable();
    found.extend(unused.into_iter().map(|(_, (mut place, code))| {
        place.extend([Segment::from("allow"), Segment::from(code)]);
        Diagnostic::new(
            Code::UnusedAllow,
            Path::from(place),
            format!("there is no `{code}` here to be allowed"),
        )
        .at_key()
        .label("not needed")
        .help("remove it, so that it does not hide the next one")
    }));
    found
}

/// Every exception, with its place among them.
fn exceptions(runbook: &Runbook) -> HashMap<Exception, usize> {
    let mut all = HashMap::new();
    let mut add = |place: &[&str], allow: &[Allowance]| {
        for allowance in allow {
            // The others were refused when the file was read.
            if let Some(code) = Code::ALL.iter().find(|code| code.as_str() == allowance.code) {
                let place = place.iter().map(|key| Segment::from(*key)).collect();
                let position = all.len();
                all.insert((place, code.as_str()), position);
            }
        }
    };
    add(&[], &runbook.allow);
    for node in runbook.nodes.values() {
        add(&["nodes", node.id.as_str()], &node.allow);
    }
    for gate in runbook.gates.values() {
        add(&["gates", gate.id.as_str()], &gate.allow);
    }
    all
}
