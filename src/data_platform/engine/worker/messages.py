"""The messages of parent and child, as JSON; the child is not trusted, so its answers are validated."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

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


NOTHING: frozenset[str] = frozenset()


def open_request(
    tables: Mapping[tuple[str, ...], ParquetSource], masks: Mapping[tuple[str, ...], frozenset[str]] | None = None
) -> dict[str, Any]:
    """The tables of the queries that follow; keys travel by this pipe only.

    Of the columns in a table's mask, queries see a mask in place of every value.
    """
    column_masks = masks or {}
    return {
        "op": "open",
        "tables": [_describe_table(name, src, column_masks.get(name, NOTHING)) for name, src in tables.items()],
    }


def _describe_table(name: tuple[str, ...], source: ParquetSource, mask: frozenset[str]) -> dict[str, Any]:
    masked = [column for column in source.schema.names if column in mask]
    sealed = [column for column in source.schema.names if column in source.encrypted and column not in mask]
    return {
        "name": list(name),
        "files": list(source.files),
        "columns": source.schema.names,
        "sealed": sealed,
        "masked": masked,
        "unbounded": [name for name in source.unbounded if name not in mask],
        "widened": {name: _WIDE[str(source.schema.field(name).type)] for name in sorted(source.widened)},
        "schema": _encode_schema(source) if sealed or masked or not source.files else None,
        "keys": {name: b64encode(key).decode() for name, key in source.keys.items()} if sealed else {},
        "missing_keys": {column: _explain_missing_key(source, column) for column in sealed},
    }


_WIDE = {"int32": "INTEGER", "int64": "BIGINT", "double": "DOUBLE"}
"""DuckDB's names of the types that a narrower number may be widened to."""


def _explain_missing_key(source: ParquetSource, column: str) -> str:
    missing = source.explain_missing(column)
    return f"{missing.reason}; {missing.remedy}" if missing.remedy else missing.reason


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
