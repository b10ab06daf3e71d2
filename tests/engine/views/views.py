"""A table with every kind of column, random views of it, and what they show, computed row by row in Python."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor, isfinite, isnan
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from data_platform.access.view import TableView
from data_platform.engine.source import ParquetSource
from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.row_filters import (
    AllOf,
    AnyOf,
    ColumnComparison,
    Comparator,
    Condition,
    IsNull,
    Negation,
    OneOf,
)

KEY = bytes(range(32))
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("region", pa.string()),
        ("amount", pa.decimal128(9, 2)),
        ("score", pa.float64()),
        ("born", pa.date32()),
        ("note", pa.string()),
    ]
)
Row = Mapping[str, Any]

VALUES: Mapping[str, list[Any]] = {
    "region": ["EU", "US", "a long region"],
    "amount": [Decimal("-0.50"), Decimal("10.00"), Decimal("99.99")],
    "score": [0.0, -1.5, 2.5, float("nan"), float("inf")],
    "born": [dt.date(1969, 5, 5), dt.date(2001, 12, 31)],
    "note": ["1", "7", "(", "words", "12345678901234"],
}


def nullable(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


rows = st.lists(st.fixed_dictionaries({name: nullable(values) for name, values in VALUES.items()}), max_size=12).map(
    lambda found: [{"id": number, **row} for number, row in enumerate(found)]
)
operands: Mapping[str, list[Any]] = {
    "id": [0, 3, Decimal("2.5"), 4.5],
    "region": ["EU", "US", "nowhere"],
    "amount": [0, Decimal("10.00"), Decimal("10.001"), 9.5],
    "score": [0, 2.5, Decimal("-1.5")],
    "born": [dt.date(1969, 5, 5), dt.date(2000, 1, 1)],
    "note": ["7", "("],
}
columns = st.sampled_from(list(operands))
comparisons = columns.flatmap(
    lambda name: st.builds(
        ColumnComparison, st.just(name), st.sampled_from(Comparator), st.sampled_from(operands[name])
    )
)
choices = columns.flatmap(
    lambda name: st.builds(OneOf, st.just(name), st.lists(st.sampled_from(operands[name]), max_size=2).map(tuple))
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    comparisons | choices | st.builds(IsNull, columns),
    lambda inner: (
        st.builds(Negation, inner)
        | st.builds(AllOf, st.lists(inner, max_size=2).map(tuple))
        | st.builds(AnyOf, st.lists(inner, max_size=2).map(tuple))
    ),
    max_leaves=4,
)
KINDS: Mapping[str, list[Mask]] = {
    "id": [Mask(), Mask(MaskKind.HASH), Mask(MaskKind.BUCKET, Decimal(4))],
    "region": [Mask(), Mask(MaskKind.NULL), Mask(MaskKind.PARTIAL), Mask(MaskKind.HASH)],
    "amount": [Mask(), Mask(MaskKind.BUCKET, Decimal("0.75"))],
    "score": [Mask(), Mask(MaskKind.BUCKET, Decimal("0.5"))],
    "born": [Mask(), Mask(MaskKind.YEAR)],
    "note": [Mask(), Mask(MaskKind.PARTIAL), Mask(MaskKind.HASH)],
}
masks = st.fixed_dictionaries({}, optional={name: st.sampled_from(kinds) for name, kinds in KINDS.items()})
clear_rows = st.dictionaries(st.sampled_from(list(KINDS)), conditions, max_size=2)
views = st.builds(
    lambda masks, condition, clear_rows: TableView(
        masks, condition, {name: rows for name, rows in clear_rows.items() if name in masks}
    ),
    masks,
    st.just(AllOf()) | conditions,
    clear_rows,
)


def write_source(folder: Path, table: list[Row], view: TableView) -> ParquetSource:
    """The rows in two files of small row groups."""
    half = len(table) // 2
    paths = []
    for number, part in enumerate((table[:half], table[half:])):
        path = str(folder / f"{number}.parquet")
        pq.write_table(pa.Table.from_pylist(list(part), SCHEMA), path, row_group_size=2)
        paths.append(path)
    return ParquetSource(tuple(paths), SCHEMA, view=view, fetch_mask_key=lambda: KEY)


def show(table: list[Row], view: TableView) -> pa.Table:
    """What a reader sees: the visible rows, with their values masked."""
    visible = [row for row in table if holds(view.condition, row) is True]
    shown = [
        {name: value if shows(view, name, row) else mask(view.masks[name], name, value) for name, value in row.items()}
        for row in visible
    ]
    return pa.Table.from_pylist(shown, SCHEMA)


def shows(view: TableView, name: str, row: Row) -> bool:
    """Whether a column is clear on a row."""
    return name not in view.masks or (name in view.clear_rows and holds(view.clear_rows[name], row) is True)


COMPARE: Mapping[Comparator, Callable[[Any, Any], bool]] = {
    Comparator.EQUAL: eq,
    Comparator.UNEQUAL: ne,
    Comparator.LESS: lt,
    Comparator.AT_MOST: le,
    Comparator.GREATER: gt,
    Comparator.AT_LEAST: ge,
}


def holds(condition: Condition, row: Row) -> bool | None:
    """SQL's three values."""
    match condition:
        case ColumnComparison(column, comparator, operand):
            return compare(comparator, row[column], operand)
        case OneOf(column, found):
            return join([compare(Comparator.EQUAL, row[column], one) for one in found], any_of=True)
        case IsNull(column):
            return row[column] is None
        case Negation(inner):
            value = holds(inner, row)
            return None if value is None else not value
        case AllOf(inner):
            return join([holds(one, row) for one in inner], any_of=False)
        case AnyOf(inner):
            return join([holds(one, row) for one in inner], any_of=True)


def compare(comparator: Comparator, value: Any, operand: Any) -> bool | None:
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    if isinstance(value, float) and isfinite(value):
        return COMPARE[comparator](Fraction(value), Fraction(float(operand)))
    if isinstance(value, int | Decimal):
        return COMPARE[comparator](Fraction(value), Fraction(operand))
    return COMPARE[comparator](value, operand)


def join(values: list[bool | None], *, any_of: bool) -> bool | None:
    if any_of in values:
        return any_of
    return None if None in values else not any_of


def mask(wanted: Mask, column: str, value: Any) -> Any:
    is_text = pa.types.is_string(SCHEMA.field(column).type)
    match wanted.kind:
        case MaskKind.REDACT:
            return "***" if is_text else None
        case MaskKind.PARTIAL:
            visible = len((value or "").replace(" ", ""))
            count = 0 if visible < 8 else min(4, visible // 3)
            return "***" + ("" if not count else value[-count:])
        case MaskKind.NULL:
            return None
    if value is None:
        return None
    match wanted.kind:
        case MaskKind.HASH if is_text:
            return hmac.new(KEY, b"text\0" + value.encode(), hashlib.sha256).hexdigest()
        case MaskKind.HASH:
            digest = hmac.new(KEY, b"long\0" + str(value).encode(), hashlib.sha256).digest()
            return int.from_bytes(digest[:8], "big") >> 1
        case MaskKind.YEAR:
            return value.replace(month=1, day=1)
    if isinstance(value, float) and not isfinite(value):
        return None
    bucket = floor(Fraction(str(value)) / Fraction(wanted.size)) * Fraction(wanted.size)
    if isinstance(value, Decimal):
        return Decimal(bucket.numerator) / Decimal(bucket.denominator)
    return type(value)(bucket)
