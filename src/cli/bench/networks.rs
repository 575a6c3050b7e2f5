//! `facedeck bench --networks`: what the faster forms of networks gain on this processor.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::args::provisioned;
use crate::cli::demo::material;
use crate::cli::output::OutputMode;
use crate::error::{Context, Error, Result};
use crate::inference::compare::{Compared, Manner, Paint, Taken};
use crate::inference::{self, Plan};
use crate::interrupt::Interrupt;
use crate::models::{Status, Store};
use crate::pipeline::{Clock, network_plan};
use crate::profiles::library::USUAL;
use crate::profiles::{Library, Setting, resolve};

use super::machine::Machine;
use super::report::Spread;
use super::table::aligned;

/// What is measured and how.
pub(super) struct Request<'a> {
    /// A folder with networks; the user's own models where none is given.
    pub models: Option<&'a Path>,
    /// Only these.
    pub only: &'a [String],
    /// Keys of the profile: `run.threads` counts.
    pub set: &'a [Setting],
    /// How often each is run.
    pub rounds: usize,
    /// Where the faster forms lie meanwhile.
    pub work: &'a Path,
    /// How to speak.
    pub mode: OutputMode,
}

/// A network that was measured, or why it was not.
struct Row {
    name: String,
    result: Result<Compared>,
}

/// Measures them; the document, and the table for people.
///
/// # Errors
/// When there are none, or the work cannot be begun; when the user stopped it.
pub(super) fn run(request: &Request<'_>) -> Result<(Value, String)> {
    let files = files(request)?;
    let interrupt = Interrupt::on_signals()?;
    inference::init(&provisioned()?.runtime)?;
    let profile = resolve(&Library::open()?, USUAL, vec![request.set.to_vec()])?.profile;
    let plan = Plan { providers: vec!["cpu".into()], ..network_plan(&profile.run) };
    let settings = plan.resolve(None, &|_| {})?;
    let portrait = material::portrait()?;
    let paint: Paint<'_> = &|width, height| painted(&portrait, width, height);
    let unwritable = || format!("cannot write to {}", request.work.display());
    std::fs::create_dir_all(request.work).context(unwritable)?;
    let clock = Clock::start(&interrupt);
    let cpu = || clock.cpu_seconds().0;
    let mut rows = Vec::new();
    for (name, path) in files {
        request
            .mode
            .note(&format!("{name}: {} rounds on {} threads", request.rounds, settings.threads));
        let work = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(request.work)
            .context(unwritable)?;
        let manner = Manner { rounds: request.rounds, cpu: &cpu, interrupt: &interrupt };
        let result = inference::compare((&name, &path), work.path(), &settings, paint, &manner);
        // Whoever stops it wants nothing more.
        interrupt.check()?;
        rows.push(Row { name, result });
    }
    let machine = Machine::here();
    Ok((document(&machine, settings.threads, &rows), table(&machine, settings.threads, &rows)))
}

/// The networks: names and files.
fn files(request: &Request<'_>) -> Result<Vec<(String, PathBuf)>> {
    let mut all = Vec::new();
    match request.models {
        Some(folder) => {
            let shown = folder.display();
            let listing = std::fs::read_dir(folder)
                .map_err(|e| Error::usage(format!("cannot read the folder {shown}")).because(e))?;
            for entry in listing {
                let path = entry.context(|| format!("cannot read the folder {shown}"))?.path();
                if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("onnx")) {
                    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    all.push((name, path));
                }
            }
        }
        None => {
            let store = Store::open()?;
            for entry in store.entries() {
                if let Status::Here(found) = store.status(&entry.id)? {
                    all.push((entry.id.clone(), found.path));
                }
            }
        }
    }
    all.retain(|(name, _)| request.only.is_empty() || request.only.contains(name));
    all.sort();
    if all.is_empty() {
        return Err(Error::usage("there are no networks in files to compare")
            .hint("facedeck models pull NAME, or --models FOLDER with .onnx files"));
    }
    Ok(all)
}

/// The portrait at a size, as a network sees it: `[3][rows][columns]`, 0 to 1.
fn painted(portrait: &crate::imaging::frame::Frame, width: usize, height: usize) -> Vec<f32> {
    let (columns, rows) = (portrait.format.width as usize, portrait.format.height as usize);
    let mut planes = Vec::with_capacity(3 * width * height);
    for c in 0..3 {
        for y in 0..height {
            let from = y * rows / height * columns;
            planes.extend(
                (0..width).map(|x| {
                    f32::from(portrait.data[3 * (from + x * columns / width) + c]) / 255.0
                }),
            );
        }
    }
    planes
}

/// The numbers of one network.
struct Numbers {
    plain: Spread,
    faster: Spread,
    wall: Spread,
    cpu: Spread,
}

fn numbers(compared: &Compared) -> Option<Numbers> {
    let milliseconds = |all: &[Taken]| Spread::of(all.iter().map(|one| one.wall * 1e3).collect());
    let ratio = |of: fn(&Taken) -> f64| {
        let pairs = compared.faster.iter().zip(&compared.plain);
        Spread::of(pairs.map(|(faster, plain)| of(faster) / of(plain).max(1e-9)).collect())
    };
    Some(Numbers {
        plain: milliseconds(&compared.plain)?,
        faster: milliseconds(&compared.faster)?,
        wall: ratio(|one| one.wall)?,
        cpu: ratio(|one| one.cpu)?,
    })
}

