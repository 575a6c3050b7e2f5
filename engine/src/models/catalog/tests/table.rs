//! The built-in entries against the published facts, which are written down here a second time.

use std::collections::BTreeSet;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::super::{Catalog, Entry, Origin, Role, SourceKind, builtin};
use crate::imaging::template::Template::{
    self, Arcface112, Arcface112V1, Arcface128, Ffhq512, Mtcnn512,
};

use SourceKind::{Emap, Embedding, Image};

/// Mean and std, per channel.
type Code = ([f32; 3], [f32; 3]);

/// A row of the swappers' table, in the order that is written at it.
type SwapperRow =
    (&'static str, SourceKind, Option<&'static str>, bool, Template, usize, Code, [f32; 2], bool);

const UNIT: Code = ([0.0; 3], [255.0; 3]);
const SIGNED: Code = ([127.5; 3], [127.5; 3]);
/// 0.485, 0.456, 0.406 and 0.229, 0.224, 0.225 of 255.
const IMAGENET: Code = ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375]);

/// Id, source, converter, whether vectors are normalized, template, side, mean and std, values for
/// black and white, commercial use.
#[rustfmt::skip]
const SWAPPERS: [SwapperRow; 13] = [
    ("inswapper_128",           Emap,      None,                       true,  Arcface128,   128, UNIT,     [0.0, 1.0],  false),
    ("inswapper_128_fp16",      Emap,      None,                       true,  Arcface128,   128, UNIT,     [0.0, 1.0],  false),
    ("hyperswap_1a_256",        Embedding, None,                       true,  Arcface128,   256, SIGNED,   [-1.0, 1.0], false),
    ("hyperswap_1b_256",        Embedding, None,                       true,  Arcface128,   256, SIGNED,   [-1.0, 1.0], false),
    ("hyperswap_1c_256",        Embedding, None,                       true,  Arcface128,   256, SIGNED,   [-1.0, 1.0], false),
    ("ghost_1_256",             Embedding, Some("crossface_ghost"),    false, Arcface112V1, 256, SIGNED,   [-1.0, 1.0], true),
    ("ghost_2_256",             Embedding, Some("crossface_ghost"),    false, Arcface112V1, 256, SIGNED,   [-1.0, 1.0], true),
    ("ghost_3_256",             Embedding, Some("crossface_ghost"),    false, Arcface112V1, 256, SIGNED,   [-1.0, 1.0], true),
    ("simswap_256",             Embedding, Some("crossface_simswap"),  true,  Arcface112V1, 256, IMAGENET, [0.0, 1.0],  false),
    ("simswap_unofficial_512",  Embedding, Some("crossface_simswap"),  true,  Arcface112V1, 512, UNIT,     [0.0, 1.0],  false),
    ("hififace_unofficial_256", Embedding, Some("crossface_hififace"), true,  Mtcnn512,     256, SIGNED,   [-1.0, 1.0], false),
    ("blendswap_256",           Image,     None,                       true,  Ffhq512,      256, UNIT,     [0.0, 1.0],  false),
    ("uniface_256",             Image,     None,                       true,  Ffhq512,      256, SIGNED,   [-1.0, 1.0], false),
];

/// Id, template, side, name of the weight's input, commercial use. All take and give −1..1.
#[rustfmt::skip]
const ENHANCERS: [(&str, Template, usize, Option<&str>, bool); 8] = [
    ("gfpgan_1.4",              Ffhq512,    512,  None,           true),
    ("codeformer",              Ffhq512,    512,  Some("weight"), false),
    ("codeformer_fp16",         Ffhq512,    512,  Some("w"),      false),
    ("gpen_bfr_256",            Arcface128, 256,  None,           false),
    ("gpen_bfr_512",            Ffhq512,    512,  None,           false),
    ("gpen_bfr_1024",           Ffhq512,    1024, None,           false),
    ("gpen_bfr_2048",           Ffhq512,    2048, None,           false),
    ("restoreformer_plus_plus", Ffhq512,    512,  None,           true),
];

