//! Processors one after the other, as one.

use crate::error::Result;
use crate::faces::Chosen;
use crate::imaging::frame::Frame;

use super::{Changed, Processor, Setup, Work, registry};

/// The processors of a profile in their order.
pub struct Chain {
    links: Vec<Box<dyn Processor>>,
    name: &'static str,
}

impl Chain {
    /// Builds every processor that the profile names.
    ///
    /// # Errors
    /// When a name is unknown or a processor cannot be built.
    pub fn build(setup: &Setup<'_>) -> Result<Self> {
        let names = &setup.profile.processors;
        let links = names
            .iter()
            .map(|name| registry::find(name)?.build(setup))
            .collect::<Result<Vec<_>>>()?;
        let name = match links.as_slice() {
            [only] => only.name(),
            _ => "process",
        };
        Ok(Chain { links, name })
    }
}

impl Processor for Chain {
    fn name(&self) -> &'static str {
        self.name
    }

    fn prepare(&mut self, frame: &Frame, faces: &[Chosen]) -> Result<Box<dyn Work>> {
        let works =
            self.links.iter_mut().map(|link| link.prepare(frame, faces)).collect::<Result<_>>()?;
        Ok(Box::new(ChainWork(works)))
    }
}

struct ChainWork(Vec<Box<dyn Work>>);

impl Work for ChainWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Changed> {
        let mut all = Changed::default();
        for work in self.0 {
            let Changed { faces, regions } = work.apply(frame)?;
            // The same faces go from link to link.
            all.faces = all.faces.max(faces);
            all.regions.extend(regions);
        }
        Ok(all)
    }
}
