"""Reads JSON lines by pyarrow if their bytes prove that pyarrow's result is exact.

pyarrow reads numbers through double, and accepts some invalid JSON. So it gets only complete lines of flat objects,
and its numbers are used only if they are certainly exact: at most 15 characters without an exponent, or a double that
gives back every digit. Everything else is left to the scanner, which checks each value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
import re2

from data_platform.settings.read_options import TextFormats
from data_platform.spec.casting.conversion.numbers import to_float
from data_platform.spec.schema.types import DataType, Decimal, Fixed, Kind, Primitive, SchemaColumn, TableSchema
from data_platform.tables.intake.json.columns import ColumnBuilder

_AS_WRITTEN = {Kind.STRING, Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ, Kind.BINARY}
_READ_AS = {Kind.BOOLEAN: pa.bool_(), Kind.INT: pa.int64(), Kind.LONG: pa.int64(), Kind.DOUBLE: pa.float64()}
_DIGITS = 15  # decimal digits that a double always preserves
_LARGEST_WHOLE = 2.0**53
_half_pair = re.compile(rb"\\u[dD][89a-fA-F]").search
# Numbers whose double may not be the number that is written: minus zero, long ones, those with an exponent.
_doubtful = re2.compile(rb":[ \t\r]*-?([0-9][0-9.]{15}|[0-9]+(\.[0-9]+)?[eE])|:[ \t\r]*-0[ \t\r,}]").search
_doubts = re.compile(
    rb":[ \t\r]*(-?(?:[0-9][0-9.]{15,}|[0-9]+(?:\.[0-9]+)?(?=[eE]))(?:[eE][+-]?[0-9]+)?|-0(?=[ \t\r,}]))"
)


@dataclass(frozen=True, slots=True)
class PlainLines:
    """Reads lines for a contract of scalars; the members that occur are recorded in `builder`."""

    contract: TableSchema
    kinds: pa.Schema
    """The type as which pyarrow reads each column."""
    builder: ColumnBuilder

    def read(self, text: bytes) -> pa.RecordBatch | None:
        """The rows of complete lines; None if the result may not be exact."""
        lines = _normalize_lines(text)
        table = self._parse(lines) if lines else None
        if lines is None or table is None or not self._has_digits_kept(lines, table):
            return None
        arrays = [_convert_column(column, values) for column, values in zip(self.contract, table.columns, strict=True)]
        if not self._record_members(lines, table):
            return None
        exact = [array for array in arrays if array is not None]
        return pa.RecordBatch.from_arrays(exact, list(self.contract.names)) if len(exact) == len(arrays) else None

    def _parse(self, lines: bytes) -> pa.Table | None:
        reading = pj.ReadOptions(use_threads=False, block_size=len(lines) + 1)
        parsing = pj.ParseOptions(explicit_schema=self.kinds, unexpected_field_behavior="error")
        try:
            table = pj.read_json(pa.BufferReader(lines), reading, parsing)
        except (pa.ArrowException, ValueError):
            return None
        alike = table.schema.equals(self.kinds) and table.num_rows == lines.count(b"\n")
        return table.combine_chunks() if alike else None

    def _has_digits_kept(self, lines: bytes, table: pa.Table) -> bool:
        """Whether every double is the number in the file."""
        doubles = [values for values in table.columns if pa.types.is_floating(values.type)]
        if not doubles:
            return True
        if not all(map(_is_below_2_53, doubles)):
            return False
        if not _doubtful(lines):
            return True
        # Of whole numbers below 2^53 every one is a double.
        doubts = [number for number in _doubts.findall(lines) if not number.isdigit()]
        if any(isinstance(column.type, Decimal) for column in self.contract):
            return not any(map(_has_fraction_or_zero, doubts))
        return b"-0" not in doubts and _is_lossless([number for number in doubts if not number[1:].isdigit()])

    def _record_members(self, lines: bytes, table: pa.Table) -> bool:
        """Records which members occur; False if that is unknown, or a required one is null."""
        seen = set()
        for column, values in zip(self.contract, table.columns, strict=True):
            if column.required and values.null_count:
                return False
            path = f".{column.name}"
            if values.null_count < len(values):
                seen.add(path)
            elif path not in self.builder.seen:
                if b"\\" in lines:
                    return False
                if _has_member(lines, column.name):
                    seen.add(path)
        self.builder.wanted.update(f".{name}" for name in self.contract.names)
        self.builder.seen.update(seen)
        return True


def make_plain_lines(contract: TableSchema, formats: TextFormats, builder: ColumnBuilder) -> PlainLines | None:
    """A reader for rows of the contract; None if it has columns that the scanner must read."""
    kinds = [_read_as(column.type) for column in contract]
    standard = formats.decimal == "." and not formats.thousands
    if not kinds or None in kinds or not standard:
        return None
    return PlainLines(contract, pa.schema(list(zip(contract.names, kinds, strict=True))), builder)


def split_lines(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The blocks, cut after line ends, and whether each is cut so; the end of the file ends a line."""
    rest = b""
    for block in blocks:
        text = rest + block
        cut = text.rfind(b"\n") + 1
        rest = text[cut:] if cut else b""
        if text:
            yield text[:cut] if cut else text, bool(cut)
    if rest:
        yield rest, True


