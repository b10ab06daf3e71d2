"""The destinations of the outbox: each declares the kinds of events that it wants, in which form and order.

To add one, write a function that declares it from the settings, and list it in DECLARATIONS; the function that sends
is in `integrations`, under the same name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from data_platform.record.audit_log.entry import format_moment
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.events import Event
from data_platform.settings import Settings

OPENLINEAGE = "openlineage"
"""The destination of messages that go to the receiver of `[openlineage]`."""
ALERTS = "alerts"
"""Where changes of incidents wait until `verbs/alerts/routing` has decided which channels hear of them."""
_CHANNEL = "channel:"


class MessageForm(Enum):
    """What a destination is sent of an event: its facts as one JSON object, or its OpenLineage events."""

    FACTS = "facts"
    OPENLINEAGE = "openlineage"


def select_product(event: Event) -> str:
    """The ordering key by which the events of a product leave in order, and all others by their subject."""
    return event.product


@dataclass(frozen=True, slots=True)
class Destination:
    """A subscription of an outside system: the kinds of events that it wants.

    Messages of one `key` leave in order. An event that OpenLineage has no words for has no message in that form.
    """

    name: str
    kinds: frozenset[EventKind]
    key: Callable[[Event], str] = select_product
    form: MessageForm = MessageForm.FACTS

    def wants(self, kind: EventKind, *, has_lineage: bool) -> bool:
        """Whether it takes an event of that kind, given whether OpenLineage has an event for it."""
        return kind in self.kinds and (has_lineage or self.form is MessageForm.FACTS)


def _declare_openlineage(settings: Settings) -> Destination | None:
    receiver = settings.openlineage
    if receiver is None:
        return None
    kinds = {EventKind.PUBLISHED, EventKind.REFUSED}
    if receiver.contracts:
        kinds |= {EventKind.REGISTERED, EventKind.RENAMED, EventKind.DEPRECATED, EventKind.RETIRED}
    if receiver.reads:
        kinds.add(EventKind.CONSUMED)
    return Destination(OPENLINEAGE, frozenset(kinds), _select_job, MessageForm.OPENLINEAGE)


def _select_job(event: Event) -> str:
    """A product, whose contract must arrive before the runs under it; beside it the readers of each output."""
    return f"{event.subject}.consume" if event.kind == EventKind.CONSUMED else event.product


_INCIDENT_CHANGES = frozenset(
    [
        EventKind.INCIDENT_OPENED,
        EventKind.INCIDENT_RAISED,
        EventKind.INCIDENT_ACKNOWLEDGED,
        EventKind.INCIDENT_RESOLVED,
    ]
)


def _declare_alerts(settings: Settings) -> Destination | None:
    return Destination(ALERTS, _INCIDENT_CHANGES, _select_incident) if settings.channels else None


def _select_incident(event: Event) -> str:
    return f"{event.product}#{(event.details or {}).get('id')}"


def name_channel(channel: str) -> str:
    """The destination of messages for a channel of alerts."""
    return f"{_CHANNEL}{channel}"


DECLARATIONS: tuple[Callable[[Settings], Destination | None], ...] = (_declare_openlineage, _declare_alerts)
"""Each returns its destination, or None where the settings do not set it up."""


def list_destinations(settings: Settings) -> tuple[Destination, ...]:
    """The destinations that the settings set up."""
    declared = (declare(settings) for declare in DECLARATIONS)
    return tuple(destination for destination in declared if destination is not None)


def build_messages(settings: Settings, destination: str, event: Event) -> list[dict[str, Any]]:
    """What a destination is sent of an event; one that is set up no longer is sent what the record keeps."""
    form = next((declared.form for declared in list_destinations(settings) if declared.name == destination), None)
    if form is MessageForm.FACTS or destination.startswith(_CHANNEL):
        return [describe_event(event)]
    return event.body or []


def describe_event(event: Event) -> dict[str, Any]:
    """The facts of an event as JSON; who read data is left out. The `id` tells a repeated message."""
    is_product = ":" not in event.product
    return {
        "id": event.id,
        "kind": event.kind,
        "subject": event.subject,
        "product": event.product if is_product else None,
        "output": event.output,
        "at": format_moment(event.at),
        "by": None if event.kind == EventKind.CONSUMED else event.by,
        "details": event.details or {},
    }
