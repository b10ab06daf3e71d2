"""Hypothesis strategies: table schemas of every type, and data that fits them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as Number
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.constraints import CHECKED_FORMATS
from data_platform.spec.schema.types import (
    NO_CONSTRAINTS,
    Constraints,
    DataType,
    Decimal,
    Fixed,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)

TEXT = Primitive(Kind.STRING)
text_keys = st.just(TEXT)
plain_names: st.SearchStrategy[str] = st.sampled_from(["id", "order_id", "Amount", "_x", "b2", "at"]) | st.text(
    "abcXYZ_", min_size=1, max_size=6
)
"""Names that every format allows."""
any_names = plain_names | st.sampled_from(["ลูกค้า", "straße", "order id", "2024", "a-b", "select", "日本"])
"""Names as columns may have them."""
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@st.composite
def decimals(draw: st.DrawFn) -> Decimal:
    precision = draw(st.integers(1, 38))
    return Decimal(precision, draw(st.integers(0, precision)))


scalars = st.sampled_from([Primitive(kind) for kind in Kind]) | decimals() | st.builds(Fixed, st.integers(1, 20))
key_types = st.just(TEXT) | st.sampled_from([Primitive(Kind.INT), Primitive(Kind.LONG), Primitive(Kind.DATE)])


def data_types(
    names: st.SearchStrategy[str] = plain_names, keys: st.SearchStrategy[DataType] = text_keys
) -> st.SearchStrategy[DataType]:
    """Types of every kind, nested up to a few levels; `keys` are the types of maps' keys (only text when left out)."""

    def nest(inner: st.SearchStrategy[DataType]) -> st.SearchStrategy[DataType]:
        lists = inner.flatmap(lambda kind: st.builds(ListOf, st.just(kind), st.booleans(), constraints(kind)))
        maps = inner.flatmap(lambda kind: st.builds(MapOf, keys, st.just(kind), st.booleans(), constraints(kind)))
        structs = columns(inner, names, max_size=3).map(Struct)
        return lists | maps | structs

    return st.recursive(scalars, nest, max_leaves=4)


_numbers = st.integers(-(10**12), 10**12) | st.floats(-1e12, 1e12, allow_nan=False)
_ENUM_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.BOOLEAN: st.booleans(),
    Kind.INT: st.integers(-1000, 1000),
    Kind.LONG: st.integers(-(2**60), 2**60),
    Kind.FLOAT: _numbers,
    Kind.DOUBLE: _numbers,
    Kind.STRING: texts | plain_names,
}


def _enums(kind: Kind) -> st.SearchStrategy[tuple[Any, ...] | None]:
    return st.none() | st.lists(_ENUM_VALUES[kind], min_size=1, max_size=3, unique=True).map(tuple)


