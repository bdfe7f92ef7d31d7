use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::adapter::reporter::{Style, Tint, one_line};

/// What stands between two columns.
const GAP: usize = 2;
/// How far a column is shortened before another is left out.
const AT_LEAST: usize = 8;

/// A column of a table.
pub(in crate::cli) struct Column {
    heading: &'static str,
    cells: Vec<Cell>,
    /// Whether what stands in it may be shortened.
    is_soft: bool,
}

/// What stands in a place of a table.
pub(in crate::cli) struct Cell {
    text: String,
    tint: Tint,
}

impl Cell {
    /// A text, made harmless and put on one line.
    pub(in crate::cli) fn new(text: &str, tint: Tint) -> Self {
        Self {
            text: one_line(text),
            tint,
        }
    }

    pub(in crate::cli) fn plain(text: &str) -> Self {
        Self::new(text, Tint::Plain)
    }
}

impl Column {
    /// A column that is shown whole, or not at all.
    pub(in crate::cli) fn new(heading: &'static str, cells: impl IntoIterator<Item = Cell>) -> Self {
        Self {
            heading,
            cells: cells.into_iter().collect(),
            is_soft: false,
        }
    }

    /// The same, of which a part is better than nothing.
    pub(in crate::cli) fn soft(self) -> Self {
        Self {
            is_soft: true,
            ..self
        }
    }

    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| cell.text.width());
        cells.chain([self.heading.width()]).max().unwrap_or(0)
    }
}

/// Columns beside each other under their headings. They stand in the order of what they are worth: where the width does not hold them all, what may
/// be shortened is shortened, and then the last are left out. Without a width everything is shown.
pub(in crate::cli) fn table(mut columns: Vec<Column>, width: Option<usize>, style: Style) -> String {
    let widths = widths(&mut columns, width);
    let mut out = String::new();
    let headings = columns.iter().map(|column| (column.heading, Tint::Faint));
    row(&mut out, headings, &widths, style);
    for index in 0..columns.first().map_or(0, |column| column.cells.len()) {
        let cells = columns.iter().map(|column| &column.cells[index]);
        row(
            &mut out,
            cells.map(|cell| (cell.text.as_str(), cell.tint)),
            &widths,
            style,
        );
    }
    out
}

/// How wide each column is; those for which there is no room are taken away.
fn widths(columns: &mut Vec<Column>, width: Option<usize>) -> Vec<usize> {
    let mut widths: Vec<usize> = columns.iter().map(Column::width).collect();
    let Some(width) = width else {
        return widths;
    };
    loop {
        let all = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        let Some(over) = all.checked_sub(width).filter(|over| *over > 0) else {
            return widths;
        };
        let give = |index: usize| match columns[index].is_soft {
            true => widths[index].saturating_sub(AT_LEAST),
            false => 0,
        };
        if (0..columns.len()).map(give).sum::<usize>() >= over || columns.len() == 1 {
            shorten(&mut widths, columns, over);
            return widths;
        }
        columns.pop();
        widths.pop();
    }
}

/// Takes so much off the soft columns, the widest first; where there is none, off the only one.
fn shorten(widths: &mut [usize], columns: &[Column], over: usize) {
    for _ in 0..over {
        let soft = (0..columns.len()).filter(|index| columns[*index].is_soft);
        let widest = soft.max_by_key(|index| widths[*index]).unwrap_or(0);
        widths[widest] = widths[widest].saturating_sub(1);
    }
}

fn row<'a>(out: &mut String, cells: impl Iterator<Item = (&'a str, Tint)>, widths: &[usize], style: Style) {
    let mut blanks = 0;
    for ((text, tint), width) in cells.zip(widths) {
        out.extend(std::iter::repeat_n(' ', blanks));
        let text = shortened(text, *width, style);
        out.push_str(&style.paint(tint, &text));
        // What follows the last is nothing, and so are its blanks.
        blanks = width.saturating_sub(text.width()) + GAP;
    }
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

fn shortened(text: &str, width: usize, style: Style) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let more = if style.unicode { "…" } else { "~" };
    let mut room = width.saturating_sub(more.width());
    let fits = |c: &char| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= room;
        room = room.saturating_sub(wide);
        fits
    };
    let mut short: String = text.chars().take_while(fits).collect();
    if width > 0 {
        short.push_str(more);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style {
        colour: false,
        unicode: true,
        width: 80,
    };

    fn shown(width: Option<usize>) -> String {
        let column =
            |heading, cells: &[&str]| Column::new(heading, cells.iter().map(|cell| Cell::plain(cell)));
        let columns = vec![
            column("run", &["20261122-135000", "20261121-070000"]),
            column("state", &["complete", "cut short"]),
            column("runbook", &["a_very_long_name", "短い"]).soft(),
            column("by", &["ana", "bo\x1b[2J\nb"]).soft(),
        ];
        table(columns, width, PLAIN)
    }

    #[test]
    fn without_a_width_all_of_it_is_shown() {
        insta::assert_snapshot!(shown(None), @"
        run              state      runbook           by
        20261122-135000  complete   a_very_long_name  ana
        20261121-070000  cut short  短い              bo b
        ");
        assert_eq!(shown(Some(51)), shown(None));
    }

    #[test]
    fn what_does_not_fit_is_shortened_and_then_left_out() {
        insta::assert_snapshot!(shown(Some(45)), @"
        run              state      runbook      by
        20261122-135000  complete   a_very_lon…  ana
        20261121-070000  cut short  短い         bo b
        ");
        insta::assert_snapshot!(shown(Some(37)), @"
        run              state      runbook
        20261122-135000  complete   a_very_l…
        20261121-070000  cut short  短い
        ");
        insta::assert_snapshot!(shown(Some(30)), @"
        run              state
        20261122-135000  complete
        20261121-070000  cut short
        ");
        insta::assert_snapshot!(shown(Some(9)), @"
        run
        20261122…
        20261121…
        ");
        for width in 0..60 {
            let widest = shown(Some(width)).lines().map(|line| line.width()).max();
            assert!(widest.is_some_and(|widest| widest <= width), "{width}");
        }
    }
}
