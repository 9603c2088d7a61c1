"""The little of postcard (https://postcard.jamesmunns.com/wire-format) that flights need.

Fields follow each other without names. Integers are varints, signed ones in zigzag; text has its
length in front.
"""


class Decoder:
    """Takes field after field off a frame."""

    def __init__(self, frame: bytes) -> None:
        self._frame = frame
        self._at = 0

    def unsigned(self) -> int:
        """An unsigned integer."""
        value = shift = 0
        while True:
            byte = self._frame[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self) -> int:
        """A signed integer."""
        value = self.unsigned()
        return (value >> 1) ^ -(value & 1)

    def text(self) -> str:
        """A text."""
        length = self.unsigned()
        end = self._at + length
        if end > len(self._frame):
            raise ValueError(f"a text of {length} bytes where {len(self._frame) - self._at} are left")
        text = self._frame[self._at : end].decode()
        self._at = end
        return text


def unsigned(value: int) -> bytes:
    """An unsigned integer as bytes."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> bytes:
    """A signed integer as bytes."""
    return unsigned(value << 1 if value >= 0 else (~value << 1) | 1)


def text(value: str) -> bytes:
    """A text as bytes."""
    encoded = value.encode()
    return unsigned(len(encoded)) + encoded
