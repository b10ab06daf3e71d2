"""openlineage: a product's lineage as the OpenLineage events that were recorded."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from data_platform.record.operations import events
from data_platform.record.operations.event_kinds import EventKind
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.lineage.lineage import Direction, build_lineage_graph, check_depth
from data_platform.verbs.lineage.visible_datasets import VisibleDatasets
from data_platform.verbs.results import LineageNode

_RECEIVED = 100
"""Events of other tools that are shown of a product, the newest."""
_LOOKED_AT = 200
"""Publishes of a product that are looked at for the newest of each output."""


@dataclass(frozen=True, slots=True)
class LineageEvents(Request[list[dict[str, Any]]]):
    """OpenLineage 2-0-2 events of a product and those around it, `depth` steps up and down."""

    product: str
    depth: int = 1
    direction: Direction = "both"


def show_events(context: Context, request: LineageEvents) -> list[dict[str, Any]]:
    """For every product of the graph its contract event, the newest publish of each of its outputs,
    and what other tools reported of them; an event that several of them have is there once.

    Raises NotFound, BadInput. What was recorded before events were is not there.
    """
    check_depth(request.depth)
    with context.record.reading() as conn:
        resolve_product(conn, request.product)
        part = find_visible_part(context, conn)
        graph = build_lineage_graph(conn, part, request.product, request.depth, direction=request.direction)
        names = dict.fromkeys([request.product, *_list_products(graph.upstream), *_list_products(graph.downstream)])
        visible = VisibleDatasets.find(context, conn, part)
        whole = _list_whole(context, request.product, names)
        events = {
            json.dumps(event, sort_keys=True): event if name in whole else _hide_measurements(event)
            for name in names
            for event in _read_events(conn, name)
        }
        return visible.prune(events.values())


def _list_whole(context: Context, product: str, names: Collection[str]) -> Collection[str]:
    """The products whose measurements the caller may know: it sees every row and value of them."""
    if context.principal.local:
        return names
    decision = context.decision
    return [] if decision is None or decision.hides_personal_data else [product]


def _hide_measurements(event: dict[str, Any]) -> dict[str, Any]:
    """The event without what was measured of the rows of its datasets."""
    hidden = dict(event)
    for side in ("inputs", "outputs"):
        if side in event:
            hidden[side] = [_strip_dataset(dataset) for dataset in event[side]]
    return hidden


def _strip_dataset(dataset: dict[str, Any]) -> dict[str, Any]:
    return {
        field: {name: facet for name, facet in value.items() if name not in _MEASUREMENTS}
        if field in ("facets", "inputFacets", "outputFacets")
        else value
        for field, value in dataset.items()
    }


_MEASUREMENTS = frozenset(
    ["outputStatistics", "inputStatistics", "dataQualityMetrics", "dataQualityAssertions", "columnMetrics"]
)


def _list_products(nodes: Iterable[LineageNode]) -> Iterator[str]:
    for node in nodes:
        if node.kind == "product":
            yield node.product
        yield from _list_products(node.steps)


def _read_events(conn: Connection, product: str) -> Iterator[dict[str, Any]]:
    for kind in (EventKind.RENAMED, EventKind.REGISTERED):
        for contract in events.list_history(conn, product, kind, limit=1):
            yield from contract.body or ()
    for received in events.list_history(conn, product, EventKind.LINEAGE_RECEIVED, limit=_RECEIVED):
        yield from received.body or ()
    newest: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for publish in events.list_history(conn, product, EventKind.PUBLISHED, limit=_LOOKED_AT):
        newest.setdefault(_list_written_datasets(publish.body or []), publish.body or [])
    for body in newest.values():
        yield from body


def _list_written_datasets(body: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """The datasets that a publish wrote."""
    return tuple(output["name"] for event in body for output in event.get("outputs", ()))