/// Id, role, family, commercial use.
#[rustfmt::skip]
const OTHERS: [(&str, Role, &str, bool); 17] = [
    ("blazeface_full_range",   Role::Detector,      "blazeface",       true),
    ("det_10g",                Role::Detector,      "scrfd",           false),
    ("yunet_2023mar",          Role::Detector,      "yunet",           true),
    ("face_landmarks_478",     Role::Landmarks,     "face_mesh",       true),
    ("2dfan4",                 Role::Landmarks,     "fan_68",          true),
    ("2d106det",               Role::Landmarks,     "insightface_106", false),
    ("mobilefacenet",          Role::Recognizer,    "arcface",         true),
    ("w600k_r50",              Role::Recognizer,    "arcface",         false),
    ("ghost_arcface_backbone", Role::Recognizer,    "arcface",         true),
    ("crossface_ghost",        Role::Converter,     "vector",          false),
    ("crossface_simswap",      Role::Converter,     "vector",          false),
    ("crossface_hififace",     Role::Converter,     "vector",          false),
    ("bisenet_resnet_34",      Role::Parser,        "bisenet",         true),
    ("xseg_3",                 Role::Occluder,      "xseg",            false),
    ("genderage",              Role::Attributes,    "genderage",       false),
    ("open_nsfw",              Role::ContentFilter, "open_nsfw",       true),
    ("canonical_face",         Role::Mesh,          "obj",             true),
];

/// Id, bytes (0: not known) and hash of every file that is pinned.
#[rustfmt::skip]
const PINNED: [(&str, u64, &str); 27] = [
    ("inswapper_128",           554_253_681, "e4a3f08c753cb72d04e10aa0f7dbe3deebbf39567d4ead6dce08e98aa49e16af"),
    ("inswapper_128_fp16",      277_680_638, "6d51a9278a1f650cffefc18ba53f38bf2769bf4bbff89267822cf72945f8a38b"),
    ("inswapper_128_fp16",      277_680_829, "98fae14454ae714f31b4fe43a8907661c6b496ccbc5cb62c7219d8196d92bf21"),
    ("hyperswap_1a_256",        402_742_682, "c0e98a8a03a238f461ed3d2570e426b49f46745ee400854a60dceeb70c246add"),
    ("hyperswap_1b_256",        402_742_682, "5124031789c42f71b9558fb71954ef7aedb6da7ed9fac79293e23c61a792a73e"),
    ("hyperswap_1c_256",        402_742_682, "5528c2d76fe9986c99d829278987ef9f3a630cb606db7628d02b57b330f406a5"),
    ("det_10g",                  16_923_827, "5838f7fe053675b1c7a08b633df49e7af5495cee0493c7dcf6697200b85b5b91"),
    ("w600k_r50",               174_383_860, "4c06341c33c2ca1f86781dab0e829f88ad5b64be9fba56e56bc9ebdefc619e43"),
    ("2d106det",                  5_030_888, "f001b856447c413801ef5c42091ed0cd516fcd21f2d6b79635b1e733a7109dbf"),
    ("genderage",                 1_322_532, "4fde69b1c810857b88c64a335084f1c3fe8f01246c9a191b48c7bb756d6652fb"),
    ("gpen_bfr_512",            284_340_240, "d5f066b9068a8b74217f9712e28e875a6144629b108a6f7355acbdb3a2832c54"),
    ("gpen_bfr_1024",           285_203_703, "bcd31aa52110a2005efc96abbab4546d57e42482648f08715b552423d96b381b"),
    ("restoreformer_plus_plus", 294_264_812, "f4db5a89902b6a2d452446f5721245a6f7185f699b6aec7b77285adb4d504337"),
    ("bisenet_resnet_34",        93_632_546, "4a0b8c958a3c938913bd06a8365dbb3c8761afba6ecbf0d14b3b1f77eb230c96"),
    ("2dfan4",                   97_904_803, "678c6fa539d52335a31c980feefdf4a6e02d781d83dce00af8a894f114557285"),
    ("xseg_3",                   70_327_709, "48ccd7e8541e159a5a754ec9e62df2f12065f7df8f9af842c1750342c6533559"),
    ("gfpgan_1.4",                        0, "6548e54cbcf248af385248f0c1193b359c37a0f98b836282b09cf48af4fd2b73"),
    ("codeformer_fp16",                   0, "9c3ae2ce2de616815815628f966cdef5d9466722434a1be00c0785ec92e2a94f"),
    ("ghost_1_256",                       0, "304a86bccb325e7fcf5ab4f4f84ba5172e319bccc9de15d299bb436746e2e024"),
    ("ghost_2_256",                       0, "25b72c107aabe27fc65ac5bf5377e58eda0929872d4dd3de5d5a9edefc49fa9f"),
    ("ghost_3_256",                       0, "f471d4f322903da2bca360aa0d7ab9922e3b0001d683f825ca6b15d865382935"),
    ("ghost_arcface_backbone",            0, "18bb8057d1cd3ca39411b8a4dde485fa55783e08ceecaf2352f551ca39cd1357"),
    ("blazeface_full_range",      1_072_239, "ee0f6a0cef0a7d057f4031313bb650a8648e0faffe0e318e1ae9fca1a54da01e"),
    ("face_landmarks_478",        2_553_860, "0fb961e15eebadd86f8c259c90b138612fb15daeeb3a71d3c5d7093d48e3e4c7"),
    ("mobilefacenet",             2_533_353, "5fd55156c70c9d2cca7fc9fde8d036e45a12fc75493cd0f10816b26898ead20b"),
    ("open_nsfw",                11_830_441, "68a012661d2c1dba909a4f50d05581daae68bc7f881953da06f66914bd6c133f"),
    ("canonical_face",               46_318, "45780e640c037e6ca3f93b74932448b5757d54ab0b5f526756b3b3e742cfef6f"),
];

