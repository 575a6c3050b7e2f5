//! `facedeck processors`: what can be done to faces, and what it takes.

use serde_json::{Value, json};

use crate::error::Result;
use crate::inference::{Pool, Settings};
use crate::models::Store;
use crate::models::store::{Status, mebibytes};
use crate::processors::registry::KINDS;
use crate::processors::{Cost, Kind, OptionInfo};
use crate::profiles::Profile;

use super::args::OutArgs;
use super::flags::NamedArgs;
use super::output::{OutputMode, json_line, result_line};

/// Arguments of `facedeck processors`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ProcessorsArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub named: NamedArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck processors
  facedeck processors --profile quality
  facedeck processors --json | jq .name
  facedeck swap -s me.jpg -t film.mp4 -o out.mp4 --frame-processor face_swapper face_enhancer";

/// Runs the command.
///
/// # Errors
/// When the catalog cannot be read or does not know a model that the profile names.
pub fn run(args: &ProcessorsArgs) -> Result<()> {
    let mode = OutputMode::from_flags(args.out.json, args.out.quiet);
    let profile = args.named.resolve()?;
    let pool = Pool::new(Store::open()?, Settings::processor(1));
    for kind in KINDS {
        let listed = Listed::new(*kind, &profile, &pool)?;
        match mode {
            OutputMode::Json => json_line(&listed.event()),
            _ => listed.lines().iter().for_each(|line| result_line(line)),
        }
    }
    Ok(())
}

/// One processor, as it is listed.
struct Listed<'a> {
    kind: &'a dyn Kind,
    /// Ids, and whether the model is here.
    models: Vec<(String, bool)>,
    cost: Cost,
}

impl<'a> Listed<'a> {
    fn new(kind: &'a dyn Kind, profile: &Profile, pool: &Pool) -> Result<Self> {
        let look = |id: String| {
            let here = matches!(pool.store().status(&id)?, Status::Embedded | Status::Here(_));
            Ok((id, here))
        };
        let models = kind.models(profile).into_iter().map(look).collect::<Result<_>>()?;
        Ok(Listed { kind, models, cost: kind.cost(profile, pool) })
    }

    fn event(&self) -> Value {
        let model = |(id, here): &(String, bool)| json!({ "id": id, "here": here });
        json!({
            "event": "processor",
            "name": self.kind.name(),
            "summary": self.kind.summary(),
            "options": self.kind.options(),
            "models": self.models.iter().map(model).collect::<Vec<_>>(),
            "cost": self.cost,
        })
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{:16}{}", self.kind.name(), self.kind.summary())];
        let word = |(id, here): &(String, bool)| {
            if *here { id.clone() } else { format!("{id} (not here)") }
        };
        let models: Vec<String> = self.models.iter().map(word).collect();
        let Cost { gmac_per_face, model_bytes } = self.cost;
        if !models.is_empty() {
            // Of some models nobody knows the size before they are here.
            let size = (model_bytes > 0).then(|| format!(", {}", mebibytes(model_bytes)));
            let cost = format!("{gmac_per_face:.0} GMAC a face{}", size.unwrap_or_default());
            lines.push(format!("  needs {}: {cost}", models.join(", ")));
        }
        let options = self.kind.options();
        let widest = |f: fn(&OptionInfo) -> &str| options.iter().map(|o| f(o).len()).max();
        let keys = widest(|o| o.key).unwrap_or_default();
        for OptionInfo { key, values, help } in options {
            lines.push(format!("  {key:keys$}  {help}: {values}"));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Directories;

    #[test]
    fn every_processor_says_what_it_needs_and_costs() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::beneath(&Directories::beneath(home.path()).unwrap()).unwrap();
        let pool = Pool::new(store, Settings::processor(1));
        let profile = Profile::default();
        let listed: Vec<Listed<'_>> =
            KINDS.iter().map(|kind| Listed::new(*kind, &profile, &pool).unwrap()).collect();
        let names: Vec<&str> = listed.iter().map(|l| l.kind.name()).collect();
        assert_eq!(names, ["face_swapper", "face_enhancer", "face_debugger"]);
        let enhancer = listed[1].event();
        assert_eq!(enhancer["models"][0]["id"], "gfpgan_1.4");
        assert_eq!(enhancer["models"][0]["here"], false);
        assert_eq!(enhancer["cost"]["gmac_per_face"], 198.0);
        assert_eq!(enhancer["options"][1]["key"], "enhance.blend");
        let lines = listed[1].lines();
        assert!(
            lines[1].starts_with("  needs gfpgan_1.4 (not here): 198 GMAC a face"),
            "{lines:?}"
        );
        assert!(listed[2].lines()[1].contains("debug.items"));
    }
}
