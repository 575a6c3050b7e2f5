//! Streams that are written and read again, ffmpeg's own streams, and damaged ones.

use std::io::{Cursor, ErrorKind};

use proptest::prelude::*;

use crate::media::testing::{Clips, ask, pictures};

use super::*;

fn head() -> Head {
    Head {
        time_base: (1001, 24_000),
        tag: b"I420".to_vec(),
        width: 16,
        height: 8,
        sample_aspect: (4, 3),
        decode_delay: 2,
        codec_data: vec![1, 2, 3],
    }
}

/// When it is shown; whether it is a key frame and has side data; its data.
type Packet = (i64, [bool; 2], Vec<u8>);

fn written(head: &Head, packets: &[Packet]) -> Vec<u8> {
    let mut writer = Writer::start(Vec::new(), head).unwrap();
    for (pts, [key, side_data], data) in packets {
        let (key, side_data) = (*key, *side_data);
        let head = PacketHead { pts: *pts, key, side_data, size: data.len() };
        writer.copy(&head, data).unwrap();
    }
    writer.into_inner()
}

fn read(bytes: &[u8]) -> std::io::Result<(Head, Vec<Packet>)> {
    let mut reader = Reader::open(Cursor::new(bytes))?;
    let head = reader.head().clone();
    let mut packets = Vec::new();
    while let Some(next) = reader.next_packet()? {
        let mut data = vec![0; next.size];
        reader.read(&mut data)?;
        packets.push((next.pts, [next.key, next.side_data], data));
    }
    Ok((head, packets))
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        num in 1u32.., den in 1u32.., width in 1u32..70_000, height in 1u32..70_000,
        aspect in (0u32..300, 0u32..300), decode_delay in 0u32..17,
        tag in prop::collection::vec(any::<u8>(), 2..5),
        codec_data in prop::collection::vec(any::<u8>(), 0..9000),
        packets in prop::collection::vec(
            (0i64..1 << 40, any::<[bool; 2]>(), prop::collection::vec(any::<u8>(), 0..9000)), 0..9),
    ) {
        let head = Head {
            time_base: (num, den), tag, width, height, sample_aspect: aspect, decode_delay, codec_data,
        };
        let bytes = written(&head, &packets);
        prop_assert_eq!(read(&bytes).unwrap(), (head, packets));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&bytes);
        let mut begun = code::FILE_ID.to_vec();
        begun.extend(bytes);
        let _ = read(&begun);
    }

    #[test]
    fn damage_changes_the_pictures_at_most_and_else_is_refused(at in 0usize..400, bit in 0u8..8) {
        let whole = written(&head(), &[(0, [true, false], vec![7; 40]), (3, [false, true], vec![9; 60])]);
        let mut bytes = whole.clone();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        // Everything but the pictures themselves is covered by checksums.
        match read(&bytes) {
            Err(error) => prop_assert!(
                matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
            ),
            Ok((about, packets)) => {
                let (right, sent) = read(&whole).unwrap();
                let told = |packets: &[Packet]| -> Vec<_> {
                    packets.iter().map(|(pts, marks, data)| (*pts, *marks, data.len())).collect()
                };
                prop_assert_eq!(about, right);
                prop_assert_eq!(told(&packets), told(&sent));
            }
        }
    }

    #[test]
    fn a_stream_that_is_cut_off_says_so(cut in 1usize..400) {
        let packets = [(0, [true, false], vec![7; 40]), (3, [false, true], vec![9; 60])];
        let whole = written(&head(), &packets);
        let ends: Vec<usize> = (0..=2).map(|n| written(&head(), &packets[..n]).len()).collect();
        let cut = cut % whole.len();
        match read(&whole[..cut]) {
            Ok((_, read)) => prop_assert_eq!(ends.iter().position(|end| *end == cut), Some(read.len())),
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::UnexpectedEof),
        }
    }
}

#[test]
fn data_that_nobody_read_is_passed_over() {
    let bytes =
        written(&head(), &[(0, [true, false], vec![7; 40]), (3, [false, true], vec![9; 60])]);
    let mut reader = Reader::open(Cursor::new(bytes)).unwrap();
    assert_eq!(reader.next_packet().unwrap().map(|p| (p.pts, p.size)), Some((0, 40)));
    assert_eq!(reader.next_packet().unwrap().map(|p| (p.pts, p.size)), Some((3, 60)));
    let mut data = vec![0; 60];
    reader.read(&mut data).unwrap();
    assert_eq!(data, [9; 60]);
    assert!(reader.next_packet().unwrap().is_none());
}

