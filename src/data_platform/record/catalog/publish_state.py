"""The state that a publish depends on and changes, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, and_, bindparam, exists, func, select

from data_platform.record.db.schema import COLUMN_LINEAGE, INCIDENTS, INPUTS, LINEAGE, POLICIES, PRODUCTS
from data_platform.record.db.types import Text


@dataclass(frozen=True, slots=True)
class PublishState:
    """The state of the record around one output.

    `contract_revision` is that of the product's contract, None while it is not registered; `policy_revision` is 0 where
    no policies were applied. `reader_revisions` are the contract revisions of the products that declare the output (any
    of its majors) as input, by name. `has_lineage` and `has_column_lineage` say whether its newest version has edges,
    `has_incidents` whether an incident of its major is open.
    """

    contract_revision: int | None
    archived_at: datetime | None
    policy_revision: int
    reader_revisions: Mapping[str, int]
    has_lineage: bool
    has_column_lineage: bool
    has_incidents: bool


def _has_rows(table: Table, condition: Column[bool]) -> ColumnElement[bool]:
    return exists().where(table.c.product == _PRODUCT, table.c.output == _KEY, condition)


def _select_state() -> Select[Any]:
    """One row for each reader, and one row where there is none, also while the product is not registered."""
    subject = select(_PRODUCT.label("name")).subquery()
    product, reader = PRODUCTS.alias(), PRODUCTS.alias()
    declared = and_(INPUTS.c.source_product == subject.c.name, INPUTS.c.source_output == _OUTPUT)
    policy_revision = select(func.max(POLICIES.c.revision)).scalar_subquery()
    query = select(
        product.c.revision,
        product.c.archived_at,
        policy_revision,
        _has_rows(LINEAGE, LINEAGE.c.latest),
        _has_rows(COLUMN_LINEAGE, COLUMN_LINEAGE.c.latest),
        _has_rows(INCIDENTS, INCIDENTS.c.open),
        reader.c.name,
        reader.c.revision,
    )
    joined = subject.outerjoin(product, product.c.name == subject.c.name).outerjoin(INPUTS, declared)
    return query.select_from(joined.outerjoin(reader, reader.c.name == INPUTS.c.product)).order_by(reader.c.name)


_PRODUCT, _OUTPUT, _KEY = (bindparam(name, type_=Text) for name in ("product", "output", "key"))
_STATE = _select_state()


def read(conn: Connection, product: str, output: str, key: str) -> PublishState:
    """The state around an output, by its name in product.yaml and by the key of its major."""
    result = conn.execute(_STATE, {"product": product, "output": output, "key": key}).all()
    contract, archived_at, policies, *marks, _, _ = result[0]
    readers = {row[-2]: row[-1] for row in result if row[-2] is not None}
    return PublishState(contract, archived_at, policies or 0, readers, *marks)
