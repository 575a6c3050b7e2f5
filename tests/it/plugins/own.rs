//! The example of `docs/processors.md`, and what the chain promises to processors.

use std::sync::{Arc, Mutex};

use facedeck::error::{Error, Result};
use facedeck::faces::Chosen;
use facedeck::imaging::frame::Frame;
use facedeck::imaging::region::{Rect, add_delta, native_delta, read_rgb};
use facedeck::imaging::template::Template;
use facedeck::inference::Pool;
use facedeck::processors::chain::Chain;
use facedeck::processors::registry::Registry;
use facedeck::processors::{Changed, Cost, Kind, OptionInfo, Processor, Setup, Work};
use facedeck::profiles::Profile;

use crate::enhance::scene::{Models, at, frame, models, square, textured};

// example: begin
/// Covers faces with the mean color of where they are.
pub struct FaceCover;

impl Kind for FaceCover {
    fn name(&self) -> &'static str {
        "face_cover"
    }

    fn summary(&self) -> &'static str {
        "covers the chosen faces with one color"
    }

    fn options(&self) -> &'static [OptionInfo] {
        &[]
    }

    fn models(&self, _profile: &Profile) -> Vec<String> {
        Vec::new()
    }

    fn cost(&self, _profile: &Profile, _pool: &Pool) -> Cost {
        Cost::default()
    }

    fn build(&self, _setup: &Setup<'_>) -> Result<Box<dyn Processor>> {
        Ok(Box::new(Cover))
    }
}

struct Cover;

impl Processor for Cover {
    fn name(&self) -> &'static str {
        "cover"
    }

    fn prepare(&mut self, _frame: &Frame, faces: &[Chosen]) -> Result<Box<dyn Work>> {
        Ok(Box::new(CoverWork(faces.iter().map(|chosen| chosen.face.bounds).collect())))
    }
}

/// The boxes to be covered.
struct CoverWork(Vec<[f32; 4]>);

impl Work for CoverWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Changed> {
        let mut regions = Vec::new();
        for [x0, y0, x1, y1] in self.0 {
            // Nothing of a face that has left the frame can be covered.
            let Some(rect) = Rect::within(&frame.format, x0, y0, x1, y1) else { continue };
            let change = read_rgb(frame, rect).map(|plane| {
                let mean = plane.data.iter().sum::<f32>() / plane.data.len() as f32;
                plane.map(|v| mean - v)
            });
            add_delta(frame, rect, &native_delta(&frame.format, change));
            regions.push(rect);
        }
        Ok(Changed::faces(regions))
    }
}
// example: end

/// The example as it stands in the page.
#[test]
fn the_page_shows_the_example_that_is_tested() {
    let page = include_str!("../../../docs/processors.md");
    let this = include_str!("own.rs");
    let cut = |text: &'static str, from: &str, to: &str| {
        let start = text.find(from).unwrap() + from.len();
        let end = start + text[start..].find(to).unwrap();
        text[start..end].trim()
    };
    let shown = cut(page, "```rust,no_run\n", "```");
    let tested = cut(this, "// example: begin\n", "// example: end");
    let imports_end = shown.find("/// Covers faces").unwrap();
    assert_eq!(&shown[imports_end..], tested);
}

fn profile(processors: &[&str]) -> Profile {
    Profile {
        processors: processors.iter().map(|&name| name.to_owned()).collect(),
        ..Profile::default()
    }
}

fn apply(
    models: &Models,
    registry: &Registry<'_>,
    profile: &Profile,
    frame: &mut Frame,
) -> Result<Changed> {
    let note = |_: &str| {};
    let setup = Setup { profile, pool: &models.pool, people: &[], still: true, note: &note };
    let mut chain = Chain::build_from(registry, &setup)?;
    let face = square(Template::Ffhq512, 512, 90, 70);
    chain.prepare(frame, &[Chosen { face, person: 0 }])?.apply(frame)
}

#[test]
fn a_processor_of_ones_own_runs_in_the_chain() {
    let models = models(&[]);
    let registry = Registry::built_in().with(&FaceCover);
    let before = textured();
    let mut after = before.clone();
    let changed = apply(&models, &registry, &profile(&["face_cover"]), &mut after).unwrap();
    assert_eq!(changed.faces, 1);
    let Rect { x, y, width, height } = changed.regions[0];
    let mean = at(&after, x, y, 0);
    for v in y..y + height {
        for u in x..x + width {
            assert_eq!(at(&after, u, v, 0), mean, "at {u}, {v}");
        }
    }
    assert_eq!(at(&before, x - 1, y, 0), at(&after, x - 1, y, 0));
    assert_eq!(at(&before, x + width, y, 0), at(&after, x + width, y, 0));
    // Without it in the registry the name means nothing.
    let built_in = Registry::built_in();
    let error = apply(&models, &built_in, &profile(&["face_cover"]), &mut after).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.hint_text().unwrap().contains("face_debugger"), "{error:?}");
    let error = apply(&models, &built_in, &profile(&[]), &mut after).unwrap_err();
    assert_eq!(error.exit_code(), 2);
}

