use indexmap::IndexMap;

use crate::model::{Case, CaseExpectation, ExpectedWork, ParameterId, Test, Value};

use super::decode::{Cursor, Fields, any_text, filled, id_map, integer, json, list, map, mentioned, text};
use super::runbook::version;
use super::said::{expectation, said};
use super::simulation::simulations;
use super::tree::Tree;

/// The tests of a runbook.
pub(crate) fn test(at: Cursor<'_>) -> Option<Test> {
    let mut fields = Fields::of(at, "a test")?;
    if !version(&mut fields, "switchback_test") {
        return None;
    }
    let parameters = fields.optional("parameters", parameters);
    let simulate = fields.optional("simulate", simulations);
    let cases = fields.required("cases", |at| {
        filled(at)?;
        id_map(at, |_, at| case(at))
    });
    fields.finish();
    Some(Test {
        parameters: parameters.unwrap_or_default(),
        simulate: simulate.unwrap_or_default(),
        cases: cases?,
    })
}

fn case(at: Cursor<'_>) -> Option<Case> {
    let mut fields = Fields::of(at, "a case")?;
    let about = fields.required("about", text);
    let parameters = fields.optional("parameters", parameters);
    let said = said(&mut fields);
    let simulate = fields.optional("simulate", simulations);
    let expect = fields.optional("expect", expected);
    fields.finish();
    Some(Case {
        about: about?,
        parameters: parameters.unwrap_or_default(),
        said,
        simulate: simulate.unwrap_or_default(),
        expect: expect.unwrap_or_default(),
    })
}

fn parameters(at: Cursor<'_>) -> Option<IndexMap<ParameterId, Value>> {
    map(at, mentioned, |_, at| match at.tree {
        Tree::Number(_) | Tree::Bool(_) | Tree::OddNumber => json(at),
        _ => any_text(at).map(Value::from),
    })
}

fn expected(at: Cursor<'_>) -> Option<CaseExpectation> {
    let mut fields = Fields::of(at, "`expect`")?;
    let expect = CaseExpectation {
        is_written: true,
        exit: fields.optional("exit", integer(0, 255)),
        run: expectation(&mut fields),
        commands: fields
            .optional("commands", |at| map(at, mentioned, |_, at| work(at)))
            .unwrap_or_default(),
        captures: fields
            .optional("captures", |at| {
                map(at, mentioned, |_, at| map(at, mentioned, |_, at| json(at)))
            })
            .unwrap_or_default(),
    };
    fields.finish();
    Some(expect)
}

/// A list of arguments, a script, or a file.
fn work(at: Cursor<'_>) -> Option<ExpectedWork> {
    match at.tree {
        Tree::List(_) => list(at, any_text).map(ExpectedWork::Exec),
        Tree::Map(_) => {
            let mut fields = Fields::of(at, "a file that is written")?;
            let path = fields.required("path", any_text);
            let content = fields.optional("content", any_text);
            fields.finish();
            let path = path?;
            Some(ExpectedWork::Write { path, content })
        }
        _ => any_text(at).map(ExpectedWork::Text),
    }
}
