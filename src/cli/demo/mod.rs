//! `facedeck demo`: everything once, on pictures that facedeck carries.

mod camera;
mod canvas;
pub mod clip;
pub(super) mod marks;
pub(super) mod material;
mod measure;
mod paint;
mod sheet;
mod table;
mod tune;

use std::fs;
use std::path::{Path, PathBuf};

use image::DynamicImage;
use serde_json::json;

use crate::error::{Error, Result};
use crate::faces::recognize::Embedding;
use crate::imaging::picture::Picture;
use crate::interrupt::Interrupt;
use crate::media::image_file;
use crate::pipeline::{self, Engine, Request, Resume, Summary};
use crate::profiles::Profile;
use crate::provision;

use super::args::OutArgs;
use super::faces::to_image;
use super::output::{OutputMode, json_line, result_line};
use super::progress::Progress;
use super::swap::Teller;
use crate::terminal::{self, GraphicsArgs};
use clip::ClipOptions;
use measure::Look;
use sheet::{MOMENTS, Tile};
use table::Row;

/// Arguments of `facedeck demo`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct DemoArgs {
    /// Where the demo's files go; older ones of the demo are replaced
    #[arg(short, long, value_name = "FOLDER", default_value = "facedeck-demo")]
    pub output: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub graphics: GraphicsArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck demo
  facedeck demo -o /tmp/demo --graphics off
  facedeck demo --json | tail -n 1 | jq '.clip.cosine_after'";

/// Why nobody is asked for anything.
const TERMS: &str = "The demo uses public-domain pictures only (a painted face, a portrait by NASA), \
    so it does not ask you to accept the terms.";

/// The files that the demo makes, all in one folder.
struct Files {
    source: PathBuf,
    portrait: PathBuf,
    clip: PathBuf,
    swapped_still: PathBuf,
    swapped_clip: PathBuf,
    sheet: PathBuf,
}