/// Writes down what it is asked to do, and adds one level to every sample.
struct Witness {
    name: &'static str,
    fails: bool,
    diary: Arc<Mutex<Vec<String>>>,
}

struct WitnessAtWork(&'static str, bool, Arc<Mutex<Vec<String>>>);

fn note(diary: &Mutex<Vec<String>>, name: &str, doing: &str, frame: &Frame) {
    diary.lock().unwrap().push(format!("{name} {doing} {}", frame.data[0]));
}

impl Kind for Witness {
    fn name(&self) -> &'static str {
        self.name
    }
    fn summary(&self) -> &'static str {
        "writes down"
    }
    fn options(&self) -> &'static [OptionInfo] {
        &[]
    }
    fn models(&self, _: &Profile) -> Vec<String> {
        Vec::new()
    }
    fn cost(&self, _: &Profile, _: &Pool) -> Cost {
        Cost::default()
    }
    fn build(&self, _: &Setup<'_>) -> Result<Box<dyn Processor>> {
        Ok(Box::new(WitnessAtWork(self.name, self.fails, Arc::clone(&self.diary))))
    }
}

impl Processor for WitnessAtWork {
    fn name(&self) -> &'static str {
        self.0
    }
    fn prepare(&mut self, frame: &Frame, _: &[Chosen]) -> Result<Box<dyn Work>> {
        note(&self.2, self.0, "prepares", frame);
        Ok(Box::new(WitnessAtWork(self.0, self.1, Arc::clone(&self.2))))
    }
}

impl Work for WitnessAtWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Changed> {
        note(&self.2, self.0, "applies", frame);
        if self.1 {
            return Err(Error::failed("out of luck").hint("try again"));
        }
        frame.data.iter_mut().for_each(|v| *v += 1);
        Ok(Changed { faces: 1, regions: Vec::new() })
    }
}

#[test]
fn all_prepare_from_the_decoded_frame_and_apply_in_their_order() {
    let diary = Arc::default();
    let witness = |name, fails| Witness { name, fails, diary: Arc::clone(&diary) };
    let (a, b, broken) = (witness("a", false), witness("b", false), witness("broken", true));
    let registry = Registry::built_in().with(&a).with(&b).with(&broken);
    let models = models(&[]);
    let mut picture = frame(textured().format.layout, 8, |_, _, _| 10);
    let changed = apply(&models, &registry, &profile(&["b", "a"]), &mut picture).unwrap();
    assert_eq!(
        *diary.lock().unwrap(),
        ["b prepares 10", "a prepares 10", "b applies 10", "a applies 11"]
    );
    // One face went through both.
    assert_eq!((changed.faces, picture.data[0]), (1, 12));
    let error = apply(&models, &registry, &profile(&["a", "broken"]), &mut picture).unwrap_err();
    assert_eq!(error.message(), "broken: out of luck");
    assert_eq!((error.hint_text(), error.exit_code()), (Some("try again"), 1));
}

#[test]
fn one_of_the_same_name_takes_the_place_of_a_built_in_one() {
    struct Renamed;
    impl Kind for Renamed {
        fn name(&self) -> &'static str {
            "face_debugger"
        }
        fn summary(&self) -> &'static str {
            FaceCover.summary()
        }
        fn options(&self) -> &'static [OptionInfo] {
            &[]
        }
        fn models(&self, profile: &Profile) -> Vec<String> {
            FaceCover.models(profile)
        }
        fn cost(&self, profile: &Profile, pool: &Pool) -> Cost {
            FaceCover.cost(profile, pool)
        }
        fn build(&self, setup: &Setup<'_>) -> Result<Box<dyn Processor>> {
            FaceCover.build(setup)
        }
    }
    let registry = Registry::built_in().with(&Renamed);
    assert_eq!(registry.kinds().len(), Registry::built_in().kinds().len());
    assert_eq!(registry.find("face_debugger").unwrap().summary(), FaceCover.summary());
}
