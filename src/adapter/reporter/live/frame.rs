use std::time::{Duration, Instant};

use crate::adapter::reporter::style::{Mark, Style, Tint, passed, span};

use super::fit::{Row, cut, width};
use super::{Doing, Live, Size, UnderWay};

/// How long a picture of a spinner stands.
const TURN: Duration = Duration::from_millis(100);
/// How many cells a bar has.
const BAR: usize = 12;
/// How many rows the foot of a low terminal may take; on a higher one it is two thirds of them.
const FEW: usize = 8;
/// A step with fewer rows of its own than this does not show its command.
const WITH_COMMAND: usize = 4;
/// How much of a title stays, whatever else there is to say.
const TITLE: usize = 8;

/// What stands at the foot now: no row is wider than the terminal, and no more of them than it bears.
pub(in crate::adapter::reporter) fn rows(live: &Live, style: Style, size: Size, now: Instant) -> Vec<String> {
    // The last column stays free: what is written there waits for the next row on some terminals.
    let columns = size.columns.saturating_sub(1);
    let room = (size.rows * 2 / 3).max(FEW).min(size.rows.saturating_sub(2));
    if live.is_idle() || room == 0 {
        return Vec::new();
    }
    let foot = foot(live, columns, room, style);
    let mut left = room - foot.len();
    let shown = if live.steps.len() > left {
        left.saturating_sub(1).max(1)
    } else {
        live.steps.len()
    };
    left = left.saturating_sub(shown);
    let mut rows = Vec::new();
    for (place, step) in live.steps[..shown].iter().enumerate() {
        rows.push(head(step, columns, style, now));
        let share = left / (shown - place);
        let below = below(step, share, columns, style);
        left -= below.len();
        rows.extend(below);
    }
    let others = live.steps.len() - shown;
    if others > 0 && room > shown + foot.len() {
        let text = format!("  and {others} more side by side");
        rows.push(Row::default().then(Tint::Faint, text).drawn(columns, style));
    }
    rows.extend(foot);
    rows
}

/// The title of a step, and its time. What there is no room for is left out, the time last.
fn head(step: &UnderWay, columns: usize, style: Style, now: Instant) -> String {
    let since = now.saturating_duration_since(step.since);
    let time = time(since, step.limit);
    let apart = || Row::default().then(Tint::Faint, " · ");
    let id = Row::default().then(Tint::Faint, step.owner.to_string());
    let percent = step
        .progress
        .percent()
        .map(|percent| Row::default().then(Tint::Said, format!("{percent}%")));
    let bar = step.progress.percent().map(|percent| bar(percent, style));
    let place = match &step.doing {
        Doing::Look { place, .. } if !place.is_empty() => {
            Some(Row::default().then(Tint::Faint, place.as_str()))
        }
        _ => None,
    };
    let joined = |parts: &[Option<Row>]| {
        let parts = parts.iter().flatten().cloned();
        parts
            .reduce(|all, part| all.and(apart()).and(part))
            .unwrap_or_default()
    };
    let shown = bar.map(|bar| match &percent {
        Some(percent) => bar.then(Tint::Plain, " ").and(percent.clone()),
        None => bar,
    });
    let variants = [
        joined(&[Some(id.clone()), place.clone(), shown, Some(time.clone())]),
        joined(&[Some(id), place, percent.clone(), Some(time.clone())]),
        joined(&[percent, Some(time.clone())]),
        time,
    ];
    let room = columns.saturating_sub(2);
    let whole = width(&step.title);
    let fits = |title: usize| variants.iter().find(|facts| title + 2 + facts.width() <= room);
    let (facts, title) = match fits(whole).or_else(|| fits(whole.min(TITLE.max(room / 2)))) {
        Some(facts) => (facts, room - 2 - facts.width()),
        None => (&variants[3], room.saturating_sub(2 + variants[3].width()).max(1)),
    };
    Row::default()
        .then(Tint::Said, format!("{} ", turning(since, style)))
        .then(Tint::Strong, cut(&step.title, title, style))
        .then(Tint::Plain, "  ")
        .and(facts.clone())
        .drawn(columns, style)
}

/// How long it has taken, and how long it may; that stands out when it is nearly over.
fn time(since: Duration, limit: Option<Duration>) -> Row {
    match limit {
        None => Row::default().then(Tint::Plain, passed(since)),
        Some(limit) => {
            let is_late = since >= limit.mul_f64(0.8);
            let tint = if is_late { Tint::Warn } else { Tint::Plain };
            Row::default().then(tint, format!("{} of {}", passed(since), span(limit)))
        }
    }
}

fn bar(percent: u8, style: Style) -> Row {
    let done = BAR * usize::from(percent) / 100;
    let (full, empty) = if style.unicode { ("━", "─") } else { ("#", "-") };
    Row::default()
        .then(Tint::Said, full.repeat(done))
        .then(Tint::Faint, empty.repeat(BAR - done))
}

fn turning(since: Duration, style: Style) -> &'static str {
    let pictures: &[&str] = if style.unicode {
        &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
    } else {
        &["|", "/", "-", "\\"]
    };
    let turns = since.as_millis() / TURN.as_millis();
    usize::try_from(turns).map_or("", |turns| pictures[turns % pictures.len()])
}

