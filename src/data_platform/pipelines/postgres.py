"""Postgres as a source, through ADBC: binary COPY straight into Arrow.

What ADBC would get wrong without a word is seen to here (adbc-driver-postgresql 1.13): `numeric` arrives as text and
becomes a decimal; types that arrive as Postgres' own bytes are asked for as text; infinite dates arrive as arbitrary
ones, alone and in arrays, and arrays of arrays arrive flattened, so both are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.errors import BadInput, MissingExtra, NotFound, SourceFailed, UnreadableData
from data_platform.settings import PostgresSource
from data_platform.spec.casting.conversion.basics import Converter, OutOfRange
from data_platform.spec.casting.conversion.ranges import make_range_check
from data_platform.spec.schema.types import Kind, Primitive

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

TEXTS = ("text", "varchar", "name")
TIMES = ("date", "time", "timestamp", "timestamptz")
NATIVE = {"bool", "int4", "int8", "float4", "float8", "bytea", "numeric", *TEXTS, *TIMES}
CASTS = {"int2": "int4", "oid": "int8", "money": "numeric", "_int2": "int4[]"}
UNDEFINED_TABLE = ("42P01", "3F000")
CONNECT_SECONDS = 10
DIGITS = 38
TABLES = """
    SELECT CASE WHEN pg_table_is_visible(c.oid) THEN NULL ELSE nspname END, relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


def read_table(source: PostgresSource, table: str) -> pa.Table:
    """All rows of `table` or `schema.table`, read in one read-only snapshot.

    A name that holds a dot itself is written in quotes (`"a.b"`, `schema."a.b"`); without them it is read too, where no
    schema `a` has a table `b`.
    """
    parts = _split_name(source, table)
    with _open_cursor(source) as cursor, _convert_errors(source, cursor, table):
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        name = _find_table(cursor, parts)
        schema = cursor.adbc_execute_schema(f"SELECT * FROM {name}")
        _refuse_nested_arrays(cursor, schema, name, f"source {source.name!r}, table {table}")
        columns = ", ".join(f"{_build_expression(field)} AS {_quote(field.name)}" for field in schema)
        cursor.execute(f"SELECT {columns} FROM {name}")
        rows = cursor.fetch_arrow_table()
    subject = f"source {source.name!r}, table {table}"
    arrays = [
        _convert_column(rows.column(n), field, f"{subject}, column {field.name}") for n, field in enumerate(rows.schema)
    ]
    return pa.table(dict(zip(rows.column_names, arrays, strict=True)))


def _split_name(source: PostgresSource, table: str) -> tuple[str, ...]:
    """The names that `table` says, outermost first."""
    matched = next(filter(None, (name.fullmatch(table) for name in _NAMES)), None)
    parts = tuple(map(_unwrap_quotes, matched.groups())) if matched else ()
    if not parts or not all(part.isprintable() and len(part.encode()) <= 63 for part in parts):
        raise BadInput(
            f"source {source.name!r}: {table[:200]!a} is no table's name",
            hint='write "table" or "schema.table"; a name that holds a dot itself is written in quotes',
        )
    return parts


_QUOTED, _PLAIN = r'("(?:[^"]|"")+")', r"([^.]+)"
_NAMES = [
    re.compile(name)
    for name in (_QUOTED, *(rf"{a}\.{b}" for a in (_QUOTED, _PLAIN) for b in (_QUOTED, _PLAIN)), _PLAIN)
]


def _unwrap_quotes(part: str) -> str:
    return part[1:-1].replace('""', '"') if re.fullmatch(_QUOTED, part) else part


def _find_table(cursor: Cursor, parts: tuple[str, ...]) -> str:
    """The table's name as SQL; `a.b` is the table of that name where the schema `a` has no `b`."""
    name, whole = ".".join(map(_quote, parts)), _quote(".".join(parts))
    if len(parts) == 2:
        cursor.execute("SELECT to_regclass($1) IS NULL AND to_regclass($2) IS NOT NULL", (name, whole))
        if cursor.fetchone() == (True,):
            return whole
    return name


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _open_cursor(source: PostgresSource) -> Iterator[Cursor]:
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise MissingExtra("adbc-driver-postgresql", "postgres") from None
    uri = source.uri.resolve_uri()
    if not uri.startswith(("postgresql://", "postgres://")):
        raise BadInput(f"source {source.name!r}: its uri must begin with postgresql://")
    if "connect_timeout=" not in uri:
        uri += f"{'&' if '?' in uri else '?'}connect_timeout={CONNECT_SECONDS}"
    try:
        connection = dbapi.connect(uri)
    except dbapi.Error as error:
        reason = source.uri.redact(str(error).partition("Failed to connect:")[2].strip() or "it does not answer")
        raise SourceFailed(
            f"source {source.name!r} cannot be reached: {reason}", hint=f"its uri is {source.uri.display}"
        ) from None
    with connection, connection.cursor() as cursor:
        yield cursor


@contextmanager
def _convert_errors(source: PostgresSource, cursor: Cursor, table: str) -> Iterator[None]:
    """Turns what the driver raises into what the user can do."""
    from adbc_driver_manager.dbapi import Error

    try:
        yield
    except Error as error:
        if error.sqlstate in UNDEFINED_TABLE:
            raise _explain_missing_table(source, cursor, table) from None
        reason = source.uri.redact(str(error).splitlines()[0])
        raise SourceFailed(f"source {source.name!r} cannot read {table}: {reason}") from None


