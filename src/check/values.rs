//! What is known of a value before there is one: from its kind, its limits and its pattern.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::model::{Domain, Form, Kind, Node, NodeKind, Part, Pattern, Runbook, Work, plain};

/// Filters that let the beginning of a value and the kind of its characters be.
const HARMLESS_FILTERS: [&str; 5] = ["default", "d", "lower", "string", "upper"];

/// What every value of a name has in common, as far as it matters to programs and shells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    /// It may begin with `-`.
    pub(super) dash: bool,
    /// It may have characters in it that mean something to a shell.
    pub(super) special: bool,
}

const HARMLESS: Traits = Traits {
    dash: false,
    special: false,
};
const ANYTHING: Traits = Traits {
    dash: true,
    special: true,
};

/// The name that an interpolation puts in, if it is one and nothing is made of it.
pub(super) fn name_in(code: &str) -> Option<&str> {
    let mut parts = code.split('|').map(str::trim);
    let name = parts.next()?;
    let is_name = name.split('.').all(crate::model::is_id);
    let is_harmless =
        |filter: &str| HARMLESS_FILTERS.contains(&filter.split('(').next().unwrap_or(filter).trim());
    (is_name && parts.all(is_harmless)).then_some(name)
}

/// Whether the values of a name are numbers.
pub(super) fn are_numbers(runbook: &Runbook, name: &str) -> bool {
    let path: Vec<&str> = name.split('.').collect();
    let domain = match path.as_slice() {
        ["answers", id] => match runbook
            .nodes
            .get(*id)
            .and_then(Node::question)
            .map(|question| &question.form)
        {
            Some(Form::Input { domain, .. }) => Some(domain),
            _ => None,
        },
        [parameter] => runbook
            .parameters
            .get(*parameter)
            .map(|parameter| &parameter.domain),
        _ => None,
    };
    domain.is_some_and(|domain| matches!(domain.kind, Kind::Integer | Kind::Number))
}

/// What is known of the value of a name; none where it is not known what it is.
pub(super) fn traits(runbook: &Runbook, name: &str) -> Option<Traits> {
    let path: Vec<&str> = name.split('.').collect();
    match path.as_slice() {
        ["run", "operator" | "title"] => Some(ANYTHING),
        ["run", _] | ["nodes", _, "state"] => Some(HARMLESS),
        ["answers", id] => match &runbook.nodes.get(*id)?.question()?.form {
            Form::Choices(_) => Some(HARMLESS),
            Form::Input { domain, .. } => Some(of_domain(domain)),
        },
        ["outputs", id, capture] => match &runbook.nodes.get(*id)?.kind {
            NodeKind::Action(action) => match &action.work {
                Work::Run {
                    capture: captures, ..
                } => match &captures.get(*capture)?.part {
                    Part::Whole | Part::Json(_) => Some(ANYTHING),
                    Part::Regex(pattern) => Some(of_capture(pattern)),
                },
                _ => None,
            },
            NodeKind::Question(_) => None,
        },
        [parameter] => runbook
            .parameters
            .get(*parameter)
            .map(|parameter| of_domain(&parameter.domain)),
        _ => None,
    }
}

fn of_domain(domain: &Domain) -> Traits {
    if !domain.one_of.is_empty() {
        let all = || domain.one_of.iter().map(plain);
        return Traits {
            dash: all().any(|value| value.starts_with('-')),
            special: all().any(|value| value.chars().any(|c| c.is_ascii() && !is_plain(c))),
        };
    }
    match domain.kind {
        Kind::Boolean => HARMLESS,
        Kind::Integer | Kind::Number => Traits {
            dash: domain.min.is_none_or(|min| min < 0.0),
            special: false,
        },
        Kind::String | Kind::Text => {
            let of_pattern = domain.pattern.as_ref().and_then(parsed).map(|hir| of_whole(&hir));
            let of_pattern = of_pattern.unwrap_or(ANYTHING);
            Traits {
                dash: of_pattern.dash && !domain.uri,
                ..of_pattern
            }
        }
    }
}

/// Of a text in which a pattern is found somewhere: it says something only where it is bound to the ends.
fn of_whole(hir: &Hir) -> Traits {
    let at_start = hir.properties().look_set_prefix().contains(Look::Start);
    let at_end = hir.properties().look_set_suffix().contains(Look::End);
    let first = first(hir);
    Traits {
        dash: !at_start || first.dash || (first.empty && !at_end),
        special: !(at_start && at_end && only_plain(hir)),
    }
}

/// Of what a pattern takes out of a text: its first group, else its whole match.
fn of_capture(pattern: &Pattern) -> Traits {
    let Some(hir) = parsed(pattern) else {
        return ANYTHING;
    };
    let taken = first_group(&hir).unwrap_or(&hir);
    Traits {
        dash: first(taken).dash,
        special: !only_plain(taken),
    }
}

