//! What `--output jsonl` prints is what `schemas/events-v1.json` and `docs/events.md` say.

mod scenes;
#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};
use switchback::schema::Document;

use scenes::Scene;

/// What stands in every line, whatever the event.
const OF_ALL: [&str; 5] = ["v", "seq", "at", "letter", "event"];

fn validator() -> Validator {
    jsonschema::draft7::options()
        .should_validate_formats(true)
        .build(&Document::Events.schema())
        .expect("it is a schema")
}

/// The names of all fields that this part of the schema knows, by whether each must be there.
fn fields(part: &Value, known: &mut BTreeMap<String, bool>) {
    let required = |name: &String| {
        part["required"]
            .as_array()
            .is_some_and(|all| all.contains(&json!(name)))
    };
    let properties = part["properties"].as_object();
    for name in properties.into_iter().flat_map(|properties| properties.keys()) {
        if !OF_ALL.contains(&name.as_str()) {
            known.insert(name.clone(), required(name));
        }
    }
    // A line has the fields of one of these.
    for either in part["oneOf"].as_array().into_iter().flatten() {
        fields(either, known);
    }
}

/// Every event of the schema, with its fields.
fn events() -> BTreeMap<String, BTreeMap<String, bool>> {
    let schema = Document::Events.schema();
    let variants = schema["oneOf"].as_array().expect("it is one of the events");
    let named = variants.iter().map(|variant| {
        let name = variant["properties"]["event"]["const"].as_str();
        let mut known = BTreeMap::new();
        fields(variant, &mut known);
        (name.expect("each has a name").to_owned(), known)
    });
    named.collect()
}

/// That a line is as the schema says, and has no field that it does not know.
#[track_caller]
fn is_right(validator: &Validator, line: &Value) {
    let errors: Vec<String> = validator
        .iter_errors(line)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{line:#}\n{errors:#?}");
    let known = &events()[line["event"].as_str().expect("it has a name")];
    for field in line.as_object().expect("it is an object").keys() {
        let is_known = OF_ALL.contains(&field.as_str()) || known.contains_key(field);
        assert!(is_known, "`{field}` is in no schema: {line:#}");
    }
}

/// Lines as JSON. A line that was cut short as the program was killed is none.
fn parsed(scene: &Scene) -> Vec<Value> {
    let lines = scene.printed.iter();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn every_event_there_is_occurs_and_is_as_the_schema_says() {
    let validator = validator();
    let play = [
        scenes::complete,
        scenes::failing,
        scenes::undone,
        scenes::locks,
        scenes::killed,
        scenes::interrupted,
        scenes::declined,
        scenes::taken_back,
    ];
    let mut seen = BTreeSet::new();
    for scene in play {
        let scene = scene();
        for line in parsed(&scene) {
            is_right(&validator, &line);
            seen.insert(line["event"].as_str().expect("it has a name").to_owned());
        }
        // The record has a sum more on each line, which the schema lets pass.
        for mut line in scene.journal() {
            assert!(validator.is_valid(&line), "{line:#}");
            let sum = line.as_object_mut().expect("it is an object").remove("sum");
            assert!(
                sum.is_some_and(|sum| sum.as_str().is_some_and(|sum| sum.len() == 64)),
                "{line:#}"
            );
            is_right(&validator, &line);
            seen.insert(line["event"].as_str().expect("it has a name").to_owned());
        }
    }
    let all: BTreeSet<String> = events().into_keys().collect();
    assert_eq!(seen, all, "play a scene in which the event occurs");
}

#[test]
fn what_is_printed_is_the_record_without_its_sums() {
    for scene in [scenes::complete(), scenes::failing(), scenes::undone()] {
        let mut record = scene.journal();
        for line in &mut record {
            line.as_object_mut().expect("it is an object").remove("sum");
        }
        assert_eq!(parsed(&scene), record);
    }
}

#[test]
fn the_schema_lets_nothing_else_pass() {
    let validator = validator();
    for line in parsed(&scenes::complete()) {
        let fields = line.as_object().expect("it is an object");
        let known = &events()[line["event"].as_str().expect("it has a name")];
        for field in fields.keys() {
            let without = with(&line, field, None);
            let must_be_there = known.get(field).copied().unwrap_or(true);
            assert_eq!(
                validator.is_valid(&without),
                !must_be_there,
                "without `{field}`: {line:#}"
            );
            // Only what a runbook's own values stand in can be anything.
            let is_free = field == "value";
            let other = with(&line, field, Some(json!([["no such thing"]])));
            assert_eq!(validator.is_valid(&other), is_free, "another `{field}`: {line:#}");
        }
        for (field, value) in [
            ("event", json!("no_such_event")),
            ("v", json!(2)),
            ("at", json!("yesterday")),
        ] {
            assert!(!validator.is_valid(&with(&line, field, Some(value))), "{field}");
        }
        // Within a version there can come to be more.
        assert!(validator.is_valid(&with(&line, "later", Some(json!(1)))));
    }
}

fn with(line: &Value, field: &str, value: Option<Value>) -> Value {
    let mut line = line.clone();
    let fields = line.as_object_mut().expect("it is an object");
    match value {
        Some(value) => fields.insert(field.to_owned(), value),
        None => fields.remove(field),
    };
    line
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/events.md");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The cells of each row of the page's tables whose first one is a name in back-ticks.
fn rows(page: &str) -> Vec<Vec<&str>> {
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn the_page_names_every_event_and_field_and_no_other() {
    let page = page();
    let (_, table) = page.split_once("## Every event").expect("the chapter is there");
    let (table, _) = table.split_once("\n## ").expect("another follows");
    let told: BTreeMap<String, BTreeMap<String, bool>> = rows(table)
        .into_iter()
        .map(|row| {
            let [name, fields, _] = row[..] else {
                panic!("{row:?}")
            };
            let fields = fields.split(", ").filter(|field| !field.is_empty()).map(|field| {
                let name = field.trim_end_matches('?').trim_matches('`');
                (name.to_owned(), !field.ends_with('?'))
            });
            (name.trim_matches('`').to_owned(), fields.collect())
        })
        .collect();
    assert_eq!(told, events());
}

#[test]
fn the_lines_of_the_page_are_lines_that_could_be_printed() {
    let page = page();
    let lines: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with(r#"{"v":1,"#))
        .collect();
    assert!(lines.len() > 5, "{lines:#?}");
    let validator = validator();
    for line in lines {
        is_right(
            &validator,
            &serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")),
        );
    }
}
