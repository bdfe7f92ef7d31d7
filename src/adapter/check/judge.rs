use crate::adapter::process::{End, Kept};
use crate::adapter::secret::Mask;
use crate::model::{Check, Look, Scene};
use crate::traverse::Verdict;

use super::command::Wanted;
use super::look::Sight;
use super::{Seen, command, file, http};

/// What is said of what nobody looked at.
const SIMULATED: &str = "simulated";

/// What a check makes of a scene, by the very rules by which it judges the world. Of a scene in which there is nothing to see for it, it
/// knows nothing.
pub fn judge(check: &Check<String>, scene: &Scene) -> Seen {
    let said = |verdict, evidence: &Option<String>| Seen {
        verdict,
        evidence: evidence.clone().unwrap_or_else(|| SIMULATED.to_owned()),
    };
    let mask = Mask::default();
    let sight = match (&check.look, scene) {
        (_, Scene::Held(evidence)) => return said(Verdict::Held, evidence),
        (_, Scene::Failed(evidence)) => return said(Verdict::Failed, evidence),
        (_, Scene::Unknown(evidence)) => return said(Verdict::Unknown, evidence),
        (
            Look::Run {
                exit, stdout, stderr, ..
            },
            Scene::Ended(printed),
        ) => {
            let wanted = Wanted {
                exit: *exit,
                stdout,
                stderr,
            };
            let end = End::Exited(printed.exit);
            let [stdout, stderr] = [&printed.stdout, &printed.stderr].map(|text| Kept::of(text));
            command::judge(&wanted, end, &stdout, &stderr, &mask)
        }
        (Look::Http(http), Scene::Answered { status, body }) => http::judge(http, *status, body, &mask),
        (Look::File { path, content }, Scene::File(text)) => file::judge_file(path, content, text, &mask),
        (Look::Link { path, to }, Scene::Link(target)) => file::judge_link(path, to, target, &mask),
        (Look::File { path, .. } | Look::Link { path, .. }, Scene::Nothing) => file::absent(path),
        _ => Sight::Unknown("there is nothing of that kind to see".to_owned()),
    };
    sight.judged(check.negated, &mask)
}