#[test]
fn a_header_that_promises_gigabytes_takes_none() {
    let mut bytes = code::FILE_ID.to_vec();
    bytes.extend(code::MAIN.to_be_bytes());
    code::put(&mut bytes, 1 << 40);
    let crc = code::checksum(0, &bytes[code::FILE_ID.len()..]);
    bytes.extend(crc.to_be_bytes());
    let error = read(&bytes).unwrap_err();
    assert!(error.to_string().contains("impossible length"), "{error}");
}

#[test]
fn ffmpegs_streams_are_read_and_ours_are_read_by_ffmpeg() {
    let clips = Clips::new();
    // B-frames: packets come in another order than pictures are shown in.
    let words = format!("{} -c:v libx264 -bf 3 -pix_fmt yuv420p", pictures(64, 48, 30));
    let theirs = std::fs::read(clips.make("theirs.nut", &words)).unwrap();
    let (head, packets) = read(&theirs).unwrap();
    assert_eq!((head.width, head.height, packets.len()), (64, 48, 30));
    assert_eq!(head.tag, b"H264");
    let seconds = f64::from(head.time_base.0) / f64::from(head.time_base.1);
    let mut times: Vec<f64> = packets.iter().map(|(pts, ..)| *pts as f64 * seconds).collect();
    assert!(!times.is_sorted(), "the clip has no B-frames");
    times.sort_by(f64::total_cmp);
    let steps = times.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(steps.into_iter().all(|step| (step - 0.04).abs() < 1e-6), "{times:?}");

    let ours = clips.path("ours.nut");
    std::fs::write(&ours, written(&head, &packets)).unwrap();
    let hash = |path: &std::path::Path| {
        let md5 = clips.make("hash", &format!("-i {} -f framemd5 -c:v rawvideo", path.display()));
        std::fs::read_to_string(md5).unwrap()
    };
    assert_eq!(hash(&ours), hash(&clips.path("theirs.nut")));
    assert_eq!(ask(&ours, "-count_packets -show_entries stream=nb_read_packets"), "30");
}

#[test]
fn the_transparency_beside_a_packet_is_carried() {
    let clips = Clips::new();
    let film = format!(
        "{},format=yuva420p,geq=lum=p(X\\,Y):cb=128:cr=128:a=2*X -c:v libvpx-vp9 -auto-alt-ref 0 \
         -deadline realtime -cpu-used 8 -threads 1",
        pictures(64, 48, 6)
    );
    let direct = clips.make("direct.webm", &film);
    let nut = clips.make("theirs.nut", &format!("{film} -syncpoints none -strict experimental"));
    let (head, mut packets) = read(&std::fs::read(&nut).unwrap()).unwrap();
    assert!(packets.iter().all(|(_, [_, side_data], _)| *side_data), "the clip has no side data");
    packets.iter_mut().for_each(|(.., data)| mend(data).unwrap());
    let ours = clips.path("ours.nut");
    std::fs::write(&ours, written(&head, &packets)).unwrap();
    let words = format!("-i {} -c copy -metadata:s:v alpha_mode=1", ours.display());
    let joined = clips.make("joined.webm", &words);
    let hash = |path: &std::path::Path, pix_fmt: &str| {
        let path = path.display();
        let words = format!("-c:v libvpx-vp9 -i {path} -f framemd5 -pix_fmt {pix_fmt}");
        std::fs::read_to_string(clips.make("hash", &words)).unwrap()
    };
    assert_eq!(hash(&direct, "yuva420p"), hash(&joined, "yuva420p"));
}

proptest! {
    #[test]
    fn any_side_data_are_mended_or_refused(
        mut bytes in prop::collection::vec(any::<u8>(), 0..60), named in any::<bool>(),
    ) {
        if named {
            bytes.splice(0..0, *b"\x01\x12CodecSpecificSide1\x04\x03bin");
        }
        let before = bytes.len();
        if mend(&mut bytes).is_ok() {
            prop_assert!(bytes.len() <= before);
        }
    }
}
