"""Python's values as exact Arrow arrays: values of one kind make a column, and everything else is refused.

Arrow's own inference cuts a datetime to a date, drops the offset of a time and the nanoseconds of pandas, mixes
instants with local times and text with bytes, and has no whole numbers above 64 bits.

| kind | values | becomes |
|---|---|---|
| truth value | bool | boolean |
| whole number | int | 64-bit integer; decimal where one value is larger |
| float | float, also with whole numbers that a float represents exactly | double |
| decimal | Decimal, also with whole numbers | decimal |
| text, bytes | str; bytes, bytearray, memoryview | string, binary |
| date, time of day | date; time without an offset | date, time |
| local time, instant | datetime without a zone; with a zone | timestamp, timestamptz |
| list, object | list, tuple, numpy array; mapping from text | list, struct or map |

Scalars of numpy and pandas are read as equal Python values, None, NaT and NA as null.
"""

from __future__ import annotations

import decimal
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import pyarrow as pa

from data_platform.spec.schema.types import DataType, Decimal, ListOf, MapOf, Struct
from data_platform.tables.intake.value_kinds import NULL, ONE_KIND, Odd, detect_kind

_MOST_DIGITS = 76


class OddValue(Exception):
    """The value at `index` does not fit; `reason` says why, without the value, `path` where inside it.

    If its kind differs from the first value's, `other` is the index and the kind of that value, `reason` its own kind.
    """

    def __init__(self, index: int, value: object, reason: str, other: tuple[int, str] | None = None) -> None:
        self.index, self.value, self.reason, self.other = index, value, reason, other
        self.path = ""
        super().__init__(reason)

    def to_parent(self, starts: Sequence[int], path: str) -> OddValue:
        """The error in terms of the parents, whose children begin at `starts`."""
        self.index = bisect_right(starts, self.index) - 1
        if self.other is not None:
            self.other = (bisect_right(starts, self.other[0]) - 1, self.other[1])
        self.path = path + self.path
        return self


def build_array(values: Sequence[Any], kind: DataType | None = None) -> pa.Array:
    """The values as one array; `kind` is the type of their column in the contract, if any.

    Raises OddValue for the first value that is not of the first one's kind, or that no array can represent.
    """
    simple = ONE_KIND.get(frozenset(map(type, values)))
    if simple is not None:
        return _BUILDERS[simple](values, kind)
    names: list[str] = []
    plain: list[Any] = []
    for index, value in enumerate(values):
        try:
            name, exact = detect_kind(value)
        except Odd as odd:
            raise OddValue(index, value, str(odd)) from None
        names.append(name)
        plain.append(exact)
    kinds = frozenset(names) - {NULL}
    if not kinds:
        return pa.nulls(len(values))
    return _BUILDERS[_find_common_kind(kinds, kind) or _refuse_mixture(names, values)](plain, kind)


def _find_common_kind(kinds: frozenset[str], kind: DataType | None) -> str | None:
    """The kind that represents all of the values; None if there is none."""
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds == {"whole number", "float"} and not isinstance(kind, Decimal):
        return "float"
    numbers = {"whole number", "decimal", "float"} if isinstance(kind, Decimal) else {"whole number", "decimal"}
    return "decimal" if kinds <= numbers else None


def _refuse_mixture(names: Sequence[str], values: Sequence[Any]) -> str:
    first = next(index for index, name in enumerate(names) if name != NULL)
    seen = {names[first]}
    for index, name in enumerate(names):
        if name != NULL and _find_common_kind(frozenset(seen | {name}), None) is None:
            raise OddValue(index, values[index], _add_article(name), (first, _add_article(names[first])))
        seen |= {name} - {NULL}
    raise AssertionError("the values have a common kind")


def _add_article(name: str) -> str:
    if name in ("text", "bytes"):
        return name
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _make_builder(target: pa.DataType) -> Callable[[Sequence[Any], DataType | None], pa.Array]:
    def build(values: Sequence[Any], kind: DataType | None) -> pa.Array:
        return pa.array(values, target)

    return build


def _build_integers(values: Sequence[Any], kind: DataType | None) -> pa.Array:
    try:
        return pa.array(values, pa.int64())
    except (OverflowError, pa.ArrowInvalid):
        return _build_decimals(values, kind)


def _build_floats(values: Sequence[Any], kind: DataType | None) -> pa.Array:
    floats = []
    for index, value in enumerate(values):
        try:
            floats.append(None if value is None else float(value))
        except OverflowError:
            raise OddValue(index, value, _NO_FLOAT) from None
        if isinstance(value, int) and floats[-1] != value:
            raise OddValue(index, value, _NO_FLOAT)
    return pa.array(floats, pa.float64())


_NO_FLOAT = "is a whole number that no float holds exactly, and other rows hold floats"


