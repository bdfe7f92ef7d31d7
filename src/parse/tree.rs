//! A YAML document as it stands: nothing interpreted, nothing dropped.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_json::Number;

/// How deep a document may be nested.
pub(crate) const MAX_DEPTH: usize = 64;

/// A value of a document. A mapping keeps its order and its duplicate keys, so that they can be reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Tree<'a> {
    /// Nothing, or `null`.
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    /// A number that JSON has no form for: `.inf`, `.nan`, or one beyond 64 bits.
    OddNumber,
    Text(Cow<'a, str>),
    List(Vec<Tree<'a>>),
    Map(Vec<(Tree<'a>, Tree<'a>)>),
    /// A value with a tag of the file's own.
    Tagged(String, Box<Tree<'a>>),
}

impl Tree<'_> {
    /// What it is, as a message says it.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) | Self::OddNumber => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::Tagged(..) => "a tagged value",
        }
    }
}

/// Why a document is not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    TooDeep,
    /// Its aliases stand for more values than its text could hold.
    TooManyValues,
}

/// Watches over a tree that grows: a short text can stand for a huge tree, as an alias repeats what it refers to.
#[derive(Debug)]
pub(crate) struct Growth {
    values_left: Cell<usize>,
    stop: Cell<Option<Stop>>,
    tagged: Cell<bool>,
}

impl Growth {
    /// For a tree of at most so many values.
    pub(crate) fn up_to(values: usize) -> Self {
        Self {
            values_left: Cell::new(values),
            stop: Cell::new(None),
            tagged: Cell::new(false),
        }
    }

    /// Why it ended before the document did, if it did.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        self.stop.get()
    }

    /// Whether there is a tag anywhere.
    pub(crate) fn has_tags(&self) -> bool {
        self.tagged.get()
    }

    /// What a deserializer makes a tree from.
    pub(crate) fn seed(&self) -> Seed<'_> {
        Seed {
            growth: self,
            depth: 0,
        }
    }

    fn stop<E: Error>(&self, why: Stop) -> E {
        self.stop.set(Some(why));
        E::custom("the document ends here for us")
    }
}

/// Makes the tree of one value.
#[derive(Clone, Copy)]
pub(crate) struct Seed<'g> {
    growth: &'g Growth,
    depth: usize,
}

impl Seed<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.growth.stop(Stop::TooDeep));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Tree<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Tree<'de>, D::Error> {
        let left = self.growth.values_left.get().checked_sub(1);
        let left = left.ok_or_else(|| self.growth.stop(Stop::TooManyValues))?;
        self.growth.values_left.set(left);
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Tree<'de>, E> {
        Ok(Tree::OddNumber)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Tree<'de>, E> {
        Ok(Tree::OddNumber)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree<'de>, E> {
        Ok(Number::from_f64(value).map_or(Tree::OddNumber, Tree::Number))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree<'de>, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree<'de>, A::Error> {
        let inner = self.deeper()?;
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry_seed(inner, inner)? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Tree<'de>, A::Error> {
        self.growth.tagged.set(true);
        let (tag, value) = access.variant::<String>()?;
        let value = value.newtype_variant_seed(self)?;
        Ok(Tree::Tagged(tag, Box::new(value)))
    }
}
