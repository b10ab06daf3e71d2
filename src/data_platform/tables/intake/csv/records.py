"""The records of a CSV file (RFC 4180), in pieces that end at the end of a record, each checked for correct quoting.

A quote opens a value only at its beginning, closes it only at its end, and is doubled inside. So a quote that is
never closed, or closed by a quote of another row, is detected, with the line where it opened. Line ends are LF or
CRLF, or CR throughout; another one outside quotes is refused, because it is ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from data_platform.errors import UnreadableData
from data_platform.tables.intake.format_detection import describe_option
from data_platform.tables.intake.row_limit import LARGEST_ROW, make_long_row_error

_LF, _CR = b"\n", b"\r"
_MOST_LINES = 5
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The structural characters of a file; `quote` is empty if nothing is quoted."""

    place: str
    delimiter: bytes
    quote: bytes


class Piece:
    """Complete records, the first of which begins in `line`; raises UnreadableData for wrong quoting."""

    def __init__(
        self, text: bytes, line: int, dialect: Dialect, line_end: bytes, quotes: Positions | None = None
    ) -> None:
        self.text, self.line, self.dialect, self.line_end = text, line, dialect, line_end
        self.quotes = _find_quotes(text, dialect) if quotes is None else quotes
        """The positions of quotes."""
        _require_quoting(self)
        _require_line_ends(self)

    @cached_property
    def octets(self) -> npt.NDArray[np.uint8]:
        """The text as numbers."""
        return np.frombuffer(self.text, np.uint8)

    def find_outside(self, sign: bytes) -> Positions:
        """The positions of `sign` outside quotes."""
        positions = _find(self.octets, sign)
        return positions[np.searchsorted(self.quotes, positions) % 2 == 0] if len(self.quotes) else positions

    @cached_property
    def record_ends(self) -> Positions:
        """The end of each record; the last one is the end of the text, if it has no line end."""
        ends = self.find_outside(self.line_end)
        whole = not self.text or self.text.endswith(self.line_end)
        return ends if whole else np.append(ends, len(self.text))

    @cached_property
    def record_starts(self) -> Positions:
        """The start of each record."""
        return np.concatenate(([0], self.record_ends[:-1] + 1)).astype(np.int64)[: len(self.record_ends)]

    def is_blank(self) -> npt.NDArray[np.bool_]:
        """For each record, whether it is an empty line."""
        size = self.record_ends - self.record_starts
        with_cr = (size == 1) & (self.octets[np.minimum(self.record_starts, len(self.text) - 1)] == _CR[0])
        return np.asarray((size == 0) | (with_cr if self.line_end == _LF else False))

    def find_line(self, position: int) -> int:
        """The line of a position, counted from 1."""
        return self.line + self.text.count(self.line_end, 0, position)

    def describe_lines(self, records: npt.NDArray[np.bool_]) -> str:
        """The lines of some records, in words; the first few of them."""
        starts = self.record_starts[records]
        lines = [f"{self.find_line(int(start)):,}" for start in starts[:_MOST_LINES]]
        more = f" and {len(starts) - _MOST_LINES:,} more below" if len(starts) > _MOST_LINES else ""
        return f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}{more}"

    def count_fields(self) -> Positions:
        """The number of values of each record."""
        delimiters = self.find_outside(self.dialect.delimiter)
        until = np.searchsorted(delimiters, self.record_ends)
        return np.asarray(np.diff(until, prepend=0) + 1)

    def read_fields(self, record: int) -> list[bytes]:
        """The values of one record, without their quotes."""
        start, end = int(self.record_starts[record]), int(self.record_ends[record])
        delimiters = self.find_outside(self.dialect.delimiter)
        first, last = np.searchsorted(delimiters, (start, end))
        inside = [int(position) for position in delimiters[first:last]]
        edges = zip([start, *(p + 1 for p in inside)], [*inside, end], strict=True)
        values = [self.text[a:b] for a, b in edges]
        values[-1] = values[-1].removesuffix(_CR) if self.line_end == _LF else values[-1]
        return [self._strip_quotes(value) for value in values]

    def _strip_quotes(self, value: bytes) -> bytes:
        quote = self.dialect.quote
        if not quote or not value.startswith(quote):
            return value
        return value[1:-1].replace(quote * 2, quote)


def split_pieces(blocks: Iterator[bytes], dialect: Dialect, row_limit: int = LARGEST_ROW) -> Iterator[Piece]:
    """The file's records, in order; raises UnreadableData if it is not well formed, TooLarge for a long record."""
    line, rest, line_end = 1, b"", b""
    for block in blocks:
        text = rest + block
        line_end = line_end or _find_line_end(text, dialect)
        quotes = _find_quotes(text, dialect)
        cut = _find_last_end(text, line_end, quotes) if line_end else 0
        if cut:
            piece = Piece(text[:cut], line, dialect, line_end, quotes[: np.searchsorted(quotes, cut)])
            _require_short_records(piece, row_limit)
            yield piece
            line += int(np.count_nonzero(piece.octets == line_end[0]))
        rest = text[cut:]
        if len(rest) > row_limit:
            raise make_long_row_error(dialect.place, line, len(rest), row_limit)
    if rest:
        yield Piece(rest, line, dialect, line_end or _LF)


