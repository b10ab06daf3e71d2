"""How a frozen dataclass becomes a row, and a row a dataclass: fields and columns have the same names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Column, Connection, Select, Table

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    R = TypeVar("R", bound=DataclassInstance)
else:
    R = TypeVar("R")


def values(row: DataclassInstance, *without: str) -> dict[str, Any]:
    """The row's fields by name, the named ones left out; nested values are shared, not copied."""
    return {field.name: getattr(row, field.name) for field in fields(row) if field.name not in without}


def columns(table: Table, kind: type[R]) -> list[Column[Any]]:
    """The table's columns that the dataclass has as fields."""
    return [table.c[field.name] for field in fields(kind)]


def fetch_all(
    conn: Connection, query: Select[Any], kind: type[R], parameters: Mapping[str, Any] | None = None
) -> tuple[R, ...]:
    """The query's rows as dataclasses; `parameters` are what its bound names stand for."""
    result = conn.execute(query, parameters)
    names = list(result.keys())
    if names == [field.name for field in fields(kind)]:
        return tuple(kind(*row) for row in result.all())
    return tuple(kind(**dict(zip(names, row, strict=True))) for row in result.all())


def fetch_one(conn: Connection, query: Select[Any], kind: type[R]) -> R | None:
    """The query's only row as a dataclass, or None."""
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else kind(**row)


def insert(conn: Connection, table: Table) -> Any:
    """An INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing`.

    Both dialects spell them alike, each with a class of its own; the one in use is already loaded, the other would
    cost every cold start 25 ms.
    """
    return import_module(f"sqlalchemy.dialects.{conn.dialect.name}").insert(table)


def add(conn: Connection, table: Table, row: DataclassInstance) -> int:
    """Inserts a row whose `id` the database gives out, and returns that id."""
    key: Any = conn.execute(table.insert().values(values(row, "id"))).inserted_primary_key
    return int(key[0])
