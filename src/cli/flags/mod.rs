//! Flags that state how a job is done: each one sets a key of the profile, on top of the profile
//! that was named and of the environment. `swap`, `preview` and `batch` share them.

mod enhance;
mod faces;
mod layer;
mod mask;
mod named;
mod parse;
mod ready;
mod run;
mod swapper;
mod video;

use crate::error::{Error, Result};
use crate::models::Store;
use crate::pipeline::fit;
use crate::profiles::library::ROOP;
use crate::profiles::{Library, Resolved, resolve, variables};

pub use enhance::EnhanceArgs;
pub use faces::FaceArgs;
pub use mask::MaskArgs;
pub use named::NamedArgs;
pub(super) use parse::set;
pub use ready::engine;
pub use run::RunArgs;
pub use swapper::SwapperArgs;
pub use video::VideoArgs;

use layer::Layer;

/// Every flag that fits a single frame.
#[derive(Debug, Clone, clap::Args)]
pub struct JobArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub named: NamedArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub faces: FaceArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub swapper: SwapperArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub mask: MaskArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub enhance: EnhanceArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub run: RunArgs,
}

impl JobArgs {
    /// The profile with the environment and these flags on top, checked against the catalog.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for everything that is wrong with any of the layers.
    pub fn resolve(&self, video: Option<&VideoArgs>) -> Result<Resolved> {
        let mut layer = Layer::default();
        self.faces.fill(&mut layer);
        self.swapper.fill(&mut layer);
        self.mask.fill(&mut layer);
        if let Some(video) = video {
            video.fill(&mut layer);
        }
        self.run.fill(&mut layer);
        layer.add(&self.named.set);
        let library = Library::open()?;
        let layers = vec![variables::from_env()?, layer.settings()?];
        let resolved = resolve(&library, self.named.name(), layers)?;
        let resolved = self.enhance.put_on(resolved)?;
        self.check_many(&resolved)?;
        let store = Store::open()?;
        Ok(fit(resolved, &store)?)
    }

    /// Everybody, or who looks like somebody: not both, except in roop, where everybody wins.
    fn check_many(&self, resolved: &Resolved) -> Result<()> {
        match self.faces.reference_flag() {
            Some(flag) if self.faces.many_faces && !resolved.is_from(ROOP) => Err(Error::usage(
                format!("the argument '--many-faces' cannot be used with '{flag}'"),
            )
            .hint("leave one of them out; with --profile roop, --many-faces wins")),
            _ => Ok(()),
        }
    }
}