def _read_as(kind: DataType) -> pa.DataType | None:
    match kind:
        case Primitive(name) if name in _AS_WRITTEN:
            return pa.string()
        case Primitive(name):
            return _READ_AS.get(name)
        case Fixed():
            return pa.string()
        case Decimal() if kind.scale <= _DIGITS:
            return pa.float64()
        case _:
            return None


def _normalize_lines(text: bytes) -> bytes | None:
    """The lines, ended by LF; None unless they are text and each contains one object."""
    lines = text if text.endswith(b"\n") else text + b"\n"
    if b"\r" in lines:
        lines = lines.replace(b"}\r\n", b"}\n")
    # Between } and { JSON has a comma or a line end, so that such a line end is between two rows.
    whole = lines.startswith(b"{") and lines.endswith(b"}\n") and lines.count(b"}\n{") == lines.count(b"\n") - 1
    if not whole or b"\0" in lines or (b"\\" in lines and _half_pair(lines)):
        return None
    if not lines.isascii():
        try:
            lines.decode()
        except UnicodeDecodeError:
            return None
    return lines


def _convert_column(column: SchemaColumn, values: pa.ChunkedArray) -> pa.Array | None:
    array = values.chunk(0)
    return _to_decimals(array, column.type) if isinstance(column.type, Decimal) else array


def _to_decimals(array: pa.Array, kind: Decimal) -> pa.Array | None:
    """Doubles of at most 15 digits as decimals; None unless each is exact.

    Different numbers of 15 digits are different doubles, so a double identifies the number in the file.
    """
    doubles = array.fill_null(0.0).to_numpy()
    whole = np.rint(doubles * 10.0**kind.scale)
    limit = 10.0 ** min(kind.precision, _DIGITS)
    if not bool(np.all((whole / 10.0**kind.scale == doubles) & (np.abs(whole) < limit))):
        return None
    digits = np.empty((len(whole), 2), np.int64)
    digits[:, 0] = whole
    digits[:, 1] = digits[:, 0] >> 63
    target = pa.decimal128(kind.precision, kind.scale)
    decimals = pa.Array.from_buffers(target, len(digits), [None, pa.py_buffer(digits)])
    return pc.if_else(array.is_valid(), decimals, pa.nulls(1, target)[0]) if array.null_count else decimals


def _is_below_2_53(values: pa.ChunkedArray) -> bool:
    small = pc.and_(pc.is_finite(values), pc.less(pc.abs(values), _LARGEST_WHOLE))
    return pc.all(small).as_py() is not False


def _has_fraction_or_zero(number: bytes) -> bool:
    return number == b"-0" or not number[1:].isdigit()


def _is_lossless(numbers: list[bytes]) -> bool:
    try:
        to_float(pa.float64())(pa.array([number.decode() for number in numbers], pa.string()))
    except ValueError:
        return False
    return True


def _has_member(lines: bytes, name: str) -> bool:
    """Whether an object has the member, in lines without a backslash."""
    quoted = f'"{name}"'.encode()
    return quoted in lines and re.search(re.escape(quoted) + rb"[ \t\r]*:", lines) is not None
