//! Processors one after the other, as one.
//!
//! Every processor prepares from the frame as it was decoded, in the order of the chain; then
//! their works are applied in the same order, each to what the one before it left.

use crate::error::{Error, Kind as ErrorKind, Result};
use crate::faces::Chosen;
use crate::imaging::frame::Frame;

use super::registry::Registry;
use super::{Changed, Processor, Setup, Work};

/// The processors of a profile in their order.
pub struct Chain {
    links: Vec<Link>,
    name: &'static str,
}

struct Link {
    /// The kind's name, which the user knows.
    kind: &'static str,
    processor: Box<dyn Processor>,
}

impl Chain {
    /// Builds every processor that the profile names, from the built-in kinds.
    ///
    /// # Errors
    /// When a name is unknown or a processor cannot be built.
    pub fn build(setup: &Setup<'_>) -> Result<Self> {
        Self::build_from(&Registry::built_in(), setup)
    }

    /// Builds every processor that the profile names, from these kinds.
    ///
    /// # Errors
    /// When a name is unknown, there is none, or a processor cannot be built.
    pub fn build_from(registry: &Registry<'_>, setup: &Setup<'_>) -> Result<Self> {
        let names = &setup.profile.processors;
        if names.is_empty() {
            return Err(Error::usage("the profile names no frame processor")
                .hint("set processors = [\"face_swapper\"]"));
        }
        let link = |name: &String| {
            let kind = registry.find(name)?;
            let processor = kind.build(setup).map_err(|error| of(kind.name(), error))?;
            Ok(Link { kind: kind.name(), processor })
        };
        let links = names.iter().map(link).collect::<Result<Vec<_>>>()?;
        let name = match links.as_slice() {
            [only] => only.processor.name(),
            _ => "process",
        };
        Ok(Chain { links, name })
    }
}

/// An error that says which processor it comes from. That the user stopped the work is nobody's.
fn of(kind: &str, error: Error) -> Error {
    if *error.kind() == ErrorKind::Interrupted { error } else { error.of(kind) }
}

impl Processor for Chain {
    fn name(&self) -> &'static str {
        self.name
    }

    fn prepare(&mut self, frame: &Frame, faces: &[Chosen]) -> Result<Box<dyn Work>> {
        let prepare = |Link { kind, processor }: &mut Link| {
            let work = processor.prepare(frame, faces).map_err(|error| of(kind, error))?;
            Ok((*kind, work))
        };
        let works = self.links.iter_mut().map(prepare).collect::<Result<_>>()?;
        Ok(Box::new(ChainWork(works)))
    }
}

/// Works with the names of their kinds.
struct ChainWork(Vec<(&'static str, Box<dyn Work>)>);

impl Work for ChainWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Changed> {
        let mut all = Changed::default();
        for (kind, work) in self.0 {
            let Changed { faces, regions } = work.apply(frame).map_err(|error| of(kind, error))?;
            // The same faces go from link to link.
            all.faces = all.faces.max(faces);
            all.regions.extend(regions);
        }
        Ok(all)
    }
}
