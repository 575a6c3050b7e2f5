//! Whether a network of the user's choice can be used as a catalog entry says: its graph must have
//! the inputs and outputs that facedeck will ask for. Better known at the import than in a job.

use std::path::Path;

use crate::error::{Error, Result};

use super::catalog::{Entry, Role, SourceKind};
use super::onnx::{self, Port};
use super::store::Weights;

/// Makes sure that a file is a network with the names and the picture size of an entry.
///
/// # Errors
/// [`crate::error::Kind::Usage`] that says what it lacks and what it has.
pub(super) fn check(entry: &Entry, path: &Path) -> Result<()> {
    if entry.role == Role::Mesh {
        return Ok(());
    }
    let weights = Weights::File(path.to_owned());
    let refuse = |what: String| {
        Error::usage(format!("{} cannot be used as {}: {what}", path.display(), entry.id))
            .hint("describe it with an entry of its own: --entry ENTRY.toml")
    };
    let graph = onnx::summary(&weights)
        .map_err(|e| Error::usage(format!("{} is no network", path.display())).because(e))?;
    let swapper = entry.swapper.as_ref();
    let enhancer = entry.enhancer.as_ref();
    let inputs = [
        entry.input.as_ref().map(|input| &input.name),
        swapper.map(|spec| &spec.source_input),
        enhancer.and_then(|spec| spec.weight_input.as_ref()),
    ];
    let outputs = [
        swapper.and_then(|spec| spec.output.as_ref()),
        swapper.and_then(|spec| spec.mask_output.as_ref()),
        enhancer.and_then(|spec| spec.output.as_ref()),
    ];
    let lacks = lacking("input", &inputs, &graph.inputs)
        .or_else(|| lacking("output", &outputs, &graph.outputs))
        .or_else(|| wrong_size(entry, &graph.inputs));
    if let Some(what) = lacks {
        return Err(refuse(what));
    }
    if swapper.is_some_and(|spec| spec.source == SourceKind::Emap) {
        onnx::emap(&weights).map_err(|e| refuse(e.chain()))?;
    }
    Ok(())
}

/// The first name that no port has.
fn lacking(kind: &str, wanted: &[Option<&String>], ports: &[Port]) -> Option<String> {
    let has = |name: &String| ports.iter().any(|port| port.name == *name);
    let name = wanted.iter().flatten().find(|name| !has(name))?;
    let names: Vec<String> = ports.iter().map(|port| format!("\"{}\"", port.name)).collect();
    Some(format!("it has no {kind} \"{name}\", only {}", names.join(", ")))
}

/// A picture of another shape than the entry says; an axis of any size fits.
fn wrong_size(entry: &Entry, ports: &[Port]) -> Option<String> {
    let input = entry.input.as_ref()?;
    let port = ports.iter().find(|port| port.name == input.name)?;
    let fits = port.shape.len() == input.shape.len()
        && port.shape.iter().zip(&input.shape).skip(1).all(|(has, wanted)| {
            // A detector with a fixed side has another side than the usual one, at worst.
            has.is_none_or(|has| has == *wanted as u64)
        });
    if fits {
        return None;
    }
    let axes: Vec<String> =
        port.shape.iter().map(|axis| axis.map_or("any".into(), |side| side.to_string())).collect();
    let wanted: Vec<String> = input.shape.iter().map(ToString::to_string).collect();
    Some(format!(
        "its input \"{}\" has the shape {} instead of {}",
        input.name,
        axes.join("x"),
        wanted.join("x")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(id: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mine.onnx");
        std::fs::write(&path, super::super::embedded(id).unwrap().bytes).unwrap();
        (dir, path)
    }

    #[test]
    fn every_embedded_network_fits_its_own_entry() {
        for model in super::super::all().unwrap() {
            let (_dir, path) = written(&model.entry.id);
            check(&model.entry, &path).unwrap();
        }
    }

    #[test]
    fn another_network_is_refused_by_what_it_lacks() {
        let (_dir, path) = written("face_landmarks_478");
        let mut entry = super::super::embedded("mobilefacenet").unwrap().entry;
        let error = check(&entry, &path).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let said = error.message();
        assert!(said.contains("no input \"input\", only \"input_12\""), "{said}");
        // The right name, and another picture.
        if let Some(input) = &mut entry.input {
            "input_12".clone_into(&mut input.name);
        }
        let error = check(&entry, &path).unwrap_err();
        let said = error.message();
        assert!(said.contains("instead of") && said.contains("112"), "{said}");
        std::fs::write(&path, "no network").unwrap();
        assert!(check(&entry, &path).unwrap_err().message().contains("is no network"));
    }
}
