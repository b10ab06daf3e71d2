"""What a caller elsewhere has read to make what it publishes, by the mesh's own record: its claims are no facts."""

from __future__ import annotations

from datetime import timedelta

from data_platform.engine.origin import Origin
from data_platform.record.operations import runs, usage
from data_platform.verbs.core.context import Context
from data_platform.verbs.publishing.pii_propagation import Lineage
from data_platform.verbs.runs.run_info import find_cutoff

_RECENT = timedelta(hours=1)
"""How long a read for a product counts for a publish without a run."""


def add_caller_reads(context: Context, product: str, run: str | None, claimed: Lineage) -> Lineage:
    """The claimed lineage with what the caller has read since its run began, whatever it claims.

    Without a run it is what the caller has read for the product in the last hour. A caller that opened the home is
    believed: it could change the record itself.
    """
    if context.principal.local:
        return claimed
    with context.record.reading() as conn:
        row = runs.find(conn, run, find_cutoff(context)) if run is not None else None
        since = context.clock() - _RECENT if row is None else row.started_at
        purpose = f"product {product}" if row is None else None
        reads = usage.list_by_principal(conn, context.principal.name, since, purpose)
    lineage = dict(claimed)
    for read in reads:
        origin = Origin("product", read.product, read.output, read.version)
        lineage[origin] = lineage.get(origin, frozenset()) | frozenset(read.columns)
    return lineage
