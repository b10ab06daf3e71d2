"""Infers the types of text columns: the first type that represents all values and gives each one back.

So `007` stays text, because the number 7 would be written differently; a column is a date only if every value is one;
an identifier of twenty digits is no double. Numbers with a fraction that a double cannot give back are decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.settings.read_options import TextFormats
from data_platform.spec.casting.conversion.basics import Converter
from data_platform.spec.casting.conversion.plan import Planner
from data_platform.spec.casting.conversion.text_formats import STANDARD_FORMATS, make_text_normalizer
from data_platform.spec.schema.arrow import to_arrow_type
from data_platform.spec.schema.types import DataType, Decimal, Kind, Primitive

_DATE, _TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?"
_WHOLE = r"-?(0|[1-9]\d*)"
_FRACTION = rf"{_WHOLE}(\.\d+)?"
_ZONE = r"(Z|[+-]\d\d(:?\d\d)?)"
# An exponent as programs write it: 1e-05, 1.5E10; 2E07 and 12E5 are codes.
_FLOAT = rf"{_FRACTION}([eE][+-]\d+)?|{_WHOLE}\.\d+[eE]\d+"
_MOST_DIGITS = 38
_MOMENTS = tuple(map(Primitive, (Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ)))
_LONG, _DOUBLE, _TEXT = Primitive(Kind.LONG), Primitive(Kind.DOUBLE), Primitive(Kind.STRING)
Check = Callable[[pa.Array], bool]


def infer_schema(
    names: Sequence[str], batches: Iterable[pa.RecordBatch], formats: TextFormats = STANDARD_FORMATS
) -> pa.Schema:
    """The schema of rows of text; a column with only nulls has Arrow's null type."""
    columns = [TextColumn(formats, _make_checks(formats)) for _ in names]
    for batch in batches:
        for column, array in zip(columns, batch.columns, strict=True):
            column.look(array)
    return pa.schema([(name, column.infer_type()) for name, column in zip(names, columns, strict=True)])


def convert_batches(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], formats: TextFormats = STANDARD_FORMATS
) -> Iterator[pa.RecordBatch]:
    """The rows of text in their inferred types."""
    ways = [_make_arrow_converter(field.type, formats) for field in schema]
    for batch in batches:
        arrays = [way(array) for way, array in zip(ways, batch.columns, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _make_arrow_converter(target: pa.DataType, formats: TextFormats) -> Converter:
    if pa.types.is_null(target):
        return lambda array: pa.nulls(len(array))
    return make_converter(_KINDS.get(target) or Decimal(target.precision, target.scale), formats)


def make_converter(kind: DataType, formats: TextFormats) -> Converter:
    """The cast's converter from text."""
    return Planner(untyped=True, formats=formats).convert(kind, pa.string(), "")


@dataclass(slots=True)
class TextColumn:
    """The types that the values of one column allow so far."""

    formats: TextFormats
    checks: dict[DataType, Check]
    """The types that are still possible; the first one is used."""
    plain: bool = True
    """Whether all are numbers without an exponent."""
    large_whole: bool = False
    """Whether whole numbers that are too large for a long are decimals; otherwise they are identifiers, so text."""
    count: int = 0
    _digits: int = 0
    _scale: int = 0

    def look(self, array: pa.Array) -> None:
        """Takes some values, as text, into account."""
        values = array.drop_null()
        self.count += len(values)
        if not len(values):
            return
        for kind, check in list(self.checks.items()):
            if not check(values):
                del self.checks[kind]
        if self.plain:
            self._measure(values)

    def infer_type(self) -> pa.DataType:
        """The type that all values have."""
        if not self.count:
            return pa.null()
        first = next(iter(self.checks), None)
        is_decimal = self.plain and (self._scale > 0 or self.large_whole)
        if first is None and is_decimal and self._digits + self._scale <= _MOST_DIGITS:
            return pa.decimal128(_MOST_DIGITS, self._scale)
        return to_arrow_type(first or _TEXT)

    def _measure(self, values: pa.Array) -> None:
        """How many digits a decimal needs before and after its point."""
        numbers = _to_standard(_DOUBLE, self.formats, values)
        self.plain = numbers is not None and _match_all(numbers, _FRACTION)
        if self.plain:
            parts = pc.extract_regex(numbers, r"^-?(?P<whole>\d+)(?P<fraction>\.\d+)?$")
            self._digits = max(self._digits, pc.max(pc.binary_length(parts.field(0))).as_py())
            self._scale = max(self._scale, pc.max(pc.binary_length(parts.field(1))).as_py() - 1, 0)


def make_number_column() -> TextColumn:
    """A column of numbers as JSON writes them."""
    checks: dict[DataType, Check] = {
        _LONG: _make_check(_LONG, _WHOLE, STANDARD_FORMATS),
        _DOUBLE: _make_check(_DOUBLE, ".*", STANDARD_FORMATS),
    }
    return TextColumn(STANDARD_FORMATS, checks, large_whole=True)


def make_moment_column(formats: TextFormats) -> TextColumn:
    """A column of text that may be dates or instants, and no number."""
    checks = _make_checks(formats)
    return TextColumn(formats, {kind: check for kind, check in checks.items() if kind in _MOMENTS}, plain=False)


def _make_checks(formats: TextFormats) -> dict[DataType, Check]:
    zoned = Primitive(Kind.TIMESTAMPTZ)
    moment = rf"{_DATE}[T ]{_TIME}"
    patterns: list[tuple[DataType, str]] = [
        (_LONG, _WHOLE),
        (_DOUBLE, _FLOAT),
        (Primitive(Kind.BOOLEAN), "(?i:true|false)"),
        (Primitive(Kind.DATE), _DATE),
        (Primitive(Kind.TIMESTAMP), moment),
        (zoned, moment + (f"{_ZONE}?" if formats.zone else _ZONE)),
    ]
    if formats.zone:
        patterns = [(kind, pattern) for kind, pattern in patterns if kind != Primitive(Kind.TIMESTAMP)]
    return {kind: _make_check(kind, pattern, formats) for kind, pattern in patterns}


def _make_check(kind: DataType, pattern: str, formats: TextFormats) -> Check:
    way = make_converter(kind, formats)

    def check(values: pa.Array) -> bool:
        text = _to_standard(kind, formats, values)
        if text is None or not _match_all(text, pattern) or (kind == _LONG and _has_minus_zero(text)):
            return False
        if kind == _DOUBLE and _has_large_whole(text):
            return False
        try:
            way(values)
        except ValueError:  # such as a number too large, or the 30th of February
            return False
        return True

    return check


def _to_standard(kind: DataType, formats: TextFormats, values: pa.Array) -> pa.Array | None:
    try:
        return make_text_normalizer(kind, formats)(values)
    except ValueError:
        return None


def _match_all(values: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(values, f"^({pattern})$")).as_py())


def _has_minus_zero(values: pa.Array) -> bool:
    return bool(pc.any(pc.equal(values, "-0")).as_py())


def _has_large_whole(values: pa.Array) -> bool:
    """Whether a whole number exceeds 64 bits: it is no double, even if a double is equal to it."""
    try:
        values.filter(pc.match_substring_regex(values, r"^-?\d{19,}$")).cast(pa.int64())
    except pa.ArrowInvalid:
        return True
    return False


_KINDS: dict[pa.DataType, DataType] = {to_arrow_type(Primitive(kind)): Primitive(kind) for kind in Kind}
