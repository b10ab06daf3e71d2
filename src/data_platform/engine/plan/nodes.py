"""The plan of a DataFrame: a tree of relational operations over scans, immutable and shared between frames.

Expressions are sqlglot's; their columns name slots of the operation below (for a Join `l.slot` and `r.slot`). Nodes are
compared by identity: a frame used twice in a plan is one node with two parents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa
from sqlglot import exp

from data_platform.access.view import WHOLE_TABLE, TableView
from data_platform.engine.origin import OnFail, OnRead, Origin
from data_platform.engine.source import ParquetSource, RemoteSource
from data_platform.errors import FrameError

Outputs = tuple[tuple[str, exp.Expr], ...]
"""Slots and the expressions that fill them, in order."""


class Stream:
    """Batches that can be read once; a second read is an error instead of an empty table."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self._reader: pa.RecordBatchReader | None = reader

    def take(self) -> pa.RecordBatchReader:
        """The batches, once; FrameError on a second call."""
        reader, self._reader = self._reader, None
        if reader is None:
            raise FrameError("the stream behind this frame was read already", hint="load it as a table first")
        return reader


Relation: TypeAlias = ParquetSource | RemoteSource | pa.Table | Stream


@dataclass(frozen=True, eq=False)
class Scan:
    """A source of rows; `warnings` are shown to its reader."""

    name: str
    relation: Relation
    schema: pa.Schema
    origin: Origin | None = None
    on_read: OnRead | None = None
    on_fail: OnFail | None = None
    warnings: tuple[str, ...] = ()

    @property
    def view(self) -> TableView:
        """What the reader sees of the source."""
        return self.relation.view if isinstance(self.relation, ParquetSource | RemoteSource) else WHOLE_TABLE


@dataclass(frozen=True, eq=False)
class Filter:
    """The rows for which `condition` is true."""

    child: Plan
    condition: exp.Expr


@dataclass(frozen=True, eq=False)
class Project:
    """Columns computed from columns, row by row (or over windows)."""

    child: Plan
    outputs: Outputs


@dataclass(frozen=True, eq=False)
class Aggregation:
    """One row a group of equal `keys` (one row in all when there are none)."""

    child: Plan
    keys: Outputs
    outputs: Outputs


@dataclass(frozen=True, eq=False)
class Join:
    """Pairs of rows; `how` is inner, left, right, full, cross, semi or anti."""

    left: Plan
    right: Plan
    how: str
    condition: exp.Expr | None
    outputs: Outputs


@dataclass(frozen=True, eq=False)
class Sort:
    """Rows in order."""

    child: Plan
    keys: tuple[exp.Ordered, ...]


@dataclass(frozen=True, eq=False)
class Limit:
    """The first `count` rows after `offset`."""

    child: Plan
    count: int | None
    offset: int = 0


@dataclass(frozen=True, eq=False)
class Distinct:
    """One row of those that are equal, in `on` if given (then any one of them)."""

    child: Plan
    slots: tuple[str, ...]
    on: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class UnionAll:
    """The rows of both, column by column in the order of the two slot lists."""

    left: Plan
    right: Plan
    left_slots: tuple[str, ...]
    right_slots: tuple[str, ...]


Plan: TypeAlias = Scan | Filter | Project | Aggregation | Join | Sort | Limit | Distinct | UnionAll


def list_children(node: Plan) -> tuple[Plan, ...]:
    """The operations directly below."""
    if isinstance(node, Scan):
        return ()
    return (node.left, node.right) if isinstance(node, Join | UnionAll) else (node.child,)


def walk_bottom_up(root: Plan) -> Iterator[Plan]:
    """Every node once, children before parents; no recursion, for plans may be thousands of operations deep."""
    seen: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((child, False) for child in list_children(node))
