use std::fmt::Write;

use super::super::marks::{GateMark, Mark, Tone};

/// A round badge with a sign in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Badge {
    pub(super) tone: Tone,
    sign: &'static str,
}

const CHECK: &str = "M-4 .5l2.7 2.8l5 -6";
const CROSS: &str = "M-3 -3l6 6M3 -3l-6 6";
const DASH: &str = "M-3.5 0h7";
const DOTS: &str = "M-3.8 0h.01M0 0h.01M3.8 0h.01";
const BANG: &str = "M0 -4.2v4.6M0 3.7v.01";
const PLAY: &str = "M-2 -3.4l5 3.4l-5 3.4z";
const SKIP: &str = "M-3.5 -3l3.5 3l-3.5 3M.5 -3l3.5 3l-3.5 3";

impl Badge {
    /// The badge of a node; none as long as the run has not come to it.
    pub(super) fn of(mark: Mark) -> Option<Self> {
        let sign = match mark {
            Mark::Pending => return None,
            Mark::Done => CHECK,
            Mark::Failed => CROSS,
            Mark::InDoubt => BANG,
            Mark::Running => PLAY,
            Mark::Waiting => DOTS,
            Mark::NotNeeded => SKIP,
            Mark::Blocked | Mark::Cancelled => CROSS,
            Mark::NotTaken => DASH,
        };
        let tone = mark.looks().tone;
        Some(Self { tone, sign })
    }

    /// The badge of a gate; without a run it is open.
    pub(super) fn of_gate(mark: Option<GateMark>) -> Self {
        let sign = match mark {
            None => "",
            Some(GateMark::Met) => CHECK,
            Some(GateMark::Unmet) => CROSS,
            Some(GateMark::Unknown) => BANG,
            Some(GateMark::Waiting) => DOTS,
            Some(GateMark::NotApplicable) => DASH,
            Some(GateMark::Waived) => SKIP,
        };
        let tone = mark.map_or(Tone::Plain, |mark| mark.looks().tone);
        Self { tone, sign }
    }

    /// Draws it around a point. What stands around it has the class of its tone.
    pub(super) fn draw(self, out: &mut String, x: f64, y: f64) {
        // Writing to a String cannot fail; the result is only there because the trait is shared.
        let _ = writeln!(
            out,
            r#"<circle class="badge" cx="{x:.1}" cy="{y:.1}" r="9"/><path class="glyph" transform="translate({x:.1} {y:.1})" d="{}"/>"#,
            self.sign
        );
    }
}

/// The class of what has this tone.
pub(super) fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain | Tone::Strong => "open",
        Tone::Faint => "dim",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Warn => "warn",
    }
}

/// Head and shoulders of a person, 12 wide, around a point.
pub(super) fn person(out: &mut String, x: f64, y: f64) {
    let _ = writeln!(
        out,
        r#"<path class="icon" transform="translate({x:.1} {y:.1})" d="M0 -6.5a3.1 3.1 0 0 1 0 6.2a3.1 3.1 0 0 1 0 -6.2zM-6 6.5c0 -4 2.4 -5.8 6 -5.8s6 1.8 6 5.8z"/>"#
    );
}

/// A screen on its foot, around a point.
pub(super) fn machine(out: &mut String, x: f64, y: f64) {
    let _ = writeln!(
        out,
        r#"<path class="icon" transform="translate({x:.1} {y:.1})" d="M-6.5 -6h13v9h-5v2.2h2v1.3h-7v-1.3h2v-2.2h-5zM-5 -4.5v6h10v-6z" fill-rule="evenodd"/>"#
    );
}
