"""Lineage around a product among 100,000 edges: ten versions of each of 1,000 products, ten origins each."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, seconds
from data_platform.record import lineage
from data_platform.record.domains import Domain, save
from data_platform.record.lineage import Edge
from data_platform.record.outputs import OutputRow
from data_platform.record.products import ProductRow
from data_platform.record.schema import LINEAGE, OUTPUTS, PRODUCTS, VERSIONS
from data_platform.record.store import Record
from data_platform.record.versions import VersionRow

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PRODUCTS_IN_ALL, VERSIONS_EACH, ORIGINS_EACH, LOOKS = 1_000, 10, 10, 200


def figures(folder: Path) -> Iterator[Figure]:
    record = Record.open(f"sqlite:///{folder / 'record.db'}")
    dice = random.Random(7)
    names = [f"p{number}" for number in range(PRODUCTS_IN_ALL)]
    _fill(record, names, dice)
    with record.reading() as conn:
        times = [
            seconds(lambda name=name: lineage.upstream(conn, name, depth=2)) for name in dice.choices(names, k=LOOKS)
        ]
    record.close()
    p99 = statistics.quantiles(times, n=100)[98] * 1000
    yield Figure("lineage, two hops, 100k edges, p99", "absolute", "≤ 10 ms", f"{p99:.1f} ms", p99 <= 10)


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


def _product(name: str) -> ProductRow:
    return ProductRow(name, "d", "o@x", None, (), "active", "1.0.0", 1, {}, NOW, "o")


def _version(name: str, number: int) -> VersionRow:
    return VersionRow(
        name, "t", number, "1.0.0", 1, f"{name}-{number}", number, "m", "l", 1, 1, 1, {}, {}, "passed", NOW, "o"
    )


def _edges(row: VersionRow, origins: list[str]) -> Iterator[Edge]:
    for origin in origins:
        yield Edge(row.product, "t", row.version, "product", origin, "t", VERSIONS_EACH, ("a",))


def _values(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}
