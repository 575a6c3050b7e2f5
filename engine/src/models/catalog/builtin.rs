//! The texts of the built-in entries, one file of the project's `models/` each.

/// The entry of each id: a file is named by the id of its entry.
macro_rules! entries {
    ($($id:literal,)*) => {
        [$(($id, include_str!(concat!("../../../../models/", $id, ".toml"))),)*]
    };
}

/// Every built-in entry's id and text, in the order in which they are listed.
#[rustfmt::skip]
pub(super) const ENTRIES: [(&str, &str); 38] = entries![
    "blazeface_full_range", "det_10g", "yunet_2023mar",
    "face_landmarks_478", "2dfan4", "2d106det",
    "mobilefacenet", "w600k_r50", "ghost_arcface_backbone",
    "inswapper_128", "inswapper_128_fp16", "hyperswap_1a_256", "hyperswap_1b_256",
    "hyperswap_1c_256", "ghost_1_256", "ghost_2_256", "ghost_3_256", "simswap_256",
    "simswap_unofficial_512", "hififace_unofficial_256", "blendswap_256", "uniface_256",
    "crossface_ghost", "crossface_simswap", "crossface_hififace",
    "gfpgan_1.4", "codeformer", "codeformer_fp16", "gpen_bfr_256", "gpen_bfr_512", "gpen_bfr_1024",
    "gpen_bfr_2048", "restoreformer_plus_plus",
    "bisenet_resnet_34", "xseg_3", "genderage", "open_nsfw", "canonical_face",
];

/// The text of a built-in entry.
pub(super) fn text(id: &str) -> Option<&'static str> {
    ENTRIES.iter().find(|(known, _)| *known == id).map(|(_, text)| *text)
}
