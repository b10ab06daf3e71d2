"""Incidents of products whose owner has left: each is open until the product has another owner."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.record.catalog import departures, products
from data_platform.record.operations import incidents
from data_platform.record.operations.incidents import IncidentCause
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.incident_changes import IncidentChanges
from data_platform.verbs.incidents.causes import OWNER_GONE
from data_platform.verbs.results.incidents import WHOLE

_SEVERITY = "high"
"""High for any number of readers: no owner answers for the data."""


def update_incidents(context: Context, tx: Connection) -> IncidentChanges:
    """Makes the open incidents of orphans those of the products whose owners are gone now."""
    gone = [departure.principal for departure in departures.list_all(tx)]
    open_incidents = incidents.list_history(tx, open_only=True, output=WHOLE)
    open_ids = {incident.product: incident.id for incident in open_incidents if incident.cause == OWNER_GONE}
    orphans = products.list_owned_by(tx, gone)
    causes = [
        IncidentCause(name, WHOLE, OWNER_GONE, _describe_cause(name, owner), _SEVERITY)
        for name, owner in orphans.items()
        if name not in open_ids
    ]
    over = [id for product, id in open_ids.items() if product not in orphans]
    now, by, done = context.clock(), context.principal.name, IncidentChanges()
    done.opened += incidents.open_if_absent(tx, causes, now, by)
    done.resolved += incidents.resolve_by_id(tx, over, now, by, "it has an owner again, or is retired") if over else ()
    return done


def _describe_cause(product: str, owner: str) -> str:
    return f"{owner}, who owns it, is gone: data-platform transfer {product} --to OWNER"
