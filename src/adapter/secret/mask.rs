use std::sync::Arc;

use regex::bytes::{Regex, RegexBuilder};

use crate::model::SecretId;

use super::form::forms;

/// Knows what must not be shown, and what is shown in its place: `‹secret:NAME›`.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    known: Option<Arc<Known>>,
}

#[derive(Debug)]
struct Known {
    /// Matches any form of any secret, the longest one first.
    any: Regex,
    /// The forms in that order, and what is shown for each.
    forms: Vec<(Vec<u8>, String)>,
}

impl Mask {
    /// A mask for these secrets. None if there are so many that no pattern can be made of them.
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a SecretId, &'a str)>) -> Option<Self> {
        let mut all: Vec<(Vec<u8>, String)> = secrets
            .into_iter()
            .flat_map(|(id, secret)| {
                forms(secret)
                    .into_iter()
                    .map(move |form| (form, format!("‹secret:{id}›")))
            })
            .collect();
        if all.is_empty() {
            return Some(Self::default());
        }
        // The pattern takes the first alternative that matches: of two that start together, the longer one must come first.
        all.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        let pattern: Vec<String> = all.iter().map(|(form, _)| literal(form)).collect();
        let any = RegexBuilder::new(&pattern.join("|"))
            .unicode(false)
            .size_limit(256 * 1024 * 1024)
            .build()
            .ok()?;
        Some(Self {
            known: Some(Arc::new(Known { any, forms: all })),
        })
    }

    /// A text without secrets.
    pub fn text(&self, text: &str) -> String {
        let mut masked = Vec::with_capacity(text.len());
        let mut stream = self.stream();
        stream.push(text.as_bytes(), &mut masked);
        stream.finish(&mut masked);
        String::from_utf8_lossy(&masked).into_owned()
    }

    /// Masks what comes in blocks.
    pub fn stream(&self) -> Masked {
        Masked {
            mask: self.clone(),
            held: Vec::new(),
            covered: 0,
        }
    }
}

/// Masks a stream, wherever it is cut into blocks: keeps back what could be the start of a secret.
#[derive(Debug)]
pub struct Masked {
    mask: Mask,
    /// What may be the start of a secret.
    held: Vec<u8>,
    /// How much at the start of it belongs to a secret that is shown already.
    covered: usize,
}

impl Masked {
    /// Takes a block and adds to `out` what can be shown by now.
    pub fn push(&mut self, block: &[u8], out: &mut Vec<u8>) {
        let Some(known) = self.mask.known.clone() else {
            out.extend_from_slice(block);
            return;
        };
        self.held.extend_from_slice(block);
        let cut = known.start_of_a_secret(&self.held);
        self.show(&known, cut, out);
    }

    /// Adds the rest to `out`: nothing more comes.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some(known) = self.mask.known.clone() {
            self.show(&known, self.held.len(), out);
        }
    }

    /// Shows what is held up to `cut`, before which nothing can change any more.
    fn show(&mut self, known: &Known, cut: usize, out: &mut Vec<u8>) {
        let mut from = self.covered.min(cut);
        let mut search = 0;
        while let Some(found) = known
            .any
            .find_at(&self.held, search)
            .filter(|found| found.start() < cut)
        {
            // Secrets can overlap. Together they are shown as one, or the end of the second would be left.
            if found.start() >= self.covered {
                out.extend_from_slice(&self.held[from..found.start()]);
                out.extend_from_slice(known.label(found.as_bytes()).as_bytes());
            }
            self.covered = self.covered.max(found.end());
            from = self.covered.min(cut);
            search = found.start() + 1;
        }
        out.extend_from_slice(&self.held[from..cut]);
        self.held.drain(..cut);
        self.covered = self.covered.saturating_sub(cut);
    }
}

impl Known {
    /// Where the first secret could start of which the end is still to come; the text's end if there is none.
    fn start_of_a_secret(&self, text: &[u8]) -> usize {
        let longest = self.forms.first().map_or(0, |(form, _)| form.len());
        let first = text.len().saturating_sub(longest.saturating_sub(1));
        (first..text.len())
            .find(|start| {
                let rest = &text[*start..];
                self.forms
                    .iter()
                    .any(|(form, _)| form.len() > rest.len() && form.starts_with(rest))
            })
            .unwrap_or(text.len())
    }

    /// What is shown for a form.
    fn label(&self, form: &[u8]) -> &str {
        let found = self.forms.iter().find(|(known, _)| known == form);
        found.map_or("‹secret›", |(_, label)| label)
    }
}

