//! How far every stage is from the reference.

use facedeck::imaging::aligned::{Aligned, Border, Quality};
use facedeck::imaging::similarity::Affine;
use facedeck::imaging::template::Template;

use super::data::{CASES, Golden, apart, frame, planes, whole};

#[test]
fn crops_and_pastes_are_insightfaces() {
    let golden = Golden::read();
    println!("case   | M scale | M shift | crop112 dB | crop128 dB | pasted dB, largest, pixels");
    for name in CASES {
        let case = golden.case(name);
        let mut frame = frame(&format!("{name}_frame.webp"));
        let before = whole(&frame);

        let aligned = Aligned::new(&case.kps, Template::Arcface128, 128).unwrap();
        let difference = |i: usize, j: usize| (aligned.to_crop.0[i][j] - case.matrix[i][j]).abs();
        let largest =
            |at: &[(usize, usize)]| at.iter().map(|&(i, j)| difference(i, j)).fold(0.0, f64::max);
        let scale = largest(&[(0, 0), (0, 1), (1, 0), (1, 1)]);
        let shift = largest(&[(0, 2), (1, 2)]);
        assert!(scale < 1e-3 && shift < 1e-2, "{name}: {scale} {shift}");

        let small = Aligned::new(&case.kps, Template::Arcface112, 112).unwrap();
        let crop112 = apart(
            &small.crop(&frame, Border::Black, Quality::Plain),
            &planes(&format!("{name}_crop112.png")),
        );
        let crop128 = apart(
            &aligned.crop(&frame, Border::Black, Quality::Plain),
            &planes(&format!("{name}_crop128.png")),
        );
        assert!(crop112.psnr > 45.0 && crop128.psnr > 45.0, "{name}");

        let to_crop = Affine(case.matrix);
        let same = Aligned { size: 128, to_crop, to_frame: to_crop.inverse().unwrap() };
        let given_crop = apart(
            &same.crop(&frame, Border::Black, Quality::Plain),
            &planes(&format!("{name}_crop128.png")),
        );
        println!("{name} given M: crop {} {}", given_crop.psnr, given_crop.pixels);
        let aligned = if std::env::var("GIVEN").is_ok() { same } else { aligned };

        let fake = planes(&format!("{name}_fake128.png"));
        let rect = aligned.paste_insightface(&mut frame, &fake).unwrap();
        let changed = case.changed();
        let after = whole(&frame);
        let reference = planes(&format!("{name}_pasted.webp"));
        let (mut inside, mut outside) = (0, 0);
        let mut ours = reference.clone();
        for y in 0..before[0].height {
            for x in 0..before[0].width {
                let in_box = (changed.x..changed.x + changed.width).contains(&x)
                    && (changed.y..changed.y + changed.height).contains(&y);
                for c in 0..3 {
                    if in_box {
                        let i = (y - changed.y) * changed.width + x - changed.x;
                        ours[c].data[i] = after[c].at(x, y);
                        inside += 1;
                    } else {
                        outside += usize::from(after[c].at(x, y) != before[c].at(x, y));
                    }
                }
            }
        }
        assert_eq!((inside, outside), (3 * changed.width * changed.height, 0), "{name}");
        assert!(rect.x <= changed.x && rect.y <= changed.y, "{name}: {rect:?}");
        let pasted = apart(&ours, &reference);
        println!(
            "{name:6} | {scale:7.0e} | {shift:7.0e} | {:10.1} | {:10.1} | {:.1}, {}, {} of {}",
            crop112.psnr,
            crop128.psnr,
            pasted.psnr,
            pasted.most,
            pasted.pixels,
            changed.width * changed.height
        );
        assert!(pasted.psnr > 50.0, "{name}: {}", pasted.psnr);
    }
}
