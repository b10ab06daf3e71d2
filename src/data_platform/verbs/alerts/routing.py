"""Decides which channels hear of the changes of incidents, and queues a message for each of them.

A change waits in the outbox from the transaction of its act on. One transaction takes changes from there and queues
what follows from them, so a change is routed exactly once, whenever a process is killed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from data_platform.record.catalog import products
from data_platform.record.catalog.products import ProductRow
from data_platform.record.operations import outbox
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.events import Event
from data_platform.spec.product.model import ProductStatus
from data_platform.spec.product.watching import EVERY_ALERT, AlertSeverity, find_person_on_call
from data_platform.verbs.core.authorization.authorize import find_hiding_products
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.destinations import ALERTS, name_channel
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_message
from data_platform.verbs.incidents.blast_radius import cut_cause, find_losers
from data_platform.verbs.incidents.causes import (
    AVAILABILITY_BROKEN,
    DATA_DAMAGED,
    FRESHNESS_BROKEN,
    PAST_ITS_END,
    PUBLISH_REFUSED,
)
from data_platform.verbs.results.incidents import WHOLE

_BATCH = 200
"""Changes that one transaction routes."""

_WORDS = {
    EventKind.INCIDENT_OPENED: "opened",
    EventKind.INCIDENT_RAISED: "escalated",
    EventKind.INCIDENT_ACKNOWLEDGED: "acknowledged",
    EventKind.INCIDENT_RESOLVED: "resolved",
}
_CAUSES_DOWNSTREAM = frozenset([AVAILABILITY_BROKEN, DATA_DAMAGED, FRESHNESS_BROKEN, PAST_ITS_END, PUBLISH_REFUSED])
"""Causes for which those downstream get old, wrong or no data."""


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """One change of an incident, as the channels of `product` hear of it. It holds no values of the data.

    `place` is the output, or the product as a whole; of one upstream that hides itself, `place`, `cause` and `incident`
    are None. `outputs` are what the product loses by an incident upstream.
    """

    product: str
    event: str
    severity: AlertSeverity
    place: str | None
    cause: str | None
    incident: int | None
    outputs: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        """The change as JSON."""
        return {
            "event": self.event,
            "severity": str(self.severity),
            "place": self.place,
            "cause": self.cause,
            "incident": self.incident,
            "upstream": bool(self.outputs),
            "outputs": list(self.outputs),
        }


def route_alerts(context: Context) -> None:
    """Routes every change that waits. Later changes of an incident are routed after its earlier ones."""
    while True:
        with context.record.transaction() as tx:
            now = context.clock()
            waiting = outbox.claim(tx, ALERTS, now, now, _BATCH)
            if not waiting:
                return
            by_product: defaultdict[str, list[IncidentChange]] = defaultdict(list)
            for message in waiting:
                for change in _list_changes(tx, message.event):
                    by_product[change.product].append(change)
            for product, changes in sorted(by_product.items()):
                _queue_messages(context, tx, product, changes)
            for message in waiting:
                outbox.remove_delivered(tx, message.id)


def _list_changes(tx: Connection, event: Event) -> Iterator[IncidentChange]:
    """The change as its product hears of it, and as those downstream do."""
    details, hiding = event.details or {}, find_hiding_products(tx)
    word, severity = _WORDS[EventKind(event.kind)], AlertSeverity.of(details.get("severity"))
    cause, incident = cut_cause(str(details["cause"]), hiding), int(details["id"])
    yield IncidentChange(event.product, word, severity, event.subject, cause, incident)
    if cause not in _CAUSES_DOWNSTREAM or word == "acknowledged":
        return
    for name, distance in find_losers(tx, event.product, event.output or WHOLE, hiding).items():
        row = products.find(tx, name)
        if row is None or not row.contract.product.alerts:
            continue
        outputs = tuple(f"{name}.{output.name}" for output in row.contract.product.outputs)
        if event.product in hiding and distance > 1:
            yield IncidentChange(name, word, severity, None, None, None, outputs)
        else:
            yield IncidentChange(name, word, severity, event.subject, cause, incident, outputs)


def _queue_messages(context: Context, tx: Connection, name: str, changes: Sequence[IncidentChange]) -> None:
    """One message for each channel of the product that hears of one of the changes."""
    row = products.find(tx, name)
    if row is None or row.status == ProductStatus.RETIRED:
        return
    product, now = row.contract.product, context.clock()
    for channel in product.alerts:
        terms = product.alert_terms.get(channel, EVERY_ALERT)
        declared = context.settings.channels.get(channel)
        selected = [change for change in changes if change.severity >= terms.severity]
        if not selected or declared is None or not declared.takes(row.domain):
            continue
        quiet_until = terms.quiet_hours.find_end(now) if terms.quiet_hours else None
        alert = _build_alert(context, row, channel, selected)
        record_message(context, tx, alert, name_channel(channel), quiet_until or now)


def _build_alert(context: Context, row: ProductRow, channel: str, changes: Sequence[IncidentChange]) -> ActOutcome:
    product, public_url = row.contract.product, context.settings.server.public_url
    details: dict[str, Any] = {"channel": channel, "changes": [change.describe() for change in changes]}
    if on_call := find_person_on_call(product.oncall, product.handover, context.clock()):
        details["on_call"] = on_call
    if public_url is not None:
        details["url"] = f"{public_url}/products/{row.name}"
    return ActOutcome(EventKind.ALERT_QUEUED, Subject(row.name), details)
