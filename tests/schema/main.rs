//! The schemas are current, and they and the parser say the same: which keys and words there are at which place, and which documents have the
//! right shape.

mod mutations;
mod places;
mod verdict;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use switchback::diagnostic::Code;
use switchback::schema::Document;

use places::{MARK, PLACES, Place};
use verdict::{Judge, findings};

/// What the parser reads, of what has a schema.
const READ: [Document; 3] = [Document::Runbook, Document::Drill, Document::Test];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder that end so.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| path.display().to_string().ends_with(ending));
    found.sort();
    assert!(!found.is_empty(), "{folder}");
    found
}

#[test]
fn the_files_are_current() {
    for (word, document) in Document::WORDS {
        let file = format!("schemas/{word}-v1.json");
        let is_current = read(&file) == document.text();
        assert!(is_current, "write it anew: cargo run -- schema {word} > {file}");
    }
}

#[test]
fn each_is_a_schema() {
    for (word, document) in Document::WORDS {
        let schema = document.schema();
        let valid = jsonschema::meta::validate(&schema);
        assert!(valid.is_ok(), "{word}: {valid:?}");
    }
}

/// Everything in this repository that may be a runbook, a drill or a test, right or wrong, each with its name.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for folder in ["tests/diagnostics", "tests/fixtures", "runbooks"] {
        for path in files(folder, ".yaml") {
            texts.push((path.display().to_string(), read(&path)));
        }
    }
    let pages = files("docs", ".md").into_iter().chain([root().join("README.md")]);
    for page in pages {
        let text = read(&page);
        for block in text.split("\n```yaml\n").skip(1) {
            let block = block.split("\n```").next().unwrap_or(block);
            // An example without a head is given one, right or wrong: each of the two may make anything of it.
            let whole = if block.contains("switchback") {
                format!("{block}\n")
            } else {
                format!("switchback: 1\nname: test\ntitle: A test\n{block}\n")
            };
            texts.push((page.display().to_string(), whole));
        }
    }
    texts
}

#[test]
fn the_parser_and_the_schema_agree_on_every_document_there_is() {
    let [runbooks, drills, tests] = READ.map(Judge::of);
    let (mut right, mut wrong) = (0, 0);
    for (name, text) in texts() {
        let judge = if text.contains("switchback_drill:") || name.ends_with(".drill.yaml") {
            &drills
        } else if text.contains("switchback_test:") || name.ends_with(".test.yaml") {
            &tests
        } else {
            &runbooks
        };
        match judge.agrees(&text) {
            Ok(Some(true)) => right += 1,
            Ok(Some(false)) => wrong += 1,
            Ok(None) => {}
            Err(why) => panic!("{name}: {why}\n{text}"),
        }
    }
    // Not all were passed over, or judged alike.
    assert!(right > 60 && wrong > 20, "{right} right, {wrong} wrong");
}

#[test]
fn they_agree_on_whatever_is_made_of_a_right_one() {
    let mut disagreements = Vec::new();
    let mut seen = [0, 0];
    for place in PLACES {
        let judge = Judge::of(place.document);
        let mut mutations = mutations::of(&place.filled(), &place.path());
        for key in keys_of_schema(place) {
            let values = mutations::values();
            mutations.extend(values.iter().map(|value| place.with(&key, value)));
        }
        for mutation in mutations {
            match judge.agrees(&mutation.to_string()) {
                Ok(verdict) => seen[usize::from(verdict == Some(true))] += 1,
                Err(why) => disagreements.push(format!("{}: {why}\n{mutation}", place.definition)),
            }
        }
    }
    let count = disagreements.len();
    disagreements.truncate(20);
    assert!(count == 0, "{count}:\n{}", disagreements.join("\n\n"));
    assert!(seen.iter().all(|count| *count > 2000), "{seen:?}");
}

/// The part of a schema that a place is of.
fn definition(place: &Place) -> Value {
    let mut schema = place.document.schema();
    if place.definition == "." {
        return schema;
    }
    schema["definitions"][place.definition].take()
}

fn keys_of_schema(place: &Place) -> BTreeSet<String> {
    let definition = definition(place);
    let properties = definition["properties"].as_object();
    let keys = properties
        .unwrap_or_else(|| panic!("no `{}`", place.definition))
        .keys();
    keys.cloned().collect()
}

/// The names in back-ticks after these words.
fn named(help: &str, after: &str) -> Option<BTreeSet<String>> {
    let (_, names) = help.split_once(after)?;
    Some(names.split('`').skip(1).step_by(2).map(str::to_owned).collect())
}

#[test]
fn they_know_the_same_keys_at_the_same_places() {
    for place in PLACES {
        let text = place.with("no_such_key_at_all", &Value::from(1)).to_string();
        let found = findings(place.document, &text);
        let unknown = found.iter().find(|finding| finding.code == Code::UnknownField);
        let unknown = unknown.unwrap_or_else(|| panic!("{}: {found:?}", place.definition));
        let keys = named(&unknown.help, "its keys are ").unwrap_or_else(|| panic!("{unknown:?}"));
        assert_eq!(keys_of_schema(place), keys, "{}", place.definition);
    }
}

#[test]
fn they_know_the_same_words_at_the_same_places() {
    let mut asked = BTreeSet::new();
    let mut answered = BTreeSet::new();
    for place in PLACES {
        let definition = definition(place);
        for (key, schema) in definition["properties"].as_object().into_iter().flatten() {
            let Some(words) = schema["type"].as_str().and(schema["enum"].as_array()) else {
                continue;
            };
            let words: BTreeSet<String> = words
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
            let text = place.with(key, &Value::from("no such word at all")).to_string();
            let found = findings(place.document, &text);
            let known = found
                .iter()
                .find_map(|finding| named(&finding.help, "it is one of "));
            let what = (place.definition, key.clone());
            // Beside some keys it cannot stand, and then its words are not read.
            if let Some(known) = known {
                assert_eq!(words, known, "{what:?}");
                answered.insert(what.clone());
            }
            asked.insert(what);
        }
    }
    assert_eq!(asked, answered);
    assert!(asked.len() >= 7, "{asked:?}");
}

#[test]
fn every_mapping_of_the_schemas_has_a_place_here() {
    for document in READ {
        let schema = document.schema();
        let definitions = schema["definitions"].as_object().expect("there are some");
        let has_keys = |definition: &Value| definition["additionalProperties"] == Value::Bool(false);
        for (name, _) in definitions.iter().filter(|(_, definition)| has_keys(definition)) {
            let is_here = PLACES.iter().any(|place| place.definition == name);
            assert!(is_here, "add a place for `{name}`");
        }
    }
}

#[test]
fn every_key_is_explained() {
    for (word, document) in Document::WORDS {
        let schema = document.schema();
        let definitions = schema["definitions"].as_object().expect("there are some");
        for definition in definitions.values().chain([&schema]) {
            for (key, property) in definition["properties"].as_object().into_iter().flatten() {
                let description = property["description"].as_str().unwrap_or_default();
                assert!(description.ends_with('.'), "{word}: `{key}`: {description}");
                assert!(!description.contains('\n'), "{word}: `{key}`: {description}");
            }
        }
    }
}

#[test]
fn the_mark_stands_in_every_place() {
    for place in PLACES {
        assert!(place.yaml.contains(MARK), "{}", place.definition);
        let found = findings(place.document, &place.filled().to_string());
        assert_eq!(found, [], "{}", place.definition);
    }
}
