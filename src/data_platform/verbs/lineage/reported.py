"""Lineage that other tools reported: taken from received events, and shown beside what the mesh recorded itself.

Nothing relies on it: no column inherits protection from it, or loses it by it, and no policy reads it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from data_platform.lineage.naming import Name
from data_platform.lineage.received_events import ReceivedEvent
from data_platform.record.lineage.reported_edges import ReportedEdge
from data_platform.settings import Principal
from data_platform.verbs.results.lineage import LineageReport

Place = tuple[str, str]
"""A product and the key of an output."""
_WITHOUT_DATA = frozenset(["ABORT", "FAIL"])


def list_edges(
    event: ReceivedEvent, places: Mapping[Name, Place], allowed: Collection[Place], by: Principal, now: datetime
) -> Iterator[ReportedEdge]:
    """What the event says of the `allowed` outputs; nothing for a run that failed. Its moment is not after `now`."""
    if event.state in _WITHOUT_DATA:
        return
    columns: defaultdict[tuple[Name, Name], list[tuple[str, str]]] = defaultdict(list)
    for use in event.columns:
        columns[use.source, use.target].append((use.source_column, use.target_column))
    written = [name for name in event.outputs if places.get(name) in allowed]
    pairs = dict.fromkeys((source, target) for target in written for source in event.inputs)
    read = [name for name in event.inputs if places.get(name) in allowed]
    pairs |= dict.fromkeys((source, target) for source in read for target in event.outputs)
    for source, target in pairs:
        source_place, target_place = places.get(source), places.get(target)
        if source == target or (source_place is not None and source_place == target_place):
            continue
        yield ReportedEdge(
            *_describe_end(source, source_place),
            *_describe_end(target, target_place),
            job=str(event.job),
            run=str(event.run),
            producer=event.producer,
            by=by.name,
            verified=by.verified,
            at=min(event.at, now),
            columns=columns[source, target],
        )


def _describe_end(name: Name, place: Place | None) -> tuple[str | None, str | None, str | None, str | None]:
    """The end of an edge: an output by its names in the mesh, whatever the tool called it."""
    return (*place, None, None) if place is not None else (None, None, *name)


def describe_report(edge: ReportedEdge) -> LineageReport:
    """Who reported the edge, and when."""
    return LineageReport(edge.job, edge.producer, edge.by, edge.verified, edge.run, edge.at)


def name_source(edge: ReportedEdge) -> tuple[str, str, str]:
    """The kind, the product and the output of the source; an external one has its namespace and its name there."""
    return _name_end(edge.source_product, edge.source_output, edge.source_namespace, edge.source_name)


def name_target(edge: ReportedEdge) -> tuple[str, str, str]:
    """The same of the target."""
    return _name_end(edge.target_product, edge.target_output, edge.target_namespace, edge.target_name)


def _name_end(product: str | None, output: str | None, namespace: str | None, name: str | None) -> tuple[str, str, str]:
    return ("product", product, output or "") if product is not None else ("external", namespace or "", name or "")
