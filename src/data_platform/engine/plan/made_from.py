"""What each column of a compiled frame is made from, down to columns of versions and sources."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from data_platform.engine.origin import Origin
from data_platform.engine.plan.compile import Compiled
from data_platform.engine.plan.names import Field
from data_platform.errors import BadInput
from data_platform.lineage.columns import resolve_column_lineage
from data_platform.lineage.uses import ColumnLineage, ColumnUse


def made_from(compiled: Compiled, fields: Sequence[Field]) -> ColumnLineage[Origin]:
    """The lineage by the fields' names; columns of plain tables, which came from nowhere, are left out.

    A masked column shows nothing of its values, and its use says so. Empty where the query is too large to trace.
    """
    with suppress(BadInput):
        tables = {alias: sorted(read | compiled.masked[alias]) for alias, read in compiled.sources.items()}
        found = resolve_column_lineage(compiled.query, tables).map_uses(lambda use: _of_origin(use, compiled))
        named: dict[str, frozenset[ColumnUse[Origin]]] = {}
        for each in fields:
            named[each.name] = named.get(each.name, frozenset()) | found.fields[each.slot]
        return ColumnLineage(named, found.dataset)
    return ColumnLineage()


def _of_origin(use: ColumnUse[str], compiled: Compiled) -> ColumnUse[Origin] | None:
    scan = compiled.scans[use.table]
    if scan.origin is None:
        return None
    masking = use.masking or use.column in scan.mask
    return ColumnUse(scan.origin, use.column, use.type, use.subtype, masking)
