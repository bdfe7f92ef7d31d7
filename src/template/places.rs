use super::TemplateError;
use super::outline::Outline;
use super::shell::Lexer;

/// How many ways through a script are followed at once. A script in which more differ is not one that a person can read.
const WAYS: usize = 64;

/// Looks at every place of a value on every way through a script.
pub(super) fn check_places(nodes: &[Outline<'_>]) -> Result<(), TemplateError> {
    follow(nodes, vec![Lexer::default()]).map(|_| ())
}

/// Follows a part of a script from each of these states, to the states after it.
fn follow(nodes: &[Outline<'_>], mut states: Vec<Lexer>) -> Result<Vec<Lexer>, TemplateError> {
    for node in nodes {
        match node {
            Outline::Text(text) => states.iter_mut().for_each(|lexer| lexer.read(text)),
            // It is taken for a word, as most of it is.
            Outline::Raw => states.iter_mut().for_each(|lexer| lexer.read("x")),
            Outline::Value(code) => {
                for lexer in &mut states {
                    lexer.suppose(code.text, code.line)?;
                }
            }
            Outline::Choice(branches) => {
                let mut after = Vec::new();
                for branch in branches {
                    join(&mut after, follow(branch, states.clone())?);
                }
                states = after;
            }
            Outline::Loop(body, otherwise) => {
                let mut after = follow(otherwise, states.clone())?;
                let once = follow(body, states)?;
                join(&mut after, once.clone());
                join(&mut after, follow(body, once)?);
                states = after;
            }
        }
    }
    Ok(states)
}

/// Adds the states that are new.
fn join(states: &mut Vec<Lexer>, more: Vec<Lexer>) {
    for lexer in more {
        if states.len() < WAYS && !states.contains(&lexer) {
            states.push(lexer);
        }
    }
}
