//! Brings a picture with a color profile to sRGB.

use moxcms::{ColorProfile, DataColorSpace, Layout as Order, TransformOptions};

use crate::error::{Error, Result};
use crate::imaging::frame::{Frame, Layout};

use super::Still;
use super::samples::{from_bytes, packed, to_bytes};

/// The picture in sRGB. One without a profile is taken for sRGB already, as browsers do.
///
/// The result carries no profile. A gray picture with a gray profile becomes color.
///
/// # Errors
/// When the profile is damaged or of a kind that cannot be converted.
pub fn to_srgb(still: &Still) -> Result<Still> {
    let plain = |frame| Still { frame, icc: None, exif: still.exif.clone(), kind: still.kind };
    let (Some(icc), Layout::Packed { channels }) = (&still.icc, still.frame.format.layout) else {
        return Ok(plain(still.frame.clone()));
    };
    let fault = |e: moxcms::CmsError| {
        Error::failed("the picture's color profile cannot be used")
            .because(e)
            .hint("save it with an sRGB profile, or without any")
    };
    let profile = ColorProfile::new_from_slice(icc).map_err(fault)?;
    if is_srgb(&profile) {
        return Ok(plain(still.frame.clone()));
    }
    let (from, to, out_channels) = match channels {
        1 => (Order::Gray, Order::Rgb, 3),
        2 => (Order::GrayAlpha, Order::Rgba, 4),
        3 => (Order::Rgb, Order::Rgb, 3),
        _ => (Order::Rgba, Order::Rgba, 4),
    };
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let source = &still.frame;
    let format =
        packed(source.format.width, source.format.height, out_channels, source.format.depth);
    let pixels = source.format.width as usize * source.format.height as usize;
    let mut out = Frame::new(format, vec![0; format.frame_bytes()]);
    if source.format.depth == 8 {
        let transform = profile.create_transform_8bit(from, &srgb, to, options).map_err(fault)?;
        transform.transform(&source.data, &mut out.data).map_err(fault)?;
    } else {
        let transform = profile.create_transform_16bit(from, &srgb, to, options).map_err(fault)?;
        let samples: Vec<u16> = from_bytes(&source.data).collect();
        let mut converted = vec![0u16; pixels * usize::from(out_channels)];
        transform.transform(&samples, &mut converted).map_err(fault)?;
        out.data = to_bytes(&converted);
    }
    Ok(plain(out))
}

/// Whether a profile is sRGB itself: its primaries agree to three digits, and its curve changes no
/// 8-bit gray by more than one.
fn is_srgb(profile: &ColorProfile) -> bool {
    if profile.color_space != DataColorSpace::Rgb || !profile.is_matrix_shaper() {
        return false;
    }
    let srgb = ColorProfile::new_srgb();
    let near = |a: moxcms::Xyzd, b: moxcms::Xyzd| {
        (a.x - b.x).abs() < 2e-3 && (a.y - b.y).abs() < 2e-3 && (a.z - b.z).abs() < 2e-3
    };
    if !near(profile.red_colorant, srgb.red_colorant)
        || !near(profile.green_colorant, srgb.green_colorant)
        || !near(profile.blue_colorant, srgb.blue_colorant)
    {
        return false;
    }
    // The curve can be written in many ways: what counts is what it does.
    let ramp: Vec<u8> = (0..=255u8).flat_map(|v| [v; 3]).collect();
    let mut out = vec![0u8; ramp.len()];
    profile
        .create_transform_8bit(Order::Rgb, &srgb, Order::Rgb, TransformOptions::default())
        .and_then(|transform| transform.transform(&ramp, &mut out))
        .is_ok_and(|()| ramp.iter().zip(&out).all(|(a, b)| a.abs_diff(*b) <= 1))
}
