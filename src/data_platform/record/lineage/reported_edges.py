"""Edges that other tools reported: datasets that their jobs read and wrote, of which one at least is an output."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, delete, func, select

from data_platform.record.db import rows
from data_platform.record.db.runs_schema import REPORTED_EDGES
from data_platform.record.lineage.lineage import Port

MOST_EDGES = 1_000
"""Edges of one output that are kept in each direction: the newest."""
_BATCH = 500
_Place = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class ReportedEdge:
    """A job read the source and wrote the target; an end has a product and an output, or a namespace and a name.

    `by` sent it, and `verified` says that their identity was proved; `at` is the moment of the event. `columns` are
    pairs of a column of the source and one of the target, as far as the tool said so.
    """

    source_product: str | None
    source_output: str | None
    source_namespace: str | None
    source_name: str | None
    target_product: str | None
    target_output: str | None
    target_namespace: str | None
    target_name: str | None
    job: str
    run: str
    producer: str
    by: str
    verified: bool
    at: datetime
    columns: Sequence[Sequence[str]] = ()

    @property
    def ends(self) -> tuple[str | None, ...]:
        """What the edge connects."""
        source = (self.source_product, self.source_output, self.source_namespace, self.source_name)
        return (*source, self.target_product, self.target_output, self.target_namespace, self.target_name)


_ALL = select(*rows.select_columns(REPORTED_EDGES, ReportedEdge)).order_by(
    REPORTED_EDGES.c.at.desc(), REPORTED_EDGES.c.digest
)
_SOURCE = (REPORTED_EDGES.c.source_product, REPORTED_EDGES.c.source_output)
_TARGET = (REPORTED_EDGES.c.target_product, REPORTED_EDGES.c.target_output)


def put(conn: Connection, edges: Collection[ReportedEdge]) -> None:
    """Records the edges; of one that is there the later report stays. Of an output only the newest are kept."""
    if not edges:
        return
    insert = rows.build_insert(conn, REPORTED_EDGES)
    changed = {name: insert.excluded[name] for name in ("run", "producer", "by", "verified", "at", "columns")}
    statement = insert.on_conflict_do_update(
        index_elements=["digest"], set_=changed, where=REPORTED_EDGES.c.at <= insert.excluded.at
    )
    conn.execute(statement, [{**rows.to_values(edge), "digest": _digest(edge)} for edge in edges])
    _prune(conn, _SOURCE, {(edge.source_product, edge.source_output) for edge in edges})
    _prune(conn, _TARGET, {(edge.target_product, edge.target_output) for edge in edges})


def find_above(conn: Connection, ports: Collection[Port]) -> list[ReportedEdge]:
    """The edges into any of these outputs, the newest of each two ends."""
    return _fetch_newest(conn, _TARGET[0], ports, lambda edge: (edge.target_product, edge.target_output))


def find_below(conn: Connection, ports: Collection[Port]) -> list[ReportedEdge]:
    """The edges out of any of these outputs, the newest of each two ends."""
    return _fetch_newest(conn, _SOURCE[0], ports, lambda edge: (edge.source_product, edge.source_output))


def _fetch_newest(
    conn: Connection, column: Column[Any], ports: Collection[Port], end_of: Callable[[ReportedEdge], _Place]
) -> list[ReportedEdge]:
    names = sorted({name for name, _ in ports})
    newest: dict[tuple[str | None, ...], ReportedEdge] = {}
    for start in range(0, len(names), _BATCH):
        for edge in rows.fetch_all(conn, _ALL.where(column.in_(names[start : start + _BATCH])), ReportedEdge):
            product, output = end_of(edge)
            if (product, output) in ports or (product, None) in ports:
                newest.setdefault(edge.ends, edge)
    return list(newest.values())


def _prune(conn: Connection, end: tuple[Column[Any], Column[Any]], places: Iterable[_Place]) -> None:
    product, output = end
    products = sorted({name for name, _ in places if name is not None})
    counted = select(product, output).where(product.in_(products)).group_by(product, output)
    for place in conn.execute(counted.having(func.count() > MOST_EDGES)).all():
        mine = (product == place[0], output == place[1])
        kept = select(REPORTED_EDGES.c.digest).where(*mine).order_by(REPORTED_EDGES.c.at.desc()).limit(MOST_EDGES)
        conn.execute(delete(REPORTED_EDGES).where(*mine, REPORTED_EDGES.c.digest.not_in(kept)))


def _digest(edge: ReportedEdge) -> str:
    return hashlib.sha256(json.dumps([*edge.ends, edge.job]).encode()).hexdigest()
