"""Records what a contract declares anonymous; each new or changed declaration waits for a governor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from data_platform.record.governance import anonymisations
from data_platform.record.governance.anonymisations import Anonymisation
from data_platform.record.operations.event_kinds import EventKind
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.outcomes import ActOutcome, Subject

Declared = tuple[str, str, tuple[str, ...], str]
"""Output (its key in the record), column, sources and method."""


def settle_anonymisations(
    context: Context, tx: Connection, product: str, before: Mapping[str, TableSchema], after: Mapping[str, TableSchema]
) -> tuple[ActOutcome, ...]:
    """Adds the declarations that are new in the schemas `after`, and ends those that they no longer make.

    Schemas are by the keys of their outputs. A declaration that stays keeps its approval.
    """
    declared = set(_list_declared(after))
    if not declared and not any(_list_declared(before)):
        return ()
    current = {
        (row.output, row.column, row.sources, row.method): row for row in anonymisations.list_current(tx, product)
    }
    for key in current.keys() - declared:
        anonymisations.end(tx, current[key].id, context.clock())
    return tuple(_add(context, tx, product, *key) for key in sorted(declared - current.keys()))


def _add(
    context: Context, tx: Connection, product: str, output: str, column: str, sources: tuple[str, ...], method: str
) -> ActOutcome:
    by = context.principal.name
    row = Anonymisation(0, product, output, column, sources, method, context.clock(), by)
    details = {"id": anonymisations.add(tx, row), "column": column, "method": method}
    return ActOutcome(EventKind.ANONYMISATION_DECLARED, Subject(product, output), details)


def _list_declared(schemas: Mapping[str, TableSchema]) -> Iterator[Declared]:
    for output, schema in schemas.items():
        for column in schema:
            if column.anonymised is not None:
                yield output, column.name, column.anonymised.sources, column.anonymised.method
