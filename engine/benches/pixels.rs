//! What pixels cost: cutting a face out of a frame, putting it back, masks, colors.
//!
//! `cargo bench -p facedeck-engine [-- NAME]`. Every benchmark is the work of one face in one frame;
//! the face fills about a sixth of the frame's width, as that of `facedeck bench` does.

#![allow(clippy::expect_used, missing_docs)]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use facedeck_engine::imaging::aligned::{Aligned, Border, Quality};
use facedeck_engine::imaging::color::{Planes, YuvMatrix, lab_to_rgb, planes_to_lab, rgb_to_lab};
use facedeck_engine::imaging::color_match::match_color;
use facedeck_engine::imaging::crop_mask::{box_mask, ellipse_mask, hull_mask};
use facedeck_engine::imaging::field::Field;
use facedeck_engine::imaging::filter::{gaussian, laplacian_blend, mask_pyramid};
use facedeck_engine::imaging::frame::{Frame, FrameFormat, Layout, Matrix};
use facedeck_engine::imaging::mask::Mask;
use facedeck_engine::imaging::region::{Rect, add_delta, native_delta, read_rgb};
use facedeck_engine::imaging::signature::Signature;
use facedeck_engine::imaging::similarity::Point;
use facedeck_engine::imaging::template::Template;

/// The sizes of `facedeck bench`.
const SIZES: [(&str, u32, u32); 3] =
    [("720p", 1280, 720), ("1080p", 1920, 1080), ("2160p", 3840, 2160)];
/// Sides of the crops of common swappers and enhancers.
const CROPS: [usize; 3] = [128, 256, 512];

/// A film's frame with a texture that nothing is flat in; 8 or 10 bits.
fn frame(width: u32, height: u32, depth: u8) -> Frame {
    let format = FrameFormat {
        width,
        height,
        layout: Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false },
        depth,
        matrix: Matrix::Bt709,
        full_range: false,
    };
    let mut data = vec![0; format.frame_bytes()];
    if depth == 8 {
        for (i, v) in data.iter_mut().enumerate() {
            *v = 16 + (i.wrapping_mul(31) % 220) as u8;
        }
    } else {
        for (i, v) in data.chunks_exact_mut(2).enumerate() {
            v.copy_from_slice(&(64 + (i.wrapping_mul(31) % 876) as u16).to_le_bytes());
        }
    }
    Frame::new(format, data)
}

/// The five points of a face in the middle of a frame, tilted a little.
fn face(width: u32, height: u32) -> [Point; 5] {
    let (x, y) = (width as f32 / 2.0, height as f32 / 2.0);
    let eyes = width as f32 / 12.0;
    let (sin, cos) = 0.15f32.sin_cos();
    [[-0.5, -0.57], [0.5, -0.57], [0.0, 0.0], [-0.41, 0.58], [0.42, 0.58]]
        .map(|[u, v]: Point| [x + eyes * (cos * u - sin * v), y + eyes * (sin * u + cos * v)])
}

/// A face's crop of a frame.
fn aligned(width: u32, height: u32, size: usize) -> Aligned {
    Aligned::new(&face(width, height), Template::Arcface128, size).expect("a face")
}

/// A crop with a texture.
fn crop(size: usize) -> Planes {
    std::array::from_fn(|c| {
        Field::from_fn(size, size, |x, y| ((x * 7 + y * 13 + c * 29) % 256) as f32)
    })
}

fn warp(c: &mut Criterion) {
    let mut group = c.benchmark_group("warp");
    for (name, width, height) in SIZES {
        let frame = frame(width, height, 8);
        for size in CROPS {
            let aligned = aligned(width, height, size);
            let at = format!("{name}/{size}");
            group.throughput(Throughput::Elements((size * size) as u64));
            group.bench_function(BenchmarkId::new("smooth", &at), |b| {
                b.iter(|| aligned.crop(black_box(&frame), Border::Replicate, Quality::Smooth));
            });
            group.bench_function(BenchmarkId::new("plain", &at), |b| {
                b.iter(|| aligned.crop(black_box(&frame), Border::Black, Quality::Plain));
            });
        }
    }
    group.finish();
}

