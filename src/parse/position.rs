use crate::source::Source;

/// The line and column of a byte of a text, both from 1; columns are counted in characters.
pub fn line_and_column(source: &Source, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(source.text.len());
    while !source.text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &source.text[..offset];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters() {
        let source = Source::new("test.yaml", "a\nüb\n");
        assert_eq!(line_and_column(&source, 0), (1, 1));
        assert_eq!(line_and_column(&source, 4), (2, 2));
        assert_eq!(line_and_column(&source, 3), (2, 1));
        assert_eq!(line_and_column(&source, 99), (3, 1));
    }
}
