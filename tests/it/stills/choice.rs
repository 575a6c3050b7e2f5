//! Which faces of a group are swapped.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use facedeck::faces::Face;
use tempfile::TempDir;

use super::{folder, swapped};
use crate::common::{ffmpeg, media, picture};
use crate::measure::{differences, faces, identity, person};

/// Two portraits side by side; the right one's face is larger, but the detector is surer of the
/// left one.
fn group() -> &'static Path {
    static GROUP: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = GROUP.get_or_init(|| {
        let folder = folder();
        let path = folder.path().join("group.png");
        let beside = "[0:v]crop=275:330:90:0,scale=400:480,format=gbrp[a];\
                      [1:v]crop=300:360:220:100,scale=400:480,format=gbrp[b];[a][b]hstack";
        let [left, right] =
            ["astronaut.png", "mona_lisa.jpg"].map(|n| media(n).display().to_string());
        let out = path.display().to_string();
        ffmpeg(&["-i", &left, "-i", &right, "-filter_complex", beside, "-frames:v", "1", &out]);
        (folder, path)
    });
    path
}

#[test]
fn many_faces_swaps_everybody() {
    let folder = folder();
    let output = folder.path().join("out.png");
    let source = media("grace_hopper.jpg");
    swapped(&source, group(), &output, &["--many-faces"]);
    let (before, after, wanted) = (picture(group()), picture(&output), person(&source));
    let (old, new) = (faces(&before), faces(&after));
    assert_eq!((old.len(), new.len()), (2, 2));
    for a in &old {
        let overlap = |f: &&Face| f.mesh().unwrap().overlap(a.mesh().unwrap()) > 0.5;
        let b = new.iter().find(overlap).expect("the face is where it was");
        let [old, new] = [a, b].map(|f| identity(f).cosine(&wanted));
        println!("many: cosine {old:.3} -> {new:.3}");
        assert!(new >= old + 0.20, "{old} -> {new}");
    }
    let all: Vec<_> = old.iter().map(|f| f.mesh().unwrap()).collect();
    assert_eq!(differences(&before, &after, &all).outside, 0);
}

/// Swaps the group with these flags; says which of its faces (the largest first) changed, and
/// that nothing else did.
fn changed_in_group(more: &[&str]) -> Vec<usize> {
    let folder = folder();
    let output = folder.path().join("out.png");
    swapped(&media("grace_hopper.jpg"), group(), &output, more);
    let (before, after) = (picture(group()), picture(&output));
    let all = faces(&before);
    let changed: Vec<usize> = (0..all.len())
        .filter(|&i| differences(&before, &after, &[all[i].mesh().unwrap()]).inside > 3.0)
        .collect();
    let meshes: Vec<_> = changed.iter().map(|&i| all[i].mesh().unwrap()).collect();
    assert_eq!(differences(&before, &after, &meshes).outside, 0, "{more:?}");
    changed
}

#[test]
fn without_many_faces_the_largest_is_swapped() {
    assert_eq!(changed_in_group(&[]), [0]);
}

#[test]
fn the_reference_face_is_counted_by_score() {
    let all = faces(&picture(group()));
    let mut by_score: Vec<usize> = (0..all.len()).collect();
    by_score.sort_by(|&a, &b| all[b].score.total_cmp(&all[a].score));
    println!("scores {:?}", all.iter().map(|f| f.score).collect::<Vec<_>>());
    assert_ne!(by_score, [0, 1], "the group should tell score from size");
    for position in 0..2 {
        let changed = changed_in_group(&["--reference-face-position", &position.to_string()]);
        assert_eq!(changed, [by_score[position]], "position {position}");
    }
}
