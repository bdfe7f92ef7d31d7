//! `switchback new NAME`: a runbook to begin with, its test and its drill; `switchback new NAME.md`: the template of an incident note.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::adapter::reporter::quoted;
use crate::model::is_id;
use crate::parse::INCIDENT_NOTE;

use super::args;
use super::console::Console;
use super::error::{OrUsage, Outcome, Refusal};
use super::exit_code::Exit;

/// What is written: what follows the name, the text, and the mode. The texts are a runbook that works as it stands, called `new-name`.
const FILES: [(&str, &str, u32); 4] = [
    (".yaml", include_str!("new-name.yaml"), 0o666),
    (".test.yaml", include_str!("new-name.test.yaml"), 0o666),
    (".drill.yaml", include_str!("new-name.drill.yaml"), 0o666),
    (".drill/setup", include_str!("new-name.drill/setup"), 0o777),
];

/// Writes the files, all of them or none, and says what to do with them.
pub(super) fn new(args: &args::New, console: &Console) -> Outcome {
    if args.name.extension().is_some_and(|extension| extension == "md") {
        return note(&args.name, console);
    }
    let (folder, name) = named(&args.name)?;
    let id = name.replace('-', "_");
    let files: Vec<(PathBuf, String, u32)> = FILES
        .into_iter()
        .map(|(rest, text, mode)| {
            let text = text.replace("new_name", &id).replace("new-name", name);
            (folder.join(format!("{name}{rest}")), text, mode)
        })
        .collect();
    let drill = folder.join(format!("{name}.drill"));
    let mut paths = files.iter().map(|(path, ..)| path).chain([&drill]);
    if let Some(there) = paths.find(|path| fs::symlink_metadata(path).is_ok()) {
        return Err(Refusal::usage(
            format!("`{}` is there already", there.display()),
            "take another name, or move it away; nothing was written",
        ));
    }
    for (index, (path, text, mode)) in files.iter().enumerate() {
        if let Err(error) = write(path, text, *mode) {
            // Whoever could write them can remove them.
            for (path, ..) in &files[..index] {
                let _ = fs::remove_file(path);
            }
            let _ = fs::remove_dir(&drill);
            return Err(error)
                .with_context(|| format!("`{}` cannot be written", path.display()))
                .or_usage("mend that, or go to a folder that you may write to; nothing was left behind");
        }
    }
    for (path, ..) in &files {
        console.say(&format!("wrote {}", path.display()));
    }
    let runbook = quoted(&files[0].0.display().to_string());
    console.say(&format!(
        "
Make it yours, and after each step:
  switchback check {runbook}
  switchback test {runbook}
  switchback drill {runbook} --scenario pointed
When it is needed:
  switchback run {runbook} -p release=v2 -p folder=/srv/site"
    ));
    Ok(Exit::Complete)
}

/// Writes the template of the incident note that a `write` makes by itself, to make another of it.
fn note(path: &Path, console: &Console) -> Outcome {
    let shown = path.display();
    write(path, INCIDENT_NOTE, 0o666).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Refusal::usage(
            format!("`{shown}` is there already"),
            "take another name, or move it away; nothing was written",
        ),
        _ => Refusal::usage(
            format!("`{shown}` cannot be written: {error}"),
            "mend that, or go to a folder that you may write to",
        ),
    })?;
    console.say(&format!(
        "wrote {shown}

Make it yours, and name it in a runbook, by its path from there:
  note:
    action: Write the incident note
    write: {{ path: \"incidents/{{{{ run.date }}}}-{{{{ run.id }}}}.md\", template: {} }}",
        quoted(&shown.to_string())
    ));
    Ok(Exit::Complete)
}

/// The folder and the name that were typed.
fn named(typed: &Path) -> Result<(&Path, &str), Refusal> {
    let folder = typed.parent().unwrap_or(Path::new(""));
    let name = typed
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    if !is_id(&name.replace('-', "_")) {
        let words: String = name.trim_end_matches(".yaml").to_lowercase();
        let words: Vec<&str> = words
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let near = Some(words.join("-")).filter(|near| is_id(&near.replace('-', "_")));
        let near = folder.join(near.unwrap_or_else(|| "deploy-web".to_owned()));
        return Err(Refusal::usage(
            format!("`{}` is not a name for a runbook", typed.display()),
            format!(
                "a name is a lower-case letter, then lower-case letters, digits, `-` and `_`: `switchback new {}`",
                quoted(&near.display().to_string())
            ),
        ));
    }
    if !folder.as_os_str().is_empty() && !folder.is_dir() {
        let shown = folder.display();
        return Err(Refusal::usage(
            format!("there is no folder `{shown}`"),
            format!("make it: `mkdir -p {}`", quoted(&shown.to_string())),
        ));
    }
    Ok((folder, name))
}

/// Writes a file that must not be there yet, with the folder that it is in.
fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    file.write_all(text.as_bytes()).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}