fn get(id: &str) -> Entry {
    Catalog::builtin().unwrap().get(id).unwrap().clone()
}

#[test]
fn swappers_are_used_as_published() {
    for (id, source, converter, normalize, template, side, code, range, commercial) in SWAPPERS {
        let entry = get(id);
        let (input, spec) = (entry.input.unwrap(), entry.swapper.unwrap());
        assert_eq!((entry.role, entry.commercial), (Role::Swapper, commercial), "{id}");
        assert_eq!((spec.source, spec.converter.as_deref()), (source, converter), "{id}");
        assert_eq!(
            (spec.normalize, spec.template, spec.range),
            (normalize, template, range),
            "{id}"
        );
        assert_eq!((input.size(), (input.mean, input.std)), ((side, side), code), "{id}");
        assert_eq!((input.name.as_str(), spec.source_input.as_str()), ("target", "source"), "{id}");
        let mask = id.starts_with("hyperswap").then_some("mask");
        assert_eq!(spec.mask_output.as_deref(), mask, "{id}");
        let recognizer = entry.needs.contains(&"w600k_r50".to_owned());
        assert_eq!(recognizer, source != Image, "{id}");
    }
    let pictures = ["blendswap_256", "uniface_256"].map(|id| {
        let spec = get(id).swapper.unwrap();
        (spec.source_template.unwrap(), spec.source_size.unwrap())
    });
    assert_eq!(pictures, [(Arcface112, 112), (Ffhq512, 256)]);
    let twin = get("inswapper_128_fp16").swapper.unwrap().single_precision;
    assert_eq!(twin.as_deref(), Some("inswapper_128"));
}

#[test]
fn enhancers_are_used_as_published() {
    for (id, template, side, weight, commercial) in ENHANCERS {
        let entry = get(id);
        let (input, spec) = (entry.input.unwrap(), entry.enhancer.unwrap());
        assert_eq!((entry.role, entry.commercial), (Role::Enhancer, commercial), "{id}");
        assert_eq!((spec.template, spec.range), (template, [-1.0, 1.0]), "{id}");
        assert_eq!((input.size(), (input.mean, input.std)), ((side, side), SIGNED), "{id}");
        assert_eq!(spec.weight_input.as_deref(), weight, "{id}");
    }
}

#[test]
fn the_others_have_their_roles_and_families() {
    for (id, role, family, commercial) in OTHERS {
        let entry = get(id);
        assert_eq!(
            (entry.role, entry.family.as_str(), entry.commercial),
            (role, family, commercial),
            "{id}"
        );
    }
    let recognizer = get("w600k_r50").input.unwrap();
    assert_eq!(
        (recognizer.mean, recognizer.std, recognizer.size()),
        (SIGNED.0, SIGNED.1, (112, 112))
    );
    let detector = get("det_10g").input.unwrap();
    assert_eq!((detector.mean, detector.std), ([127.5; 3], [128.0; 3]));
    let parser = get("bisenet_resnet_34").input.unwrap();
    assert_eq!((parser.mean, parser.std), IMAGENET);
}

