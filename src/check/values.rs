//! What is known of a value before there is one: from its kind, its limits and its pattern.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::model::{Domain, Form, Kind, NodeKind, Part, Pattern, Runbook, Work, plain};

/// What every value of a name has in common, as far as it matters to programs and shells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    /// It may be empty.
    pub(super) empty: bool,
    /// It may begin with `-`.
    pub(super) dash: bool,
    /// It may have characters in it that mean something to a shell.
    pub(super) special: bool,
}

impl Traits {
    pub(super) const NOTHING: Self = Self {
        empty: true,
        dash: false,
        special: false,
    };
    pub(super) const HARMLESS: Self = Self {
        empty: false,
        ..Self::NOTHING
    };
    pub(super) const ANYTHING: Self = Self {
        empty: true,
        dash: true,
        special: true,
    };

    /// Of what an author wrote.
    pub(super) fn of_text(text: &str) -> Self {
        Self {
            empty: text.is_empty(),
            dash: text.starts_with('-'),
            special: text.chars().any(|c| c.is_ascii() && !is_plain(c)),
        }
    }

    /// Of one with the other behind it.
    pub(super) fn then(self, next: Self) -> Self {
        Self {
            empty: self.empty && next.empty,
            dash: self.dash || (self.empty && next.dash),
            special: self.special || next.special,
        }
    }

    /// Of one or the other.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            empty: self.empty || other.empty,
            dash: self.dash || other.dash,
            special: self.special || other.special,
        }
    }
}

/// What a parameter or an answer may be; none for every other name, whose values nobody gives.
pub(super) fn domain<'r>(runbook: &'r Runbook, name: &str) -> Option<&'r Domain> {
    match name.split_once('.') {
        Some(("answers", id)) => match &runbook.nodes.get(id)?.question()?.form {
            Form::Input { domain, .. } => Some(domain),
            Form::Choices(_) => None,
        },
        Some(_) => None,
        None => Some(&runbook.parameters.get(name)?.domain),
    }
}

/// What is known of the value of a name; none where it is not known what it is.
pub(super) fn traits(runbook: &Runbook, name: &str) -> Option<Traits> {
    let path: Vec<&str> = name.split('.').collect();
    match path.as_slice() {
        ["run", "operator" | "title"] => Some(Traits::ANYTHING),
        ["run", _] | ["nodes", _, "state"] => Some(Traits::HARMLESS),
        ["answers", id] => match &runbook.nodes.get(*id)?.question()?.form {
            Form::Choices(_) => Some(Traits::HARMLESS),
            Form::Input { domain, .. } => Some(of_domain(domain)),
        },
        ["outputs", id, capture] => match &runbook.nodes.get(*id)?.kind {
            NodeKind::Action(action) => match &action.work {
                Work::Run {
                    capture: captures, ..
                } => match &captures.get(*capture)?.part {
                    Part::Whole | Part::Json(_) => Some(Traits::ANYTHING),
                    Part::Regex(pattern) => Some(of_capture(pattern)),
                },
                _ => None,
            },
            NodeKind::Question(_) => None,
        },
        [parameter] => Some(of_domain(&runbook.parameters.get(*parameter)?.domain)),
        _ => None,
    }
}

fn of_domain(domain: &Domain) -> Traits {
    let one_of = domain.one_of.iter().map(|value| Traits::of_text(&plain(value)));
    if let Some(all) = one_of.reduce(Traits::or) {
        return all;
    }
    match domain.kind {
        Kind::Boolean => Traits::HARMLESS,
        Kind::Integer | Kind::Number => Traits {
            dash: domain.min.is_none_or(|min| min < 0.0),
            ..Traits::HARMLESS
        },
        Kind::String | Kind::Text => {
            let of_pattern = domain.pattern.as_ref().and_then(parsed).map(|hir| of_whole(&hir));
            let of_pattern = of_pattern.unwrap_or(Traits::ANYTHING);
            Traits {
                empty: of_pattern.empty && !domain.uri,
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
        empty: first.empty,
        dash: !at_start || first.dash || (first.empty && !at_end),
        special: !(at_start && at_end && only_plain(hir)),
    }
}

/// Of what a pattern takes out of a text: its first group, else its whole match.
fn of_capture(pattern: &Pattern) -> Traits {
    let Some(hir) = parsed(pattern) else {
        return Traits::ANYTHING;
    };
    let taken = first_group(&hir).unwrap_or(&hir);
    let first = first(taken);
    Traits {
        empty: first.empty,
        dash: first.dash,
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
}
