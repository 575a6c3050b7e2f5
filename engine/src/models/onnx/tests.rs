//! Files made by hand, by the generator of `tests/models`, and by nobody in particular.

use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::models::{self, catalog};

/// A message in the wire format, field by field.
#[derive(Default, Clone)]
struct Message(Vec<u8>);

impl Message {
    fn raw_varint(mut self, mut number: u64) -> Self {
        while number > 0x7f {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
        self
    }

    fn number(self, field: u64, value: u64) -> Self {
        self.raw_varint(field << 3).raw_varint(value)
    }

    fn bytes(self, field: u64, bytes: &[u8]) -> Self {
        let mut message = self.raw_varint(field << 3 | 2).raw_varint(bytes.len() as u64);
        message.0.extend_from_slice(bytes);
        message
    }

    fn message(self, field: u64, inner: &Message) -> Self {
        self.bytes(field, &inner.0)
    }
}

/// A tensor whose axes are listed one by one.
fn tensor(name: &str, dims: &[u64], element: u64) -> Message {
    let message = dims.iter().fold(Message::default(), |m, &size| m.number(1, size));
    message.number(2, element).bytes(8, name.as_bytes())
}

/// A network with these initializers.
fn network(initializers: &[Message]) -> Vec<u8> {
    let graph =
        initializers.iter().fold(Message::default().bytes(2, b"graph"), |g, i| g.message(5, i));
    Message::default().number(1, 8).message(7, &graph).0
}

fn emap_of(bytes: &[u8]) -> Result<Vec<f32>> {
    read_emap(Cursor::new(bytes), "x.onnx")
}

/// The whole story of the error.
fn refusal(bytes: &[u8]) -> String {
    emap_of(bytes).unwrap_err().chain()
}

fn file(name: &str) -> Weights {
    Weights::File(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("tests/models").join(name),
    )
}

/// 0, 1/512, 2/512, …: every number is different and exact in half precision up to 4.
fn number(i: usize) -> f32 {
    (i % 2048) as f32 / 512.0
}

fn singles() -> Vec<u8> {
    (0..EMAP_SIDE * EMAP_SIDE).flat_map(|i| number(i).to_le_bytes()).collect()
}

fn halves() -> impl Iterator<Item = half::f16> {
    (0..EMAP_SIDE * EMAP_SIDE).map(|i| half::f16::from_f32(number(i)))
}

#[test]
fn a_graph_made_by_hand_is_read() {
    let size = |m: Message| Message::default().message(1, &m);
    let known = size(Message::default().number(1, 112));
    let named = size(Message::default().bytes(2, b"batch"));
    let negative = size(Message::default().number(1, u64::MAX));
    let shape = Message([named.0, known.0, negative.0].concat());
    let kind = Message::default().message(1, &Message::default().number(1, 1).message(2, &shape));
    let port = |name: &str| Message::default().bytes(1, name.as_bytes()).message(2, &kind);
    let packed = Message::default().bytes(1, &[3, 0x80, 0x04]).number(2, 11).bytes(8, b"w");
    let far = tensor("far", &[7], 10).number(14, 1);
    let graph = Message::default()
        .message(1, &Message::default().bytes(4, b"Conv"))
        .message(11, &port("x"))
        .message(11, &port("w"))
        .message(12, &port("y"))
        .message(5, &packed)
        .message(5, &far);
    let bytes = Message::default().number(1, 8).bytes(2, b"me").message(7, &graph).0;
    let summary = summarize(Cursor::new(&bytes)).unwrap();

    let port = |name: &str| Port {
        name: name.into(),
        element: Element::F32,
        shape: vec![None, Some(112), None],
    };
    // "w" is listed among the inputs as well, as files before IR version 4 do.
    assert_eq!((summary.inputs, summary.outputs), (vec![port("x")], vec![port("y")]));
    let [w, far_away] = &summary.initializers[..] else { panic!() };
    assert_eq!((w.name.as_str(), &w.dims[..], w.element), ("w", &[3, 512][..], Element::F64));
    assert_eq!((w.position, far_away.position), (0, 1));
    assert_eq!((w.external, far_away.external), (false, true));
    assert_eq!(&bytes[w.range.start as usize..w.range.end as usize], packed.0);
    assert_eq!(&bytes[far_away.range.start as usize..far_away.range.end as usize], far.0);
}

#[test]
fn every_way_to_store_the_numbers_is_understood() {
    let floats = tensor("emap", &[512, 512], 1);
    let half = tensor("emap", &[512, 512], 10);
    let one_by_one = (0..EMAP_SIDE * EMAP_SIDE).fold(floats.clone(), |mut m, i| {
        m.0.push(4 << 3 | 5);
        m.0.extend_from_slice(&number(i).to_le_bytes());
        m
    });
    let raw_half: Vec<u8> = halves().flat_map(half::f16::to_le_bytes).collect();
    let bits = halves().fold(Message::default(), |m, h| m.raw_varint(h.to_bits().into()));
    let bits_one_by_one = halves().fold(half.clone(), |m, h| m.number(5, h.to_bits().into()));
    // The numbers may come before the shape.
    let shape_last = Message(
        Message::default().bytes(9, &singles()).0.into_iter().chain(floats.0.clone()).collect(),
    );
    for emap in [
        floats.clone().bytes(9, &singles()),
        floats.clone().bytes(4, &singles()),
        one_by_one,
        shape_last,
        half.clone().bytes(9, &raw_half),
        half.clone().bytes(5, &bits.0),
        bits_one_by_one,
    ] {
        let values = emap_of(&network(&[tensor("w", &[3, 3], 1), emap])).unwrap();
        assert!(values.iter().enumerate().all(|(i, v)| *v == number(i)));
        assert_eq!(values.len(), EMAP_SIDE * EMAP_SIDE);
    }
}

#[test]
fn an_emap_that_is_not_where_it_belongs_is_refused() {
    let emap = tensor("buff2fs", &[512, 512], 1).bytes(9, &singles());
    let other = tensor("w", &[512, 3], 1);
    let told = refusal(&network(&[emap.clone(), other.clone()]));
    assert!(told.starts_with("x.onnx cannot be used for swapping: "), "{told}");
    assert!(told.contains("\"buff2fs\", is number 1 of 2 and not the last"), "{told}");
    let told = refusal(&network(&[emap.clone(), emap.clone()]));
    assert!(told.contains("2 of its initializers are 512 x 512"), "{told}");
    let told = refusal(&network(&[other.clone(), tensor("v", &[512, 512, 1], 1)]));
    assert!(told.contains("none of its 2 initializers is a 512 x 512 emap"), "{told}");
    let told = refusal(&network(&[tensor("emap", &[512, 512], 1).number(14, 1)]));
    assert!(told.contains("lie in another file"), "{told}");
    let told = refusal(&network(&[tensor("emap", &[512, 512], 11)]));
    assert!(told.contains("is F64 and neither single nor half precision"), "{told}");
}

#[test]
fn an_emap_with_too_few_or_too_many_or_impossible_numbers_is_refused() {
    let emap = tensor("emap", &[512, 512], 1);
    let with = |raw: &[u8]| refusal(&network(&[emap.clone().bytes(9, raw)]));
    let good = singles();
    assert!(with(&good[4..]).contains("the emap has 262143 of 262144 numbers"));
    assert!(with(&good[1..]).contains("cut off or damaged"));
    assert!(with(&[&good[..], &[0; 4]].concat()).contains("more than 262144 numbers"));
    assert!(
        with(&[&f32::NAN.to_le_bytes(), &good[4..]].concat())
            .contains("number 0 of the emap is NaN")
    );
    assert!(with(&[]).contains("the emap has 0 of 262144 numbers"));
    let wide = tensor("emap", &[512, 512], 10).number(5, 0x1_0000);
    assert!(refusal(&network(&[wide])).contains("more than 16 bits"));
}

/// `(e · emap)[j] = e[j − 1 mod 512]` is what the generator writes.
#[test]
fn the_test_models_have_the_emap_that_they_were_given() {
    for (name, factor) in [
        ("tiny_inswapper_128.onnx", 1.0),
        ("tiny_inswapper_128_fp16.onnx", 1.0),
        ("tiny_inswapper_nan.onnx", 1.0),
        ("tiny_inswapper_scaled.onnx", 1.5),
    ] {
        let emap = emap(&file(name)).unwrap();
        for (k, value) in emap.iter().enumerate() {
            let (i, j) = (k / EMAP_SIDE, k % EMAP_SIDE);
            let expected = if j == (i + 1) % EMAP_SIDE { factor } else { 0.0 };
            assert_eq!(*value, expected, "{name} at {i}, {j}");
        }
    }
    let told = emap(&file("tiny_inswapper_noemap.onnx")).unwrap_err();
    assert!(told.message().contains("none of its"), "{told}");
    let told = emap(&file("tiny_inswapper_shuffled.onnx")).unwrap_err();
    assert!(told.message().contains("tests/models/tiny_inswapper_shuffled.onnx"), "{told}");
    assert!(told.message().contains("reordered or optimized"), "{told}");
    assert_eq!(emap(&file("absent.onnx")).unwrap_err().exit_code(), 1);
}

#[test]
fn the_test_models_are_summarized() {
    let summary = summary(&file("tiny_hyperswap_256.onnx")).unwrap();
    let port = |name: &str, shape: &[u64]| Port {
        name: name.into(),
        element: Element::F32,
        shape: shape.iter().map(|n| Some(*n)).collect(),
    };
    let inputs = [port("source", &[1, 512]), port("target", &[1, 3, 256, 256])];
    assert_eq!(summary.inputs, inputs);
    let outputs = [port("output", &[1, 3, 256, 256]), port("mask", &[1, 1, 256, 256])];
    assert_eq!(summary.outputs, outputs);
    let weight = super::summary(&file("tiny_codeformer.onnx")).unwrap().inputs.remove(1);
    assert_eq!((weight.name.as_str(), weight.element), ("weight", Element::F64));
}

/// What the catalog says of the embedded networks' inputs is what their files say.
#[test]
fn embedded_networks_are_fed_as_their_files_say() {
    for model in models::all().unwrap() {
        let weights = Weights::Embedded(model.bytes);
        if model.entry.role == catalog::Role::Mesh {
            assert!(summary(&weights).is_err());
            continue;
        }
        let inputs = summary(&weights).unwrap().inputs;
        let input = model.entry.input.unwrap();
        assert_eq!((inputs.len(), &inputs[0].name), (1, &input.name));
        for (axis, (declared, told)) in inputs[0].shape.iter().zip(input.shape).enumerate() {
            let any = axis == 0 && told == 0;
            assert!(any || *declared == Some(told as u64), "{}: {:?}", model.entry.id, inputs[0]);
        }
    }
}

#[test]
fn a_file_that_is_cut_off_is_refused_wherever_that_is() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .join("tests/models/tiny_inswapper_scaled.onnx");
    let whole = std::fs::read(path).unwrap();
    assert!(emap_of(&whole).is_ok());
    for length in (0..2000).chain((2000..whole.len()).step_by(997)).chain([whole.len() - 1]) {
        let error = emap_of(&whole[..length]).unwrap_err();
        assert!(error.message().contains("x.onnx"), "{length}: {error}");
    }
}

