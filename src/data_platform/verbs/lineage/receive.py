"""receive_lineage: OpenLineage events of other tools, kept for the outputs that they say they write or read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.errors import AccessDenied, BadInput
from data_platform.lineage.naming import PLATFORM, Name, name_output
from data_platform.lineage.received_events import ReceivedEvent, UnreadableEvent, read_event
from data_platform.record.catalog import outputs
from data_platform.record.lineage import reported_edges
from data_platform.record.lineage.reported_edges import ReportedEdge
from data_platform.record.operations import events
from data_platform.record.operations.event_kinds import EventKind
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.dataset_names import name_row
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.lineage.reported import Place, list_edges
from data_platform.verbs.results.lineage import IgnoredEvent, ReceivedLineage

_MOST_EVENTS = 1000
_MOST_ACTS = 2000
_MOST_EDGES = 10_000
_REMEMBERED = 1000
"""Events of a product, the newest, that are not kept again."""


@dataclass(frozen=True, slots=True)
class ReceiveLineage(Request[ReceivedLineage]):
    """Take OpenLineage run events of other tools, such as Airflow, Spark and dbt.

    Datasets are matched to outputs by OpenLineage's naming rules. An event is kept for each of its outputs whose runs
    the caller may report, and what it says that they were made from, or went to, becomes part of their lineage, marked
    as a report: nothing is inherited from it, and nothing stops being protected by it.
    """

    events: tuple[Any, ...]


def receive_lineage(context: Context, request: ReceiveLineage) -> ReceivedLineage:
    """How many events are kept, for which outputs, and which were ignored and why. One that comes again is kept once.

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

    edges: list[ReportedEdge] = []
    now = context.clock()
    for number, value in enumerate(request.events):
        try:
            event = read_event(value).rename(partial(_find_name, context, places))
            chosen = _choose_places(places, event, find_denial)
            acts += [_describe(event, place) for place in chosen]
            edges += islice(list_edges(event, places, chosen, context.principal, now), _MOST_EDGES + 1)
        except (UnreadableEvent, AccessDenied) as reason:
            ignored.append(IgnoredEvent(number, str(reason)))
            denials += [reason] if isinstance(reason, AccessDenied) else []
        if len(acts) > _MOST_ACTS or len(edges) > _MOST_EDGES:
            break
    if denials and not acts:
        raise denials[0]
    _require_few(acts, edges)
    if acts:
        with context.record.transaction() as tx:
            reported_edges.put(tx, edges)
            record_outcomes(context, tx, *_select_new(tx, acts))
    subjects = dict.fromkeys(str(act.subject) for act in acts)
    return ReceivedLineage(len(request.events) - len(ignored), tuple(subjects), tuple(ignored))


def _require_few(acts: Sequence[ActOutcome], edges: Sequence[ReportedEdge]) -> None:
    """Raises BadInput for too much: it is one transaction, for which every other writer waits."""
    if len(acts) > _MOST_ACTS:
        what = f"would be kept more than {_MOST_ACTS:,} times, once for each output"
    elif len(edges) > _MOST_EDGES:
        what = f"have more than {_MOST_EDGES:,} pairs of an input and an output"
    else:
        return
    raise BadInput(f"the events {what}", hint="send fewer events at one time")


def _map_places(context: Context, conn: Connection) -> Iterator[tuple[Name, Place]]:
    """The outputs that the caller finds, by the names that lineage tools have for them: their place, their product."""
    part = find_visible_part(context, conn)
    for row in part.select(outputs.list_all(conn), lambda row: row.product):
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


def _find_name(context: Context, places: Mapping[Name, Place], name: Name) -> Name:
    """The name of a dataset without a path of this disk: an output is named as products name it."""
    if name in places:
        return name_output(*places[name])
    home, path = context.settings.home, PurePath(name.name)
    is_inside = name.namespace == "file" and path.is_relative_to(home)
    return Name(PLATFORM, str(path.relative_to(home))) if is_inside else name


def _select_new(tx: Connection, acts: Sequence[ActOutcome]) -> Iterator[ActOutcome]:
    """Those that are not among the last events that were kept of their product: a tool may send an event again."""
    kept: dict[str, set[str]] = {}
    for act in acts:
        product = act.subject.name
        if product not in kept:
            rows = events.list_history(tx, product, EventKind.LINEAGE_RECEIVED, limit=_REMEMBERED)
            kept[product] = {_identify(row.output, row.body) for row in rows}
        identity = _identify(act.subject.output, act.lineage() if act.lineage else None)
        if identity not in kept[product]:
            kept[product].add(identity)
            yield act


def _identify(output: str | None, body: Sequence[Mapping[str, Any]] | None) -> str:
    return json.dumps([output, body], sort_keys=True)


def _describe(event: ReceivedEvent, place: Place) -> ActOutcome:
    details = {"run": str(event.run), "job": str(event.job), "state": event.state, "producer": event.producer}
    return ActOutcome(EventKind.LINEAGE_RECEIVED, Subject(*place), details, lambda: [event.to_json()])
