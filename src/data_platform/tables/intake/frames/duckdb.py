"""Relations of DuckDB, whose types show what their Arrow form does not: an offset, bits, a number of 39 digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.errors import Mismatch, SchemaMismatch
from data_platform.tables.intake.frames.arrow import open_stream
from data_platform.tables.intake.stream import Intake

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation
    from duckdb.sqltypes import DuckDBPyType

_TEXT = "CAST(… AS VARCHAR) makes it text"
_REFUSED = {
    "time with time zone": "a column's times of day have no offset; " + _TEXT,
    "bit": _TEXT,
    "bignum": "a decimal has at most 38 digits; cast it to HUGEINT or VARCHAR",
    "union": "take one member, as in v.member",
    "interval": "no column holds an interval; " + _TEXT,
    "variant": "cast it to the type that it holds",
}
_NESTED = ("struct", "tuple", "list", "array", "map")


def open_relation(relation: DuckDBPyRelation) -> Intake:
    """A relation as a stream; closing the intake releases the connection.

    Raises SchemaMismatch for a type that no column type represents exactly.
    """
    wrong, unsigned = [], []
    for name, kind in zip(relation.columns, relation.types, strict=True):
        for path, inner in _iterate_leaves(name, kind):
            if inner.id in _REFUSED:
                wrong.append(Mismatch(path, "type", f"is DuckDB's {inner}: {_REFUSED[inner.id]}"))
            elif inner.id == "uhugeint" and path != name:
                wrong.append(Mismatch(path, "type", f"is DuckDB's {inner}: cast it to HUGEINT or VARCHAR"))
            elif inner.id == "uhugeint":
                unsigned.append(name)
    if wrong:
        raise SchemaMismatch("the relation", wrong)
    intake = open_stream(relation)
    return replace(intake, batches=_check_overflow(intake, unsigned)) if unsigned else intake


def _iterate_leaves(path: str, kind: DuckDBPyType) -> Iterator[tuple[str, DuckDBPyType]]:
    if kind.id not in _NESTED:
        yield path, kind
        return
    for name, inner in kind.children:
        if not isinstance(inner, int | list):  # an array's length is among its children
            yield from _iterate_leaves(f"{path}.{name}", inner)


def _check_overflow(intake: Intake, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Refuses a UHUGEINT from 2^127 on, which DuckDB exports to Arrow as a negative number."""
    rows = 0
    for batch in intake.batches:
        for name in names:
            negative = pc.less(
                batch.column(name).cast(pa.decimal256(76, 0), safe=False), pa.scalar(0, pa.decimal256(76, 0))
            )
            if (index := negative.index(True).as_py()) >= 0:
                what = f"a number in row {rows + index + 1:,} has more than 38 digits, and no decimal holds it"
                raise SchemaMismatch("the relation", [Mismatch(name, "value", what)])
        rows += batch.num_rows
        yield batch