/// What stands under a step's title, on no more than so many rows.
fn below(step: &UnderWay, share: usize, columns: usize, style: Style) -> Vec<String> {
    let under = |row: Row| {
        Row::default()
            .then(Tint::Plain, "  ")
            .and(row)
            .drawn(columns, style)
    };
    let marked = |mark: Mark, tint: Tint, text: &str| {
        let (sign, its) = style.sign(mark);
        under(Row::default().then(its, format!("{sign} ")).then(tint, text))
    };
    let mut rows = Vec::new();
    match &step.doing {
        Doing::Command(command) if share >= WITH_COMMAND => {
            rows.push(marked(Mark::Command, Tint::Faint, command));
        }
        Doing::Command(_) => {}
        Doing::Look { what, saw, .. } if share > 0 => {
            let mut row = Row::default()
                .then(Tint::Warn, "? ")
                .then(Tint::Plain, what.as_str());
            if let Some(saw) = saw {
                row = row.then(Tint::Plain, ": ").then(Tint::Warn, saw.as_str());
            }
            rows.push(under(row));
        }
        Doing::Else(text) if share > 0 && !text.is_empty() => {
            rows.push(under(Row::default().then(Tint::Faint, text.as_str())))
        }
        Doing::Look { .. } | Doing::Else(_) => {}
    }
    let fit = share.saturating_sub(rows.len()).min(step.lines.len());
    let last = &step.lines[step.lines.len() - fit..];
    rows.extend(last.iter().map(|line| marked(Mark::Output, Tint::Plain, line)));
    rows
}

/// What is ahead: on one row if it fits, else on one row each.
fn foot(live: &Live, columns: usize, room: usize, style: Style) -> Vec<String> {
    let row = |text: &str| Row::default().then(Tint::Faint, format!("  {text}"));
    let one = row(&live.ahead.join(" · "));
    let rows = if one.width() <= columns {
        vec![one]
    } else {
        live.ahead.iter().map(|text| row(text)).collect()
    };
    // A step and what is known of it come first.
    let bears = room.saturating_sub(3);
    let rows = rows.into_iter().filter(|_| !live.ahead.is_empty()).take(bears);
    rows.map(|row| row.drawn(columns, style)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traverse::Owner;

    const STYLE: Style = Style {
        colour: false,
        unicode: true,
        width: 80,
    };

    fn live() -> Live {
        let mut live = Live::default();
        let owner = Owner::Node("deploy".into());
        let command = Doing::Command("dep deploy production --tag=v1.10.0".to_owned());
        let title = "Deploy the 日本語 release to every one of the hosts";
        live.begin(&owner, title, command, Some(Duration::from_secs(120)));
        let lines: Vec<String> = (1..=20).map(|number| format!("host {number}: 7%")).collect();
        live.printed(&owner, lines.iter().map(String::as_str), None);
        live.printed(
            &owner,
            lines.iter().map(String::as_str),
            Some("all: 50%".to_owned()),
        );
        let look = Doing::Look {
            what: "the site answers".to_owned(),
            place: "check 2 of 3".to_owned(),
            saw: None,
        };
        let owner = Owner::Node("switch".into());
        live.begin(&owner, "Switch", look, Some(Duration::from_secs(30)));
        live.saw(&owner, "HTTP 502\nBad gateway");
        live.look_ahead(vec!["next: Restart".to_owned(), "gates 1 of 5 closed".to_owned()]);
        live
    }

    fn drawn(live: &Live, columns: usize, rows: usize) -> Vec<String> {
        let now = live.steps[0].since + Duration::from_secs(25);
        super::rows(live, STYLE, Size { columns, rows }, now)
    }

    #[test]
    fn steps_side_by_side_share_the_rows() {
        insta::assert_snapshot!(drawn(&live(), 80, 24).join("\n"), @"
        ⠋ Deploy the 日本語 release to every one of the hosts  deploy · 50% · 25s of 2m
          $ dep deploy production --tag=v1.10.0
          │ host 17: 7%
          │ host 18: 7%
          │ host 19: 7%
          │ host 20: 7%
          │ all: 50%
        ⠏ Switch  switch · check 2 of 3 · 24s of 30s
          ? the site answers: HTTP 502 Bad gateway
          next: Restart · gates 1 of 5 closed
        ");
    }

    #[test]
    fn what_there_is_no_room_for_is_left_out_and_the_time_last() {
        insta::assert_snapshot!(drawn(&live(), 40, 12).join("\n"), @"
        ⠋ Deploy the 日本語 r…  50% · 25s of 2m
          │ host 20: 7%
          │ all: 50%
        ⠏ Switch  24s of 30s
          ? the site answers: HTTP 502 Bad gat…
          next: Restart · gates 1 of 5 closed
        ");
        insta::assert_snapshot!(drawn(&live(), 20, 10).join("\n"), @"
        ⠋ Deplo…  25s of 2m
          │ host 20: 7%
          │ all: 50%
        ⠏ Swit…  24s of 30s
          ? the site answe…
          next: Restart
          gates 1 of 5 clo…
        ");
    }

    #[test]
    fn it_fits_every_terminal() {
        let mut live = live();
        for number in 0..30 {
            let owner = Owner::Gate(format!("gate_{number}").as_str().into());
            live.begin(&owner, "Look", Doing::Else("looking".to_owned()), None);
        }
        for columns in 0..130 {
            for rows in 0..40 {
                let drawn = drawn(&live, columns, rows);
                // One more is empty, and there the cursor stands.
                assert!(drawn.len() < rows.max(1), "{columns}x{rows}: {drawn:#?}");
                let widest = drawn.iter().map(|row| width(row)).max().unwrap_or(0);
                assert!(widest < columns.max(1), "{columns}x{rows}: {drawn:#?}");
            }
        }
    }

    #[test]
    fn a_time_that_is_nearly_over_stands_out() {
        let style = Style {
            colour: true,
            ..STYLE
        };
        let limit = Some(Duration::from_secs(100));
        let time = |seconds| time(Duration::from_secs(seconds), limit).drawn(80, style);
        assert_eq!(time(79), "1m 19s of 1m 40s");
        assert_eq!(time(80), "\u{1b}[33m1m 20s of 1m 40s\u{1b}[0m");
    }
}