def _build_decimals(values: Sequence[Any], kind: DataType | None) -> pa.Array:
    """Decimals with the digits that the values need."""
    exact: list[decimal.Decimal | None] = []
    before = after = 0
    for index, value in enumerate(values):
        number = None if value is None else decimal.Decimal(repr(value) if isinstance(value, float) else value)
        if number is not None:
            if not number.is_finite():
                raise OddValue(index, value, "is not finite, and no decimal is NaN or infinite")
            exponent = int(number.as_tuple().exponent)
            after = max(after, -exponent)
            before = max(before, number.adjusted() + 1)
            if before + after > _MOST_DIGITS:
                raise OddValue(index, value, f"needs, with the rows before it, more than {_MOST_DIGITS} digits")
        exact.append(number)
    digits = max(before + after, 1)
    return pa.array(exact, pa.decimal128(digits, after) if digits <= 38 else pa.decimal256(digits, after))


def _build_texts(values: Sequence[Any], kind: DataType | None) -> pa.Array:
    try:
        return pa.array(values, pa.large_string())
    except UnicodeEncodeError:
        index = next(at for at, value in enumerate(values) if value is not None and not is_unicode(value))
        raise OddValue(index, values[index], HALF) from None


HALF = "holds half a character (a lone surrogate), which UTF-8 cannot write"


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can write the text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _build_lists(values: Sequence[Any], kind: DataType | None) -> pa.Array:
    if isinstance(kind, MapOf):
        return _build_maps(values, kind)
    starts = [0, *accumulate(0 if value is None else len(value) for value in values)]
    flat = [item for value in values if value is not None for item in value]
    element = kind.element if isinstance(kind, ListOf) else None
    try:
        items = build_array(flat, element)
    except OddValue as odd:
        raise odd.to_parent(starts[:-1], ".element") from None
    return pa.LargeListArray.from_arrays(pa.array(starts, pa.int64()), items, mask=_make_null_mask(values))


def _build_objects(values: Sequence[Any], kind: DataType | None) -> pa.Array:
    if isinstance(kind, MapOf):
        return _build_maps(values, kind)
    names = list(dict.fromkeys(name for value in values if value is not None for name in value))
    odd = next((name for name in names if type(name) is not str and not isinstance(name, str)), None)
    if odd is not None:
        index = next(at for at, value in enumerate(values) if value is not None and odd in value)
        raise OddValue(index, values[index], f"has a key that is {_add_article(type(odd).__name__)}, not text")
    half = next((name for name in names if not is_unicode(name)), None)
    if half is not None:
        index = next(at for at, value in enumerate(values) if value is not None and half in value)
        raise OddValue(index, values[index], f"has a key that {HALF}")
    types = {field.name: field.type for field in kind.fields} if isinstance(kind, Struct) else {}
    children = []
    for name in names:
        try:
            members = [None if value is None else value.get(name) for value in values]
            children.append(build_array(members, types.get(name)))
        except OddValue as error:
            raise error.to_parent(range(len(values)), f".{name}") from None
    if not names:
        return pa.array([None if value is None else {} for value in values], pa.struct([]))
    return pa.StructArray.from_arrays(children, names=[str(name) for name in names], mask=_make_null_mask(values))


def _build_maps(values: Sequence[Any], kind: MapOf) -> pa.Array:
    """Maps, from mappings or lists of pairs, which are Arrow's maps in Python."""
    pairs = [_read_pairs(index, value) for index, value in enumerate(values)]
    starts = [0, *accumulate(map(len, pairs))]
    flat = [pair for row in pairs for pair in row]
    columns = []
    for place, (part, of) in enumerate((("key", kind.key), ("value", kind.value))):
        try:
            columns.append(build_array([pair[place] for pair in flat], of))
        except OddValue as odd:
            raise odd.to_parent(starts[:-1], f".{part}") from None
    missing = next((at for at, pair in enumerate(flat) if pair[0] is None), None)
    if missing is not None:
        raise OddValue(bisect_right(starts[:-1], missing) - 1, "the map", "has a key that is null")
    return pa.MapArray.from_arrays(pa.array(starts, pa.int32()), *columns, mask=_make_null_mask(values))


def _read_pairs(index: int, value: Any) -> list[tuple[Any, Any]]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in value):
            raise OddValue(index, value, "is a list, and the column holds maps")
        pairs = [(pair[0], pair[1]) for pair in value]
    else:
        pairs = list(value.items())
    if len(pairs) > 1 and len({repr(key) for key, _ in pairs}) < len(pairs):
        raise OddValue(index, value, "has the same key twice")
    return pairs


def _make_null_mask(values: Sequence[Any]) -> pa.Array | None:
    missing = [value is None for value in values]
    return pa.array(missing) if any(missing) else None


_BUILDERS: dict[str, Callable[[Sequence[Any], DataType | None], pa.Array]] = {
    "truth value": _make_builder(pa.bool_()),
    "whole number": _build_integers,
    "float": _build_floats,
    "decimal": _build_decimals,
    "text": _build_texts,
    "bytes": _make_builder(pa.large_binary()),
    "date": _make_builder(pa.date32()),
    "time of day": _make_builder(pa.time64("us")),
    "local time": _make_builder(pa.timestamp("us")),
    "instant": _make_builder(pa.timestamp("us", "UTC")),
    "UUID": _make_builder(pa.uuid()),
    "list": _build_lists,
    "object": _build_objects,
}