fn document(machine: &Machine, threads: usize, rows: &[Row]) -> Value {
    let networks: Vec<Value> = rows
        .iter()
        .map(|row| match &row.result {
            Err(error) => json!({"name": row.name, "error": error.chain()}),
            Ok(compared) => {
                let mut one = json!({
                    "name": row.name,
                    "convolutions": compared.convolutions,
                    "used": compared.used,
                    "why": compared.why,
                    "vectors": compared.vectors,
                    "apart": compared.apart,
                });
                if let Some(numbers) = numbers(compared) {
                    one["plain_ms"] = json!(numbers.plain);
                    one["faster_ms"] = json!(numbers.faster);
                    one["wall_ratio"] = json!(numbers.wall);
                    one["cpu_ratio"] = json!(numbers.cpu);
                }
                one
            }
        })
        .collect();
    json!({"event": "networks", "machine": machine, "threads": threads, "networks": networks})
}

fn table(machine: &Machine, threads: usize, rows: &[Row]) -> String {
    let threads = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
    let mut text = format!("{}\n\nnetworks on the processor, {threads}\n", machine.line());
    let heads = ["network", "replaced", "as it is", "faster", "wall", "cpu", "off", "PSNR", "used"];
    let mut cells = vec![heads.map(str::to_owned).to_vec()];
    let mut below = String::new();
    for Row { name, result } in rows {
        let compared = match result {
            Ok(compared) => compared,
            Err(error) => {
                below.push_str(&format!("  {name}: {}\n", error.chain()));
                continue;
            }
        };
        if let Some(why) = &compared.why {
            below.push_str(&format!("  {name} is run as it is: {why}\n"));
        }
        let Some(numbers) = numbers(compared) else { continue };
        let worst = compared.apart.iter().fold(0.0f64, |most, one| most.max(one.most));
        let psnr = compared.apart.iter().fold(f64::INFINITY, |least, one| least.min(one.psnr));
        cells.push(vec![
            name.clone(),
            compared.convolutions.to_string(),
            format!("{:.1} ms", numbers.plain.median),
            format!("{:.1} ms", numbers.faster.median),
            format!("{:.3}", numbers.wall.median),
            format!("{:.3}", numbers.cpu.median),
            format!("{worst:.1e}"),
            format!("{psnr:.0} dB"),
            if compared.used { compared.vectors.to_owned() } else { "no".to_owned() },
        ]);
    }
    if cells.len() > 1 {
        text.push_str(&aligned(&cells));
    }
    text.push_str(&below);
    text.push_str(
        "\nas it is, faster: one run, the middle of all rounds, both in turns in one process\n\
         wall, cpu: time and processor time of the faster form, of the network as it is\n\
         off, PSNR: the largest difference of the results, and decibels, on noise and on a picture\n\
         used: on which vectors jobs run the faster form\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::compare::Apart;

    fn compared(used: bool) -> Compared {
        let taken = |wall: f64| Taken { wall, cpu: 2.0 * wall };
        let apart = |input, most, psnr| Apart { input, most, psnr };
        Compared {
            vectors: "avx512",
            convolutions: 19,
            used,
            why: (!used).then(|| "its new form takes 90 % of its time".to_owned()),
            plain: vec![taken(1.0), taken(2.0), taken(1.1)],
            faster: vec![taken(0.4), taken(0.9), taken(0.4)],
            apart: vec![apart("random", 1e-6, 120.0), apart("picture", 2e-5, 101.0)],
        }
    }

    #[test]
    fn the_table_shows_the_middle_of_the_rounds_and_the_worst_of_the_inputs() {
        let rows = [
            Row { name: "a".into(), result: Ok(compared(true)) },
            Row { name: "b".into(), result: Ok(compared(false)) },
            Row { name: "c".into(), result: Err(Error::failed("no network")) },
        ];
        let text = table(&Machine::here(), 1, &rows);
        assert!(text.contains("1 thread\n"), "{text}");
        let line = |name: &str| {
            let words = |line: &str| {
                line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
            };
            text.lines().map(words).find(|line| line.starts_with(name)).unwrap_or_default()
        };
        assert_eq!(line("a "), "a 19 1100.0 ms 400.0 ms 0.400 0.400 2.0e-5 101 dB avx512");
        assert_eq!(line("b is"), "b is run as it is: its new form takes 90 % of its time");
        assert_eq!(line("c:"), "c: no network");
        let document = document(&Machine::here(), 1, &rows);
        assert_eq!(document["networks"][0]["wall_ratio"]["median"], 0.4);
        assert_eq!(document["networks"][1]["used"], false);
        assert_eq!(document["networks"][2]["error"], "no network");
    }

    #[test]
    fn a_picture_is_painted_at_any_size() {
        let portrait = material::portrait().unwrap();
        let small = painted(&portrait, 5, 3);
        assert_eq!(small.len(), 45);
        assert!(small.iter().all(|v| (0.0..=1.0).contains(v)));
        let mean = |plane: &[f32]| plane.iter().sum::<f32>() / plane.len() as f32;
        let large = painted(&portrait, 640, 640);
        assert!((mean(&large[..640 * 640]) - mean(&small[..15])).abs() < 0.2);
    }
}
