/// What came of a prompt.
pub(super) type Heard<T> = Result<T, Unsaid>;

/// Why nothing came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsaid {
    /// Not now: Escape, the end of input, or a terminal that went away.
    Later,
    /// Ctrl-C.
    Interrupted,
    /// It is not asked any more.
    Withdrawn,
    /// An answer before it was wrong.
    Back,
}

/// The two ways to ask somebody something. Each ends soon once its [`Stop`](super::keys::Stop) is set. A test answers them from a list.
pub(super) trait Prompts {
    /// From now on prompts say how one goes back from them, or offer no way.
    fn offer_back(&mut self, can_go_back: bool);

    /// Has one of several chosen, and gives its place.
    fn choose(&mut self, prompt: &Choose<'_>) -> Heard<usize>;

    /// Has a line typed.
    fn line(&mut self, prompt: &Type<'_>) -> Heard<String>;
}

/// A choice among several.
pub(super) struct Choose<'a> {
    /// How deep it stands.
    pub(super) depth: usize,
    /// What is asked.
    pub(super) message: &'a str,
    /// How to go about it.
    pub(super) help: &'a str,
    /// What there is to choose from.
    pub(super) options: &'a [Offer],
    /// Where the cursor stands at first.
    pub(super) start: usize,
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// The word for it.
    pub(super) id: String,
    /// What it means.
    pub(super) label: Option<String>,
}

impl Offer {
    /// An offer.
    pub(super) fn new(id: &str, label: Option<&str>) -> Self {
        Self {
            id: id.to_owned(),
            label: label.map(str::to_owned),
        }
    }

    /// How well it fits what was typed, if it does: the word itself, its beginning, or any part of it or of its meaning.
    pub(super) fn fits(&self, typed: &str) -> Option<i64> {
        let typed = typed.trim().to_lowercase();
        let label = self.label.as_deref().unwrap_or_default().to_lowercase();
        if self.id == typed {
            Some(3)
        } else if self.id.starts_with(&typed) {
            Some(2)
        } else {
            (self.id.contains(&typed) || label.contains(&typed)).then_some(1)
        }
    }
}

impl std::fmt::Display for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.label {
            Some(label) => write!(f, "{label} ({})", self.id),
            None => f.write_str(&self.id),
        }
    }
}

/// A line to be typed.
pub(super) struct Type<'a> {
    /// How deep it stands.
    pub(super) depth: usize,
    /// What is asked.
    pub(super) message: &'a str,
    /// How to go about it.
    pub(super) help: &'a str,
    /// What an empty line stands for.
    pub(super) default: Option<&'a str>,
    /// Likely lines.
    pub(super) suggestions: &'a [String],
    /// What is wrong with a line, and what is allowed.
    pub(super) check: &'a dyn Fn(&str) -> Result<(), String>,
}

/// The likely lines that fit what was typed so far; all of them, once one of them is typed in full.
pub(super) fn likely(suggestions: &[String], typed: &str) -> Vec<String> {
    let fits = |suggestion: &&String| suggestion.contains(typed) || suggestions.iter().any(|s| s == typed);
    suggestions.iter().filter(fits).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_itself_fits_best() {
        let no = Offer::new("no", Some("No: an older one"));
        let unknown = Offer::new("unknown", Some("Nobody knows"));
        assert_eq!((no.fits("no"), unknown.fits("no")), (Some(3), Some(1)));
        assert_eq!((no.fits("OLDER"), unknown.fits("older")), (Some(1), None));
        assert_eq!((no.fits(""), unknown.fits("unk")), (Some(2), Some(2)));
    }

    #[test]
    fn suggestions_narrow_down() {
        let tags = ["v1.9.0", "v1.10.0", "v1.10.1"].map(str::to_owned);
        assert_eq!(likely(&tags, "1.10"), ["v1.10.0", "v1.10.1"]);
        assert_eq!(likely(&tags, "v1.9.0"), tags);
        assert_eq!(likely(&tags, "x"), Vec::<String>::new());
    }
}
