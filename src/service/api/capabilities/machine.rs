//! What this machine brings: ffmpeg's encoders, the ONNX Runtime, execution providers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::inference::environment;
use crate::inference::provider::{Provider, Standing, standing};
use crate::media::codec::VideoEncoder;
use crate::provision::find_ffmpeg;

/// ffmpeg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FfmpegView {
    /// Its version; none where it is missing.
    pub version: Option<String>,
    /// Why it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// The encoders that facedeck uses.
    pub encoders: Vec<EncoderView>,
}

/// A video encoder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EncoderView {
    /// Its name.
    pub name: String,
    /// The codec that it writes.
    pub codec: String,
    /// Whether this ffmpeg was built with it.
    pub present: bool,
    /// Whether it needs a graphics processor, which may not be there.
    pub hardware: bool,
}

/// The ONNX Runtime that is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuntimeView {
    /// Its version.
    pub version: String,
    /// The library.
    pub path: String,
}

/// An execution provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProviderView {
    /// Its name.
    pub name: String,
    /// `works`: something ran on it. `ready`: all that it needs is here. `missing`: it cannot be
    /// used. `unknown`: it shows with the first job.
    pub standing: String,
    /// Milliseconds of one run of the test network, where it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<f64>,
    /// Why it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// What can be done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

pub(super) fn ffmpeg() -> FfmpegView {
    let found = find_ffmpeg().and_then(|tools| Ok((tools.encoders()?, tools)));
    let (known, version, fault) = match found {
        Ok((known, tools)) => (known, Some(tools.version), None),
        Err(error) => (Vec::new(), None, Some(error.chain())),
    };
    let encoders = VideoEncoder::ALL
        .into_iter()
        .map(|encoder| EncoderView {
            name: encoder.name().to_owned(),
            codec: encoder.codec().to_owned(),
            present: known.iter().any(|name| name == encoder.name()),
            hardware: encoder.is_hardware(),
        })
        .collect();
    FfmpegView { version, fault, encoders }
}

pub(super) fn runtime() -> Option<RuntimeView> {
    let runtime = environment::loaded().ok()?;
    let path = runtime.path.display().to_string();
    Some(RuntimeView { version: runtime.version.clone(), path })
}

pub(super) fn providers() -> Vec<ProviderView> {
    Provider::ALL.iter().map(|provider| view(provider.name(), standing(*provider))).collect()
}

fn view(name: &str, standing: Standing) -> ProviderView {
    let (word, milliseconds, error) = match standing {
        Standing::Works(proof) => ("works", Some(proof.milliseconds), None),
        Standing::Ready => ("ready", None, None),
        Standing::Lacks(error) => ("missing", None, Some(error)),
        Standing::Unknown => ("unknown", None, None),
    };
    ProviderView {
        name: name.to_owned(),
        standing: word.to_owned(),
        milliseconds,
        fault: error.as_ref().map(crate::Error::chain),
        hint: error.and_then(|error| error.hint_text().map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lacks_says_why() {
        crate::inference::for_tests().unwrap();
        let all = providers();
        assert_eq!(all.len(), Provider::ALL.len());
        assert_ne!(all[0].standing, "missing", "{:?}", all[0]);
        let azure = all.iter().find(|provider| provider.name == "azure").unwrap();
        // Another test may be proving one at the moment.
        if azure.standing != "unknown" {
            assert_eq!(azure.standing, "missing");
            assert!(azure.fault.as_ref().unwrap().contains("online service"), "{azure:?}");
        }
        assert!(runtime().is_some());
    }

    #[test]
    fn the_usual_encoder_is_here() {
        crate::provision::for_tests().unwrap();
        let view = ffmpeg();
        assert!(view.fault.is_none(), "{view:?}");
        let x264 = &view.encoders[0];
        assert!(x264.name == "libx264" && x264.present && !x264.hardware, "{x264:?}");
    }
}
