//! Turns a network's results of any number type into single precision.

use half::{bf16, f16};
use ort::value::{DynValue, PrimitiveTensorElementType, TensorElementType};

/// The shape and the values of a tensor, row-major.
///
/// # Errors
/// When it is no tensor of numbers.
pub(super) fn single(value: &DynValue) -> ort::Result<(Vec<usize>, Vec<f32>)> {
    match value.dtype().tensor_type() {
        Some(TensorElementType::Float16) => convert(value, f16::to_f32),
        Some(TensorElementType::Bfloat16) => convert(value, bf16::to_f32),
        Some(TensorElementType::Float64) => convert(value, |v: f64| v as f32),
        Some(TensorElementType::Int64) => convert(value, |v: i64| v as f32),
        Some(TensorElementType::Int32) => convert(value, |v: i32| v as f32),
        Some(TensorElementType::Uint8) => convert(value, |v: u8| f32::from(v)),
        Some(TensorElementType::Bool) => convert(value, |v: bool| f32::from(u8::from(v))),
        // Anything else fails with the runtime's own words.
        _ => convert(value, |v: f32| v),
    }
}

fn convert<T: PrimitiveTensorElementType + Copy>(
    value: &DynValue,
    each: impl Fn(T) -> f32,
) -> ort::Result<(Vec<usize>, Vec<f32>)> {
    let (shape, data) = value.try_extract_tensor::<T>()?;
    // A result has no unknown sizes.
    let shape = shape.iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect();
    Ok((shape, data.iter().map(|&v| each(v)).collect()))
}

#[cfg(test)]
mod tests {
    use crate::inference::graph::{Graph, Number};
    use crate::inference::{Input, Session, Values};

    /// A network that casts its input from one type to another and doubles it on the way.
    fn doubled(from: Number, to: Number) -> Session {
        crate::inference::for_tests().unwrap();
        let graph = Graph::new()
            .input("x", from, &[1, 3])
            .node("Add", &["x", "x"], "twice", &[])
            .node("Cast", &["twice"], "y", &[("to", &[to as i64])])
            .output("y", to, &[1, 3]);
        Session::from_bytes("doubled", &graph.bytes(), 1).unwrap()
    }

    #[test]
    fn results_of_every_type_are_single_precision() {
        let values = [-1.5, 0.25, 1000.0];
        for (to, expected) in [
            (Number::F32, [-3.0, 0.5, 2000.0]),
            (Number::F16, [-3.0, 0.5, 2000.0]),
            (Number::F64, [-3.0, 0.5, 2000.0]),
            (Number::I64, [-3.0, 0.0, 2000.0]),
        ] {
            let out = doubled(Number::F32, to).run(&[("x", &[1, 3], &values)]).unwrap();
            assert_eq!((&out[0].shape[..], &out[0].data[..]), (&[1, 3][..], &expected[..]));
        }
    }

    #[test]
    fn half_precision_inputs_are_fed_with_single_precision() {
        let out =
            doubled(Number::F16, Number::F32).run(&[("x", &[1, 3], &[0.1, 1.0, 70000.0])]).unwrap();
        // A tenth is rounded to 11 bits, and 70000 is more than half precision knows.
        assert!((out[0].data[0] - 0.2).abs() < 1e-4 && out[0].data[0] != 0.2);
        assert_eq!(out[0].data[1..], [2.0, f32::INFINITY]);
    }

    #[test]
    fn double_precision_inputs_stay_what_they_are() {
        let values = Values::F64(&[1e-300, 0.5, 3.0]);
        let input = Input { name: "x", shape: &[1, 3], values };
        let out = doubled(Number::F64, Number::F64).run_inputs(&[input]).unwrap();
        assert_eq!(out[0].data, [0.0, 1.0, 6.0]);
    }
}
