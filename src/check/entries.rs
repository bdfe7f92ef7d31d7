//! What templates want of the entries of a run's lists, such as `entry.what` in `{% for entry in run.timeline %}`.

use crate::template::{FACTS, Fact, Part, scan};

use super::names::{Unknown, unknown_field};

/// The fields that no entry has.
pub(super) fn unknown(source: &str) -> Vec<Unknown> {
    let mut found = Vec::new();
    // The loops around a place: of each the name that stands for an entry, and the list if it is one of a run.
    let mut loops: Vec<(&str, Option<&Fact>)> = Vec::new();
    for part in scan(source) {
        let (code, is_block) = match part {
            Part::Text(_) => continue,
            Part::Output(code) => (code.text, false),
            Part::Block(code) => (code.text, true),
        };
        match code.split_whitespace().next().filter(|_| is_block) {
            Some("for") => loops.push(entries(code)),
            Some("endfor") => drop(loops.pop()),
            _ => {}
        }
        for (name, field) in fields(code) {
            // The innermost loop has the last word about a name.
            let of = loops.iter().rev().find(|(entry, _)| *entry == name);
            if let Some((_, Some(fact))) = of
                && !fact.fields.contains(&field)
            {
                found.push(unknown_field(fact, name, field));
            }
        }
    }
    found
}

/// The name that stands for an entry in `for NAME in run.LIST`, and the list; none where it is no list of a run.
fn entries(code: &str) -> (&str, Option<&'static Fact>) {
    let mut words = code.split_whitespace().skip(1);
    let (entry, list) = (words.next().unwrap_or_default(), words.nth(1).unwrap_or_default());
    let list = list.strip_prefix("run.").unwrap_or_default();
    let list = list.split(|c: char| !is_word(c)).next().unwrap_or_default();
    let fact = FACTS
        .iter()
        .find(|fact| fact.name == list && !fact.fields.is_empty());
    (entry, fact)
}

/// Each `name.field` in a piece of code, without what stands in strings.
fn fields(code: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut begin = 0;
    for (place, c) in code.char_indices().chain([(code.len(), ' ')]) {
        match quote {
            Some(open) if c == open => {
                quote = None;
                begin = place + 1;
            }
            Some(_) => {}
            None if is_word(c) || c == '.' => {}
            None => {
                let mut path = code[begin..place].split('.');
                if let (Some(name), Some(field)) = (path.next(), path.next())
                    && !name.is_empty()
                {
                    found.push((name, field));
                }
                begin = place + c.len_utf8();
                quote = Some(c).filter(|c| matches!(c, '\'' | '"'));
            }
        }
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_looked_for_in_the_loop_that_they_are_of() {
        for (source, count) in [
            ("{% for e in run.timeline %}{{ e.waht }}{{ e.at }}{% endfor %}", 1),
            (
                "{% for e in run.timeline[-3:] if e.whom %}{% if e.wher %}{% endif %}{% endfor %}",
                2,
            ),
            (
                "{% for e in run.timeline %}{{ 'e.waht' }}{{ f(e.what)|x }}{% endfor %}{{ e.waht }}",
                0,
            ),
            (
                "{% for e in run.timeline %}{% for e in other %}{{ e.waht }}{% endfor %}{% endfor %}",
                0,
            ),
            (
                "{% for e in run.gates %}{% for f in run.done %}{{ e.took }}{{ f.took }}{% endfor %}{% endfor %}",
                1,
            ),
            ("{% for e in run.id %}{{ e.x }}{% endfor %}", 0),
            (
                "{% for gate in run.gates if gate.required -%}{{ \"\" if gate.reqired }}{% endfor %}",
                1,
            ),
        ] {
            assert_eq!(unknown(source).len(), count, "{source}");
        }
    }
}
