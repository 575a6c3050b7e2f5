//! What the operators read, in a file beside the network.

use std::collections::HashMap;
use std::io::{self, Write};

use super::Form;
use super::behind::each;
use super::found::{Convolution, Filters};
use crate::inference::int8;
use crate::inference::rewrite::view;
use crate::inference::winograd::{PACK, pack};

/// Where operators' numbers are written to: each once, however many networks use them.
pub(in crate::inference::rewrite) struct Numbers<W> {
    to: W,
    written: u64,
    /// By node, and whether it is bytes.
    known: HashMap<(usize, bool), u64>,
}

impl<W: Write> Numbers<W> {
    /// From the beginning of a file.
    pub fn new(to: W) -> Self {
        Numbers { to, written: 0, known: HashMap::new() }
    }

    /// What they were written to.
    pub fn into_inner(self) -> W {
        self.to
    }

    /// Sees to it that what was written can be read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    /// Where the numbers of a node's convolution are, which are written when they are not there yet.
    pub(super) fn of(
        &mut self,
        node: usize,
        convolution: &Convolution,
        form: Form<'_>,
    ) -> io::Result<u64> {
        let key = (node, matches!(form, Form::Int8(_)));
        if let Some(place) = self.known.get(&key) {
            return Ok(*place);
        }
        let place = self.written;
        self.write(convolution, form)?;
        self.known.insert(key, place);
        Ok(place)
    }

    fn write(&mut self, convolution: &Convolution, form: Form<'_>) -> io::Result<()> {
        let behind = &convolution.behind;
        let channels = convolution.filters.channels();
        let (inputs, outputs) = channels.unwrap_or((0, behind.count()));
        let for_each = |numbers: &[f32]| each(numbers, &vec![0.0; outputs], |number, _| number);
        self.reals(&for_each(&behind.bias))?;
        self.reals(&for_each(behind.slope.as_deref().unwrap_or(&[1.0])))?;
        let scale = for_each(&behind.scale);
        let Filters::Constant(filters) = &convolution.filters else { return self.reals(&scale) };
        let mut filters = view::numbers(filters).unwrap_or_default();
        for (filters, scale) in filters.chunks_mut((inputs * 9).max(1)).zip(&scale) {
            filters.iter_mut().for_each(|value| *value *= scale);
        }
        match form {
            Form::Winograd => {
                for few in filters.chunks((PACK * inputs * 9).max(1)) {
                    self.reals(&pack(inputs, few))?;
                }
            }
            Form::Int8(ranges) => {
                let (channels, filters) = int8::quantize(ranges, &filters);
                self.reals(&filters.scale)?;
                self.put(filters.start.iter().map(|n| n.to_le_bytes()))?;
                self.reals(&channels.gain)?;
                self.reals(&channels.zero)?;
                self.reals(&filters.packed)?;
            }
        }
        Ok(())
    }

    fn reals(&mut self, numbers: &[f32]) -> io::Result<()> {
        self.put(numbers.iter().map(|n| n.to_le_bytes()))
    }

    /// Writes four bytes each.
    fn put(&mut self, numbers: impl Iterator<Item = [u8; 4]>) -> io::Result<()> {
        let bytes: Vec<u8> = numbers.flatten().collect();
        self.written += bytes.len() as u64;
        self.to.write_all(&bytes)
    }
}