def _pair(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    return st.none().map(lambda _: (None, None)) | st.tuples(values, values).map(lambda two: (min(two), max(two)))


@st.composite
def constraints(draw: st.DrawFn, kind: DataType) -> Constraints:
    """Constraints that mean something for a type and can be met together."""
    if draw(st.booleans()):
        return NO_CONSTRAINTS
    match kind:
        case Primitive(Kind.STRING):
            low, high = draw(_pair(st.integers(0, 50)))
            pattern = draw(st.sampled_from([None, "^[a-z]+$", r"\d{3}"]))
            form = draw(st.sampled_from([None, *CHECKED_FORMATS]))
            return Constraints(_draw_enum(draw, kind), min_length=low, max_length=high, pattern=pattern, format=form)
        case Primitive(Kind.INT | Kind.LONG | Kind.FLOAT | Kind.DOUBLE):
            low, high = draw(_pair(_numbers))
            step = draw(st.none() | st.integers(1, 100))
            return Constraints(_draw_enum(draw, kind), minimum=low, exclusive_maximum=high, multiple_of=step)
        case Decimal():
            low, high = draw(_pair(_numbers))
            return Constraints(exclusive_minimum=low, maximum=high)
        case Primitive(Kind.BOOLEAN):
            return Constraints(_draw_enum(draw, kind))
        case ListOf():
            low, high = draw(_pair(st.integers(0, 50)))
            return Constraints(min_items=low, max_items=high, unique_items=draw(st.booleans()))
        case _:
            return NO_CONSTRAINTS


def _draw_enum(draw: st.DrawFn, kind: Primitive) -> tuple[Any, ...] | None:
    return draw(_enums(kind.kind))


@st.composite
def columns(
    draw: st.DrawFn, kinds: st.SearchStrategy[DataType], names: st.SearchStrategy[str], max_size: int = 5
) -> tuple[SchemaColumn, ...]:
    """One to `max_size` columns with different names."""
    found = draw(st.lists(names, min_size=1, max_size=max_size, unique_by=str.casefold))
    return tuple(draw(_column(name, kinds)) for name in found)


@st.composite
def _column(draw: st.DrawFn, name: str, kinds: st.SearchStrategy[DataType]) -> SchemaColumn:
    kind, tags = draw(kinds), draw(st.sampled_from([(), ("pii",), ("finance", "pii")]))
    return SchemaColumn(
        name=name,
        type=kind,
        required=draw(st.booleans()),
        description=draw(st.none() | texts),
        tags=tags,
        encryption=draw(st.sampled_from([None, "none", "aes-256-gcm"])),
        constraints=draw(constraints(kind)),
        not_pii=None if tags else draw(st.sampled_from([None, "order numbers"])),
        term=draw(st.sampled_from([None, "Customer"])),
    )


def schemas(
    names: st.SearchStrategy[str] = plain_names, keys: st.SearchStrategy[DataType] = text_keys, max_size: int = 5
) -> st.SearchStrategy[TableSchema]:
    """Table schemas with every type, annotation and constraint."""
    return st.builds(TableSchema, columns(data_types(names, keys), names, max_size), st.none() | texts)


_FIRST, _LAST = dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)
_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.BOOLEAN: st.booleans(),
    Kind.INT: st.integers(-(2**31), 2**31 - 1),
    Kind.LONG: st.integers(-(2**63), 2**63 - 1),
    Kind.FLOAT: st.floats(width=32, allow_nan=False),
    Kind.DOUBLE: st.floats(allow_nan=False),
    Kind.DATE: st.dates(),
    Kind.TIME: st.times(),
    Kind.TIMESTAMP: st.datetimes(_FIRST, _LAST),
    Kind.TIMESTAMPTZ: st.datetimes(_FIRST, _LAST, timezones=st.just(dt.UTC)),
    Kind.STRING: texts,
    Kind.BINARY: st.binary(max_size=8),
}


def values(kind: DataType) -> st.SearchStrategy[Any]:
    """Python values of a type, never null; constraints are not looked at."""
    match kind:
        case Primitive(name):
            return _VALUES[name]
        case Decimal(precision, scale):
            return st.integers(1 - 10**precision, 10**precision - 1).map(lambda n: _scaled(n, scale))
        case Fixed(length):
            return st.binary(min_size=length, max_size=length)
        case ListOf(element, required):
            return st.lists(_maybe(values(element), required), max_size=3)
        case MapOf(key, value, required):
            return st.dictionaries(values(key), _maybe(values(value), required), max_size=3).map(
                lambda entries: list(entries.items())
            )
        case Struct(fields):
            return st.fixed_dictionaries({f.name: _maybe(values(f.type), f.required) for f in fields})


def _scaled(unscaled: int, scale: int) -> Number:
    digits = tuple(map(int, str(abs(unscaled))))
    return Number((int(unscaled < 0), digits, -scale))


def _maybe(strategy: st.SearchStrategy[Any], required: bool) -> st.SearchStrategy[Any]:
    return strategy if required else st.none() | strategy


@st.composite
def batches(draw: st.DrawFn, schema: TableSchema, max_size: int = 5) -> pa.RecordBatch:
    """Rows that fit a schema's types, as Arrow."""
    row = st.fixed_dictionaries({column.name: _maybe(values(column.type), column.required) for column in schema})
    rows = draw(st.lists(row, max_size=max_size))
    arrow = to_arrow(schema)
    arrays = [pa.array([item[field.name] for item in rows], field.type) for field in arrow]
    return pa.RecordBatch.from_arrays(arrays, schema=arrow)
