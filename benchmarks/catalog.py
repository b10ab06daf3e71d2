"""Lineage two steps both ways among 100,000 edges, as `data-platform lineage` asks for it.

Outputs: ten versions of each of 1,000 products, ten origins each. Columns: ten columns of each product's newest
version, each made from ten columns of other products; the record holds them beside the others.
"""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, seconds
from data_platform.record.catalog.domains import Domain, save
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.db.schema import COLUMN_LINEAGE, LINEAGE, OUTPUTS, PRODUCTS, VERSIONS
from data_platform.record.lineage.column_lineage import ColumnEdge
from data_platform.record.lineage.lineage import Edge
from data_platform.record.store import Record
from data_platform.verbs.lineage.column_lineage import build_column_graph
from data_platform.verbs.lineage.lineage import build_lineage_graph

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PRODUCTS_IN_ALL, VERSIONS_EACH, ORIGINS_EACH, COLUMNS_EACH, LOOKS = 1_000, 10, 10, 10, 200


def figures(folder: Path) -> Iterator[Figure]:
    record = Record.open(f"sqlite:///{folder / 'record.db'}")
    dice = random.Random(7)
    names = [f"p{number}" for number in range(PRODUCTS_IN_ALL)]
    _fill(record, names, dice)
    columns = [f"c{number}" for number in range(COLUMNS_EACH)]
    gc.set_threshold(50_000)  # as the command line sets it
    with record.reading() as conn:
        outputs = _p99(dice, names, lambda name: build_lineage_graph(conn, name, 2))
        of_columns = _p99(dice, names, lambda name: build_column_graph(conn, (name, "t", dice.choice(columns)), 2))
    record.close()
    for what, p99 in (("lineage", outputs), ("column lineage", of_columns)):
        yield Figure(f"{what}, two hops both ways, 100k edges, p99", "absolute", "≤ 10 ms", f"{p99:.1f} ms", p99 <= 10)


def _p99(dice: random.Random, names: list[str], look: Callable[[str], object]) -> float:
    """Milliseconds."""
    times = [seconds(lambda name=name: look(name)) for name in dice.choices(names, k=LOOKS)]
    return statistics.quantiles(times, n=100)[98] * 1000


def _fill(record: Record, names: list[str], dice: random.Random) -> None:
    versions = [_version(name, number) for name in names for number in range(1, VERSIONS_EACH + 1)]
    edges = [
        {**_values(edge), "latest": row.version == VERSIONS_EACH}
        for row in versions
        for edge in _edges(row, dice.sample(names, ORIGINS_EACH))
    ]
    with record.transaction() as conn:
        save(conn, Domain("d", None, None, (), NOW))
        conn.execute(PRODUCTS.insert(), [_values(_product(name)) for name in names])
        conn.execute(
            OUTPUTS.insert(), [_values(OutputRow(name, "t", "table", None, None, False, {}, 0)) for name in names]
        )
        conn.execute(VERSIONS.insert(), [_values(row) for row in versions])
        conn.execute(LINEAGE.insert(), edges)
        conn.execute(COLUMN_LINEAGE.insert(), [each for name in names for each in _column_edges(name, names, dice)])


def _product(name: str) -> ProductRow:
    return ProductRow(name, "d", "o@x", None, (), "active", "1.0.0", 1, {}, NOW, "o")


def _version(name: str, number: int) -> VersionRow:
    return VersionRow(
        name, "t", number, "1.0.0", 1, f"{name}-{number}", number, "m", "l", 1, 1, 1, {}, {}, "passed", NOW, "o"
    )


def _edges(row: VersionRow, origins: list[str]) -> Iterator[Edge]:
    for origin in origins:
        yield Edge(row.product, "t", row.version, "product", origin, "t", VERSIONS_EACH, ("a",))


def _column_edges(name: str, names: list[str], dice: random.Random) -> Iterator[dict[str, Any]]:
    for column in range(COLUMNS_EACH):
        for origin in dice.sample(names, ORIGINS_EACH):
            source = ("product", origin, "t", VERSIONS_EACH, f"c{dice.randrange(COLUMNS_EACH)}")
            edge = ColumnEdge(name, "t", VERSIONS_EACH, f"c{column}", *source, "DIRECT", "TRANSFORMATION", False)
            yield {**_values(edge), "latest": True}


def _values(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}