fn blend(c: &mut Criterion) {
    let mut group = c.benchmark_group("blend");
    for (name, width, height) in SIZES {
        for depth in [8, 10] {
            let frame = frame(width, height, depth);
            for size in [128, 512] {
                let (aligned, new) = (aligned(width, height, size), crop(size));
                let mask = box_mask(size, 0.3, [0; 4]);
                let at = format!("{name}/{depth} bit/{size}");
                // The same frame over and over: what it costs does not depend on what is in it.
                let mut paper = frame.clone();
                group.bench_function(BenchmarkId::new("crop", &at), |b| {
                    b.iter(|| aligned.paste(black_box(&mut paper), &new, &mask));
                });
                let mut paper = frame.clone();
                group.bench_function(BenchmarkId::new("insightface", &at), |b| {
                    b.iter(|| aligned.paste_insightface(black_box(&mut paper), &new));
                });
            }
        }
    }
    for side in [256, 512, 1024] {
        let difference = crop(side)[0].clone();
        let masks = mask_pyramid(ellipse_mask(side, 0.3, [0; 4]), 4);
        group.bench_function(BenchmarkId::new("laplacian", side), |b| {
            let again = || difference.clone();
            b.iter_batched(again, |d| laplacian_blend(d, &masks), BatchSize::LargeInput);
        });
    }
    group.finish();
}

fn masks(c: &mut Criterion) {
    let mut group = c.benchmark_group("masks");
    for size in CROPS {
        let points: Vec<Point> = (0..33)
            .map(|i| {
                let (sin, cos) = (i as f32 / 33.0 * std::f32::consts::TAU).sin_cos();
                [0.5 + 0.38 * cos, 0.5 + 0.45 * sin].map(|v| v * size as f32)
            })
            .collect();
        group.bench_function(BenchmarkId::new("box", size), |b| {
            b.iter(|| box_mask(black_box(size), 0.3, [0; 4]));
        });
        group.bench_function(BenchmarkId::new("ellipse", size), |b| {
            b.iter(|| ellipse_mask(black_box(size), 0.3, [0; 4]));
        });
        group.bench_function(BenchmarkId::new("hull", size), |b| {
            b.iter(|| hull_mask(size, black_box(&points), 0.05 * size as f32, 5.0));
        });
        let soft = ellipse_mask(size, 0.0, [0; 4]);
        group.bench_function(BenchmarkId::new("gaussian", size), |b| {
            b.iter(|| gaussian(black_box(&soft), 5.0));
        });
        let hard = Mask::from_fn(size, size, |x, y| soft.at(x, y) > 0.5);
        group.bench_function(BenchmarkId::new("erode", size), |b| {
            b.iter(|| black_box(&hard).erode(0.03 * size as f32));
        });
    }
    group.finish();
}

fn color(c: &mut Criterion) {
    let mut group = c.benchmark_group("color");
    for (name, width, height) in SIZES {
        let frame = frame(width, height, 8);
        let side = width as usize / 5 / 2 * 2;
        let rect = Rect { x: side, y: side / 2, width: side, height: side };
        group.throughput(Throughput::Elements((side * side) as u64));
        group.bench_function(BenchmarkId::new("read_rgb", name), |b| {
            b.iter(|| read_rgb(black_box(&frame), rect));
        });
        let delta = crop(side).map(|plane| plane.map(|v| v / 64.0));
        let mut paper = frame.clone();
        group.bench_function(BenchmarkId::new("add_delta", name), |b| {
            let add = |delta| {
                let native = native_delta(&paper.format, black_box(delta));
                add_delta(&mut paper, rect, &native);
            };
            b.iter_batched(|| delta.clone(), add, BatchSize::LargeInput);
        });
        // It reads the whole frame.
        group.throughput(Throughput::Bytes(frame.data.len() as u64));
        group.bench_function(BenchmarkId::new("signature", name), |b| {
            b.iter(|| Signature::of(black_box(&frame)));
        });
    }
    for size in CROPS {
        let (picture, target) = (crop(size), crop(size).map(|plane| plane.map(|v| 255.0 - v)));
        let mask = ellipse_mask(size, 0.3, [0; 4]);
        group.throughput(Throughput::Elements((size * size) as u64));
        group.bench_function(BenchmarkId::new("to_lab", size), |b| {
            b.iter(|| planes_to_lab(black_box(&picture)));
        });
        group.bench_function(BenchmarkId::new("match", size), |b| {
            let again = || picture.clone();
            b.iter_batched(again, |p| match_color(p, &target, &mask, 1.0), BatchSize::LargeInput);
        });
    }
    group.throughput(Throughput::Elements(1));
    let matrix = YuvMatrix::new(Matrix::Bt709, false);
    group.bench_function("yuv_and_back", |b| {
        b.iter(|| {
            let [r, g, b] = matrix.to_rgb(black_box(120.0), 90.0, 160.0);
            matrix.to_yuv([r, g, b])
        });
    });
    group.bench_function("lab_and_back", |b| {
        b.iter(|| lab_to_rgb(rgb_to_lab(black_box([200.0, 100.0, 50.0]))));
    });
    group.finish();
}

criterion_group!(benches, warp, blend, masks, color);
criterion_main!(benches);
