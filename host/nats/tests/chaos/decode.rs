//! Messages of a channel, taken apart as the book says how they lie on the server. Nothing of Weft's is used.

use async_nats::HeaderMap;

/// A frame, as it lies in the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub writer: u32,
    pub text: String,
}

/// Takes messages in the order of the stream.
#[derive(Default)]
pub struct Decoder {
    pub frames: Vec<Stored>,
    /// The parts so far of a write that has more, and the next one.
    parts: Option<(u32, Vec<u8>)>,
}

impl Decoder {
    pub fn message(&mut self, headers: &HeaderMap, payload: &[u8]) {
        let header = headers.get("Weft").expect("a message of a channel");
        let words: Vec<_> = header.as_str().split(' ').collect();
        let before: usize = match words[0] {
            "control" => words[1].parse().unwrap(),
            _ => words[5].parse().unwrap(),
        };
        if words[0] == "control" {
            self.parts = None;
            assert_eq!(before, self.frames.len(), "frames before a record");
            return;
        }
        let (part, of) = words[3].split_once('/').unwrap();
        let (part, of): (u32, u32) = (part.parse().unwrap(), of.parse().unwrap());
        assert_eq!(before, self.frames.len(), "frames before a message");
        if part == 1 {
            self.parts = Some((1, Vec::new()));
        }
        // A part without those before it is of a write that was begun anew.
        let Some((next, mut all)) = self.parts.take().filter(|it| it.0 == part) else {
            return;
        };
        all.extend_from_slice(payload);
        if part < of {
            self.parts = Some((next + 1, all));
            return;
        }
        self.whole(&words, &all);
    }

    fn whole(&mut self, words: &[&str], payload: &[u8]) {
        let frames: usize = words[1].parse().unwrap();
        let bytes: usize = words[2].parse().unwrap();
        let (ends, payload) = match words[0] {
            "packed" if frames != 1 => {
                let (table, payload) = payload.split_at(frames * 4);
                let ends = table
                    .chunks(4)
                    .map(|it| u32::from_le_bytes(it.try_into().unwrap()));
                (ends.map(|it| it as usize).collect(), payload)
            }
            "packed" | "plain" => (vec![payload.len()], payload),
            other => panic!("a message that is {other}"),
        };
        assert_eq!(payload.len(), bytes, "the bytes that the header says");
        let writers = words[4].split(',').flat_map(|run| {
            let (writer, frames) = run.split_once('*').unwrap();
            let writer: u32 = writer.parse().unwrap();
            std::iter::repeat_n(writer, frames.parse().unwrap())
        });
        let writers: Vec<_> = writers.collect();
        assert_eq!(writers.len(), frames, "the frames that the header says");
        let mut start = 0;
        for (writer, end) in writers.into_iter().zip(ends) {
            let text = String::from_utf8(payload[start..end].to_vec()).unwrap();
            self.frames.push(Stored { writer, text });
            start = end;
        }
    }
}

#[test]
fn messages_are_taken_apart_as_the_book_says() {
    let mut decoder = Decoder::default();
    let mut message = |header: &str, payload: &[u8]| {
        let mut headers = HeaderMap::new();
        headers.insert("Weft", header);
        decoder.message(&headers, payload);
        let frames = decoder.frames.drain(..);
        frames
            .map(|it| format!("{} {}", it.writer, it.text))
            .collect::<Vec<_>>()
    };
    assert_eq!(message("control 0 0 1 0 0", b""), [""; 0]);
    let two = message(
        "packed 3 3 1/1 1*1,7*2 0 0 1 0 0",
        b"\x01\0\0\0\x01\0\0\0\x03\0\0\0abc",
    );
    assert_eq!(two, ["1 a", "7 ", "7 bc"]);
    assert_eq!(message("packed 1 2 1/1 4*1 0 0 1 0 0", b"ab"), ["4 ab"]);
    assert_eq!(message("plain 1 2 1/2 4*1 0 0 1 0 0", b"a"), [""; 0]);
    assert_eq!(message("plain 1 2 2/2 4*1 0 0 1 0 0", b"b"), ["4 ab"]);
    // The first part of a write that was begun anew.
    assert_eq!(message("plain 1 2 1/2 4*1 0 0 1 0 0", b"a"), [""; 0]);
    assert_eq!(message("plain 1 1 1/1 5*1 0 0 1 0 0", b"c"), ["5 c"]);
    assert_eq!(message("plain 1 2 2/2 4*1 0 0 1 0 0", b"b"), [""; 0]);
}