fn parsed(pattern: &Pattern) -> Option<Hir> {
    regex_syntax::parse(&pattern.to_string()).ok()
}

fn first_group(hir: &Hir) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Capture(group) if group.index == 1 => Some(&group.sub),
        HirKind::Capture(group) => first_group(&group.sub),
        HirKind::Repetition(repetition) => first_group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(first_group),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
    }
}

/// What a match may begin with.
#[derive(Clone, Copy)]
struct First {
    /// Nothing, as it may be empty.
    empty: bool,
    /// A `-`.
    dash: bool,
}

fn first(hir: &Hir) -> First {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => First {
            empty: true,
            dash: false,
        },
        HirKind::Literal(literal) => First {
            empty: false,
            dash: literal.0.first() == Some(&b'-'),
        },
        HirKind::Class(class) => First {
            empty: false,
            dash: ranges(class).any(|(start, end)| (start..=end).contains(&'-')),
        },
        HirKind::Repetition(repetition) => {
            let sub = first(&repetition.sub);
            First {
                empty: sub.empty || repetition.min == 0,
                ..sub
            }
        }
        HirKind::Capture(group) => first(&group.sub),
        HirKind::Concat(parts) => {
            let mut all = First {
                empty: true,
                dash: false,
            };
            for part in parts.iter().map(first) {
                all.dash |= part.dash;
                all.empty = part.empty;
                if !part.empty {
                    break;
                }
            }
            all
        }
        HirKind::Alternation(parts) => {
            let mut any = First {
                empty: false,
                dash: false,
            };
            for part in parts.iter().map(first) {
                any.dash |= part.dash;
                any.empty |= part.empty;
            }
            any
        }
    }
}

/// Whether a match has nothing in it that means something to a shell.
fn only_plain(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal
            .0
            .iter()
            .all(|byte| !byte.is_ascii() || is_plain(char::from(*byte))),
        HirKind::Class(class) => {
            // No shell gives a meaning to what is not ASCII.
            ranges(class).all(|(start, end)| (start..=end.min('\x7f')).all(is_plain))
        }
        HirKind::Repetition(repetition) => only_plain(&repetition.sub),
        HirKind::Capture(group) => only_plain(&group.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(only_plain),
    }
}

fn ranges(class: &Class) -> impl Iterator<Item = (char, char)> + '_ {
    let (characters, bytes) = match class {
        Class::Unicode(class) => (Some(class), None),
        Class::Bytes(class) => (None, Some(class)),
    };
    let characters = characters.into_iter().flat_map(|class| class.iter());
    let bytes = bytes.into_iter().flat_map(|class| class.iter());
    let bytes = bytes.map(|range| (char::from(range.start()), char::from(range.end())));
    characters.map(|range| (range.start(), range.end())).chain(bytes)
}

/// Whether a character means nothing to any shell.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_@%+:,./-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Traits {
        of_domain(&Domain {
            pattern: Pattern::new(pattern).ok(),
            ..Domain::of(Kind::String)
        })
    }

    #[test]
    fn a_pattern_tells_what_a_value_begins_with() {
        for safe in ["^/", "^[a-z]", r"^v\d+", "^(a|b)", "^a?$", "^(?:a|)b", r"^\w"] {
            assert!(!of(safe).dash, "{safe}");
        }
        for unsafe_ in [
            "", "a", "^", "^-", "^a?", "^a*-", "^[^a]", "^(a|-)", "(?m)^a", "^.", r"^\S",
        ] {
            assert!(of(unsafe_).dash, "{unsafe_}");
        }
    }

    #[test]
    fn a_pattern_tells_what_a_value_is_made_of() {
        for plain in ["^[a-z0-9]+$", r"^v[0-9]+\.[0-9]+$", "^(a|b/c)$", r"^v\d+$", "^ü$"] {
            assert!(!of(plain).special, "{plain}");
        }
        for special in ["^[a-z]+", "[a-z]+$", "^.*$", "^a b$", "^[^;]$"] {
            assert!(of(special).special, "{special}");
        }
    }

    #[test]
    fn what_is_taken_out_of_an_output_is_its_group() {
        let dash = |pattern: &str| of_capture(&Pattern::new(pattern).unwrap()).dash;
        assert!(!dash(r"- ([0-9a-f]{40})"));
        assert!(!dash(r"(?:x|y)"));
        assert!(dash(r"a (\S+)"));
    }

    #[test]
    fn a_name_is_known_when_nothing_is_made_of_it() {
        assert_eq!(name_in("answers.tag"), Some("answers.tag"));
        assert_eq!(name_in("tag | default('x')"), Some("tag"));
        assert_eq!(name_in("tag | trim"), None);
        assert_eq!(name_in("'v' ~ tag"), None);
    }
}
