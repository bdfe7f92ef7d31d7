//! `graph`: the flowchart as text, Mermaid, DOT and SVG, and where a run went on it.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;
use support::World;

/// Every kind of node and of arrow.
const BOOK: &str = r#"
nodes:
  way:
    question: Which way?
    choices: { fast: quick, slow: [name, look], neither: stop }
  quick: { action: Do it quickly, run: ["false"], on_failure: by_hand, next: done }
  name: { question: What is it called?, input: { type: string }, next: slowly }
  look: { action: Look, effect: read, run: ["true"], next: slowly }
  slowly: { action: Do it slowly, run: ["true"], next: done, join: all }
  by_hand: { action: Do it by hand, manual: Do it., next: done }
  done: { action: All is done, next: [note, clean] }
  note: { action: Write it down, write: { path: note.txt, content: done } }
  clean: { action: Clean up, when: "false", after: note }
gates:
  fine: { title: It is fine, verify: [{ file: note.txt }] }
  told: { title: They were told, attest: They were told., by: [on call] }
"#;

/// A world in which the book was run along the failing way.
fn run() -> World {
    let world = World::with(BOOK);
    world
        .call("run book.yaml --headless --yes --answer way=fast --attest by_hand=ana")
        .exits(4);
    world
}

#[test]
fn text_is_drawn_top_to_bottom_where_it_fits() {
    let world = World::with(BOOK);
    insta::assert_snapshot!(world.call("graph book.yaml").exits(0));
}

#[test]
fn text_is_an_outline_where_it_does_not() {
    let world = World::with(BOOK);
    let seen = world.call("graph book.yaml --width 40").exits(0);
    let widest = seen.stdout.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(40), "{seen}");
    insta::assert_snapshot!(seen);
}

#[test]
fn text_is_ascii_where_nothing_else_can_be_shown() {
    let world = World::with(BOOK);
    let seen = world.call("graph book.yaml").env("LC_ALL", "C").exits(0);
    assert!(seen.stdout.is_ascii(), "{seen}");
    insta::assert_snapshot!(seen);
}

#[test]
fn text_shows_where_a_run_went() {
    let world = run();
    insta::assert_snapshot!("run_layered", world.call("graph --run last").exits(0));
    insta::assert_snapshot!("run_outline", world.call("graph --run last --width 40").exits(0));
}

#[test]
fn a_run_is_drawn_on_its_own_copy_of_the_runbook() {
    let world = run();
    world.book("nodes: { other: { action: Another } }\n");
    let seen = world.call("graph --run last").exits(0);
    assert!(seen.stdout.contains("by_hand"), "{seen}");
    let both = world.call("graph book.yaml --run last").exits(2);
    assert!(both.stderr.contains("cannot be used with"), "{both}");
}

#[test]
fn colour_is_only_added() {
    let world = run();
    let codes = regex::Regex::new("\x1b\\[[0-9;]*m").expect("it is one");
    for width in ["40", "80"] {
        let call = || world.call("graph --run last --width").arg(width);
        let plain = call().exits(0).stdout;
        let coloured = call().arg("--color").arg("always").exits(0).stdout;
        assert!(!plain.contains('\x1b'), "{plain}");
        assert!(coloured.contains("\x1b[32m"), "{coloured}");
        assert_eq!(codes.replace_all(&coloured, ""), plain);
    }
}

#[test]
fn the_flagship_fits_eighty_columns() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks/rollback.yaml");
    let seen = World::new().call("graph").arg(book).exits(0);
    let widest = seen.stdout.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{seen}");
    insta::assert_snapshot!(seen);
}

#[test]
fn mermaid_and_dot_draw_the_same() {
    let world = run();
    for format in ["mermaid", "dot"] {
        let call = |what: &str| world.call(&format!("graph {what} --format {format}")).exits(0);
        insta::assert_snapshot!(format, call("book.yaml"));
        insta::assert_snapshot!(format!("{format}_run"), call("--run last"));
    }
}

#[test]
fn words_that_mermaid_keeps_for_itself_are_no_ids_there() {
    let world = World::with(
        "nodes: { graph: { action: A, next: [class, stopper] }, class: { action: B }, stopper: { action: C } }\n",
    );
    let seen = world.call("graph book.yaml --format mermaid").exits(0);
    for line in [
        "N_graph([\"A\"])",
        "N_graph --> N_class\n",
        "N_graph --> stopper\n",
    ] {
        assert!(seen.stdout.contains(line), "{seen}");
    }
}