def _require_short_records(piece: Piece, row_limit: int) -> None:
    if len(piece.text) <= row_limit:
        return
    sizes = piece.record_ends - piece.record_starts
    longest = int(sizes.argmax())
    if sizes[longest] > row_limit:
        line = piece.find_line(int(piece.record_starts[longest]))
        raise make_long_row_error(piece.dialect.place, line, int(sizes[longest]), row_limit)


def _find(octets: npt.NDArray[np.uint8], sign: bytes) -> Positions:
    return np.flatnonzero(octets == sign[0]) if sign else np.empty(0, np.int64)


def _find_outside(text: bytes, sign: bytes, dialect: Dialect) -> Positions:
    octets = np.frombuffer(text, np.uint8)
    positions = _find(octets, sign)
    if not dialect.quote or dialect.quote not in text:
        return positions
    return np.asarray(positions[np.searchsorted(_find(octets, dialect.quote), positions) % 2 == 0])


def _find_line_end(text: bytes, dialect: Dialect) -> bytes:
    """The first line end outside quotes; empty while there is none."""
    feeds, returns = (_find_outside(text, sign, dialect) for sign in (_LF, _CR))
    if not len(returns) or (len(feeds) and feeds[0] < returns[0]):
        return _LF if len(feeds) else b""
    after = text[returns[0] + 1 : returns[0] + 2]
    return (_LF if after == _LF else _CR) if after else b""


def _find_quotes(text: bytes, dialect: Dialect) -> Positions:
    """The positions of quotes in the text."""
    is_there = bool(dialect.quote) and dialect.quote in text
    return _find(np.frombuffer(text, np.uint8), dialect.quote if is_there else b"")


def _find_last_end(text: bytes, line_end: bytes, quotes: Positions) -> int:
    """The position after the last line end outside quotes; 0 if there is none."""
    end = len(text)
    while (position := text.rfind(line_end, 0, end)) >= 0:
        if np.searchsorted(quotes, position) % 2 == 0:
            return position + 1
        end = position
    return 0


def _require_quoting(piece: Piece) -> None:
    quotes, octets, place = piece.quotes, piece.octets, piece.dialect.place
    if not len(quotes):
        return
    apart = np.ones(256, np.bool_)
    apart[list(piece.dialect.delimiter + piece.dialect.quote + b"\r\n")] = False
    opens, closes = quotes[0::2], quotes[1::2]
    bad_opens = opens[(opens > 0) & apart[octets[opens - 1]]]
    is_inside = (closes < len(octets) - 1) & apart[octets[np.minimum(closes + 1, len(octets) - 1)]]
    if is_inside.any() and not (len(bad_opens) and bad_opens[0] < closes[is_inside][0]):
        raise _make_unclosed_error(piece, int(opens[: len(closes)][is_inside][0]), int(closes[is_inside][0]))
    if len(bad_opens):
        at = piece.find_line(int(bad_opens[0]))
        hint = f"put the value in quotes and double the one inside, or {describe_option('quote', 'none')}"
        raise UnreadableData(f"{place}: line {at:,} has a quote inside a value that does not begin with one", hint=hint)
    if len(opens) > len(closes):
        raise _make_unclosed_error(piece, int(opens[-1]), None)


def _find_field_start(piece: Piece, position: int) -> int:
    """The start of the value whose last quote is at `position`; doubled quotes continue a value."""
    quotes = piece.quotes[: np.searchsorted(piece.quotes, position) + 1]
    while len(quotes) > 2 and quotes[-1] - 1 == quotes[-2]:
        quotes = quotes[:-2]
    return int(quotes[-1])


def _make_unclosed_error(piece: Piece, opened: int, closed: int | None) -> UnreadableData:
    at = piece.find_line(_find_field_start(piece, opened))
    place = piece.dialect.place
    hint = 'close it, or double it if it belongs to the value: ""'
    if closed is None:
        return UnreadableData(f"{place}: the quote that opens in line {at:,} is never closed", hint=hint)
    end = piece.find_line(closed)
    where = f"in line {end:,}, " if end != at else ""
    return UnreadableData(
        f"{place}: the quote that opens in line {at:,} is closed {where}where the value does not end", hint=hint
    )


def _require_line_ends(piece: Piece) -> None:
    other = _CR if piece.line_end == _LF else _LF
    if other not in piece.text:
        return
    strays = piece.find_outside(other)
    if other == _CR:
        following = piece.octets[np.minimum(strays + 1, len(piece.octets) - 1)]
        strays = strays[(following != _LF[0]) & (strays + 1 < len(piece.octets))]
    if len(strays):
        name, line = "CR" if other == _CR else "LF", piece.find_line(int(strays[0]))
        raise UnreadableData(
            f"{piece.dialect.place}: line {line:,} has a line end ({name}) unlike the others",
            hint="put a value that contains a line break in quotes",
        )