/// A pattern that matches these bytes and nothing else.
fn literal(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 4), |mut pattern, byte| {
            // Writing to a string cannot fail.
            let _ = write!(pattern, r"\x{byte:02x}");
            pattern
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mask(secrets: &[(&str, &str)]) -> Mask {
        let ids: Vec<(SecretId, &str)> = secrets
            .iter()
            .map(|(id, text)| (SecretId::from(*id), *text))
            .collect();
        Mask::new(ids.iter().map(|(id, text)| (id, *text))).unwrap()
    }

    fn in_blocks(mask: &Mask, text: &[u8], cuts: &[usize]) -> Vec<u8> {
        let (mut out, mut stream, mut from) = (Vec::new(), mask.stream(), 0);
        for cut in cuts {
            let to = (from + cut).min(text.len());
            stream.push(&text[from..to], &mut out);
            from = to;
        }
        stream.push(&text[from..], &mut out);
        stream.finish(&mut out);
        out
    }

    #[test]
    fn a_secret_is_shown_by_its_name() {
        let mask = mask(&[("token", "hunter2")]);
        assert_eq!(mask.text("it is hunter2!"), "it is ‹secret:token›!");
        assert_eq!(mask.text("it is hunter"), "it is hunter");
        assert_eq!(Mask::default().text("hunter2"), "hunter2");
    }

    #[test]
    fn a_secret_is_masked_encoded_too() {
        let mask = mask(&[("token", "s3cr3t/päss")]);
        for encoded in [
            "Ym9iOnMzY3IzdC9ww6Rzcw==",
            "czNjcjN0L3DDpHNz",
            "YTpzM2NyM3QvcMOkc3M=",
        ] {
            let masked = mask.text(encoded);
            assert!(masked.contains("‹secret:token›"), "{encoded} -> {masked}");
        }
        assert_eq!(mask.text("?t=s3cr3t%2Fp%C3%A4ss&"), "?t=‹secret:token›&");
        assert_eq!(mask.text("?t=s3cr3t%2fp%c3%a4ss&"), "?t=‹secret:token›&");
    }

    /// Base64, as every program prints it.
    fn base64(text: &str) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut encoded = String::new();
        for three in text.as_bytes().chunks(3) {
            let bits = (0..3).fold(0_usize, |bits, at| {
                bits << 8 | usize::from(three.get(at).copied().unwrap_or_default())
            });
            for at in 0..4 {
                let symbol = ALPHABET[bits >> (18 - 6 * at) & 63];
                encoded.push(if at <= three.len() {
                    char::from(symbol)
                } else {
                    '='
                });
            }
        }
        encoded
    }

    #[test]
    fn the_shortest_secrets_are_masked_encoded_too_wherever_a_read_ends() {
        assert_eq!(base64("bob:s3cr3t/päss"), "Ym9iOnMzY3IzdC9ww6Rzcw==");
        for secret in ["p4ss", "p4ss5", "p4ss56", "pä§s"] {
            let mask = mask(&[("pin", secret)]);
            for (before, after) in [
                ("", ""),
                ("a", ""),
                ("ab", ""),
                ("abc", "d"),
                ("bob:", "de"),
                ("a:", "def"),
            ] {
                let plain = format!("{before}{secret}{after}");
                let text = format!("= {plain} {}\n", base64(&plain));
                let whole = mask.text(&text);
                assert_eq!(whole.matches("‹secret:pin›").count(), 2, "{text} -> {whole}");
                for cut in 0..=text.len() {
                    let cut = in_blocks(&mask, text.as_bytes(), &[cut]);
                    assert_eq!(String::from_utf8_lossy(&cut), whole);
                }
                let byte_by_byte = in_blocks(&mask, text.as_bytes(), &vec![1; text.len()]);
                assert_eq!(String::from_utf8_lossy(&byte_by_byte), whole);
            }
        }
    }

    #[test]
    fn what_is_no_secret_is_left_as_it_is() {
        let mask = mask(&[("pin", "p4ss")]);
        for text in ["p4s", "p4 ss", "P4SS", &base64("p4sS"), &base64("xp4s s")] {
            assert_eq!(mask.text(text), text);
        }
    }

    #[test]
    fn a_key_of_many_lines_is_masked_line_by_line() {
        let mask = mask(&[("key", "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----")]);
        assert_eq!(mask.text("1: MIIEvQIBADANBg\n"), "1: ‹secret:key›\n");
    }

    #[test]
    fn of_secrets_that_overlap_nothing_is_left() {
        let mask = mask(&[("one", "12abcd"), ("two", "abcdef"), ("three", "abcd")]);
        assert_eq!(mask.text("-12abcdef-"), "-‹secret:one›-");
        assert_eq!(mask.text("-abcdef-abcd-"), "-‹secret:two›-‹secret:three›-");
    }

    proptest! {
        #[test]
        fn where_a_stream_is_cut_makes_no_difference(
            parts in prop::collection::vec("(aaaa|abab|babaab|abcd|a|b|aG|hunter2|aHVudGVyMg|[ab]{1,6}|.)", 0..30),
            cuts in prop::collection::vec(0_usize..9, 0..40),
        ) {
            let mask = mask(&[("a", "aaaa"), ("b", "babaab"), ("c", "abab"), ("d", "hunter2")]);
            let text = parts.concat();
            let whole = mask.text(&text);
            let in_blocks = in_blocks(&mask, text.as_bytes(), &cuts);
            prop_assert_eq!(String::from_utf8_lossy(&in_blocks), whole.as_str());
            for secret in ["aaaa", "babaab", "abab", "hunter2", "aHVudGVyM"] {
                // A label is text of our own: what stands on its two sides was never together.
                prop_assert!(whole.split(['‹', '›']).all(|part| !part.contains(secret)), "{} in {}", secret, whole);
            }
        }
    }

    #[test]
    fn what_is_held_back_is_bounded() {
        let mask = mask(&[("a", "aaaa")]);
        let (mut stream, mut out) = (mask.stream(), Vec::new());
        for _ in 0..1000 {
            stream.push(b"aaaaaaaa", &mut out);
            assert!(stream.held.len() < 4);
        }
        assert_eq!(out, "‹secret:a›".as_bytes());
    }
}