#[test]
fn lengths_that_lie_reserve_nothing() {
    let huge = u64::MAX >> 1;
    for field in [1, 5, 7, 8, 9, 11] {
        let lie = Message::default().raw_varint(field << 3 | 2).raw_varint(huge);
        for inner in
            [lie.clone(), Message::default().message(5, &lie), Message::default().message(11, &lie)]
        {
            let bytes = Message::default().message(7, &inner).0;
            assert!(summarize(Cursor::new(&bytes)).is_err());
        }
        assert!(summarize(Cursor::new(&lie.0)).is_err());
    }
    let endless = Message([vec![7 << 3 | 2], vec![0xff; 20]].concat());
    assert!(summarize(Cursor::new(&endless.0)).is_err());
    let many = Message((0..70_000).flat_map(|_| [5 << 3 | 2, 0]).collect());
    let told = refusal(&Message::default().message(7, &many).0);
    assert!(told.contains("more than 65536"), "{told}");
}

proptest! {
    /// No bytes whatever make it panic, and what it finds lies in the file.
    #[test]
    fn garbage_is_no_network(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(summary) = summarize(Cursor::new(&bytes)) {
            let within = |i: &Initializer| i.range.end <= bytes.len() as u64;
            prop_assert!(summary.initializers.iter().all(within));
        }
        prop_assert!(emap_of(&bytes).is_err());
    }

    /// Nor do small damages to a real file.
    #[test]
    fn a_damaged_network_is_no_danger(at in 0_usize..3000, byte in any::<u8>()) {
        let mut bytes = models::embedded(models::id::DETECTOR).unwrap().bytes[..20_000].to_vec();
        bytes[at] = byte;
        let graph = Message::default().bytes(7, &bytes);
        for bytes in [bytes, graph.0] {
            prop_assert!(emap_of(&bytes).is_err());
        }
    }
}
