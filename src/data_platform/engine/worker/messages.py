"""The messages of parent and child, as JSON; the child is not trusted, so its answers are validated."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from data_platform.engine.views.messages import serialize_view

if TYPE_CHECKING:
    from data_platform.engine.source import ParquetSource

Kind = Literal["scalar", "rows"]


@dataclass(frozen=True, slots=True)
class WorkerQuery:
    """One SELECT: a scalar must give one row of one number, rows are shown up to 20."""

    sql: str
    kind: Kind = "scalar"


@dataclass(frozen=True, slots=True)
class Answer:
    """A scalar's `value`, or `columns` and `rows`, or the `error` that says why there are none."""

    value: int | float | None = None
    rows: tuple[Mapping[str, object], ...] | None = None
    columns: tuple[str, ...] | None = None
    error: str | None = None


def open_request(tables: Mapping[tuple[str, ...], ParquetSource]) -> dict[str, Any]:
    """The tables of the queries that follow, each as its view shows it; keys travel by this pipe only."""
    return {"op": "open", "tables": [_describe_table(name, source) for name, source in tables.items()]}


def _describe_table(name: tuple[str, ...], source: ParquetSource) -> dict[str, Any]:
    view, names = source.view, source.schema.names
    constants = {column: view.masks[column].kind.value for column in names if column in view.constants}
    tested = view.list_tested_columns()
    sealed = [
        column for column in names if column in source.encrypted and (column not in constants or column in tested)
    ]
    return {
        "name": list(name),
        "files": list(source.files),
        "columns": source.schema.names,
        "sealed": sealed,
        "constants": constants,
        "view": serialize_view(view) if view.is_computed else None,
        "mask_key": _encode_mask_key(source),
        "unbounded": [name for name in source.unbounded if name not in constants],
        "widened": {name: _WIDE[str(source.schema.field(name).type)] for name in sorted(source.widened)},
        "schema": _encode_schema(source) if sealed or constants or view.is_computed or not source.files else None,
        "keys": {name: b64encode(key).decode() for name, key in source.keys.items()} if sealed else {},
        "missing_keys": {column: _explain_missing_key(source, column) for column in sealed},
    }


_WIDE = {"int32": "INTEGER", "int64": "BIGINT", "double": "DOUBLE"}
"""DuckDB's names of the types that a narrower number may be widened to."""


def _encode_mask_key(source: ParquetSource) -> str | None:
    """The key of the mesh, where a mask is made with it."""
    return b64encode(source.fetch_mask_key()).decode() if source.view.needs_key else None


def _explain_missing_key(source: ParquetSource, column: str) -> str:
    missing = source.explain_missing(column)
    return f"{missing.reason}; {missing.remedy or 'leave the column out, or read it masked'}"


def _encode_schema(source: ParquetSource) -> str:
    return b64encode(source.schema.serialize().to_pybytes()).decode()


def read_values(reply: object, count: int) -> list[int | float | None]:
    """The numbers of a fused statement, None where the child had none."""
    values = reply.get("values") if isinstance(reply, dict) else None
    if not isinstance(values, list) or len(values) != count:
        return [None] * count
    return [value if is_number(value) else None for value in values]


def read_answer(reply: object, kind: Kind) -> Answer:
    """The child's reply to one query, or an error where it is not of the right shape."""
    match reply:
        case {"error": str(error)}:
            return Answer(error=error)
        case {"value": value} if kind == "scalar" and is_number(value):
            return Answer(value=value)
        case {"columns": list(columns), "rows": list(rows)} if kind == "rows" and _is_table(columns, rows):
            return Answer(columns=tuple(columns), rows=tuple(dict(zip(columns, r, strict=True)) for r in rows))
        case _:
            return Answer(error="the worker sent an invalid answer")


def is_number(value: object) -> bool:
    """Whether it is a finite number, and no boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_table(columns: list[object], rows: list[object]) -> bool:
    return all(isinstance(name, str) for name in columns) and all(
        isinstance(row, list) and len(row) == len(columns) for row in rows
    )
