"""Postgres as a source, through ADBC: binary COPY straight into Arrow.

What ADBC would get wrong without a word is seen to here (adbc-driver-postgresql 1.13): `numeric` arrives as text and
becomes a decimal; types that arrive as Postgres' own bytes are asked for as text; infinite dates arrive as arbitrary
ones and arrays of arrays arrive flattened, so both are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.errors import BadInput, MissingExtra, NotFound, SourceFailed, UnreadableData
from data_platform.settings import PostgresSource

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
    SELECT CASE WHEN pg_table_is_visible(c.oid) THEN relname ELSE nspname || '.' || relname END
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


def read_table(source: PostgresSource, table: str) -> pa.Table:
    """All rows of `table` or `schema.table`, read in one read-only snapshot."""
    name = _quoted_table(source, table)
    with _cursor(source) as cursor, _told(source, cursor, table):
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        schema = cursor.adbc_execute_schema(f"SELECT * FROM {name}")
        _refuse_nested_arrays(cursor, schema, name, f"source {source.name!r}, table {table}")
        columns = ", ".join(f"{_expression(field)} AS {_quoted(field.name)}" for field in schema)
        cursor.execute(f"SELECT {columns} FROM {name}")
        rows = cursor.fetch_arrow_table()
    subject = f"source {source.name!r}, table {table}"
    arrays = [_mended(rows.column(n), field, f"{subject}, column {field.name}") for n, field in enumerate(rows.schema)]
    return pa.table(dict(zip(rows.column_names, arrays, strict=True)))


def _quoted_table(source: PostgresSource, table: str) -> str:
    parts = table.split(".")
    if len(parts) > 2 or not all(part and part.isprintable() and len(part.encode()) <= 63 for part in parts):
        raise BadInput(
            f"source {source.name!r}: {table[:200]!a} is no table's name", hint='write "table" or "schema.table"'
        )
    return ".".join(map(_quoted, parts))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _cursor(source: PostgresSource) -> Iterator[Cursor]:
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
        reason = source.uri.scrub(str(error).partition("Failed to connect:")[2].strip() or "it does not answer")
        raise SourceFailed(
            f"source {source.name!r} cannot be reached: {reason}", hint=f"its uri is {source.uri.text}"
        ) from None
    with connection, connection.cursor() as cursor:
        yield cursor


@contextmanager
def _told(source: PostgresSource, cursor: Cursor, table: str) -> Iterator[None]:
    """Turns what the driver raises into what the user can do."""
    from adbc_driver_manager.dbapi import Error

    try:
        yield
    except Error as error:
        if error.sqlstate in UNDEFINED_TABLE:
            raise _not_found(source, cursor, table) from None
        reason = source.uri.scrub(str(error).splitlines()[0])
        raise SourceFailed(f"source {source.name!r} cannot read {table}: {reason}") from None


def _not_found(source: PostgresSource, cursor: Cursor, table: str) -> NotFound:
    cursor.connection.rollback()
    cursor.execute(TABLES)
    near = get_close_matches(table, [name for (name,) in cursor.fetchall()], n=1)
    hint = f"did you mean {near[0]!r}?" if near else "a table of another schema is written schema.table"
    return NotFound(f"source {source.name!r} has no table {table!r}", hint=hint)


def _postgres_type(field: pa.Field) -> str:
    kind: bytes = (field.metadata or {}).get(b"POSTGRESQL:type", b"")
    return kind.decode()


def _expression(field: pa.Field) -> str:
    """The column as SQL that arrives with its meaning."""
    name, kind = _quoted(field.name), _postgres_type(field)
    if kind in NATIVE or kind.removeprefix("_") in NATIVE - {"numeric"}:
        return name
    return f"{name}::{CASTS.get(kind, 'text[]' if kind.startswith('_') else 'text')}"


def _refuse_nested_arrays(cursor: Cursor, schema: pa.Schema, name: str, subject: str) -> None:
    arrays = [field.name for field in schema if _postgres_type(field).startswith("_")]
    if not arrays:
        return
    nested = " OR ".join(f"array_ndims({_quoted(array)}) > 1" for array in arrays)
    cursor.execute(f"SELECT EXISTS (SELECT FROM {name} WHERE {nested})")
    if cursor.fetchone() == (True,):
        raise UnreadableData(
            f"{subject}: an array of arrays in {' or '.join(arrays)}", hint="read a view that gives it as text or json"
        )


def _mended(column: pa.ChunkedArray, field: pa.Field, subject: str) -> pa.ChunkedArray:
    if _postgres_type(field) == "numeric":
        return _decimal(column.cast(pa.string()), _declared(field), subject)
    if pa.types.is_date(field.type) or pa.types.is_timestamp(field.type):
        _refuse_infinite(column, subject)
    return column


def _declared(field: pa.Field) -> tuple[int, int] | None:
    """Precision and scale of numeric(p, s), as Postgres packs them into a type modifier."""
    packed = int(field.metadata.get(b"POSTGRESQL:typmod", b"-1")) - 4
    precision, scale = packed >> 16 & 0xFFFF, packed & 0x7FF
    return (precision, scale) if packed >= 0 and precision <= DIGITS and scale <= precision else None


def _decimal(text: pa.ChunkedArray, declared: tuple[int, int] | None, subject: str) -> pa.ChunkedArray:
    precision, scale = declared or (DIGITS, _longest(text, r"^[^.]*\.?"))
    try:
        if _longest(text, r"^-?0*|\..*$") > precision - scale:  # the cast itself lets 39 digits wrap (pyarrow 26.0)
            raise ValueError("too many digits")
        return text.cast(pa.decimal128(precision, scale))
    except (pa.ArrowException, ValueError) as error:
        raise UnreadableData(
            f"{subject}: a numeric that is not finite, or needs more than {DIGITS} digits",
            hint="read a view that casts it, as to numeric(18,4) or double precision",
        ) from error


def _longest(text: pa.ChunkedArray, without: str) -> int:
    """The characters of the longest value once what matches is taken away."""
    longest: int | None = pc.max(pc.utf8_length(pc.replace_substring_regex(text, without, ""))).as_py()
    return longest or 0


def _refuse_infinite(column: pa.ChunkedArray, subject: str) -> None:
    """Infinite dates arrive as dates that Postgres itself cannot hold; what Python can hold is what we let through."""
    kind = column.type
    low, high = date(1, 1, 1), date(9999, 12, 31)
    if pa.types.is_timestamp(kind):
        zone = UTC if kind.tz else None
        low, high = datetime(1, 1, 1, tzinfo=zone), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=zone)
    bounds: Any = pc.min_max(column.cast(pa.int32() if pa.types.is_date(kind) else pa.int64()))
    least, most = (bounds[end].as_py() for end in ("min", "max"))
    if least is None:
        return
    lowest, highest = (pa.scalar(end, kind).value for end in (low, high))
    if least < lowest or most > highest:
        raise UnreadableData(
            f"{subject}: infinity, or a year outside 1 to 9999",
            hint="read a view that gives null or a finite date in its place",
        )
