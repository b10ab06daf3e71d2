"""Conversion between frozen dataclasses and rows: a field has the name of its column, or the column's `key`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal,
    select,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    R = TypeVar("R", bound=DataclassInstance)
else:
    R = TypeVar("R")

_TEXTS = "texts"


def to_values(row: DataclassInstance, *without: str) -> dict[str, Any]:
    """The row's fields by name, the named ones left out; nested values are shared, not copied."""
    return {field.name: getattr(row, field.name) for field in fields(row) if field.name not in without}


def select_columns(table: Table, kind: type[R]) -> list[ColumnElement[Any]]:
    """The table's columns that the dataclass has as fields, under the fields' names."""
    columns = [table.c[field.name] for field in fields(kind)]
    return [column if column.name == column.key else column.label(column.key) for column in columns]


def fetch_all(
    conn: Connection, query: Select[Any], kind: type[R], parameters: Mapping[str, Any] | None = None
) -> tuple[R, ...]:
    """The query's rows as dataclasses; `parameters` are the values of its bound names."""
    result = conn.execute(query, parameters)
    names = list(result.keys())
    if names == [field.name for field in fields(kind)]:
        return tuple(kind(*row) for row in result.all())
    return tuple(kind(**dict(zip(names, row, strict=True))) for row in result.all())


def fetch_one(conn: Connection, query: Select[Any], kind: type[R]) -> R | None:
    """The query's only row as a dataclass, or None."""
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else kind(**row)


def is_one_of(conn: Connection, expression: ColumnElement[Any], texts: Collection[str]) -> ColumnElement[bool]:
    """The condition that an expression is one of any number of texts: they are one parameter."""
    if conn.dialect.name == "postgresql":
        return expression == any_(cast(literal(sorted(texts), ARRAY(Text)), ARRAY(Text)))
    listed = func.json_each(json.dumps(sorted(texts))).table_valued("value")
    return expression.in_(select(listed.c.value))


def limit_to(
    conn: Connection, query: Select[Any], expression: ColumnElement[Any], texts: Collection[str] | None
) -> Select[Any]:
    """The query of those rows alone whose expression is one of the texts; None: of all."""
    return query if texts is None else query.where(is_one_of(conn, expression, texts))


def is_bound(dialect: str, expression: ColumnElement[Any]) -> ColumnElement[bool]:
    """As `is_one_of`, in a statement that is built once for a dialect, and is run with `bind_texts`.

    To build a statement takes ten times as long as to run it.
    """
    if dialect == "postgresql":
        return expression == any_(cast(bindparam(_TEXTS, type_=ARRAY(Text)), ARRAY(Text)))
    listed = func.json_each(bindparam(_TEXTS, type_=Text)).table_valued("value")
    return expression.in_(select(listed.c.value))


def bind_texts(conn: Connection, texts: Collection[str]) -> dict[str, object]:
    """The parameter of a statement with `is_bound`."""
    return {_TEXTS: sorted(texts) if conn.dialect.name == "postgresql" else json.dumps(sorted(texts))}


def build_insert(conn: Connection, table: Table) -> Any:
    """An INSERT with `on_conflict_do_update` and `on_conflict_do_nothing`.

    Each dialect has its own class for it. The dialect in use is already loaded; importing the other one would add
    25 ms to every cold start.
    """
    return import_module(f"sqlalchemy.dialects.{conn.dialect.name}").insert(table)


def add(conn: Connection, table: Table, row: DataclassInstance) -> int:
    """Inserts a row whose `id` the database generates, and returns that id."""
    key: Any = conn.execute(table.insert().values(to_values(row, "id"))).inserted_primary_key
    return int(key[0])
