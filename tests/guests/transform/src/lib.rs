//! A transform that does what each frame says, else writes it in capitals.

use weft_guest::transform::{Output, Transform};
use weft_guest::{Error, Result};

/// Counts what it sees.
#[derive(Default)]
struct Counted {
    frames: u64,
    calls: u64,
    capitals: Vec<u8>,
}

impl Transform for Counted {
    fn frame(&mut self, frame: &[u8], out: &mut Output) -> Result {
        self.frames += 1;
        match frame {
            b"fail" => return Err(Error::msg("told to")),
            b"panic" => panic!("told to"),
            b"none" => {}
            b"twice" => {
                out.push("once");
                out.push("again");
            }
            b"huge" => out.push(vec![0; 1 << 20]),
            b"many" => (0..10_000).for_each(|_| out.push("12345678")),
            b"spin" => loop {
                std::hint::spin_loop();
            },
            b"say" => println!("said"),
            frame => {
                self.capitals.clear();
                self.capitals
                    .extend(frame.iter().map(u8::to_ascii_uppercase));
                out.push(&self.capitals);
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Output) -> Result {
        self.calls += 1;
        out.push(format!("end of {}, {}", self.frames, self.calls));
        Ok(())
    }
}

weft_guest::transform!(Counted);