/// What a picture is made of: each `id`, how often each class of group is there, and the text of every `title`.
#[derive(Default)]
struct Picture {
    ids: Vec<String>,
    classes: BTreeMap<String, usize>,
    elements: BTreeMap<String, usize>,
    titles: Vec<String>,
}

impl Picture {
    /// Reads a picture, which must be well-formed XML.
    fn of(svg: &str) -> Self {
        let mut picture = Self::default();
        let mut reader = Reader::from_str(svg);
        let mut open: Vec<String> = Vec::new();
        let mut in_title = None;
        loop {
            match reader.read_event().expect("it is well-formed") {
                Event::Start(tag) => {
                    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                    picture.note(&name, &tag);
                    if name == "title" {
                        in_title = Some(String::new());
                    }
                    open.push(name);
                }
                Event::Empty(tag) => {
                    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                    picture.note(&name, &tag);
                }
                Event::End(_) => {
                    open.pop();
                    picture.titles.extend(in_title.take());
                }
                Event::Text(text) => {
                    if let Some(title) = &mut in_title {
                        title.push_str(&text.decode().expect("it is text"));
                    }
                }
                Event::GeneralRef(name) => {
                    if let Some(title) = &mut in_title {
                        title.push_str(match &*name.decode().expect("it is text") {
                            "amp" => "&",
                            "lt" => "<",
                            "gt" => ">",
                            "quot" => "\"",
                            other => panic!("an unknown name: {other}"),
                        });
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(open, Vec::<String>::new(), "everything is closed");
        picture
    }

    fn note(&mut self, name: &str, tag: &quick_xml::events::BytesStart<'_>) {
        *self.elements.entry(name.to_owned()).or_default() += 1;
        for attribute in tag.attributes() {
            let attribute = attribute.expect("it is well-formed");
            let value = String::from_utf8_lossy(&attribute.value).into_owned();
            match attribute.key.as_ref() {
                b"id" => self.ids.push(value),
                b"class" if name == "g" => {
                    for class in value.split(' ') {
                        *self.classes.entry(class.to_owned()).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
    }

    fn count(&self, class: &str) -> usize {
        self.classes.get(class).copied().unwrap_or(0)
    }
}

#[test]
fn a_picture_has_every_node_arrow_and_gate_once() {
    let world = World::with(BOOK);
    let picture = Picture::of(&world.call("graph book.yaml --format svg").exits(0).stdout);
    let nodes = [
        "way", "quick", "name", "look", "slowly", "by_hand", "done", "note", "clean", "stop",
    ];
    for id in nodes {
        let id = format!("node-{id}");
        assert_eq!(picture.ids.iter().filter(|own| **own == id).count(), 1, "{id}");
    }
    assert_eq!(picture.count("node"), nodes.len());
    assert_eq!(picture.count("arrow"), 13);
    assert_eq!(
        picture
            .titles
            .iter()
            .filter(|title| *title == "way → quick: fast")
            .count(),
        1
    );
    assert_eq!(picture.count("gate"), 2);
    let mut ids = picture.ids.clone();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), picture.ids.len(), "no id is there twice");
}

#[test]
fn a_picture_shows_where_a_run_went() {
    let world = run();
    let picture = Picture::of(&world.call("graph --run last --format svg").exits(0).stdout);
    let counts = ["taken", "dead", "failed", "not-taken", "not-needed"].map(|class| picture.count(class));
    // One of those that are taken explains the others, below the chart.
    assert_eq!(counts, [6, 8, 1, 4, 1], "{:?}", picture.classes);
    assert!(
        picture.titles.contains(&"Do it quickly (failed)".to_owned()),
        "{:?}",
        picture.titles
    );
}

#[test]
fn a_run_that_was_stopped_is_shown_to_go_there() {
    let world = World::with(BOOK);
    world
        .call("run book.yaml --headless --answer way=neither")
        .exits(8);
    let drawn = |format: &str| {
        world
            .call(&format!("graph --run last --format {format}"))
            .exits(0)
            .stdout
    };
    assert!(drawn("svg").contains("<g id=\"node-stop\" class=\"node stop done good\">"));
    assert!(drawn("svg").contains("<g class=\"arrow way taken\"><title>way → stop: neither</title>"));
    assert!(drawn("text").contains("\"✓ neither\""), "{}", drawn("text"));
    assert!(
        drawn("mermaid").contains("linkStyle 11 stroke-width:4px"),
        "{}",
        drawn("mermaid")
    );
    let dot = drawn("dot");
    assert!(
        dot.contains("\"way\" -> \"stop\" [label=\"neither\", color=\"#0f172a\", penwidth=3];"),
        "{dot}"
    );
}

#[test]
fn a_picture_needs_nothing_else_and_lets_nothing_in() {
    let world = World::new();
    let title = r#"\"><script>alert(1)</script><!-- ]]> & \u0001\u202e 'x' </svg>"#;
    world.book(&format!(
        "nodes:\n  a: {{ action: \"{title}\", next: b }}\n  b: {{ question: \"{title}\", choices: {{ x: stop, y: end }} }}\n\
         gates: {{ g: {{ title: \"{title}\", attest: \"{title}\", by: [\"{title}\"], when: \"'<' == '&'\" }} }}\n"
    ));
    let svg = world.call("graph book.yaml --format svg").exits(0).stdout;
    let picture = Picture::of(&svg);
    let known = [
        "svg", "title", "desc", "style", "rect", "g", "path", "text", "circle",
    ];
    for element in picture.elements.keys() {
        assert!(known.contains(&element.as_str()), "{element}");
    }
    let shown = picture
        .titles
        .iter()
        .filter(|title| title.starts_with("\"><script>alert(1)</script>"));
    assert_eq!(shown.count(), 3, "{:?}", picture.titles);
    let own = svg.replace("http://www.w3.org/2000/svg", "");
    for outside in ["http", "url(", "@import", "href"] {
        assert!(!own.contains(outside), "{outside}");
    }
}

#[test]
fn a_picture_is_the_same_every_time() {
    let world = World::with(BOOK);
    let drawn = || world.call("graph book.yaml --format svg").exits(0).stdout;
    assert_eq!(drawn(), drawn());
}

#[test]
fn what_is_too_large_for_a_picture_is_said_with_what_to_do() {
    let world = World::new();
    let nodes = (1..300).map(|n| format!("  n{n}: {{ action: A, next: [n{}, last] }}\n", n + 1));
    let nodes: String = nodes.collect();
    world.book(&format!(
        "nodes:\n{nodes}  n300: {{ action: A, next: last }}\n  last: {{ action: A }}\n"
    ));
    let seen = world.call("graph book.yaml --format svg").exits(2);
    insta::assert_snapshot!(seen);
    world.call("graph book.yaml --format dot").exits(0);
}

#[test]
fn an_answer_that_ends_its_branch_is_drawn_too() {
    let world = World::with(
        "nodes:\n  q: { question: Is it over?, choices: { \"yes\": end, \"no\": page } }\n  page: { action: Page somebody }\n",
    );
    let drawn = |format: &str| {
        world
            .call(&format!("graph book.yaml --format {format}"))
            .exits(0)
            .stdout
    };
    assert!(drawn("text").contains("\"yes\""), "{}", drawn("text"));
    assert!(
        drawn("mermaid").contains("q -->|yes| END_q"),
        "{}",
        drawn("mermaid")
    );
    assert!(
        drawn("dot").contains("\"q\" -> \"END_q\" [label=\"yes\"]"),
        "{}",
        drawn("dot")
    );
    assert!(drawn("svg").contains("<g id=\"node-END_q\" class=\"node end\">"));
    world.call("run book.yaml --headless --answer q=yes").exits(0);
    let went = world.call("graph --run last --format svg").exits(0).stdout;
    assert!(
        went.contains("<g class=\"arrow way taken\"><title>q → END_q: yes</title>"),
        "{went}"
    );
}

#[test]
fn arrows_that_say_different_things_do_not_meet_in_a_terminal() {
    let world = World::with(
        "nodes:\n  q: { question: Accept it?, choices: { \"yes\": fence, \"no\": stop } }\n  lag: { action: Look, next: fence }\n  fence: { action: Fence it }\n",
    );
    let drawn = world.call("graph book.yaml").exits(0).stdout;
    assert!(drawn.contains("├─ yes → fence"), "{drawn}");
}
