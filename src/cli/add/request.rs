//! What is asked for, with every path in full, checked as far as it can be from here.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};
use crate::jobs::output;
use crate::pipeline::{Request, Resume, check_output};
use crate::profiles::Profile;
use crate::service::wire::NewJob;

use super::super::models::ask;
use super::AddArgs;

/// The request with paths that mean the same in every folder, checked.
pub(super) fn checked(args: &AddArgs, profile: Profile) -> Result<Request> {
    let first = args.source.sources.first().map(PathBuf::as_path);
    let mut request = Request {
        sources: args.source.sources.clone(),
        source_face: args.source.source_face,
        target: args.target.clone(),
        output: output::choose(args.output.as_deref(), first, &args.target),
        overwrite: args.overwrite,
        resume: Resume::default(),
        profile,
    };
    if !args.host.host().shares_files() && args.remote_paths {
        // They are those of another machine: only it can say whether they are there.
        each_path(&mut request, &mut |path| match path.is_absolute() {
            true => Ok(()),
            false => Err(Error::usage(format!("{} is not a full path", path.display()))
                .hint("with --remote-paths, write paths as they are over there, from /")),
        })?;
        return Ok(request);
    }
    each_path(&mut request, &mut |path| {
        *path = std::path::absolute(&*path)
            .context(|| format!("{} is no usable path", path.display()))?;
        Ok(())
    })?;
    if args.host.host().shares_files() {
        ask_before_loss(&mut request)?;
        request.check()?;
    } else {
        request.check_inputs()?;
        if args.queue.wait {
            ask_before_loss(&mut request)?;
            check_output(request.inputs(), &request.output)?;
            refuse_loss(&request)?;
        }
    }
    Ok(request)
}

/// Does something with every path of a request; the output comes last.
fn each_path(
    request: &mut Request,
    change: &mut dyn FnMut(&mut PathBuf) -> Result<()>,
) -> Result<()> {
    each_input(request, change)?;
    change(&mut request.output)
}

/// Does something with every file that is read.
pub(super) fn each_input(
    request: &mut Request,
    change: &mut dyn FnMut(&mut PathBuf) -> Result<()>,
) -> Result<()> {
    request.sources.iter_mut().try_for_each(&mut *change)?;
    change(&mut request.target)?;
    let faces = &mut request.profile.faces;
    faces.reference_picture.iter_mut().try_for_each(&mut *change)?;
    for map in &mut faces.map {
        change(&mut map.who)?;
        map.faces.iter_mut().try_for_each(&mut *change)?;
    }
    Ok(())
}

/// On a terminal, asks before an existing output is replaced.
fn ask_before_loss(request: &mut Request) -> Result<()> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if request.overwrite || !terminal || !request.output.is_file() {
        return Ok(());
    }
    if !ask::yes(&format!("{} exists already. Replace it?", request.output.display())) {
        return Err(Error::usage(format!("{} was left as it is", request.output.display())));
    }
    request.overwrite = true;
    Ok(())
}

fn refuse_loss(request: &Request) -> Result<()> {
    if request.output.exists() && !request.overwrite {
        return Err(Error::usage(format!("{} exists already", request.output.display()))
            .hint("give --overwrite to replace it, or another name"));
    }
    Ok(())
}

/// What is sent. A result that is fetched has no place of ours over there.
pub(super) fn new_job(args: &AddArgs, request: &Request, sent: bool) -> Result<NewJob> {
    let snapshot =
        serde_json::to_value(&request.profile).context(|| "the profile cannot be sent".into())?;
    let own_name = || args.target.file_name().map(|name| name.to_string_lossy().into_owned());
    let queue = &args.queue;
    // Uploads have other names than the files here.
    let name = if sent { queue.name.clone().or_else(own_name) } else { queue.name.clone() };
    let output = if sent { None } else { Some(text(&request.output)?) };
    Ok(NewJob {
        sources: request.sources.iter().map(|path| text(path)).collect::<Result<_>>()?,
        source_face: request.source_face,
        target: text(&request.target)?,
        output,
        overwrite: request.overwrite && !sent,
        profile: Some(args.job.named.name().to_owned()),
        settings: serde_json::Map::new(),
        snapshot: Some(snapshot),
        name,
        priority: queue.priority,
        after: queue.after.clone(),
        not_before: queue.not_before,
        max_attempts: queue.attempts,
        hold: queue.hold,
    })
}

/// A path as it is sent.
fn text(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Error::usage(format!("the name of {} is not in UTF-8", path.display()))
            .hint("rename it, or use facedeck swap")
    })
}