#[test]
fn the_tables_name_every_entry_once() {
    let named: Vec<&str> = SWAPPERS
        .iter()
        .map(|row| row.0)
        .chain(ENHANCERS.iter().map(|row| row.0))
        .chain(OTHERS.iter().map(|row| row.0))
        .collect();
    let unique: BTreeSet<&str> = named.iter().copied().collect();
    let known: BTreeSet<&str> = builtin::ENTRIES.iter().map(|(id, _)| *id).collect();
    assert_eq!((unique.len(), &unique), (named.len(), &known));
}

#[test]
fn exactly_the_pinned_files_are_known() {
    let mut listed: Vec<(String, u64, String)> = Vec::new();
    for entry in Catalog::builtin().unwrap().entries() {
        for file in &entry.files {
            assert_eq!(entry.file_with_hash(&file.sha256), Some(file));
            listed.push((entry.id.clone(), file.bytes.unwrap_or(0), file.sha256.clone()));
        }
    }
    let mut pinned =
        PINNED.map(|(id, bytes, hash)| (id.to_owned(), bytes, hash.to_owned())).to_vec();
    listed.sort();
    pinned.sort();
    assert_eq!(listed, pinned);
}

#[test]
fn what_is_pinned_and_not_embedded_can_be_fetched_and_the_rest_says_where_it_is() {
    for entry in Catalog::builtin().unwrap().entries() {
        let id = &entry.id;
        let embedded = entry.license_file.is_some();
        for file in &entry.files {
            assert_eq!(file.sources.is_empty(), embedded, "{id}");
        }
        assert!(!embedded || entry.files.len() == 1, "{id}");
        if entry.files.is_empty() {
            assert!(entry.notes.contains("People find it as"), "{id}");
        }
        assert_eq!(entry.fetchable(), !embedded && !entry.files.is_empty(), "{id}");
        for origin in entry.files.iter().flat_map(|file| &file.sources) {
            let Origin::Url(url) = origin else { panic!("{id}: {origin:?}") };
            let known = ["https://huggingface.co/", "https://github.com/"];
            assert!(known.iter().any(|host| url.starts_with(host)), "{url}");
            let direct = url.contains("/resolve/main/") || url.contains("/releases/download/");
            assert!(direct && url.ends_with(".onnx"), "{url}");
        }
    }
}

#[test]
fn every_file_of_the_folder_is_built_in_and_named_by_its_id() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("models");
    let on_disk: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|item| item.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    let built_in: BTreeSet<String> =
        builtin::ENTRIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(on_disk, built_in);
    for (name, text) in builtin::ENTRIES {
        let entry = Entry::parse_named(name, text).unwrap();
        assert_eq!(entry.id, name);
        assert!(!entry.summary.is_empty() && entry.summary.len() < 90, "{name}");
        assert!(!entry.attribution.is_empty() && entry.upstream.starts_with("https://"), "{name}");
    }
}

/// The example that the folder's README gives is an entry, and it names every role and family.
#[test]
fn the_readme_is_right() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("models/README.md");
    let text = std::fs::read_to_string(path).unwrap();
    let example = text.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(Entry::parse(example).unwrap().role, Role::Swapper);
    for entry in Catalog::builtin().unwrap().entries() {
        for word in [entry.role.name(), entry.family.as_str()] {
            let own = matches!(entry.role, Role::ContentFilter | Role::Mesh);
            assert!(own || text.contains(&format!("`{word}`")), "{word}");
        }
    }
}

/// A license that is not in SPDX's list is told in one line; everything non-commercial says so.
#[test]
fn licenses_are_told() {
    let spdx = ["Apache-2.0", "MIT", "BSD-2-Clause", "CC-BY-NC-4.0"];
    for entry in Catalog::builtin().unwrap().entries() {
        let listed = spdx.contains(&entry.license.as_str());
        assert_eq!(listed, entry.license_note.is_none(), "{}", entry.id);
        assert_eq!(entry.commercial, listed && !entry.license.contains("NC"), "{}", entry.id);
    }
}

/// The hashes above were not typed wrong twice: those of what is embedded are computed.
#[test]
fn embedded_files_have_the_hashes_of_the_table() {
    for model in crate::models::all().unwrap() {
        let hash: String = Sha256::digest(model.bytes).iter().map(|b| format!("{b:02x}")).collect();
        let row = PINNED.iter().find(|row| row.0 == model.entry.id).unwrap();
        assert_eq!((row.1, row.2), (model.bytes.len() as u64, hash.as_str()));
    }
}
