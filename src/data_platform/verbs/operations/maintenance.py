"""tick: periodic maintenance. Evaluates SLAs and policies, opens, raises and resolves incidents, expires leases,
records lost runs, and sends the outbox.

It may run at any time, twice at once, or be killed: what it does depends on the record and the time alone,
and each of its transactions leaves the record whole. Publishes and reads go on meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data_platform.quality.severity import RECENTLY
from data_platform.record.catalog import publish_log
from data_platform.record.catalog.publish_log import Port
from data_platform.record.lineage import impact
from data_platform.record.operations import clock, idempotency, incidents, key_erasures, leases, quotas, usage
from data_platform.record.operations.incidents import Incident, IncidentCause
from data_platform.record.operations.usage import Reader
from data_platform.verbs.alerts.routing import route_alerts
from data_platform.verbs.core.authorization.authorize import find_hiding_products
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.erasures import finish_erasures
from data_platform.verbs.core.lookup.input_resolution import InputResolver
from data_platform.verbs.core.lookup.resolve import OutputLabels
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.incident_changes import IncidentChanges
from data_platform.verbs.events.outbox import Deliver, deliver
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.events.sealed_reads import seal_reads
from data_platform.verbs.incidents import ownerless_products
from data_platform.verbs.incidents.blast_radius import BlastRadius, build_incident_info
from data_platform.verbs.incidents.causes import AVAILABILITY_BROKEN, FRESHNESS_BROKEN, PAST_ITS_END
from data_platform.verbs.operations import data_checks
from data_platform.verbs.operations.examine import Examine, check_damage
from data_platform.verbs.operations.probes import probe_outputs
from data_platform.verbs.policies import violations
from data_platform.verbs.quality.readiness import keep_readiness
from data_platform.verbs.quality.sla_status import SlaStatus, evaluate_slas
from data_platform.verbs.results import Ticked
from data_platform.verbs.runs.overdue_runs import record_lost_runs

_SECONDS_TO_EXAMINE = 2.0
"""How long a tick examines files; in a large mesh each tick begins at another output."""

_BATCH = 200
"""Incidents a transaction: a publish meanwhile waits for a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Tick(Request[Ticked]):
    """Run periodic maintenance; the caller passes a sender for each destination of the outbox."""


def run_maintenance(context: Context, request: Tick) -> Ticked:
    """Evaluates the SLAs of every product in use and time-dependent policies; expires leases, sends the outbox.

    Returns what it changed. No event is pruned: they are the history of the mesh.
    """
    now = context.clock()
    with context.record.transaction() as tx:
        expired = leases.expire(tx, now)
        idempotency.remove_expired(tx, now)
        quotas.remove_past(tx, now)
    lost = record_lost_runs(context)
    with context.record.reading() as conn:
        status = evaluate_slas(conn, now)
        open_incidents = incidents.list_history(conn, open_only=True)
        broken = {(product, output) for product, output, _ in status.broken}
        reaches, labels = (
            _find_blast_radiuses(conn, now, broken | set(map(_select_port, open_incidents))),
            OutputLabels(conn),
        )
    probe_outputs(context, status.to_probe)
    over, still = _split_incidents(open_incidents, status)
    opened = list(_open_incidents(context, status, open_incidents, reaches, now))
    resolved = list(_resolve_incidents(context, over, now))
    grown = _update_severities(context, still, reaches, now)
    governed = violations.evaluate_drifting(context)
    data_checks.check_data_files(context)
    with context.record.transaction() as tx:
        changes = ownerless_products.update_incidents(context, tx)
        changes.add(data_checks.update_incidents(context, tx))
        record_outcomes(context, tx, *changes.outcomes)
    governed.add(changes)
    keep_readiness(context, status)
    seal_reads(context)
    damaged = check_damage(context, Examine(_SECONDS_TO_EXAMINE)).damaged
    route_alerts(context)
    sent = deliver(context, Deliver())
    with context.record.transaction() as tx:
        clock.record_run(tx, now)
    with context.record.reading() as conn:
        unfinished = key_erasures.list_unfinished(conn)
    finish_erasures(context, unfinished)  # last, because it raises for a key that cannot be erased
    return Ticked(
        at=now,
        products=status.products,
        promises=status.promises,
        broken=len(status.broken),
        opened=tuple(build_incident_info(incident, labels) for incident in (*opened, *governed.opened)),
        resolved=tuple(build_incident_info(incident, labels) for incident in (*resolved, *governed.resolved)),
        graver=tuple(build_incident_info(incident, labels) for incident in (*grown, *governed.grown)),
        leases=len(expired),
        delivered=sent,
        damaged=damaged,
        lost_runs=lost,
    )


