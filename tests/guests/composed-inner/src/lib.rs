//! A component inside another: writes words in capitals to the writer it is handed.

use weft_guest::blocking::{Reader, Writer};
use weft_guest::{Error, Result};

/// Copies one frame, in capitals.
#[weft_guest::main]
fn main(mut input: Reader, output: Writer) -> Result {
    let frame = input.read()?.ok_or_else(|| Error::msg("no word"))?;
    assert_ne!(frame.payload, b"panic", "told to");
    output
        .write(frame.payload.to_ascii_uppercase())?
        .or_dropped();
    Ok(())
}
