//! Several people of one picture, each with a face of their own.

use std::path::{Path, PathBuf};

use facedeck::error::Result;
use facedeck::interrupt::Interrupt;
use facedeck::pipeline::{self, Engine, Observer, Request, Resume, StageShare, Summary};
use facedeck::profiles::{Map, Profile, Select};

use crate::common::{ffmpeg, media, picture, provisioned};
use crate::measure::{differences, faces, identity, person};

/// Hears nothing.
pub struct Deaf;

impl Observer for Deaf {
    fn note(&self, _: &str) {}
    fn begin(&self, _: Option<u64>, _: u64) {}
    fn progress(&self, _: u64, _: &str, _: &[StageShare]) {}
}

/// A profile with this map.
pub fn mapping(pairs: &[(&Path, &Path)]) -> Profile {
    let mut profile = Profile::default();
    profile.faces.map = pairs
        .iter()
        .map(|(who, face)| Map { who: who.to_path_buf(), faces: vec![face.to_path_buf()] })
        .collect();
    profile
}

/// Runs a job.
pub fn run(
    sources: Vec<PathBuf>,
    target: &Path,
    output: &Path,
    profile: Profile,
) -> Result<Summary> {
    let request = Request {
        sources,
        source_face: None,
        target: target.to_owned(),
        output: output.to_owned(),
        overwrite: false,
        resume: Resume::default(),
        profile,
    };
    let mut engine = Engine::start(provisioned(), &request.profile)?;
    pipeline::run(&request, &mut engine, &Deaf, &Interrupt::new())
}

/// Three people side by side: the astronaut, the Mona Lisa, Grace Hopper.
fn three(folder: &Path) -> PathBuf {
    let path = folder.join("three.png");
    let graph = "[0:v]crop=275:330:90:0,scale=400:480,format=gbrp[a];\
                 [1:v]crop=300:360:220:100,scale=400:480,format=gbrp[b];\
                 [2:v]crop=400:480:60:40,scale=400:480,format=gbrp[c];[a][b][c]hstack=3";
    let [a, b, c] = ["astronaut.png", "mona_lisa.jpg", "grace_hopper.jpg"]
        .map(|n| media(n).display().to_string());
    let out = path.display().to_string();
    let inputs = ["-i", &a, "-i", &b, "-i", &c];
    ffmpeg(&[&inputs[..], &["-filter_complex", graph, "-frames:v", "1", &out]].concat());
    path
}

/// A portrait in a mirror: the same person, other pixels.
fn mirrored(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(format!("{name}.mirrored.png"));
    image::open(media(name)).unwrap().fliph().save(&path).unwrap();
    path
}

#[test]
fn of_three_people_two_are_mapped_and_the_third_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let target = three(folder.path());
    let output = folder.path().join("out.png");
    let [astronaut, mona] =
        ["astronaut.png", "mona_lisa.jpg"].map(|name| mirrored(folder.path(), name));
    // Each gets the other's face.
    let profile =
        mapping(&[(&mona, &media("astronaut.png")), (&astronaut, &media("mona_lisa.jpg"))]);
    let summary = run(Vec::new(), &target, &output, profile).unwrap();
    assert_eq!(summary.faces_swapped, 2);
    let (before, after) = (picture(&target), picture(&output));
    let mut old = faces(&before);
    let mut new = faces(&after);
    assert_eq!((old.len(), new.len()), (3, 3));
    for all in [&mut old, &mut new] {
        all.sort_by(|a, b| a.bounds[0].total_cmp(&b.bounds[0]));
    }
    let given = ["mona_lisa.jpg", "astronaut.png"].map(|name| person(&media(name)));
    for i in 0..2 {
        let [was, is] = [&old[i], &new[i]].map(|f| identity(f).cosine(&given[i]));
        println!("map: person {i}: cosine to the mapped face {was:.3} -> {is:.3}");
        assert!(is > was + 0.2, "{i}: {was} -> {is}");
    }
    let swapped = [old[0].mesh().unwrap(), old[1].mesh().unwrap()];
    let change = differences(&before, &after, &swapped);
    println!("map: {} pixels differ outside of both faces", change.outside);
    assert_eq!(change.outside, 0, "the third person was touched");
}

#[test]
fn nobody_who_is_mapped_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.png");
    let profile = mapping(&[(&media("mona_lisa.jpg"), &media("astronaut.png"))]);
    let error = run(Vec::new(), &media("grace_hopper.jpg"), &output, profile).unwrap_err();
    assert_eq!(error.exit_code(), 4, "{}", error.chain());
    assert!(!output.exists());
}

#[test]
fn a_reference_may_be_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let target = three(folder.path());
    let output = folder.path().join("out.png");
    let mut profile = Profile::default();
    profile.faces.select = Select::Reference;
    profile.faces.reference_picture = Some(mirrored(folder.path(), "mona_lisa.jpg"));
    run(vec![media("grace_hopper.jpg")], &target, &output, profile).unwrap();
    let (before, after) = (picture(&target), picture(&output));
    let mut old = faces(&before);
    old.sort_by(|a, b| a.bounds[0].total_cmp(&b.bounds[0]));
    let change = differences(&before, &after, &[old[1].mesh().unwrap()]);
    assert_eq!(change.outside, 0);
    assert!(change.inside > 3.0, "{}", change.inside);
}
