//! The colours of the picture, on a light page and on a dark one. They are written out for each, and not as variables: programs that show
//! pictures know less of CSS than browsers do.

/// What is coloured, which property, on a light page, on a dark one.
const COLOURS: &[(&str, &str, &str, &str)] = &[
    (".paper", "fill", "#ffffff", "#0f1420"),
    ("text", "fill", "#1e293b", "#e2e8f0"),
    (".faint", "fill", "#5b6879", "#94a3b8"),
    (".shape", "stroke", "#64748b", "#7688a3"),
    (".question .shape", "fill", "#fff4d6", "#3a2e10"),
    (".question .shape", "stroke", "#b7791f", "#d9a441"),
    (".step .shape", "fill", "#eaf0ff", "#1c2745"),
    (".step .shape", "stroke", "#4b68c4", "#7f9cf5"),
    (".manual .shape", "fill", "#fdeaf4", "#3d1a30"),
    (".manual .shape", "stroke", "#b83280", "#ec8cc3"),
    (".manual .icon", "fill", "#b83280", "#ec8cc3"),
    (".step .icon", "fill", "#4b68c4", "#7f9cf5"),
    (".milestone .shape", "fill", "#f1f5f9", "#1e293b"),
    (".end .shape", "fill", "#f1f5f9", "#1e293b"),
    (".stop .shape", "fill", "#fde8e8", "#451a1f"),
    (".stop .shape", "stroke", "#c53030", "#f08585"),
    (".line", "stroke", "#64748b", "#8595ad"),
    (".head", "fill", "#64748b", "#8595ad"),
    (".failure .line", "stroke", "#c53030", "#f08585"),
    (".failure .head", "fill", "#c53030", "#f08585"),
    (".wait .line", "stroke", "#8a97a8", "#64748b"),
    (".wait .head", "fill", "#8a97a8", "#64748b"),
    (".taken .line", "stroke", "#0b6b3a", "#5fd99a"),
    (".taken .head", "fill", "#0b6b3a", "#5fd99a"),
    (".label", "fill", "#334155", "#cbd5e1"),
    (".label", "stroke", "#ffffff", "#0f1420"),
    (".good .shape", "stroke", "#15803d", "#4ade80"),
    (".bad .shape", "stroke", "#c81e1e", "#ff6b6b"),
    (".warn .shape", "stroke", "#c2570c", "#fdba74"),
    (".good .badge", "fill", "#15803d", "#4ade80"),
    (".bad .badge", "fill", "#c81e1e", "#ff6b6b"),
    (".warn .badge", "fill", "#c2570c", "#fdba74"),
    (".dim .badge", "fill", "#64748b", "#8595ad"),
    (".open .badge", "fill", "#ffffff", "#0f1420"),
    (".open .badge", "stroke", "#64748b", "#8595ad"),
    (".glyph", "stroke", "#ffffff", "#0f1420"),
    (".rule", "stroke", "#d5dce6", "#2b3648"),
];

/// What does not depend on the page.
const FORMS: &str = "\
text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
.middle{text-anchor:middle}
.heading{font-size:18px;font-weight:600}
.strong{font-weight:600}
.small{font-size:11px}
.id{font:10.5px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.label{font-size:11.5px;text-anchor:middle;stroke-width:4px;stroke-linejoin:round;paint-order:stroke}
.shape{stroke-width:1.4px}
.line{fill:none;stroke-width:1.5px}
.wait .line{stroke-width:1.2px;stroke-dasharray:3 4}
.failure .line{stroke-dasharray:7 4}
.taken .line{stroke-width:3px;stroke-dasharray:none}
.dead{opacity:.45}
.dim{opacity:.55}
.dim .shape{stroke-dasharray:5 4}
.good .shape,.warn .shape{stroke-width:2px}
.bad .shape{stroke-width:3px}
.glyph{fill:none;stroke-width:1.9px;stroke-linecap:round;stroke-linejoin:round}
.rule{stroke-width:1px}
";

/// The style sheet. It speaks of its own picture only, also where that stands in a page.
pub(super) fn style_sheet() -> String {
    let rules = |colour: &dyn Fn(usize) -> &'static str| -> String {
        let rule = |(number, (what, property, ..)): (usize, &(&str, &str, &str, &str))| {
            format!("{}{{{property}:{}}}\n", own(what), colour(number))
        };
        COLOURS.iter().enumerate().map(rule).collect()
    };
    let forms = FORMS.lines().filter_map(|line| line.split_once('{'));
    let forms: String = forms
        .map(|(what, form)| format!("{}{{{form}\n", own(what)))
        .collect();
    // Paper is light, whatever the screen is.
    let light = rules(&|number| COLOURS[number].2);
    let dark = rules(&|number| COLOURS[number].3);
    format!("{forms}{light}@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n")
}

fn own(selectors: &str) -> String {
    let own = selectors.split(',').map(|one| format!(".switchback {one}"));
    own.collect::<Vec<_>>().join(",")
}