def _explain_missing_table(source: PostgresSource, cursor: Cursor, table: str) -> NotFound:
    cursor.connection.rollback()
    cursor.execute(TABLES)
    near = get_close_matches(table, [_format_name(*row) for row in cursor.fetchall()], n=1)
    hint = f"did you mean {near[0]!r}?" if near else "a table of another schema is written schema.table"
    return NotFound(f"source {source.name!r} has no table {table!r}", hint=hint)


def _format_name(schema: str | None, table: str) -> str:
    """The name as `read_table` takes it."""
    parts = [table] if schema is None else [schema, table]
    return ".".join(_quote(part) if set(part) & set('."') else part for part in parts)


def _find_type(field: pa.Field) -> str:
    kind: bytes = (field.metadata or {}).get(b"POSTGRESQL:type", b"")
    return kind.decode()


def _build_expression(field: pa.Field) -> str:
    """The column as SQL that arrives with its meaning."""
    name, kind = _quote(field.name), _find_type(field)
    if kind in NATIVE or kind.removeprefix("_") in NATIVE - {"numeric"}:
        return name
    return f"{name}::{CASTS.get(kind, 'text[]' if kind.startswith('_') else 'text')}"


def _refuse_nested_arrays(cursor: Cursor, schema: pa.Schema, name: str, subject: str) -> None:
    arrays = [field.name for field in schema if _find_type(field).startswith("_")]
    if not arrays:
        return
    nested = " OR ".join(f"array_ndims({_quote(array)}) > 1" for array in arrays)
    cursor.execute(f"SELECT EXISTS (SELECT FROM {name} WHERE {nested})")
    if cursor.fetchone() == (True,):
        raise UnreadableData(
            f"{subject}: an array of arrays in {' or '.join(arrays)}", hint="read a view that gives it as text or json"
        )


def _convert_column(column: pa.ChunkedArray, field: pa.Field, subject: str) -> pa.ChunkedArray:
    if _find_type(field) == "numeric":
        return _convert_decimal(column.cast(pa.string()), _read_precision(field), subject)
    kind = field.type.value_type if pa.types.is_list(field.type) else field.type
    if check := _CHECKS.get(pa.timestamp("us") if pa.types.is_timestamp(kind) else kind):
        _refuse_beyond(column, *check, subject)
    return column


def _read_precision(field: pa.Field) -> tuple[int, int] | None:
    """Precision and scale of numeric(p, s), as Postgres packs them into a type modifier."""
    packed = int(field.metadata.get(b"POSTGRESQL:typmod", b"-1")) - 4
    precision, scale = packed >> 16 & 0xFFFF, packed & 0x7FF
    return (precision, scale) if packed >= 0 and precision <= DIGITS and scale <= precision else None


def _convert_decimal(text: pa.ChunkedArray, declared: tuple[int, int] | None, subject: str) -> pa.ChunkedArray:
    precision, scale = declared or (DIGITS, _measure_longest(text, r"^[^.]*\.?"))
    try:
        if (
            _measure_longest(text, r"^-?0*|\..*$") > precision - scale
        ):  # the cast itself lets 39 digits wrap (pyarrow 26.0)
            raise ValueError("too many digits")
        return text.cast(pa.decimal128(precision, scale))
    except (pa.ArrowException, ValueError) as error:
        row = next(
            (row for row, value in enumerate(text.to_pylist(), 1) if _is_unusual(value, precision - scale)), None
        )
        where = f", first in row {row:,}" if row else ""
        raise UnreadableData(
            f"{subject}: a numeric that is not finite, or needs more than {DIGITS} digits{where}",
            hint="read a view that casts it, as to numeric(18,4) or double precision",
        ) from error


def _is_unusual(text: str | None, most: int) -> bool:
    """Whether the number is not finite, or has more than so many digits before its point."""
    return text is not None and (not text[-1].isdigit() or len(text.partition(".")[0].lstrip("-0")) > most)


def _measure_longest(text: pa.ChunkedArray, without: str) -> int:
    """The characters of the longest value once what matches is taken away."""
    longest: int | None = pc.max(pc.utf8_length(pc.replace_substring_regex(text, without, ""))).as_py()
    return longest or 0


_YEARS = ("infinity, or a year outside 1 to 9999", "read a view that gives null or a finite date in its place")
_HOURS = ("a time of 24:00", "read a view that gives null or an interval in its place")
_CHECKS: dict[pa.DataType, tuple[Kind, tuple[str, str]]] = {
    pa.date32(): (Kind.DATE, _YEARS),
    pa.timestamp("us"): (Kind.TIMESTAMP, _YEARS),
    pa.time64("us"): (Kind.TIME, _HOURS),
}


def _refuse_beyond(column: pa.ChunkedArray, kind: Kind, words: tuple[str, str], subject: str) -> None:
    """Refuses what no column of ours holds; infinite dates arrive as dates that Postgres itself cannot hold."""
    check, before = make_range_check(Primitive(kind)), 0
    for chunk in column.chunks:
        if not _is_convertible(chunk, check):
            row = next(row for row in range(len(chunk)) if not _is_convertible(chunk.slice(row, 1), check))
            raise UnreadableData(f"{subject}: {words[0]}, first in row {before + row + 1:,}", hint=words[1])
        before += len(chunk)


def _is_convertible(array: pa.Array, check: Converter) -> bool:
    try:
        check(array.flatten() if pa.types.is_list(array.type) else array)
    except OutOfRange:
        return False
    return True
