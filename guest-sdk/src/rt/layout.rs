//! How much room a type takes, as the canonical ABI of the component model has it: in memory, and in core values.

/// A type of an entry point.
pub trait Layout {
    /// Its room.
    const SHAPE: Shape;
}

/// Room for values of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    size: usize,
    align: usize,
    /// Core values.
    flat: usize,
    /// The alignment of what the cases of a variant carry.
    case_align: usize,
}

/// What `offset` becomes so that it is a multiple of `align`.
pub(super) const fn aligned(offset: usize, align: usize) -> usize {
    offset.div_ceil(align) * align
}

/// Bytes of the number of a case.
const fn tag_size(cases: u32) -> usize {
    match cases {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

impl Shape {
    /// A number of so many bytes, as one core value.
    pub const fn number(size: usize) -> Self {
        Shape {
            size,
            align: size,
            flat: 1,
            case_align: 1,
        }
    }

    /// A list or a text: a pointer and a length.
    pub const LIST: Shape = Shape {
        size: 2 * size_of::<usize>(),
        align: size_of::<usize>(),
        flat: 2,
        case_align: 1,
    };

    /// Nothing.
    pub const NOTHING: Shape = Shape {
        size: 0,
        align: 1,
        flat: 0,
        case_align: 1,
    };

    /// Flags, at most 32.
    pub const fn flags(count: u32) -> Self {
        Shape::number(match count {
            0..=8 => 1,
            9..=16 => 2,
            _ => 4,
        })
    }

    /// Fields, one after the other.
    pub const fn record(mut fields: &[Shape]) -> Self {
        let mut all = Shape::NOTHING;
        while let [field, rest @ ..] = fields {
            all.size = aligned(all.size, field.align) + field.size;
            all.flat += field.flat;
            if field.align > all.align {
                all.align = field.align;
            }
            fields = rest;
        }
        all.size = aligned(all.size, all.align);
        all
    }

    /// One of so many cases; these carry something.
    pub const fn variant(cases: u32, mut carried: &[Shape]) -> Self {
        let mut largest = Shape::NOTHING;
        while let [case, rest @ ..] = carried {
            if case.size > largest.size {
                largest.size = case.size;
            }
            if case.align > largest.align {
                largest.align = case.align;
            }
            if case.flat > largest.flat {
                largest.flat = case.flat;
            }
            carried = rest;
        }
        let tag = tag_size(cases);
        let align = if tag > largest.align {
            tag
        } else {
            largest.align
        };
        Shape {
            size: aligned(aligned(tag, largest.align) + largest.size, align),
            align,
            flat: 1 + largest.flat,
            case_align: largest.align,
        }
    }

    /// Bytes.
    pub const fn size(self) -> usize {
        self.size
    }

    /// Bytes of which its place is a multiple.
    pub const fn align(self) -> usize {
        self.align
    }

    /// Core values.
    pub const fn flat(self) -> usize {
        self.flat
    }

    /// Bytes of the number of a case, and the offset of what the case carries.
    pub(super) const fn case(self, cases: u32) -> (usize, usize) {
        let tag = tag_size(cases);
        (tag, aligned(tag, self.case_align))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_aligned_and_so_is_the_whole() {
        let record = Shape::record(&[Shape::number(1), Shape::number(8), Shape::number(2)]);
        assert_eq!((record.size(), record.align(), record.flat()), (24, 8, 3));
    }

    #[test]
    fn a_variant_has_room_for_its_largest_case() {
        let wide = Shape::record(&[Shape::number(4), Shape::number(4)]);
        let variant = Shape::variant(3, &[Shape::number(8), wide]);
        assert_eq!(
            (variant.size(), variant.align(), variant.flat()),
            (16, 8, 3)
        );
        assert_eq!(variant.case(3), (1, 8));
        let plain = Shape::variant(300, &[]);
        assert_eq!((plain.size(), plain.flat()), (2, 1));
    }
}
