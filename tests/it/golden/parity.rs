//! How far every stage is from the reference.

use facedeck::faces::recognize::Embedding;
use facedeck::imaging::aligned::{Aligned, Border, Quality};
use facedeck::imaging::color::Planes;
use facedeck::imaging::frame::Frame;
use facedeck::imaging::similarity::Affine;
use facedeck::imaging::template::Template;
use facedeck::inference::Input;
use facedeck::models::onnx;
use facedeck::processors::network::PictureNetwork;
use facedeck::processors::swap::latent::{Identity, SwapNetwork, through_emap};
use facedeck::profiles::sections::{LatentRule, PasteRule};

use super::data::{Apart, CASES, Case, Golden, apart, flat, floats, frame, most, planes, whole};
use crate::enhance::scene::{Models, face, models};
use crate::swappers::scene::{known, profile, run};

const SWAPPER: &str = "inswapper_128";
const RECOGNIZER: &str = "w600k_r50";

fn networks() -> Models {
    models(&[(SWAPPER, "tiny_inswapper_128.onnx"), (RECOGNIZER, "tiny_arcface.onnx")])
}

/// A changed frame against the reference: in the box that changed there, outside of which nothing
/// may differ from the frame as it was.
fn pasted(name: &str, case: &Case, before: &Planes, after: &Frame) -> Apart {
    let after = whole(after);
    let changed = case.changed();
    let reference = planes(&format!("{name}_pasted.webp"));
    let mut ours = reference.clone();
    for y in 0..before[0].height {
        for x in 0..before[0].width {
            let in_box = (changed.x..changed.x + changed.width).contains(&x)
                && (changed.y..changed.y + changed.height).contains(&y);
            for c in 0..3 {
                if in_box {
                    let i = (y - changed.y) * changed.width + x - changed.x;
                    ours[c].data[i] = after[c].at(x, y);
                } else {
                    assert_eq!(after[c].at(x, y), before[c].at(x, y), "{name} at {x},{y}");
                }
            }
        }
    }
    apart(&ours, &reference)
}

#[test]
fn every_stage_is_insightfaces() {
    let golden = Golden::read();
    let networks = networks();
    let recognizer = PictureNetwork::load(&networks.pool, RECOGNIZER).unwrap();
    let swapper = SwapNetwork::load(&networks.pool, SWAPPER).unwrap();
    let mut profile = profile(SWAPPER);
    profile.swap.paste = PasteRule::Insightface;
    let source = Embedding::from_raw(golden.source.embedding.clone());
    println!(
        "case  | M scale, shift | crop112 dB | embedding | crop128 dB | fake128 | pasted dB, most, pixels | whole swap dB, most, pixels"
    );
    for name in CASES {
        let case = golden.case(name);
        let before = frame(&format!("{name}_frame.webp"));
        let old = whole(&before);

        let aligned = Aligned::new(&case.kps, Template::Arcface128, 128).unwrap();
        let off = |i: usize, j: usize| (aligned.to_crop.0[i][j] - case.matrix[i][j]).abs();
        let scale = off(0, 0).max(off(0, 1)).max(off(1, 0)).max(off(1, 1));
        let shift = off(0, 2).max(off(1, 2));
        assert!(scale < 1e-3 && shift < 1e-2, "{name}: {scale} {shift}");

        let small = Aligned::new(&case.kps, Template::Arcface112, 112).unwrap();
        let small = small.crop(&before, Border::Black, Quality::Plain);
        let reference112 = planes(&format!("{name}_crop112.png"));
        let crop112 = apart(&small, &reference112);
        let own = recognizer.run(&reference112).unwrap().remove(0).data;
        let embedding = most(&own, &case.embedding);
        assert!(crop112.psnr > 45.0 && embedding < 1e-5, "{name}: {embedding}");

        let reference128 = planes(&format!("{name}_crop128.png"));
        let crop128 = apart(&aligned.crop(&before, Border::Black, Quality::Plain), &reference128);
        assert!(crop128.psnr > 45.0, "{name}: {}", crop128.psnr);

        let reference_fake = planes(&format!("{name}_fake128.png"));
        let fake = swapper.run(&reference128, &golden.source.latent, 1).unwrap().crop;
        let fake = apart(&fake.map(|plane| plane.map(f32::trunc)), &reference_fake);
        assert!(fake.most <= 1.0, "{name}: {}", fake.most);

        let mut after = before.clone();
        aligned.paste_insightface(&mut after, &reference_fake).unwrap();
        let paste = pasted(name, case, &old, &after);
        assert!(paste.psnr > 50.0, "{name}: {}", paste.psnr);

        let mut after = before.clone();
        let changed = run(
            &networks,
            &profile,
            &[known(std::slice::from_ref(&source))],
            &face(case.kps),
            &mut after,
        )
        .unwrap();
        assert_eq!(changed.faces, 1);
        let all = pasted(name, case, &old, &after);
        assert!(all.psnr > 50.0, "{name}: {}", all.psnr);
        println!(
            "{name:5} | {scale:.0e}, {shift:.0e} | {:.1} | {embedding:.0e} | {:.1} | {} | {:.1}, {}, {} | {:.1}, {}, {} of {}",
            crop112.psnr,
            crop128.psnr,
            fake.most,
            paste.psnr,
            paste.most,
            paste.pixels,
            all.psnr,
            all.most,
            all.pixels,
            old[0].data.len(),
        );
    }
}

/// The reference's matrix was estimated in single precision, which moves a few pixels by one
/// step. With that same matrix every pixel is the reference's own.
#[test]
fn with_the_references_matrix_every_pixel_is_the_same() {
    let golden = Golden::read();
    for name in CASES {
        let case = golden.case(name);
        let mut frame = frame(&format!("{name}_frame.webp"));
        let before = whole(&frame);
        let to_crop = Affine(case.matrix);
        let aligned = Aligned { size: 128, to_crop, to_frame: to_crop.inverse().unwrap() };
        let crop = aligned.crop(&frame, Border::Black, Quality::Plain);
        assert_eq!(apart(&crop, &planes(&format!("{name}_crop128.png"))).pixels, 0, "{name}");
        let fake = planes(&format!("{name}_fake128.png"));
        aligned.paste_insightface(&mut frame, &fake).unwrap();
        assert_eq!(pasted(name, case, &before, &frame).pixels, 0, "{name}");
    }
}

#[test]
fn the_latent_and_what_the_network_makes_of_it_are_the_same() {
    let golden = Golden::read();
    let networks = networks();
    let source = Embedding::from_raw(golden.source.embedding.clone());
    let unit = most(&source.unit, &golden.source.normed_embedding);
    let emap = onnx::emap(&networks.pool.store().locate(SWAPPER).unwrap()).unwrap();
    let who = Identity::mean(&[&source]).unwrap();
    let latent = through_emap(&who, &emap, LatentRule::Insightface).unwrap();
    let off = most(&latent, &golden.source.latent);

    let crop = planes("720p_crop128.png");
    let blob = most(&flat(&crop, |v| v / 255.0), &floats("720p_blob.f32"));
    let input = floats("720p_blob.f32");
    let network = networks.pool.get(SWAPPER).unwrap();
    let inputs =
        [Input::new("target", &[1, 3, 128, 128], &input), Input::new("source", &[1, 512], &latent)];
    let pred = most(&network.run(&inputs).unwrap()[0].data, &floats("720p_pred.f32"));
    println!("unit embedding {unit:.0e}, latent {off:.0e}, blob {blob:.0e}, pred {pred:.0e}");
    assert!(unit < 1e-6 && off < 1e-5 && blob < 1e-6 && pred < 1e-5);
}
