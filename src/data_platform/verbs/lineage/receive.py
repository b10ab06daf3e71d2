"""receive_lineage: OpenLineage events of other tools, kept for the outputs that they say they write or read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.errors import AccessDenied, BadInput
from data_platform.lineage.naming import Name, name_output
from data_platform.lineage.received_events import ReceivedEvent, UnreadableEvent, read_event
from data_platform.record.catalog import outputs
from data_platform.record.operations.event_kinds import EventKind
from data_platform.verbs.core.authorize import authorize
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.dataset_names import name_row
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results.lineage import IgnoredEvent, ReceivedLineage

_MOST_EVENTS = 1000
_MOST_ACTS = 2000
Place = tuple[str, str]
"""A product and the key of an output."""


@dataclass(frozen=True, slots=True)
class ReceiveLineage(Request[ReceivedLineage]):
    """Take OpenLineage run events of other tools, such as Airflow, Spark and dbt.

    Datasets are matched to outputs by OpenLineage's naming rules. An event is kept for each of its outputs whose runs
    the caller may report. What an event claims is shown as such: nothing is inherited from it.
    """

    events: tuple[Any, ...]


def receive_lineage(context: Context, request: ReceiveLineage) -> ReceivedLineage:
    """How many events were kept, for which outputs, and which were ignored and why.

    Raises BadInput for too many, and AccessDenied where nothing is kept because the caller may not report the runs.
    """
    if len(request.events) > _MOST_EVENTS:
        raise BadInput(f"these are {len(request.events):,} events, and one request takes {_MOST_EVENTS:,}")
    ignored: list[IgnoredEvent] = []
    acts: list[ActOutcome] = []
    denials: list[AccessDenied] = []
    with context.record.reading() as conn:
        places = dict(_map_places(context, conn))

    @cache
    def find_denial(place: Place) -> AccessDenied | None:
        try:
            authorize(context, Action.RUN, Resource.of(*place))
        except AccessDenied as denial:
            return denial
        return None

    for number, value in enumerate(request.events):
        try:
            event = read_event(value)
            acts += [_describe(event, place) for place in _choose_places(places, event, find_denial)]
        except (UnreadableEvent, AccessDenied) as reason:
            ignored.append(IgnoredEvent(number, str(reason)))
            denials += [reason] if isinstance(reason, AccessDenied) else []
    if denials and not acts:
        raise denials[0]
    if len(acts) > _MOST_ACTS:  # they are one transaction, for which every other writer waits
        raise BadInput(
            f"the events would be kept {len(acts):,} times, once for each output, of at most {_MOST_ACTS:,}",
            hint="send fewer events at one time",
        )
    if acts:
        with context.record.transaction() as tx:
            record_outcomes(context, tx, *acts)
    subjects = dict.fromkeys(str(act.subject) for act in acts)
    return ReceivedLineage(len(request.events) - len(ignored), tuple(subjects), tuple(ignored))


def _map_places(context: Context, conn: Connection) -> Iterator[tuple[Name, Place]]:
    """The outputs by the names that lineage tools have for them: by their place, and by their product."""
    for row in outputs.list_all(conn):
        yield name_output(row.product, row.name), (row.product, row.name)
        yield name_row(context, row), (row.product, row.name)


def _choose_places(
    places: Mapping[Name, Place], event: ReceivedEvent, find_denial: Callable[[Place], AccessDenied | None]
) -> Sequence[Place]:
    """The outputs that the event is kept for; raises UnreadableEvent for none, AccessDenied where none may be."""
    named = list(dict.fromkeys(places[name] for name in (*event.outputs, *event.inputs) if name in places))
    if not named:
        raise UnreadableEvent("it names no dataset of this mesh")
    denials = {place: find_denial(place) for place in named}
    allowed = [place for place, denial in denials.items() if denial is None]
    if not allowed and (denial := denials[named[-1]]) is not None:
        raise denial
    return allowed


def _describe(event: ReceivedEvent, place: Place) -> ActOutcome:
    details = {"run": str(event.run), "job": str(event.job), "state": event.state, "producer": event.producer}
    return ActOutcome(EventKind.LINEAGE_RECEIVED, Subject(*place), details, lambda: [event.to_json()])
