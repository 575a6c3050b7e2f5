//! Pictures are loaded from the service and encoded for the terminal, away from the loop.

use std::sync::Arc;

use image::RgbImage;
use tokio::sync::mpsc;

use crate::client::Client;
use crate::error::{Context, Error, Result};
use crate::service::wire::{Side as ApiSide, ThumbnailQuery};

use super::super::msg::Msg;
use super::super::overlay::toasts::words;
use super::super::picture::{Cut, How, Key, Side, Want, encode as encoded};
use super::Tasks;

/// Loads a picture; `side` is the largest width that is of use.
pub(super) async fn load(tasks: Tasks, key: Key, side: u32) {
    let _turn = tasks.loads.acquire().await;
    let result = get(&tasks, &key, side).await.map_err(|error| words(&error));
    let _ = tasks.to.send(Msg::Loaded(key, result)).await;
}

async fn get(tasks: &Tasks, key: &Key, side: u32) -> Result<Option<Arc<RgbImage>>> {
    let client = tasks.client().ok_or_else(|| Error::failed("the service is away"))?;
    let width = Some(side.clamp(16, 2048));
    let of = |side: &Side| match side {
        Side::Before => ApiSide::Before,
        Side::After => ApiSide::After,
    };
    let jpeg = match key {
        Key::File { path, frame, crop } => {
            let query = ThumbnailQuery {
                path: path.clone(),
                width,
                frame: (*frame > 0).then_some(*frame),
                time: None,
                x: crop.map(|crop| crop.x),
                y: crop.map(|crop| crop.y),
                w: crop.map(|crop| crop.width),
                h: crop.map(|crop| crop.height),
            };
            Some(client.thumbnail(&query).await?.jpeg)
        }
        Key::Live { job, side } => {
            client.frame(job, of(side), width).await?.map(|frame| frame.jpeg)
        }
        Key::Still { job, side, .. } => client.still(job, of(side), width).await?,
        // These come with the answer to their question, or are made of others.
        Key::Preview { .. } | Key::Wipe { .. } | Key::Part { .. } => None,
    };
    let Some(jpeg) = jpeg else { return Ok(None) };
    decode(jpeg).await.map(Some)
}

/// Decodes a picture away from the loop.
pub(super) async fn decode(bytes: Vec<u8>) -> Result<Arc<RgbImage>> {
    let what = || "the service sent a picture that cannot be read".to_owned();
    let decoded = tokio::task::spawn_blocking(move || {
        image::load_from_memory(&bytes).map(|image| image.to_rgb8())
    });
    Ok(Arc::new(decoded.await.context(what)?.context(what)?))
}

/// The longest side of a picture that is cut out, in pixels.
const CUT_OUT: u32 = 2048;

/// Cuts a part out of a frame and sends it to the service, which gives it a name.
pub(super) async fn cut_out(client: &Client, cut: &Cut) -> Result<String> {
    let query = ThumbnailQuery {
        path: cut.file.clone(),
        width: Some(CUT_OUT),
        frame: (cut.frame > 0).then_some(cut.frame),
        time: None,
        x: Some(cut.crop.x),
        y: Some(cut.crop.y),
        w: Some(cut.crop.width),
        h: Some(cut.crop.height),
    };
    let jpeg = client.thumbnail(&query).await?.jpeg;
    let cannot = || "cannot keep the picture of the person for a moment".to_owned();
    let file = tempfile::Builder::new().suffix(".jpg").tempfile().context(cannot)?;
    tokio::fs::write(file.path(), jpeg).await.context(cannot)?;
    Ok(client.upload(file.path(), |_| ()).await?.id)
}

/// Encodes a picture.
pub(super) async fn encode(
    to: mpsc::Sender<Msg>,
    want: Want,
    version: u64,
    pixels: Vec<Arc<RgbImage>>,
    how: How,
) {
    let (key, cells) = (want.key.clone(), want.cells);
    let work = tokio::task::spawn_blocking(move || encoded(&key, &pixels, cells, how));
    let result = match work.await {
        Ok(result) => result.map_err(|error| words(&error)),
        Err(error) => Err(error.to_string()),
    };
    let _ = to.send(Msg::Encoded(want, version, result)).await;
}
