//! Processors one after the other, as one.
//!
//! Every processor prepares from the frame as it was decoded, in the order of the chain; then
//! their works are applied in the same order, each to what the one before it left.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind as ErrorKind, Result};
use crate::faces::Chosen;
use crate::imaging::frame::Frame;
use crate::saved;

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

/// Whose memory a chain's is.
const WHOSE: &str = "chain of processors";

/// What one link remembers.
#[derive(Serialize, Deserialize)]
struct LinkState {
    kind: String,
    state: Vec<u8>,
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

    fn save(&self) -> Result<Vec<u8>> {
        let save = |Link { kind, processor }: &Link| {
            let state = processor.save().map_err(|error| of(kind, error))?;
            Ok(LinkState { kind: (*kind).to_owned(), state })
        };
        saved::pack(WHOSE, &self.links.iter().map(save).collect::<Result<Vec<_>>>()?)
    }

    fn restore(&mut self, state: &[u8]) -> Result<()> {
        let same = |states: &Vec<LinkState>| {
            let kinds = self.links.iter().map(|link| link.kind);
            kinds.eq(states.iter().map(|state| state.kind.as_str()))
        };
        let states: Vec<LinkState> = saved::unpack(WHOSE, state, same)?;
        for (Link { kind, processor }, LinkState { state, .. }) in
            self.links.iter_mut().zip(&states)
        {
            processor.restore(state).map_err(|error| of(kind, error))?;
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::saved::testing::{assert_misfit, forged};

    /// Counts the frames.
    #[derive(Default)]
    struct Counter(u32);

    impl Processor for Counter {
        fn name(&self) -> &'static str {
            "count"
        }

        fn prepare(&mut self, _: &Frame, _: &[Chosen]) -> Result<Box<dyn Work>> {
            Err(Error::failed("counts nothing here"))
        }

        fn save(&self) -> Result<Vec<u8>> {
            saved::pack("counter", &self.0)
        }

        fn restore(&mut self, state: &[u8]) -> Result<()> {
            self.0 = saved::unpack("counter", state, |count| *count < 100)?;
            Ok(())
        }
    }

    /// Remembers nothing.
    struct Forgetful;

    impl Processor for Forgetful {
        fn name(&self) -> &'static str {
            "forget"
        }

        fn prepare(&mut self, _: &Frame, _: &[Chosen]) -> Result<Box<dyn Work>> {
            Err(Error::failed("does nothing here"))
        }
    }

    /// A chain of counters at these counts and of those who remember nothing.
    fn chain(links: &[(&'static str, Option<u32>)]) -> Chain {
        let link = |&(kind, count): &(&'static str, Option<u32>)| Link {
            kind,
            processor: match count {
                Some(count) => Box::new(Counter(count)),
                None => Box::new(Forgetful),
            },
        };
        Chain { links: links.iter().map(link).collect(), name: "process" }
    }

    #[test]
    fn every_link_gets_its_own_memory_back() {
        let saved = chain(&[("a", Some(3)), ("b", None), ("a", Some(5))]).save().unwrap();
        let mut fresh = chain(&[("a", Some(0)), ("b", None), ("a", Some(0))]);
        fresh.restore(&saved).unwrap();
        assert_eq!(fresh.save().unwrap(), saved);
        let third = fresh.links[2].processor.save().unwrap();
        assert_eq!(third, Counter(5).save().unwrap());
    }

    #[test]
    fn another_chain_is_refused() {
        let saved = chain(&[("a", Some(3)), ("b", None)]).save().unwrap();
        for other in [
            &[("b", None), ("a", Some(0))][..],
            &[("a", Some(0))],
            &[("a", Some(0)), ("b", None), ("b", None)],
            &[("a", Some(0)), ("c", None)],
            &[],
        ] {
            assert_misfit(chain(other).restore(&saved));
        }
    }

    #[test]
    fn a_link_that_objects_is_named() {
        let saved = chain(&[("a", Some(3)), ("b", Some(100))]).save().unwrap();
        let error = chain(&[("a", Some(0)), ("b", Some(0))]).restore(&saved).unwrap_err();
        assert_eq!(error.message(), "b: the saved state does not fit the counter");
        // It remembered something once, and now it does not.
        let error = chain(&[("a", Some(0)), ("b", None)]).restore(&saved).unwrap_err();
        assert!(error.message().starts_with("b: the saved state does not fit"), "{error}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let mut chain = chain(&[("a", Some(3)), ("b", None)]);
            assert_misfit(chain.restore(&bytes));
            let _ = chain.restore(&forged(WHOSE, &bytes));
        }
    }
}
