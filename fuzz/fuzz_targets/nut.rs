//! No stream that comes out of a pipe or a segment ends the program or makes it hold more than it is
//! given; what can be read is read again as it was when it is written.
#![no_main]

use std::io::Cursor;

use facedeck::media::nut::{Reader, Writer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut reader) = Reader::open(Cursor::new(bytes)) else { return };
    let head = reader.head().clone();
    let mut packets = Vec::new();
    while let Ok(Some(next)) = reader.next_packet() {
        // A frame is read into a buffer whose size is known from elsewhere.
        if next.size > bytes.len() + (1 << 20) {
            continue;
        }
        let mut data = vec![0; next.size];
        if reader.read(&mut data).is_err() {
            break;
        }
        if next.pts >= 0 {
            packets.push((next, data));
        }
    }
    let mut writer = Writer::start(Vec::new(), &head).expect("memory");
    for (head, data) in &packets {
        writer.copy(head, data).expect("memory");
    }
    let written = writer.into_inner();
    let mut again = Reader::open(Cursor::new(written)).expect("what was written");
    assert_eq!(*again.head(), head);
    for (head, data) in packets {
        let next = again.next_packet().expect("a packet").expect("a packet");
        assert_eq!(next, head);
        let mut same = vec![0; next.size];
        again.read(&mut same).expect("its data");
        assert_eq!(same, data);
    }
});
