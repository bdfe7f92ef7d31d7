/// A text in rows that are no wider: cut between words, and within a word that is wider alone. `width` is that of a character.
pub(super) fn rows(text: &str, widest: f64, width: &dyn Fn(char) -> f64) -> Vec<String> {
    let of = |text: &str| text.chars().map(width).sum::<f64>();
    let mut rows: Vec<String> = Vec::new();
    let mut used = 0.0;
    for word in text.split_whitespace() {
        let (own, space) = (of(word), width(' '));
        match rows.last_mut() {
            Some(row) if used + space + own <= widest => {
                row.push(' ');
                row.push_str(word);
                used += space + own;
            }
            _ => {
                rows.push(String::new());
                used = 0.0;
                for c in word.chars() {
                    if used > 0.0 && used + width(c) > widest {
                        rows.push(String::new());
                        used = 0.0;
                    }
                    used += width(c);
                    rows.last_mut().into_iter().for_each(|row| row.push(c));
                }
            }
        }
    }
    rows
}

/// How many columns of a terminal a character takes.
pub(super) fn columns(c: char) -> f64 {
    unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_between_words_and_within_long_ones() {
        assert_eq!(rows("", 5.0, &columns), [""; 0]);
        assert_eq!(rows("to  be or\nnot", 5.0, &columns), ["to be", "or", "not"]);
        assert_eq!(rows("a longest b", 5.0, &columns), ["a", "longe", "st b"]);
        assert_eq!(rows("手で復旧", 5.0, &columns), ["手で", "復旧"]);
    }
}
