//! `switchback docs`: pages that show a runbook, and are kept as it is.

mod page;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use similar::TextDiff;

use crate::adapter::file;
use crate::adapter::reporter::harmless;
use crate::draw::{self, Chart};
use crate::model::Runbook;

use super::args;
use super::console::Console;
use super::error::{OrUsage, Outcome, Refusal};
use super::exit_code::Exit;
use super::{find, load, text};

use page::{Block, Kind};

/// A page that has blocks, as it is and as it should be.
struct Page {
    path: PathBuf,
    is: String,
    should: String,
    blocks: usize,
    /// How many of them differ.
    stale: usize,
}

/// `switchback docs [PATH…]`: writes flowcharts and checklists into pages; with `--check` it only tells which differ. Every page is looked at
/// before one is written, so that a fault leaves all as they are.
pub(super) fn docs(args: &args::Docs, console: &Console) -> Outcome {
    let mut runbooks = Runbooks {
        read: BTreeMap::new(),
        console,
    };
    let mut pages = Vec::new();
    let mut faults = Vec::new();
    for path in find::pages(&args.paths)? {
        match look(&path, &mut runbooks) {
            Ok(page) => pages.extend(page),
            Err(more) => faults.extend(more),
        }
    }
    if let Some(last) = faults.pop() {
        for fault in &faults {
            console.refuse(fault);
        }
        return Err(last);
    }
    if pages.is_empty() {
        let named = args.paths.iter().map(|path| format!("`{}`", path.display()));
        return Err(Refusal::usage(
            format!("no page has a block: {}", named.collect::<Vec<_>>().join(", ")),
            "write `<!-- switchback:mermaid PATH -->` and `<!-- switchback:end -->`, each alone on a line, where the flowchart shall be",
        ));
    }
    for page in &pages {
        if args.check {
            tell(page, console);
        } else {
            write(page)?;
        }
        console.say(&summary(page, args.check));
    }
    let differ = pages.iter().any(|page| page.stale > 0);
    if args.check && differ {
        console.say("\nbring them up to date with `switchback docs`, and commit them");
        return Ok(Exit::Failed);
    }
    Ok(Exit::Complete)
}

/// Looks at a page; none if it has no block.
fn look(path: &Path, runbooks: &mut Runbooks<'_>) -> Result<Option<Page>, Vec<Refusal>> {
    let read = text::read(path)
        .with_context(|| format!("the page `{}` cannot be read", path.display()))
        .or_usage("give the path of a Markdown page, or of a folder with some");
    let is = read.map_err(|refusal| vec![refusal])?;
    let blocks = page::blocks(&is).map_err(|faults| {
        let refusals = faults.into_iter().map(|fault| {
            let message = format!("{}:{}: {}", path.display(), fault.line, fault.message);
            Refusal::usage(message, fault.help)
        });
        refusals.collect::<Vec<_>>()
    })?;
    if blocks.is_empty() {
        return Ok(None);
    }
    let mut texts = Vec::with_capacity(blocks.len());
    let mut faults = Vec::new();
    for block in &blocks {
        match runbooks.named(path, block) {
            Ok(runbook) => texts.push(content(block, &runbook)),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let should = page::filled(&is, &blocks, &texts);
    let differs =
        |(block, text): &(&Block, &String)| is[block.inside.clone()].replace("\r\n", "\n") != **text;
    Ok(Some(Page {
        path: path.to_owned(),
        blocks: blocks.len(),
        stale: blocks.iter().zip(&texts).filter(differs).count(),
        is,
        should,
    }))
}

/// What stands in a block.
fn content(block: &Block, runbook: &Runbook) -> String {
    match block.kind {
        Kind::Mermaid => format!("\n```mermaid\n{}```\n\n", draw::mermaid(&Chart::of(runbook))),
        Kind::Checklist => format!("\n{}\n", draw::checklist(runbook)),
    }
}

/// The runbooks that pages name, each read once.
struct Runbooks<'a> {
    read: BTreeMap<PathBuf, Arc<Runbook>>,
    console: &'a Console,
}

impl Runbooks<'_> {
    /// The runbook that a block of a page names.
    fn named(&mut self, page: &Path, block: &Block) -> Result<Arc<Runbook>, Refusal> {
        let path = page.parent().unwrap_or(Path::new("")).join(&block.runbook);
        if let Some(runbook) = self.read.get(&path) {
            return Ok(Arc::clone(runbook));
        }
        let place = format!("{}:{}", page.display(), block.line);
        let valid = load::valid(&path, self.console).map_err(|refusal| match refusal.exit {
            Exit::Invalid => Refusal {
                error: anyhow!("{place}: `{}` is not valid: no page was written", path.display()),
                ..refusal
            },
            _ => Refusal {
                error: refusal.error.context(place),
                help: "the path in the comment is from the folder of the page".to_owned(),
                exit: refusal.exit,
            },
        })?;
        self.read.insert(path, Arc::clone(&valid.runbook));
        Ok(valid.runbook)
    }
}

/// Shows how a page differs from what it should be.
fn tell(page: &Page, console: &Console) {
    if page.stale == 0 {
        return;
    }
    let path = page.path.display().to_string();
    let diff = TextDiff::from_lines(&page.is, &page.should);
    let diff = diff
        .unified_diff()
        .header(&path, &format!("{path} (as its runbooks are)"))
        .to_string();
    for line in diff.lines() {
        console.say(&harmless(line));
    }
}

/// Writes a page that differs.
fn write(page: &Page) -> Result<(), Refusal> {
    if page.stale == 0 {
        return Ok(());
    }
    let path = &page.path;
    file::replace(path, &page.should)
        .with_context(|| format!("the page `{}` cannot be written", path.display()))
        .or_usage("see that its folder can be written to; it is as it was")
}

fn summary(page: &Page, check: bool) -> String {
    let blocks = if page.blocks == 1 { "block" } else { "blocks" };
    let what = match (page.stale, check) {
        (0, _) => "up to date".to_owned(),
        (1, true) => "1 differs".to_owned(),
        (stale, true) => format!("{stale} differ"),
        (stale, false) => format!("{stale} written"),
    };
    format!("{}: {} {blocks}, {what}", page.path.display(), page.blocks)
}
