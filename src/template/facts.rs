use serde_json::{Map, Value, json};

/// Something that templates can name below `run`.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Its name.
    pub name: &'static str,
    /// What each entry of it has, if it is a list; else it is a text.
    pub fields: &'static [&'static str],
}

/// Fields of entries that are true or false. All others are texts.
const FLAGS: [&str; 3] = ["closed", "long", "required"];

/// Everything that templates can name below `run`.
pub const FACTS: [Fact; 16] = [
    text("id"),
    text("date"),
    text("started"),
    text("now"),
    text("elapsed"),
    text("operator"),
    text("runbook"),
    text("title"),
    list("timeline", &["at", "what", "who", "node"]),
    list(
        "answers",
        &["question", "title", "answer", "long", "by", "source", "at"],
    ),
    list(
        "done",
        &["node", "title", "state", "command", "took", "reason", "by", "at"],
    ),
    list("verified", &CHECKED),
    list("gates", &GATE),
    list("open_gates", &GATE),
    list("waivers", &["gate", "title", "by", "reason", "at"]),
    list("ahead", &["node", "title"]),
];

const CHECKED: [&str; 7] = ["owner", "of", "title", "verdict", "evidence", "by", "at"];
const GATE: [&str; 7] = ["id", "title", "required", "closed", "verdict", "reason", "by"];

const fn text(name: &'static str) -> Fact {
    Fact { name, fields: &[] }
}

const fn list(name: &'static str, fields: &'static [&'static str]) -> Fact {
    Fact { name, fields }
}

/// What stands for the facts of a run that is not there: `‹run.id›`, and one entry for all in each list.
pub fn placeholders() -> Map<String, Value> {
    let placeholder = |fact: &Fact| {
        let name = fact.name;
        if fact.fields.is_empty() {
            return Value::from(format!("‹run.{name}›"));
        }
        let field = |field: &&str| {
            let value = match FLAGS.contains(field) {
                true => Value::from(false),
                false => Value::from(format!("‹run.{name}.{field}›")),
            };
            ((*field).to_owned(), value)
        };
        json!([fact.fields.iter().map(field).collect::<Map<_, _>>()])
    };
    FACTS
        .iter()
        .map(|fact| (fact.name.to_owned(), placeholder(fact)))
        .collect()
}
