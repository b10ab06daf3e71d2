"""Attributes of principals, which row filters name as `principal.NAME`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data_platform.record.db import rows
from data_platform.record.db.identity_schema import PRINCIPAL_ATTRIBUTES
from data_platform.settings.attributes import AttributeValue, PrincipalAttributes, format_value, name_type, parse_typed


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """An attribute of a principal; `kind` is the type of the value that `value` is the text of."""

    principal: str
    name: str
    kind: str
    value: str
    set_at: datetime
    set_by: str


_ALL = select(*rows.select_columns(PRINCIPAL_ATTRIBUTES, AttributeRow)).order_by(
    PRINCIPAL_ATTRIBUTES.c.principal, PRINCIPAL_ATTRIBUTES.c.name
)


def set_value(conn: Connection, principal: str, name: str, value: AttributeValue, at: datetime, by: str) -> None:
    """Gives a principal an attribute, in place of the one of that name."""
    values = {"kind": name_type(value), "value": format_value(value), "set_at": at, "set_by": by}
    statement = rows.build_insert(conn, PRINCIPAL_ATTRIBUTES).values(principal=principal, name=name, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["principal", "name"], set_=values))


def remove(conn: Connection, principal: str, name: str) -> bool:
    """Takes an attribute from a principal; False if it has none of that name."""
    mine = (PRINCIPAL_ATTRIBUTES.c.principal == principal, PRINCIPAL_ATTRIBUTES.c.name == name)
    return conn.execute(delete(PRINCIPAL_ATTRIBUTES).where(*mine)).rowcount == 1


def list_names_set_by(conn: Connection, principal: str, by: str) -> set[str]:
    """The names of the attributes that one principal gave another."""
    mine = (PRINCIPAL_ATTRIBUTES.c.principal == principal, PRINCIPAL_ATTRIBUTES.c.set_by == by)
    return set(conn.scalars(select(PRINCIPAL_ATTRIBUTES.c.name).where(*mine)))


def map_by_principal(conn: Connection, principals: Collection[str] | None = None) -> dict[str, PrincipalAttributes]:
    """The attributes of those principals, or of all, by principal; those without one are left out."""
    query = _ALL if principals is None else _ALL.where(PRINCIPAL_ATTRIBUTES.c.principal.in_(principals))
    mapped: dict[str, list[tuple[str, AttributeValue]]] = {}
    for row in rows.fetch_all(conn, query, AttributeRow):
        mapped.setdefault(row.principal, []).append((row.name, parse_typed(row.kind, row.value)))
    return {principal: tuple(pairs) for principal, pairs in mapped.items()}
