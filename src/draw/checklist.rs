use crate::graph::Graph;
use crate::model::{Action, Check, Choice, ChoiceId, Form, Gate, Look, Next, Node, NodeKind, Runbook, Work};

/// What people answer, do, look at and say, in the order of the flowchart, and then what completion means: a Markdown task list.
///
/// 👤 stands before what a person closes, 🤖 before a gate that the machine closes alone. Templates stand as they are written.
pub fn checklist(runbook: &Runbook) -> String {
    let order = Graph::of(runbook).order();
    let nodes = order.into_iter().map(|position| &runbook.nodes[position]);
    let mut tasks: Vec<String> = nodes.flat_map(|node| of_node(runbook, node)).collect();
    if !runbook.gates.is_empty() {
        let gates = runbook.gates.values().map(of_gate);
        let heading = "**Complete when all of these are closed:**\n".to_owned();
        let breaks = if tasks.is_empty() {
            None
        } else {
            Some(String::new())
        };
        tasks.extend(breaks.into_iter().chain([heading]).chain(gates));
    }
    tasks.iter().map(|task| format!("{task}\n")).collect()
}

/// The tasks that a node has for people.
fn of_node(runbook: &Runbook, node: &Node) -> Vec<String> {
    match &node.kind {
        NodeKind::Question(question) => {
            let mut task = task('👤', &question.title, "");
            if let Form::Choices(choices) = &question.form {
                for choice in choices {
                    task.push_str(&format!("\n  - {}", of_choice(runbook, choice)));
                }
            }
            vec![task]
        }
        NodeKind::Action(action) => of_action(action),
    }
}

/// A choice, and what comes next.
fn of_choice(runbook: &Runbook, (id, choice): (&ChoiceId, &Choice)) -> String {
    let label = choice.label.as_deref().unwrap_or(id.as_str());
    let next = match &choice.next {
        Next::Stop => "stop here".to_owned(),
        Next::Nodes(nodes) => {
            let titles = nodes.iter().filter_map(|id| runbook.nodes.get(id));
            let titles: Vec<String> = titles.map(|node| format!("*{}*", line(node.title()))).collect();
            titles.join(", ")
        }
    };
    match next.as_str() {
        "" => line(label),
        next => format!("{} → {next}", line(label)),
    }
}

/// What people have to agree to before an action, to do, and to look at after it.
fn of_action(action: &Action) -> Vec<String> {
    let mut tasks = Vec::new();
    let title = &action.title;
    if let Some(confirm) = &action.confirm {
        tasks.push(task(
            '👤',
            title,
            &format!("before it starts: {}", line(&confirm.0)),
        ));
    }
    if let Work::Manual(text) = &action.work {
        tasks.push(format!("{}{}", task('👤', title, ""), paragraphs(&text.0)));
    }
    let confirmed = action.verify.iter().filter_map(confirmed);
    tasks.extend(confirmed.map(|text| task('👤', title, &line(text))));
    tasks
}

/// What a person is asked to see, where a check is one.
fn confirmed(check: &Check) -> Option<&str> {
    match &check.look {
        Look::Confirm(text) => Some(&text.0),
        _ => None,
    }
}

fn of_gate(gate: &Gate) -> String {
    let seen = gate.verify.iter().filter_map(confirmed);
    let mut words: Vec<String> = seen
        .chain(gate.attest.as_ref().map(|text| text.0.as_str()))
        .map(line)
        .collect();
    if !gate.decide.is_empty() {
        let outcomes: Vec<String> = gate.decide.iter().map(|id| format!("`{id}`")).collect();
        words.push(format!("decide: {}", outcomes.join(" or ")));
    }
    let who = if words.is_empty() { '🤖' } else { '👤' };
    let mut asides = Vec::new();
    if !words.is_empty() && !gate.by.is_empty() {
        asides.push(format!("by {}", line(&gate.by.join(", "))));
    }
    if let Some(when) = &gate.when {
        asides.push(format!("only if {}", code(&when.0.replace(['\n', '\r'], " "))));
    }
    if !gate.required {
        asides.push("not required".to_owned());
    }
    if !asides.is_empty() {
        words.push(format!("({})", asides.join("; ")));
    }
    task(who, &gate.title, &words.join(" "))
}

fn task(who: char, title: &str, more: &str) -> String {
    let title = line(title);
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(": {more}")
    };
    format!("- [ ] {who} **{title}**{more}")
}

/// A text on one line.
fn line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text of several lines, as part of the task above it.
fn paragraphs(text: &str) -> String {
    let lines = visible(text.trim_end());
    let lines = lines.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("\n  {line}"),
    });
    format!("\n{}", lines.collect::<String>())
}

/// Authors write Markdown, and mean what they write; but what looks like HTML is shown, not read. In code it is shown anyway: between fences, and
/// between equal runs of back-ticks on one line. What only might be code to one program and not to another is none.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fence: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        match fence {
            Some(opening) => {
                let ends = bare.starts_with(opening) && bare.bytes().all(|byte| byte == b'`');
                fence = fence.filter(|_| !ends);
                out.push_str(line);
            }
            None => {
                fence = fence_of(line);
                with_code(line, &mut out);
            }
        }
    }
    out
}

/// The back-ticks of a line that begins code.
fn fence_of(line: &str) -> Option<&str> {
    let (blanks, rest) = line.split_at(line.len() - line.trim_start_matches(' ').len());
    let (run, info) = rest.split_at(run_of(rest));
    (blanks.len() < 4 && run.len() >= 3 && !info.contains('`')).then_some(run)
}

/// How many back-ticks a text begins with.
fn run_of(text: &str) -> usize {
    text.len() - text.trim_start_matches('`').len()
}

/// A line in which `<` outside of code is shown.
fn with_code(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find(['`', '<', '\\']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match rest.as_bytes()[0] {
            b'<' => {
                out.push_str("&lt;");
                rest = &rest[1..];
                continue;
            }
            // What is escaped begins nothing, and ends nothing.
            b'\\' => rest
                .chars()
                .take(2)
                .filter(|c| *c != '<')
                .map(char::len_utf8)
                .sum(),
            _ => code_length(rest).unwrap_or_else(|| run_of(rest)),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
}

/// How long the code is that a line begins with, with its back-ticks; none if they do not end on it.
fn code_length(line: &str) -> Option<usize> {
    let opening = run_of(line);
    let mut at = opening;
    while let Some(next) = line[at..].find('`') {
        at += next;
        let closing = run_of(&line[at..]);
        at += closing;
        if closing == opening {
            return Some(at);
        }
    }
    None
}

/// A text as code within a line, whatever back-ticks are in it.
fn code(text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    let aside = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{aside}{text}{aside}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_looks_like_html_is_read_as_such() {
        for (text, shown) in [
            ("a <b> c", "a &lt;b> c"),
            ("`<b>` and <i>", "`<b>` and &lt;i>"),
            ("Tick ` <img>", "Tick ` &lt;img>"),
            ("# Heading `\n<script> `", "# Heading `\n&lt;script> `"),
            (r"\` <b> `", r"\` &lt;b> `"),
            ("``<`<`` <b>", "``<`<`` &lt;b>"),
            ("```sh\ncat <<EOF\n```\n<b>", "```sh\ncat <<EOF\n```\n&lt;b>"),
            ("    ```\n<b>", "    ```\n&lt;b>"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("`a``"), "``` `a`` ```");
    }
}
