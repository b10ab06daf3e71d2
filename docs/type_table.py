"""The page of types, asked from the code: how each is written, what data it takes, what may be demanded of it."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pyarrow as pa

from data_platform.spec.casting.conversion.plan import Planner
from data_platform.spec.casting.conversion.text import EXAMPLES
from data_platform.spec.schema.arrow import to_arrow_type
from data_platform.spec.schema.avro import write_avro_schema
from data_platform.spec.schema.constraints import CHECKED_FORMATS, WORDS, list_applicable
from data_platform.spec.schema.field_ids import assign_ids
from data_platform.spec.schema.json_schema import write_json_schema
from data_platform.spec.schema.types import (
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
from data_platform.tables.iceberg.schema import to_iceberg

TEXT, LONG = Primitive(Kind.STRING), Primitive(Kind.LONG)
SCALARS: tuple[DataType, ...] = (*(Primitive(kind) for kind in Kind), Decimal(12, 2), Fixed(16))
NESTED: tuple[DataType, ...] = (
    ListOf(LONG, element_required=True),
    MapOf(TEXT, LONG, value_required=True),
    Struct((SchemaColumn("a", LONG, required=True),)),
)
ARROW = (
    pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
    pa.float16(), pa.float32(), pa.float64(), pa.decimal128(38, 0), pa.decimal128(38, 2), pa.date32(), pa.date64(),
    pa.time32("ms"), pa.time64("ns"), pa.timestamp("ns"), pa.timestamp("ns", "Europe/Zurich"), pa.string(),
    pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(16),
)  # fmt: skip

HEAD = """\
# Types

<!-- Written by `make docs` from docs/type_table.py. -->

A column has one of Iceberg's types. A schema is written as JSON Schema (2020-12 or draft-07) or as Avro; data comes in
as Arrow. The columns of a table without a schema are inferred from its first data, each optional.

## How a type is written

| Type (Iceberg) | JSON Schema | Avro | Arrow |
|---|---|---|---|
"""

READING = """
A column is required when it stands in `required` and its type has no `"null"` (JSON Schema), or when its type is no
union with `"null"` (Avro). `"format": "decimal"` may stand on `"string"` as well as on `"number"`, `"date-time-local"`
means `"local-date-time"`. Avro's `-millis` types are read as the `-micros` ones, an `enum` as text with its symbols, a
`uuid` as text. Inside a map, JSON Schema and Avro know keys of text only.

Per column, both may say `description` (Avro: `doc`), `tags`, `encryption` (`"aes-256-gcm"` or `"none"`), and
`classification`, which is one more tag. `"tags": ["pii"]`, `"classification": "pii"` and `"pii": true` say the same.

## What data fits

Casting loses nothing and guesses nothing. A value that has no exact counterpart (3,000,000,000 in an `int`, nanoseconds
in a `timestamp`, an integer above 2^53 or a decimal of more than 15 digits in a `double`) is refused, with its row.
So is what lies outside a type: dates and timestamps have the years 1 to 9999 and no infinity, a time ends before 24:00,
text is UTF-8.

| Type | Arrow types that fit |
|---|---|
"""

UNTYPED = """
Dictionaries, run-end encoding and extension types are unpacked first; structs match by name.

CSV, JSON and lists of dicts cannot tell a date from text. There, text is read as the contract says it; empty text is
null, except in a `string`. Numbers are taken as they are written, at any depth: 12.34 is a `decimal(12,2)`, 3.0 a
`long`. A `double` or `float` takes a number that it gives back digit by digit (0.1, 0.30000000000000004), a whole
number only exactly: 9007199254740993, 3.14159265358979323846 and 1e400 are refused. Text with zeros before its number,
such as 007, is refused in a column of numbers, declared or inferred: declare the column a `string`. An instant without
an offset is refused, unless the reader is given a zone.

Without a contract, a column of text gets the first of `long`, `double`, `boolean`, `date`, `timestamp`, `timestamptz`
that gives each value back: 007, +41791234567, 2E07, 0x1F and identifiers of twenty digits stay a `string`; numbers
with a fraction that a `double` cannot keep are a `decimal(38,…)`. In JSON, text inside objects and arrays stays text.

| Type | Text looks like |
|---|---|
"""

CONSTRAINTS = """
## What may be demanded

In a schema, these keywords become quality rules. In Avro they stand in `"constraints": {…}` beside the type they are
about. Patterns are [RE2](https://github.com/google/re2/wiki/Syntax)'s.

| Type | Keywords |
|---|---|
"""


def types() -> str:
    """docs/reference/types.md."""
    return "".join(
        [
            HEAD,
            *(_row(_iceberg(kind), *map(_code, (_json(kind), _avro(kind), _arrow(kind)))) for kind in SCALARS + NESTED),
            READING,
            *(_row(_code(kind), ", ".join(map(_code, _fitting(kind)))) for kind in SCALARS),
            UNTYPED,
            *(_row(_code(kind), _code(text)) for kind, text in EXAMPLES.items()),
            CONSTRAINTS,
            *(
                _row(_code(kind), ", ".join(map(_code, _keywords(kind))))
                for kind in SCALARS + NESTED
                if _keywords(kind)
            ),
            f"\n`format` of a `string` is one of {', '.join(map(_code, CHECKED_FORMATS))}.\n",
        ]
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _code(value: object) -> str:
    return f"`{value}`"


def _table(kind: DataType) -> TableSchema:
    return TableSchema((SchemaColumn("c", kind, required=True),))


def _iceberg(kind: DataType) -> str:
    schema = _table(kind)
    found = to_iceberg(schema, assign_ids(schema, {}, 0)[0], 0).find_field("c").field_type
    return _code(kind if isinstance(kind, ListOf | MapOf | Struct) else str(found).replace(" ", ""))


def _json(kind: DataType) -> str:
    return json.dumps(write_json_schema(_table(kind), "t")["properties"]["c"])


def _avro(kind: DataType) -> str:
    return json.dumps(write_avro_schema(_table(kind), "t")["fields"][0]["type"])


def _arrow(kind: DataType) -> str:
    return str(to_arrow_type(kind))


def _fitting(kind: DataType) -> Iterable[pa.DataType]:
    for source in ARROW:
        planner = Planner(untyped=False)
        planner.convert(kind, source, "c")
        if not planner.mismatches:
            yield source


def _keywords(kind: DataType) -> list[str]:
    return [word for word in WORDS if word in list_applicable(kind)]
