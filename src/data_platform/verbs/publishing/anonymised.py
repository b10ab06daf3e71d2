"""Which inherited columns a governor has approved as anonymous, and why the others are still personal data."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.engine.origin import Origin
from data_platform.lineage.uses import ColumnLineage
from data_platform.record.catalog import redirects
from data_platform.record.governance import anonymisations
from data_platform.record.governance.anonymisations import APPROVED, REFUSED, Anonymisation
from data_platform.spec.schema.types import Anonymised
from data_platform.verbs.core.lookup.publish_target import Target
from data_platform.verbs.publishing.pii_propagation import InheritedPii, format_source

COMMAND = "data-platform anonymisations"


def describe_inherited(
    conn: Connection, target: Target, inherited: InheritedPii, columns: ColumnLineage[Origin]
) -> dict[str, str]:
    """A warning for each inherited column that is personal data; those that a governor approved are left out.

    An approval counts for the sources that the declaration names, and never where values are passed on unchanged.
    """
    declared = {column.name: column.anonymised for column in target.schema or () if column.anonymised is not None}
    rows = _map_current(conn, target) if declared.keys() & inherited.keys() else {}
    warnings = {}
    for name, sources in inherited.items():
        declaration, unchanged = declared.get(name), _is_unchanged(columns, name, sources)
        advice = _ADVICE if declaration is None else _explain(conn, rows.get(name), declaration, sources, unchanged)
        if advice is not None:
            made = f"the column {name} is made of {', '.join(sources)}, personal data"
            warnings[name] = f"{made}: it is masked and encrypted; {advice}"
    return warnings


def _map_current(conn: Connection, target: Target) -> dict[str, Anonymisation]:
    current = anonymisations.list_current(conn, target.product.name)
    return {row.column: row for row in current if row.output == target.name}


def _explain(
    conn: Connection, row: Anonymisation | None, declared: Anonymised, sources: tuple[str, ...], unchanged: bool
) -> str | None:
    """Why a declared column is personal data all the same; None where a governor has approved what it is made of."""
    if unchanged:
        return "it is declared anonymised, and passes values on unchanged"
    others = set(sources) - {_resolve_source(conn, source) for source in declared.sources}
    if others:
        return f"it is declared anonymised from other columns: not from {', '.join(sorted(others))}"
    if row is None or (row.sources, row.method) != (declared.sources, declared.method):
        return f"a governor has to approve that it is anonymised: {COMMAND} list"
    if row.verdict == APPROVED:
        return None
    if row.verdict == REFUSED:
        return f"{row.decided_by} refused that it is anonymised: {row.note}"
    return f"a governor has to approve that it is anonymised: {COMMAND} approve {row.id}"


def _is_unchanged(columns: ColumnLineage[Origin], name: str, sources: tuple[str, ...]) -> bool:
    """Whether a protected value is passed on as it is."""
    return any(
        use.hands_on and use.subtype == "IDENTITY" and format_source(use.table, use.column) in sources
        for use in columns.fields.get(name, frozenset())
    )


def _resolve_source(conn: Connection, source: str) -> str:
    """The source under the present name of its product."""
    product, _, column = source.partition(".")
    return f"{redirects.resolve_name(conn, product)}.{column}"


_ADVICE = 'tag it "pii" in the schema, or publish a hash of it'