_PROMISES = (FRESHNESS_BROKEN, AVAILABILITY_BROKEN, PAST_ITS_END)


def _split_incidents(open_incidents: Sequence[Incident], status: SlaStatus) -> tuple[list[Incident], list[Incident]]:
    """Incidents whose promise is kept or was withdrawn, and the others."""
    unfulfilled = status.broken.keys() | status.unknown
    over: list[Incident] = []
    still: list[Incident] = []
    for incident in open_incidents:
        ended = incident.cause in _PROMISES and incident.key not in unfulfilled
        (over if ended else still).append(incident)
    return over, still


def _select_port(incident: Incident) -> Port:
    return incident.product, incident.output


def _find_blast_radiuses(conn: Connection, now: datetime, ports: set[Port]) -> dict[Port, BlastRadius]:
    """The blast radius of each output; lineage and readers are read once for all of them."""
    if not ports:
        return {}
    ways = InputResolver(conn).resolve_edges(impact.load_ways(conn))
    owners = impact.find_responsible(conn, {product for product, _ in ports})
    readers = defaultdict[Port, list[Reader]](list)
    for reader in usage.list_readers(conn, now - RECENTLY):
        owner = owners.get(reader.product)
        if owner is None or reader.principal != owner.owner:
            readers[reader.product, reader.output].append(reader)
    hidden = find_hiding_products(conn)
    return {port: BlastRadius(impact.walk_downstream(ways, *port, hidden), tuple(readers[port])) for port in ports}


def _open_incidents(
    context: Context,
    status: SlaStatus,
    open_incidents: Sequence[Incident],
    reaches: dict[Port, BlastRadius],
    now: datetime,
) -> Iterator[Incident]:
    """Opens an incident for each newly broken promise, unless a publish came in between."""
    open_keys = {incident.key for incident in open_incidents}
    causes = [
        IncidentCause(*key, summary, reaches[key[:2]].severity)
        for key, summary in status.broken.items()
        if key not in open_keys
    ]
    for at in range(0, len(causes), _BATCH):
        batch = causes[at : at + _BATCH]
        with context.record.transaction() as tx:
            current = publish_log.map_newest_versions(tx, {cause.product for cause in batch})
            still = [cause for cause in batch if _is_current(cause, status, current)]
            opened = incidents.open_if_absent(tx, still, now, context.principal.name)
            record_outcomes(context, tx, *IncidentChanges(opened=[*opened]).outcomes)
        yield from opened


def _is_current(cause: IncidentCause, status: SlaStatus, current: dict[Port, int]) -> bool:
    port = (cause.product, cause.output)
    return cause.cause != FRESHNESS_BROKEN or status.versions.get(port) == current.get(port)


def _resolve_incidents(context: Context, over: Sequence[Incident], now: datetime) -> Iterator[Incident]:
    for at in range(0, len(over), _BATCH):
        ids = [incident.id for incident in over[at : at + _BATCH]]
        with context.record.transaction() as tx:
            resolved = incidents.resolve_by_id(
                tx, ids, now, context.principal.name, "the promise holds, or is made no more"
            )
            record_outcomes(context, tx, *IncidentChanges(resolved=[*resolved]).outcomes)
        yield from resolved


def _update_severities(
    context: Context, open_incidents: Sequence[Incident], reaches: dict[Port, BlastRadius], now: datetime
) -> list[Incident]:
    """Raises the severity of incidents whose blast radius has grown."""
    grown: list[Incident] = []
    by = context.principal.name
    graver = [
        incident
        for incident in open_incidents
        if incidents.is_graver(reaches[_select_port(incident)].severity, incident.severity)
    ]
    for at in range(0, len(graver), _BATCH):
        with context.record.transaction() as tx:
            raised = [
                incidents.raise_severity(tx, incident.id, reaches[_select_port(incident)].severity, now, by)
                for incident in graver[at : at + _BATCH]
            ]
            changes = IncidentChanges(grown=[incident for incident in raised if incident is not None])
            record_outcomes(context, tx, *changes.outcomes)
        grown += changes.grown
    return grown
