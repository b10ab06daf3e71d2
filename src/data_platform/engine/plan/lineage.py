"""Traces each column of a compiled frame to columns of versions and sources."""

from __future__ import annotations

from contextlib import suppress

from data_platform.engine.origin import Origin
from data_platform.engine.plan.compile import Compiled
from data_platform.errors import BadInput
from data_platform.lineage.columns import resolve_column_lineage
from data_platform.lineage.uses import ColumnLineage, ColumnUse


def trace_columns(compiled: Compiled) -> ColumnLineage[Origin]:
    """The lineage by the fields' names, without columns of in-memory tables, which have no origin.

    The use of a masked column is marked as masked. Empty if the query is too large to trace.
    """
    with suppress(BadInput):
        tables = {alias: sorted(read | compiled.masked[alias]) for alias, read in compiled.sources.items()}
        lineage = resolve_column_lineage(compiled.query, tables).map_uses(lambda use: _map_use(use, compiled))
        named: dict[str, frozenset[ColumnUse[Origin]]] = {}
        for field in compiled.fields:
            named[field.name] = named.get(field.name, frozenset()) | lineage.fields[field.slot]
        return ColumnLineage(named, lineage.dataset)
    return ColumnLineage()


def _map_use(use: ColumnUse[str], compiled: Compiled) -> ColumnUse[Origin] | None:
    scan = compiled.scans[use.table]
    if scan.origin is None:
        return None
    masking = use.masking or use.column in scan.view.constants
    return ColumnUse(scan.origin, use.column, use.type, use.subtype, masking)
