"""Properties of a text column that follow from its bytes, so that most columns need no check of each value.

Each answer is of one side: True is a proof, False only says that the values must be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_ZERO, _NINE, _MINUS = b"09-"


@dataclass(frozen=True, slots=True)
class Octets:
    """The bytes of an array of text; those that its nulls hide count too."""

    octets: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]

    def contains_letters(self) -> bool:
        """Whether a byte is beyond the digits: false for numbers without exponents, NaN and hexadecimal digits."""
        return len(self.octets) > 0 and int(self.octets.max()) > _NINE

    def is_whole_numbers(self) -> bool:
        """Whether what Arrow reads as integers is written as -?(0|[1-9][0-9]*)."""
        if self.contains_letters() or self.may_lead_with_zero():
            return False
        others = np.count_nonzero(self.octets < _ZERO)
        return not others or bool(np.count_nonzero(self.octets == _MINUS) == others)

    def may_lead_with_zero(self) -> bool:
        """Whether a text may begin with a zero, behind a sign or not, and a digit."""
        starts = self.starts[self.lengths > 1]
        first = self.octets[starts]
        candidates = starts[first <= _ZERO]
        if not len(candidates):
            return False
        signed = self.octets[candidates] < _ZERO
        zeros = candidates + signed
        after = np.minimum(zeros + 1, len(self.octets) - 1)  # the next text's first byte, if there is no other
        digit = (self.octets[after] >= _ZERO) & (self.octets[after] <= _NINE)
        return bool(np.any((self.octets[zeros] == _ZERO) & digit))

    def measure_longest(self) -> int:
        """The length of the longest text."""
        return int(self.lengths.max(initial=0))

    def is_without_empty_text(self) -> bool:
        """Whether no text is empty."""
        return bool(self.lengths.all())


def read_octets(array: pa.Array) -> Octets:
    """The bytes of an array of pyarrow.string()."""
    _, offsets, data = array.buffers()
    if offsets is None or not len(array):
        return Octets(np.empty(0, np.uint8), np.empty(0, np.int32), np.empty(0, np.int32))
    edges = np.frombuffer(offsets, np.int32, len(array) + 1, array.offset * 4)
    first, last = int(edges[0]), int(edges[-1])
    octets = np.frombuffer(data, np.uint8, last - first, first) if last > first else np.empty(0, np.uint8)
    return Octets(octets, edges[:-1] - edges[0], np.diff(edges))
