//! Where the values of a document stand in its text.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use granit_parser::{Event, Parser};

use crate::source::{Segment, Span};

/// From how many entries on a mapping is worth an index.
const MANY: usize = 16;

/// A value's place, and those of the values in it.
#[derive(Debug)]
pub(crate) struct Spans<'a> {
    pub(crate) span: Span,
    inner: Inner<'a>,
}

#[derive(Debug)]
enum Inner<'a> {
    Leaf,
    List(Vec<Spans<'a>>),
    Map(Entries<'a>),
}

#[derive(Debug)]
struct Entries<'a> {
    list: Vec<Entry<'a>>,
    /// Where each key stands first; made when a key of a large mapping is looked for.
    index: OnceCell<HashMap<String, usize>>,
}

#[derive(Debug)]
struct Entry<'a> {
    key: Cow<'a, str>,
    key_span: Span,
    value: Spans<'a>,
}

/// What a step leads to, and where its key stands if it has one.
type Found<'s, 'a> = (Option<Span>, &'s Spans<'a>);

impl<'a> Spans<'a> {
    /// The places in a text, as far as it can be read.
    pub(crate) fn of(text: &'a str) -> Self {
        let mut open: Vec<Open<'a>> = Vec::new();
        for (event, place) in Parser::new_from_str(text).map_while(Result::ok) {
            let mut span = byte_span(text, &place);
            if let Some(tag) = place.tag_span() {
                span.start = byte_span(text, &tag).start;
            }
            let done = match event {
                Event::SequenceStart(..) => {
                    open.push(Open::new(span.start, false));
                    None
                }
                Event::MappingStart(..) => {
                    open.push(Open::new(span.start, true));
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop().map(|collection| collection.close(span.end))
                }
                Event::Scalar(value, ..) => Some((value, Self::leaf(span))),
                Event::Alias(_) => Some((Cow::Borrowed(""), Self::leaf(span))),
                _ => None,
            };
            match (done, open.last_mut()) {
                (Some(value), Some(parent)) => parent.values.push(value),
                // What follows the first document is of no interest.
                (Some((_, root)), None) => return root,
                (None, _) => {}
            }
        }
        // The text breaks off, and so does everything that is still open.
        let mut root = Self::leaf(Span { start: 0, end: 0 });
        while let Some(collection) = open.pop() {
            let value = collection.close(text.len());
            match open.last_mut() {
                Some(parent) => parent.values.push(value),
                None => root = value.1,
            }
        }
        root
    }

    fn leaf(span: Span) -> Self {
        let inner = Inner::Leaf;
        Self { span, inner }
    }

    /// Where the last of a value ends. The end of a collection that stands on lines of its own is only noticed at what follows it.
    pub(crate) fn last(&self, text: &str) -> usize {
        let rest = text.get(self.span.start..).unwrap_or_default();
        let is_bracketed = rest.starts_with(['[', '{']);
        let last = match &self.inner {
            _ if is_bracketed => None,
            Inner::Leaf => None,
            Inner::List(items) => items.last(),
            Inner::Map(entries) => entries.list.last().map(|entry| &entry.value),
        };
        last.map_or(self.span.end, |last| last.last(text))
    }

    /// What one step of a path leads to.
    pub(crate) fn step(&self, segment: &Segment) -> Option<Found<'_, 'a>> {
        let entry = match (segment, &self.inner) {
            (Segment::Index(position), Inner::List(items)) => {
                return items.get(*position).map(|item| (None, item));
            }
            (Segment::Key(key), Inner::Map(map)) => map.get(key),
            (Segment::Entry(position), Inner::Map(map)) => map.list.get(*position),
            _ => None,
        };
        entry.map(|entry| (Some(entry.key_span), &entry.value))
    }
}

impl<'a> Entries<'a> {
    fn get(&self, key: &str) -> Option<&Entry<'a>> {
        if self.list.len() < MANY {
            return self.list.iter().find(|entry| entry.key == key);
        }
        let index = self.index.get_or_init(|| {
            // From the end, so that the first of several equal keys stays.
            let entries = self.list.iter().enumerate().rev();
            entries.map(|(at, entry)| (entry.key.to_string(), at)).collect()
        });
        index.get(key).and_then(|position| self.list.get(*position))
    }
}

/// A collection whose end has not come yet.
struct Open<'a> {
    start: usize,
    is_map: bool,
    /// The text, if it is one, and place of each value so far; in a mapping of keys and values in turn.
    values: Vec<(Cow<'a, str>, Spans<'a>)>,
}

impl<'a> Open<'a> {
    fn new(start: usize, is_map: bool) -> Self {
        Self {
            start,
            is_map,
            values: Vec::new(),
        }
    }

    fn close(self, end: usize) -> (Cow<'a, str>, Spans<'a>) {
        let span = Span {
            start: self.start,
            end: end.max(self.start),
        };
        let mut values = self.values.into_iter();
        let inner = if self.is_map {
            let mut list = Vec::new();
            while let Some((key, key_spans)) = values.next() {
                let key_span = key_spans.span;
                let value = values.next().map(|(_, value)| value);
                list.push(Entry {
                    key,
                    key_span,
                    value: value.unwrap_or_else(|| Spans::leaf(key_span)),
                });
            }
            let index = OnceCell::new();
            Inner::Map(Entries { list, index })
        } else {
            Inner::List(values.map(|(_, item)| item).collect())
        };
        (Cow::Borrowed(""), Spans { span, inner })
    }
}

/// The scanner's span in ours.
pub(crate) fn byte_span(text: &str, span: &granit_parser::Span) -> Span {
    let range = span.byte_range().unwrap_or(0..0);
    let start = range.start.min(text.len());
    Span {
        start,
        end: range.end.clamp(start, text.len()),
    }
}
