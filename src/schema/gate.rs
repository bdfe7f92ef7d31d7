//! Completion gates.

use schemars::{JsonSchema, Schema};

use super::check::Check;
use super::rule::{belong_to, hold, one_of};
use super::runbook::Allow;
use super::scalar::{Distinct, Expression, Id, Template, Text};

/// What must hold for the run to be complete. It is closed when all that it holds (`verify`, `attest`, `decide`) is.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Gate", transform = rules)]
pub struct Gate {
    /// What holds when it is closed; one line for people.
    pub title: Text,
    /// The gate counts only if this expression is true: `answers.migration == "yes"`. Else it is `not_applicable`.
    pub when: Option<Expression>,
    /// Checks by which the machine closes it; all of them must hold.
    #[schemars(length(min = 1))]
    pub verify: Option<Vec<Check>>,
    /// What a named person states; headless `--attest GATE=WHO[:NOTE]`.
    pub attest: Option<Template>,
    /// The outcomes of which a person says one; headless `--decide GATE=OUTCOME:WHO[:NOTE]`. A choice of a question can decide it too.
    #[schemars(length(min = 1))]
    pub decide: Option<Distinct<Id>>,
    /// Who should state or decide it; shown and recorded.
    #[schemars(length(min = 1))]
    pub by: Option<Vec<Text>>,
    /// `false` refuses a word that is given before the run came to the gate (`true`).
    pub in_advance: Option<bool>,
    /// `false`: shown and reported, but it does not hold the run open (`true`).
    pub required: Option<bool>,
    /// Warnings about this gate that are known and accepted, each with the reason.
    pub allow: Option<Allow>,
}

fn rules(schema: &mut Schema) {
    let closing = "nothing closes this gate: add `verify`, `attest` or `decide`";
    hold(
        schema,
        [
            one_of(&["verify", "attest", "decide"], closing),
            belong_to(&["attest", "decide"], &["by", "in_advance"]),
        ],
    );
}
