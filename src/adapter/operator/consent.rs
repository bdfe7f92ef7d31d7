use crate::adapter::reporter::{Line, Mark, Screen, View};
use crate::model::{Command, Effect, Feed};
use crate::traverse::{Consent, Owner, Rendered, Word};

use super::prompts::{Heard, Prompts, Type};

/// How many lines of a file to be written are shown.
const CONTENT_SHOWN: usize = 20;

/// Has an action agreed to. Neither yes nor no is given by a slip: an empty line is neither, as a no ends the run.
pub(super) fn confirm(
    consent: &Consent,
    yes: bool,
    run: &dyn View,
    screen: &Screen,
    prompts: &mut dyn Prompts,
) -> Heard<Word> {
    let node = &consent.node;
    if yes && consent.effect != Effect::Destroy {
        return Ok(Word::Confirm(node.clone()));
    }
    screen.open(&Owner::Node(node.clone()), Some(&consent.work), run);
    screen.print_all(&particulars(consent));
    let destroys = consent.effect == Effect::Destroy;
    let agreeing = if destroys { node.as_str() } else { "yes" };
    let message = match (&consent.work, destroys) {
        (_, true) => format!("Type `{node}` to go on, or no:"),
        (Rendered::Run(_), false) => "Run it? [yes/no]".to_owned(),
        (Rendered::Write { .. }, false) => "Write it? [yes/no]".to_owned(),
        (Rendered::Manual(_), false) => "Go on? [yes/no]".to_owned(),
    };
    let typed = prompts.line(&Type {
        depth: 1,
        message: &message,
        help: "no does not do it; Esc leaves it open",
        default: None,
        suggestions: &[],
        check: &|typed| match read(typed, agreeing) {
            Some(_) => Ok(()),
            None => Err(format!("type `{agreeing}` or `no`")),
        },
    })?;
    Ok(match read(&typed, agreeing) {
        Some(true) => Word::Confirm(node.clone()),
        _ => Word::Decline(node.clone()),
    })
}

/// Whether it is a yes; none if it is neither.
fn read(typed: &str, agreeing: &str) -> Option<bool> {
    match typed.trim() {
        "y" | "Y" if agreeing == "yes" => Some(true),
        "n" | "N" | "no" => Some(false),
        typed => (typed == agreeing).then_some(true),
    }
}

/// What somebody who agrees should know, below the command itself.
fn particulars(consent: &Consent) -> Vec<Line> {
    let mut lines = Vec::new();
    match &consent.work {
        Rendered::Run(command) => lines.extend(surroundings(command)),
        Rendered::Manual(text) => lines.push(Line::new(Mark::None, text)),
        Rendered::Write { content, .. } => {
            let all = content.lines().count();
            lines.extend(
                content
                    .lines()
                    .take(CONTENT_SHOWN)
                    .map(|line| Line::new(Mark::Output, line)),
            );
            if all > CONTENT_SHOWN {
                lines.push(Line::faint(&format!("and {} lines more", all - CONTENT_SHOWN)));
            }
        }
    }
    lines.push(match consent.effect {
        Effect::Destroy => Line::new(Mark::Danger, "it DESTROYS something that cannot be brought back"),
        effect => Line::new(Mark::Mind, &format!("it {}", effect_words(effect))),
    });
    lines.extend(consent.prompt.iter().map(|prompt| Line::new(Mark::Mind, prompt)));
    lines.into_iter().map(|line| line.at(1)).collect()
}

fn effect_words(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "only reads",
        Effect::Change => "changes the world",
        Effect::Destroy => "destroys",
    }
}

/// The directory, the names in the environment, and what is fed to it; never a value, which may be long or none of our business.
fn surroundings(command: &Command<String>) -> Vec<Line> {
    let mut facts = Vec::new();
    if let Some(cwd) = &command.cwd {
        facts.push(format!("in {cwd}"));
    }
    if !command.env.is_empty() {
        let names: Vec<&str> = command.env.keys().map(String::as_str).collect();
        facts.push(format!("with {}", names.join(", ")));
    }
    match &command.stdin {
        Some(Feed::Text(text)) => facts.push(format!("fed {} lines", text.lines().count())),
        Some(Feed::Secret { id, .. }) => facts.push(format!("fed the secret {id}")),
        None => {}
    }
    if facts.is_empty() {
        return Vec::new();
    }
    vec![Line::faint(&facts.join(" · "))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::operator::prompts::Unsaid;
    use crate::adapter::operator::script::Script;
    use crate::adapter::reporter::{Told, command, rollback, screen};
    use crate::model::NodeId;

    fn consent(effect: Effect) -> Consent {
        let mut work = command(&["dep", "rollback", "it's"]);
        work.cwd = Some("/srv/site".to_owned());
        work.env
            .insert("APP_ENV".to_owned(), Feed::Text("hidden".to_owned()));
        Consent {
            node: "rollback".into(),
            work: Rendered::Run(work),
            effect,
            prompt: None,
        }
    }

    fn confirmed(effect: Effect, yes: bool, script: &mut Script) -> (Heard<Word>, String) {
        let (screen, printed) = screen();
        let said = confirm(&consent(effect), yes, &Told::new(rollback()), &screen, script);
        (said, printed.text())
    }

    #[test]
    fn exactly_what_will_run_is_shown_first() {
        let (said, printed) = confirmed(Effect::Change, false, &mut Script::new(&["", "y"]));
        assert_eq!(said, Ok(Word::Confirm(NodeId::from("rollback"))));
        insta::assert_snapshot!(printed, @r#"
        ▸ Point the site back  rollback
          $ dep rollback "it's"
          in /srv/site · with APP_ENV
          ! it changes the world
        "#);
    }

    #[test]
    fn neither_is_given_by_a_slip() {
        let mut script = Script::new(&["", "maybe", "no"]);
        assert_eq!(
            confirmed(Effect::Change, false, &mut script).0,
            Ok(Word::Decline(NodeId::from("rollback")))
        );
        assert_eq!(script.refused, ["type `yes` or `no`"; 2]);
        assert_eq!(
            confirmed(Effect::Change, false, &mut Script::new(&[])).0,
            Err(Unsaid::Later)
        );
    }

    #[test]
    fn what_destroys_is_agreed_to_by_its_name_only() {
        let mut script = Script::new(&["y", "yes", "rollback"]);
        let (said, _) = confirmed(Effect::Destroy, true, &mut script);
        assert_eq!(said, Ok(Word::Confirm(NodeId::from("rollback"))));
        assert_eq!(script.refused, ["type `rollback` or `no`"; 2]);
    }

    #[test]
    fn yes_agrees_to_what_changes_without_a_word() {
        let (said, printed) = confirmed(Effect::Change, true, &mut Script::new(&[]));
        assert_eq!(said, Ok(Word::Confirm(NodeId::from("rollback"))));
        assert_eq!(printed, "");
    }
}