impl Files {
    fn of(folder: &Path) -> Self {
        Files {
            source: folder.join("mona_lisa.jpg"),
            portrait: folder.join("astronaut.png"),
            clip: folder.join("clip.mp4"),
            swapped_still: folder.join("swapped.png"),
            swapped_clip: folder.join("swapped.mp4"),
            sheet: folder.join("sheet.png"),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When something is missing that cannot be fetched, or the folder cannot be written.
pub fn run(args: &DemoArgs) -> Result<()> {
    let mode = OutputMode::from_flags(args.out.json, args.out.quiet);
    if args.output.exists() && !args.output.is_dir() {
        return Err(Error::usage(format!("{} is a file", args.output.display()))
            .hint("name a folder: facedeck demo --output FOLDER"));
    }
    // Asked first: the terminal's answers must not mix with other output.
    let detection =
        (mode == OutputMode::Terminal).then(|| terminal::detect(args.graphics.graphics));
    mode.note(TERMS);
    let found = provision::ensure(&mut |line| mode.note(line), true)?;
    let interrupt = Interrupt::on_signals()?;
    fs::create_dir_all(&args.output).map_err(|e| {
        Error::usage(format!("cannot make the folder {}", args.output.display()))
            .because(e)
            .hint("name a folder that you may write to: facedeck demo --output FOLDER")
    })?;
    let files = Files::of(&args.output);
    let engine = Engine::start(&found, &Profile::default())?;
    let mut demo = Demo { mode, files, engine, interrupt };
    let (rows, sheet) = demo.run()?;
    // The sheet may fill the screen, so the numbers come below it.
    if let Some(detection) = detection {
        let image = DynamicImage::ImageRgb8(to_image(sheet)?);
        terminal::show(&image, None, detection.protocol, &detection)?;
    }
    demo.report(&rows);
    Ok(())
}

/// The demo at work.
struct Demo {
    mode: OutputMode,
    files: Files,
    engine: Engine,
    interrupt: Interrupt,
}

impl Demo {
    /// Does everything; returns the numbers and the sheet.
    fn run(&mut self) -> Result<([Row; 2], Picture)> {
        material::put(&self.files.source, material::SOURCE)?;
        material::put(&self.files.portrait, material::PORTRAIT)?;
        self.mode.note("1/4  Putting the Mona Lisa's face on the portrait of an astronaut");
        let (still, portraits, source) = self.still()?;
        self.mode.note("2/4  Making a clip of the portrait: 10 s, moving camera, changing light");
        self.make_clip()?;
        self.mode.note("3/4  Putting the Mona Lisa's face on the clip");
        let summary = self.swap(&self.files.clip.clone(), &self.files.swapped_clip.clone())?;
        self.mode.note("4/4  Reading both clips again and measuring whose face is in them");
        let (moving, [before, after]) = self.compare_clips(&source, &summary)?;
        let sheet = sheet::lay_out(&[portraits, before, after]);
        super::preview::save(&self.files.sheet, sheet.clone())?;
        Ok(([still, moving], sheet))
    }

    /// Swaps the portrait; returns its numbers, the first row of the sheet, and who the source is.
    fn still(&mut self) -> Result<(Row, Vec<Tile>, Embedding)> {
        let summary = self.swap(&self.files.portrait.clone(), &self.files.swapped_still.clone())?;
        let frames = [&self.files.source, &self.files.portrait, &self.files.swapped_still]
            .map(|path| image_file::read(path).map(|still| still.frame));
        let [source, before, after] = frames;
        let source = Look::at(&mut self.engine, source?)?;
        let before = Look::at(&mut self.engine, before?)?;
        let after = Look::at(&mut self.engine, after?)?;
        let embedding = source.face.as_ref().and_then(|f| f.embedding.clone());
        let identity = embedding.ok_or_else(|| Error::no_face("the Mona Lisa has no face"))?;
        let cosines = [before.cosine(&identity), after.cosine(&identity)];
        let row = Row::new("still", self.files.portrait.display().to_string(), cosines, &summary);
        // The same place before and after, whatever is seen in it.
        let (face, place) = (cut_out(&source), cut_out(&before));
        let tiles = vec![
            Tile::before(sheet::portrait(&source.frame, face), "SOURCE"),
            Tile::before(sheet::portrait(&before.frame, place), "PORTRAIT, BEFORE"),
            Tile::after(sheet::portrait(&after.frame, place), "PORTRAIT, AFTER"),
        ];
        Ok((row, tiles, identity))
    }

    fn make_clip(&self) -> Result<()> {
        let options = ClipOptions::default();
        let progress = Progress::new(self.mode, Some(options.frames()));
        let mut tell = |done| progress.update(done, "clip");
        clip::make(&self.engine.tools, &self.files.clip, &options, &self.interrupt, &mut tell)?;
        progress.finish();
        Ok(())
    }

    /// Looks at the clip before and after; returns its numbers and the other rows of the sheet.
    fn compare_clips(
        &mut self,
        source: &Embedding,
        summary: &Summary,
    ) -> Result<(Row, [Vec<Tile>; 2])> {
        let (input, output) = (&self.files.clip, &self.files.swapped_clip);
        let (mut places, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
        let (engine, interrupt) = (&mut self.engine, &self.interrupt);
        let progress = Progress::new(self.mode, Some(2 * measure::LOOKS));
        let was = measure::look_through(engine, input, source, interrupt, &mut |n, look| {
            progress.update(n as u64 + 1, "before");
            if MOMENTS.contains(&n) {
                let place = cut_out(look);
                places.push(place);
                let words = format!("{:.1} S, BEFORE", look.frame.time);
                before.push(Tile::before(sheet::moment(&look.frame, place), words));
            }
        })?;
        let mut place = places.into_iter();
        let is = measure::look_through(engine, output, source, interrupt, &mut |n, look| {
            progress.update(measure::LOOKS + n as u64 + 1, "after");
            if MOMENTS.contains(&n) {
                let place = place.next().unwrap_or_else(|| cut_out(look));
                let words = format!("{:.1} S, AFTER", look.frame.time);
                after.push(Tile::after(sheet::moment(&look.frame, place), words));
            }
        })?;
        progress.finish();
        let row = Row::new("clip", input.display().to_string(), [was, is], summary);
        Ok((row, [before, after]))
    }

    fn swap(&mut self, target: &Path, output: &Path) -> Result<Summary> {
        let mut profile = Profile::default();
        profile.video.preset = Some("veryfast".into());
        let request = Request {
            sources: vec![self.files.source.clone()],
            source_face: None,
            target: target.to_owned(),
            output: output.to_owned(),
            overwrite: true,
            resume: Resume::default(),
            profile,
        };
        let teller = Teller::new(self.mode);
        let summary = pipeline::run(&request, &mut self.engine, &teller, &self.interrupt)?;
        teller.finish();
        Ok(summary)
    }

    fn report(&self, rows: &[Row; 2]) {
        let [still, clip] = rows;
        match self.mode {
            OutputMode::Quiet => {}
            OutputMode::Json => json_line(&json!({
                "event": "demo",
                "source": self.files.source,
                "sheet": self.files.sheet,
                "looks": measure::LOOKS,
                "still": still,
                "clip": clip,
            })),
            OutputMode::Terminal | OutputMode::Plain => {
                result_line(&format!("\n{}", table::render(rows)));
                result_line(&format!(
                    "before and after side by side: {}",
                    self.files.sheet.display()
                ));
                result_line("now yours: facedeck swap -s YOU.jpg -t FILM.mp4 -o OUT.mp4");
            }
        }
    }
}

/// Where to look at a frame: around its face, or at its middle when it has none.
fn cut_out(look: &Look) -> crate::imaging::region::Rect {
    match &look.face {
        Some(face) => sheet::around(&look.frame, face),
        None => sheet::middle(&look.frame),
    }
}
