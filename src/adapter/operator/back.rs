//! Going back to an answer that can be taken back still.

use crate::adapter::reporter::View;
use crate::model::{NodeId, plain};

use super::prompts::{Choose, Heard, Offer, Prompts, Unsaid};

/// Which of the answers that can be taken back it is to be; with only one there is nothing to ask.
pub(super) fn which(back: &[NodeId], run: &dyn View, prompts: &mut dyn Prompts) -> Heard<NodeId> {
    if let [only] = back {
        return Ok(only.clone());
    }
    if back.is_empty() {
        return Err(Unsaid::Back);
    }
    let offer = |question: &NodeId| {
        let title = run.runbook().nodes.get(question).map_or("", |node| node.title());
        let answer = run.answer(question).map(plain).unwrap_or_default();
        Offer::new(question.as_str(), Some(&format!("{title} {answer}")))
    };
    let mut offers: Vec<Offer> = back.iter().map(offer).collect();
    offers.push(Offer::new("none", Some("stay here")));
    let chosen = prompts.choose(&Choose {
        depth: 0,
        message: "Which answer is taken back?",
        help: "arrows or typing, Enter takes it",
        options: &offers,
        start: 0,
    });
    match chosen {
        Ok(chosen) => back.get(chosen).cloned().ok_or(Unsaid::Back),
        Err(Unsaid::Later) => Err(Unsaid::Back),
        Err(unsaid) => Err(unsaid),
    }
}
