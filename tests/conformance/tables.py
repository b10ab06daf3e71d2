"""Published tables of every shape that stock readers must be able to read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.meshes import World

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Published:
    """A table's versions as they were handed in, and the columns that anybody may read."""

    versions: list[Rows]
    columns: list[str]


def plain(world: World) -> Published:
    """Three versions of two columns."""
    product = world.product(columns={"id": {"type": "integer"}, "name": {"type": "string"}})
    versions = [[{"id": n, "name": f"{v}-{n}"} for n in range(v * 3)] for v in (1, 2, 3)]
    for rows in versions:
        product.publish("t", rows)
    return Published(versions, ["id", "name"])


def empty(world: World) -> Published:
    """Rows, none, and rows again."""
    product = world.product(columns={"id": {"type": "integer"}})
    versions: list[Rows] = [[{"id": 1}], [], [{"id": 2}]]
    for rows in versions:
        product.publish("t", rows)
    return Published(versions, ["id"])


def typed(world: World) -> Published:
    """Every type that JSON Schema can write, nested ones too."""
    columns = {
        "id": {"type": "integer"},
        "share": {"type": "number"},
        "yes": {"type": "boolean"},
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "home": {"type": "object", "properties": {"street": {"type": "string"}, "floor": {"type": "integer"}}},
        "tags": {"type": "array", "items": {"type": "string"}},
    }
    at = dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC)
    row = {"share": 0.5, "yes": True, "day": dt.date(2026, 1, 31), "at": at, "tags": ["a", "b"]}
    rows: Rows = [
        {"id": 1, **row, "home": {"street": "Canal Road", "floor": 3}},
        {"id": 2, **dict.fromkeys(row), "home": None},
    ]
    world.product(columns=columns).publish("t", rows)
    return Published([rows], list(columns))


def partitioned(world: World) -> Published:
    """Partitions of text and of dates, a null among them; then another partitioning over the same history."""
    columns = {"id": {"type": "integer"}, "land": {"type": "string"}, "day": {"type": "string", "format": "date"}}
    days = [dt.date(2026, 1, 1), dt.date(2026, 1, 2), None]
    lands = ["DE", "TH", None, "a/b=c d"]
    rows: Rows = [{"id": n, "land": lands[n % 4], "day": days[n % 3]} for n in range(24)]
    world.product(columns=columns, output="partition_by: [land, day]").publish("t", rows)
    world.product(columns=columns, output="partition_by: [day]").publish("t", rows[:6])
    world.product(columns=columns).publish("t", rows[:3])
    return Published([rows, rows[:6], rows[:3]], list(columns))


def evolved(world: World) -> Published:
    """A wider type, another column, another order: old versions stay under their schema."""
    old: Rows = [{"id": 1, "total": 1.5}]
    world.product(columns={"id": {"type": "integer"}, "total": {"type": "number"}}).publish("t", old)
    new: Rows = [{"note": "x", "id": 2, "total": 2.5}]
    columns = {"note": {"type": "string"}, "id": {"type": "integer"}, "total": {"type": "number"}}
    world.product(columns=columns).publish("t", new)
    return Published([old, new], ["id", "total"])


def sealed(world: World) -> Published:
    """Personal data among other columns, in two versions."""
    columns = {"id": {"type": "integer"}, "email": {"type": "string"}, "land": {"type": "string"}}
    product = world.product(columns=columns, output="partition_by: [land]", more="pii_columns: [email]")
    versions = [[{"id": n, "email": f"{n}@x", "land": "DE" if n % 2 else "TH"} for n in range(v * 2)] for v in (1, 2)]
    for rows in versions:
        product.publish("t", rows)
    return Published(versions, ["id", "land"])


TABLES: dict[str, Callable[[World], Published]] = {
    made.__name__: made for made in (plain, empty, typed, partitioned, evolved, sealed)
}


def sorted_rows(rows: Rows, columns: list[str]) -> Rows:
    """The columns of the rows, ordered by id."""
    return sorted(({name: row.get(name) for name in columns} for row in rows), key=lambda row: row["id"])
