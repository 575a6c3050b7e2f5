//! What makes faces sharper.

use toml::{Table, Value};

use crate::error::Result;
use crate::profiles::Resolved;

use super::Layer;

/// The processor that runs enhancers.
const ENHANCER: &str = "face_enhancer";

/// What makes faces sharper.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Sharper faces")]
pub struct EnhanceArgs {
    /// Make the faces sharper with this network; several work one after the other
    #[arg(long, value_name = "MODEL")]
    pub enhance: Vec<String>,
    /// How much of the sharper face is used, 0 to 1 [default: 0.8]
    #[arg(long, value_name = "SHARE")]
    pub enhance_blend: Option<f64>,
}

impl EnhanceArgs {
    /// Puts these flags on top of what the layers below have decided: they add to the processors
    /// and change enhancers that a profile names.
    pub(super) fn put_on(&self, below: Resolved) -> Result<Resolved> {
        let mut layer = Layer::default();
        let profile = &below.profile;
        let mut processors = profile.processors.clone();
        let mut enhancers = profile.enhance.clone();
        if !self.enhance.is_empty() {
            if !processors.iter().any(|name| name == ENHANCER) {
                processors.push(ENHANCER.to_owned());
                layer.list("processors", "--enhance", &processors);
            }
            let of = |model: &String| crate::profiles::Enhance {
                model: model.clone(),
                ..crate::profiles::Enhance::default()
            };
            enhancers = self.enhance.iter().map(of).collect();
        } else if self.enhance_blend.is_none() {
            return Ok(below);
        }
        let tables: Vec<Value> = enhancers
            .iter()
            .map(|one| {
                let blend = self.enhance_blend.unwrap_or_else(|| exact(one.blend));
                Value::Table(Table::from_iter([
                    ("model".to_owned(), Value::String(one.model.clone())),
                    ("blend".to_owned(), Value::Float(blend)),
                    ("weight".to_owned(), Value::Float(exact(one.weight))),
                ]))
            })
            .collect();
        let flag = if self.enhance.is_empty() { "--enhance-blend" } else { "--enhance" };
        layer.list("enhance", flag, &tables);
        Ok(below.with(layer.settings()?)?)
    }
}

/// The number that is written in the same way.
fn exact(v: f32) -> f64 {
    v.to_string().parse().unwrap_or(f64::from(v))
}
