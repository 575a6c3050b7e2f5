use super::super::Graphics;
use super::*;
use image::{Rgb, Rgba, RgbaImage};

fn terminal(cell: Option<(u16, u16)>, cells: (u16, u16)) -> Detection {
    Detection {
        wanted: Graphics::Auto,
        protocol: Protocol::Sixel,
        why: String::new(),
        terminal: None,
        cell,
        cells,
        pixels: None,
        colors: None,
        sixel_limit: None,
        through_tmux: false,
    }
}

fn gradient(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, 60])
    }))
}

#[test]
fn the_shape_is_kept_for_the_true_cell() {
    for cell in [(9, 18), (10, 20), (6, 12), (8, 19), (21, 43)] {
        let detection = terminal(Some(cell), (100, 30));
        let fit = fit((1920, 1080), Some((36, 12)), (u16::MAX, u16::MAX), 4.0, &detection);
        let ratio = f64::from(fit.width) / f64::from(fit.height);
        assert!((ratio - 16.0 / 9.0).abs() < 0.02, "{cell:?}: {fit:?}");
        assert!(fit.cells.0 <= 36 && fit.cells.1 <= 12, "{fit:?}");
        assert!(fit.width <= u32::from(fit.cells.0) * u32::from(cell.0));
        assert!(fit.height <= u32::from(fit.cells.1) * u32::from(cell.1));
    }
}

#[test]
fn a_picture_is_never_wider_than_the_terminal_nor_on_its_last_row() {
    let detection = terminal(Some((10, 20)), (40, 10));
    let wide = fit((5000, 100), Some((200, 200)), (u16::MAX, u16::MAX), 4.0, &detection);
    assert_eq!((wide.width, wide.cells.0), (400, 40));
    let tall = fit((100, 5000), None, (u16::MAX, u16::MAX), 1.0, &detection);
    assert_eq!((tall.height, tall.cells.1), (160, 8));
    let tiny = terminal(Some((10, 20)), (1, 1));
    let fit = fit((5000, 100), None, (u16::MAX, u16::MAX), 1.0, &tiny);
    assert_eq!(fit.cells, (1, 1));
}

#[test]
fn small_pictures_grow_only_into_a_box_and_only_so_far() {
    let detection = terminal(Some((10, 20)), (100, 40));
    let any = (u16::MAX, u16::MAX);
    assert_eq!(fit((50, 50), None, any, 1.0, &detection).width, 50);
    assert_eq!(fit((50, 50), Some((36, 18)), any, 4.0, &detection).width, 200);
    assert_eq!(fit((200, 200), Some((36, 18)), any, 4.0, &detection).width, 360);
}

#[test]
fn half_blocks_keep_the_shape_too() {
    let round = gradient(300, 300);
    for (cell, samples) in [((10, 20), (24, 24)), ((9, 18), (24, 24)), ((8, 20), (30, 24))] {
        let fit = half_blocks(&round, Some((40, 12)), &terminal(Some(cell), (100, 40)));
        assert_eq!((fit.width, fit.height), samples, "{cell:?}");
        assert_eq!(fit.cells, (samples.0 as u16, 12));
    }
    let few = half_blocks(&gradient(4, 4), Some((40, 12)), &terminal(None, (80, 24)));
    assert_eq!((few.width, few.height), (4, 4), "no more samples than pixels");
}

/// What `draw` writes, as text.
fn drawn(image: &DynamicImage, protocol: Protocol, detection: &Detection) -> String {
    let mut bytes = Vec::new();
    draw(&mut bytes, image, Some((20, 10)), protocol, detection).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn room_is_made_and_the_cursor_ends_below() {
    let detection = terminal(Some((10, 20)), (80, 24));
    let text = drawn(&gradient(400, 200), Protocol::Sixel, &detection);
    // 20 columns are 200 pixels, so 100 pixels high: 5 rows.
    let head = "\n\n\n\n\n\x1b[5A\r\x1b7\x1bP9;1;0q\"1;1;200;100";
    assert!(text.starts_with(head), "{:?}", &text[..60]);
    assert!(text.ends_with("\x1b\\\x1b8\x1b[5B\r"), "{:?}", &text[text.len() - 20..]);
}

#[test]
fn kitty_is_given_cells_only_when_their_size_is_unknown() {
    let picture = gradient(400, 200);
    let known = drawn(&picture, Protocol::Kitty, &terminal(Some((10, 20)), (80, 24)));
    assert!(known.contains("\x1b_Ga=T,f=100,t=d,C=1,q=2,m="), "{:?}", &known[..60]);
    let unknown = drawn(&picture, Protocol::Kitty, &terminal(None, (80, 24)));
    assert!(unknown.contains(",q=2,c=20,r=5,m="), "{:?}", &unknown[..60]);
}

#[test]
fn the_terminals_own_sixel_limits_are_kept() {
    let detection = Detection {
        sixel_limit: Some((64, 480)),
        colors: Some(16),
        ..terminal(Some((10, 20)), (80, 24))
    };
    let text = drawn(&gradient(400, 200), Protocol::Sixel, &detection);
    assert!(text.contains("\x1bP9;1;0q\"1;1;64;32"), "{:?}", &text[..60]);
    assert!(!text.contains("#16"));
}

#[test]
fn tmux_is_told_to_hand_the_picture_on_but_not_the_cursor() {
    let detection = Detection { through_tmux: true, ..terminal(Some((10, 20)), (80, 24)) };
    let text = drawn(&gradient(40, 20), Protocol::Sixel, &detection);
    assert!(text.contains("\x1b7\x1bPtmux;\x1b\x1bP9;1;0q"), "{:?}", &text[..60]);
    assert!(text.contains("\x1b\x1b\\\x1b\\\x1b8"), "{:?}", &text[text.len() - 30..]);
}

#[test]
fn transparency_becomes_gray_and_hidden_colors_stay_hidden() {
    let mut image = RgbaImage::from_pixel(2, 1, Rgba([255, 0, 0, 0]));
    image.put_pixel(1, 0, Rgba([10, 20, 30, 255]));
    let flat = flatten(&DynamicImage::ImageRgba8(image));
    assert_eq!(flat.get_pixel(0, 0).0, [128, 128, 128]);
    assert_eq!(flat.get_pixel(1, 0).0, [10, 20, 30]);
}

#[test]
fn resizing_keeps_the_picture() {
    let fit = Fit { width: 50, height: 25, cells: (5, 2) };
    let small = resize(&gradient(400, 200), &fit).unwrap();
    for (x, y) in [(5, 5), (25, 12), (45, 20)] {
        let [r, g, b] = small.get_pixel(x, y).0;
        assert!(u32::from(r).abs_diff((x * 8 + 4) * 255 / 400) < 4, "{x},{y}: {r}");
        assert!(u32::from(g).abs_diff((y * 8 + 4) * 255 / 200) < 4, "{x},{y}: {g}");
        assert!(b.abs_diff(60) < 2);
    }
}

#[test]
fn nothing_is_drawn_into_a_pipe_or_when_off() {
    let detection = terminal(None, (80, 24));
    show(&gradient(4, 4), None, Protocol::Off, &detection).unwrap();
    if !stdout().is_terminal() {
        show(&gradient(4, 4), None, Protocol::Sixel, &detection).unwrap();
        show(&gradient(4, 4), None, Protocol::Blocks, &detection).unwrap();
    }
}
