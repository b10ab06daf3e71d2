"""The one recorder of outcomes: events, entries of the audit log, and what waits in the outbox.

    with context.record.transaction() as tx:
        policies.add(tx, …)
        record_outcomes(context, tx, ActOutcome(EventKind.POLICIES_APPLIED, POLICIES, {"revision": 7}))

All are written in the transaction of the act: either the act and what is recorded of it are there, or neither. The
audit log has one writer at a time, so this is the last thing that a transaction writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from data_platform.record.audit_log import log
from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.entry import Deed, to_plain
from data_platform.record.operations import events, outbox
from data_platform.record.operations.events import Event
from data_platform.record.operations.outbox import QueuedEvent
from data_platform.settings.identity import describe_machine
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.destinations import Destination, MessageForm, list_destinations
from data_platform.verbs.events.kinds import EVENT_SHAPES
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.idempotency.claims import commit_claim


def record_outcomes(context: Context, tx: Connection, *outcomes: ActOutcome) -> None:
    """Records the outcomes of one act, in order, in the caller's transaction.

    Raises TypeError for details that have no form in the audit log.
    """
    destinations = list_destinations(context.settings)
    wanted = [_select_destinations(outcome, destinations) for outcome in outcomes]
    new = [_build_event(context, outcome, by) for outcome, by in zip(outcomes, wanted, strict=True)]
    if any(wanted):
        ids = [events.add(tx, event) for event in new]
        queued = [
            QueuedEvent(id, destination.name, destination.key(event))
            for id, event, by in zip(ids, new, wanted, strict=True)
            for destination in by
        ]
        outbox.add(tx, queued, context.clock())
    else:
        events.add_all(tx, new)
    deeds = [_build_act(context, outcome, act) for outcome in outcomes if (act := _find_act(outcome))]
    if not deeds:
        return
    entry = log.append(tx, *deeds)
    if context.claim is not None and not all(EVENT_SHAPES[outcome.kind].prepares for outcome in outcomes):
        commit_claim(tx, context.claim, entry)


def record_message(context: Context, tx: Connection, outcome: ActOutcome, destination: str, due_at: datetime) -> None:
    """Records an outcome that is for one destination alone, as an event with a message that is due at a moment."""
    id = events.add(tx, _build_event(context, outcome, ()))
    outbox.add(tx, [QueuedEvent(id, destination, outcome.subject.name)], due_at)


def build_deed(context: Context, act: Act, subject: Subject, details: Mapping[str, object]) -> Deed:
    """An act of the caller, now, from this machine, as the audit log takes it."""
    here, who = describe_machine(), context.principal
    return Deed(context.clock(), who.name, who.verified, act, str(subject), context.door, here.host, here.user, details)


def _select_destinations(outcome: ActOutcome, destinations: Sequence[Destination]) -> list[Destination]:
    has_lineage = outcome.lineage is not None
    return [destination for destination in destinations if destination.wants(outcome.kind, has_lineage=has_lineage)]


def _build_event(context: Context, outcome: ActOutcome, wanted: Sequence[Destination]) -> Event:
    """The event, with its OpenLineage events where the record keeps them, or a destination takes them."""
    kept = EVENT_SHAPES[outcome.kind].keeps_lineage
    taken = any(destination.form is MessageForm.OPENLINEAGE for destination in wanted)
    body = outcome.lineage() if outcome.lineage is not None and (kept or taken) else None
    return Event(
        id=0,
        xid=0,
        product=outcome.subject.name,
        kind=outcome.kind,
        at=context.clock(),
        by=context.principal.name,
        body=body,
        output=outcome.subject.output,
        details=to_plain(_drop_unset(outcome)) or None,
    )


def _find_act(outcome: ActOutcome) -> Act | None:
    return None if outcome.follows else EVENT_SHAPES[outcome.kind].act


def _build_act(context: Context, outcome: ActOutcome, act: Act) -> Deed:
    did, details = EVENT_SHAPES[outcome.kind].did, _drop_unset(outcome)
    return build_deed(context, act, outcome.subject, {"did": did, **details} if did else details)


def _drop_unset(outcome: ActOutcome) -> dict[str, object]:
    return {name: value for name, value in outcome.details.items() if value is not None}
