//! InSwapper's emap: the matrix that turns a recognizer's vector into what the network takes.
//!
//! No node of the graph uses it; it lies among the initializers as the last one, and nothing but
//! its shape and its place says which it is. Optimizers reorder or drop it, and a wrong matrix
//! would swap in nobody's face, so both are checked.

use std::io::{self, Read, Seek};

use half::f16;

use super::summary::{Element, Initializer, Summary};
use super::wire::{Value, Wire, malformed};

/// Rows and columns of the emap.
pub const SIDE: usize = 512;
/// How many numbers it has.
const COUNT: usize = SIDE * SIDE;

/// The initializer that is the emap, or what speaks against it.
pub(super) fn find(summary: &Summary) -> Result<&Initializer, String> {
    let all = &summary.initializers;
    let mut squares = all.iter().filter(|i| i.dims == [SIDE as u64; 2]);
    let (Some(emap), others) = (squares.next(), squares.count()) else {
        return Err(format!(
            "none of its {} initializers is a 512 x 512 emap; it is no InSwapper, or an optimizer \
             dropped what no node uses",
            all.len()
        ));
    };
    if others > 0 {
        return Err(format!(
            "{} of its initializers are 512 x 512, and which one is the emap cannot be told",
            others + 1
        ));
    }
    if emap.position + 1 != all.len() {
        return Err(format!(
            "its only 512 x 512 initializer, \"{}\", is number {} of {} and not the last, where \
             the emap is published; the export was reordered or optimized",
            emap.name,
            emap.position + 1,
            all.len()
        ));
    }
    if emap.external {
        return Err(format!("the values of its emap, \"{}\", lie in another file", emap.name));
    }
    match emap.element {
        Element::F32 | Element::F16 => Ok(emap),
        other => Err(format!(
            "its emap, \"{}\", is {other:?} and neither single nor half precision",
            emap.name
        )),
    }
}

/// The numbers of an emap, by rows.
pub(super) fn values<R: Read + Seek>(
    wire: &mut Wire<R>,
    emap: &Initializer,
) -> io::Result<Vec<f32>> {
    let half = emap.element == Element::F16;
    let mut values = Vec::with_capacity(COUNT);
    wire.fields(emap.range.clone(), |wire, number, value| {
        match (number, value, half) {
            // raw_data, in either precision
            (9, Value::Bytes(raw), true) => {
                while wire.at() < raw.end {
                    let value = f16::from_le_bytes(wire.exactly(raw.end)?);
                    push(&mut values, value.to_f32())?;
                }
            }
            // raw_data, or packed float_data
            (4 | 9, Value::Bytes(raw), false) => {
                while wire.at() < raw.end {
                    let value = f32::from_le_bytes(wire.exactly(raw.end)?);
                    push(&mut values, value)?;
                }
            }
            (4, Value::Fixed32(bits), false) => push(&mut values, f32::from_bits(bits))?,
            // int32_data holds the bits of half-precision numbers
            (5, Value::Bytes(packed), true) => {
                while wire.at() < packed.end {
                    let bits = wire.varint(packed.end)?;
                    push(&mut values, from_bits(bits)?)?;
                }
            }
            (5, Value::Varint(bits), true) => push(&mut values, from_bits(bits)?)?,
            _ => {}
        }
        Ok(())
    })?;
    if values.len() != COUNT {
        return Err(malformed(format!("the emap has {} of {COUNT} numbers", values.len())));
    }
    Ok(values)
}

fn push(values: &mut Vec<f32>, value: f32) -> io::Result<()> {
    if values.len() == COUNT {
        return Err(malformed(format!("the emap has more than {COUNT} numbers")));
    }
    if !value.is_finite() {
        return Err(malformed(format!("number {} of the emap is {value}", values.len())));
    }
    values.push(value);
    Ok(())
}

fn from_bits(bits: u64) -> io::Result<f32> {
    let bits = u16::try_from(bits);
    Ok(f16::from_bits(bits.map_err(|_| malformed("the emap has a number of more than 16 bits"))?)
        .to_f32())
}
