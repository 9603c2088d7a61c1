#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

/// What comes out of a decoder into which bytes are put in parts of so many.
fn decoded(mut decoder: Decoder, input: &[u8], part: usize) -> (Vec<Vec<u8>>, Vec<(u64, String)>) {
    let (mut frames, mut bad, mut piece) = (Vec::new(), Vec::new(), Piece::default());
    let mut send = |piece: &mut Piece| {
        let batch = piece.batch().unwrap();
        let (mut begin, payload) = (0, batch.payload().clone());
        for end in batch.ends() {
            frames.push(payload.slice(begin..end as usize).to_vec());
            begin = end as usize;
        }
    };
    let mut parts = input.chunks(part);
    loop {
        let next = parts.next();
        decoder
            .room(part)
            .extend_from_slice(next.unwrap_or_default());
        loop {
            match decoder.next(&mut piece, next.is_none()) {
                Next::More => break,
                Next::Full => send(&mut piece),
                Next::Bad(found) => {
                    bad.push((found.number, found.fault.to_string()));
                    decoder.pass_over();
                }
            }
        }
        if next.is_none() {
            break;
        }
    }
    send(&mut piece);
    assert_eq!(decoder.taken(), input.len() as u64);
    (frames, bad)
}

fn texts(frames: &[Vec<u8>]) -> Vec<&str> {
    let texts = frames
        .iter()
        .map(|frame| std::str::from_utf8(frame).unwrap());
    texts.collect()
}

#[test]
fn lines_are_frames_whatever_the_parts_they_come_in() {
    for part in 1..20 {
        let decoder = Decoder::new(Framing::Lines, None, 100);
        let (frames, bad) = decoded(decoder, b"one\n\ntwo\r\nthree", part);
        assert_eq!(texts(&frames), ["one", "", "two\r", "three"]);
        assert!(bad.is_empty());
    }
}

#[test]
fn a_line_that_is_too_long_is_passed_over_with_its_number() {
    for part in 1..40 {
        let decoder = Decoder::new(Framing::Lines, Some(5), 100);
        let (frames, bad) = decoded(decoder, b"12345\n123456\nok\n1234567890123456789", part);
        assert_eq!(texts(&frames), ["12345", "ok"], "{part}");
        let numbers: Vec<_> = bad.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [2, 4], "{part}");
        assert!(bad[0].1.contains("longer than the 5 bytes"), "{bad:?}");
    }
}

#[test]
fn json_is_checked_line_by_line_and_blank_lines_are_no_frames() {
    let input = b"{\"a\":1}\n\n  [2] \r\n{bad}\n\"\xff\"\n3";
    for part in 1..40 {
        let (frames, bad) = decoded(Decoder::new(Framing::Json, None, 100), input, part);
        assert_eq!(texts(&frames), ["{\"a\":1}", "[2]", "3"]);
        let numbers: Vec<_> = bad.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [4, 5]);
    }
}

#[test]
fn frames_behind_their_length_are_read_and_a_cut_off_one_is_told() {
    let mut input = Vec::new();
    for frame in ["one", "", "much too long", "two"] {
        input.extend((frame.len() as u32).to_be_bytes());
        input.extend(frame.as_bytes());
    }
    input.extend([0, 0, 0, 9, b'x']);
    for part in 1..40 {
        let decoder = Decoder::new(Framing::LengthPrefixed, Some(10), 100);
        let (frames, bad) = decoded(decoder, &input, part);
        assert_eq!(texts(&frames), ["one", "", "two"], "{part}");
        let numbers: Vec<_> = bad.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [3, 5], "{part}");
    }
}

#[test]
fn a_bad_frame_stays_until_it_is_passed_over() {
    let mut decoder = Decoder::new(Framing::Json, None, 100);
    decoder.room(20).extend_from_slice(b"1\nno\n2\n");
    let mut piece = Piece::default();
    for _ in 0..2 {
        let next = decoder.next(&mut piece, true);
        assert!(
            matches!(&next, Next::Bad(bad) if bad.number == 2),
            "{next:?}"
        );
        assert_eq!((decoder.taken(), decoder.number()), (2, 1));
    }
    decoder.pass_over();
    assert_eq!(decoder.next(&mut piece, true), Next::More);
    assert_eq!((decoder.taken(), decoder.number()), (7, 3));
    assert_eq!(piece.batch().unwrap().len(), 2);
}

#[test]
fn what_is_kept_of_a_line_without_an_end_is_bounded() {
    let mut decoder = Decoder::new(Framing::Lines, Some(100), 1000);
    let mut piece = Piece::default();
    for _ in 0..1000 {
        decoder.room(50).extend_from_slice(&[b'x'; 50]);
        if let Next::Bad(_) = decoder.next(&mut piece, false) {
            decoder.pass_over();
        }
        assert!(decoder.buffer.len() <= 150);
    }
    assert_eq!(decoder.taken(), 0);
}

proptest! {
    #[test]
    fn any_bytes_are_the_same_frames_in_any_parts(
        input in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'{'), Just(0u8), any::<u8>()], 0..200),
        part in 1usize..64,
        most in proptest::option::of(1usize..20),
    ) {
        for framing in [Framing::Lines, Framing::Json, Framing::LengthPrefixed] {
            let new = || Decoder::new(framing, most, 64);
            let whole = decoded(new(), &input, 1000);
            prop_assert_eq!(&decoded(new(), &input, part), &whole);
        }
        let chunks = decoded(Decoder::new(Framing::Chunks, most, 64), &input, part);
        prop_assert_eq!(chunks.0.concat(), input);
    }
}
