"""Converts errors of libraries into UnreadableData, without the values that their messages quote."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa

from data_platform.errors import UnreadableData
from data_platform.spec.text.names import escape_hidden


def guard_batches(batches: Iterable[pa.RecordBatch], what: object) -> Iterator[pa.RecordBatch]:
    """The batches; raises UnreadableData if reading one fails."""
    drawn = iter(batches)
    while True:
        with guard_reading(what):
            batch = next(drawn, None)
        if batch is None:
            return
        yield batch


@contextmanager
def guard_reading(what: object) -> Iterator[None]:
    """Converts errors of libraries in the block into UnreadableData; `what` names the data."""
    try:
        yield
    except _list_errors() as error:
        raise UnreadableData(f"{what} cannot be read: {_describe_reason(error)}") from error


def _list_errors() -> tuple[type[Exception], ...]:
    """The errors that tables raise; polars and DuckDB count only if they are loaded."""
    raised: list[type[Exception]] = [pa.ArrowException, OSError, ValueError, TypeError]
    raised += [polars.exceptions.PolarsError] if (polars := sys.modules.get("polars")) else []
    return (*raised, duckdb.Error) if (duckdb := sys.modules.get("duckdb")) else tuple(raised)


_VALUES = (
    (re.compile(r"\. Detail: .*"), ""),
    (re.compile(r"(['\"`]).*\1"), "…"),
    (re.compile(r"(?<=Could not convert ).*(?= with type)"), "a value"),
    (re.compile(r"(, got \d+): .*"), r"\1"),
)


def _describe_reason(error: BaseException) -> str:
    """Why data could not be read, in one line, without quoted values, which may be personal data."""
    if isinstance(error, UnicodeError):
        return "a name in it is not valid UTF-8 text"
    text = " ".join(map(str, error.args)) if isinstance(error, pa.ArrowException) else str(error)
    reason = (text.splitlines() or [""])[0]
    for pattern, instead in _VALUES:
        reason = pattern.sub(instead, reason)
    return escape_hidden(reason[:300]) or type(error).__name__
