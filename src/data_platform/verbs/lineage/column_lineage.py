"""column_lineage: which columns a column is made from, and which are made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection

from data_platform.errors import NotFound
from data_platform.record.lineage import column_lineage, reported_edges
from data_platform.record.lineage.column_lineage import ColumnEdge
from data_platform.spec.text.names import find_nearest
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import OutputLabels, resolve_output, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.lineage.column_results import ColumnGraph, ColumnNode, Transformation
from data_platform.verbs.lineage.lineage import Direction, check_depth
from data_platform.verbs.lineage.reported import describe_report, name_source, name_target
from data_platform.verbs.lineage.spanning_tree import SpanningTree
from data_platform.verbs.results.lineage import LineageReport


@dataclass(frozen=True, slots=True)
class LineageOfColumn(Request[ColumnGraph]):
    """The lineage of one column, `depth` steps up and down."""

    product: str
    output: str
    column: str
    depth: int = 1
    direction: Direction = "both"


class _Place(NamedTuple):
    """A column of an output (None: every row of it), or of a table of a source."""

    kind: str
    product: str
    output: str | None
    column: str | None

    def meets(self, other: _Place) -> bool:
        """Whether values of the one may be values of the other."""
        return self == other or (self[:3] == other[:3] and (self.column is None or other.column is None))


class _Step(NamedTuple):
    """One way between two columns, through the version that was read."""

    begin: _Place
    end: _Place
    version: int | None
    does: tuple[Transformation, ...]
    report: LineageReport | None = None


def show_column_lineage(context: Context, request: LineageOfColumn) -> ColumnGraph:
    """The graph around a column; raises NotFound, BadInput."""
    check_depth(request.depth)
    with context.record.reading() as conn:
        key = check_column(conn, request.product, request.output, request.column)
        place = (request.product, key, request.column)
        part = find_visible_part(context, conn)
        return build_column_graph(conn, part, place, request.depth, request.direction)


def build_column_graph(
    conn: Connection, part: VisiblePart, place: tuple[str, str, str], depth: int, direction: Direction = "both"
) -> ColumnGraph:
    """The visible graph around a column, by its product, output and name."""
    start = _Place("product", *place)
    labels = OutputLabels(conn)
    above = _walk_around(conn, part, labels, start, depth, upwards=True) if direction != "downstream" else ()
    below = _walk_around(conn, part, labels, start, depth, upwards=False) if direction != "upstream" else ()
    product, output, column = place
    return ColumnGraph(product, labels.label(product, output), column, above, below)


def check_column(conn: Connection, product: str, output: str, column: str) -> str:
    """The key of the output's major; raises NotFound, with the nearest name, for what its contract does not have."""
    resolve_product(conn, product)
    row = resolve_output(conn, product, output)
    names = row.schema.names if row.schema is not None else ()
    if column not in names:
        near = find_nearest(column, names)
        hint = f"its columns are {', '.join(names[:20])}" if names else "it has no schema before its first publish"
        raise NotFound(f"{product}.{output} has no column {column}", hint=f"did you mean {near}?" if near else hint)
    return row.name


def _walk_around(
    conn: Connection, part: VisiblePart, labels: OutputLabels, start: _Place, depth: int, *, upwards: bool
) -> tuple[ColumnNode, ...]:
    walk = column_lineage.walk_upstream if upwards else column_lineage.walk_downstream
    steps_by_output: defaultdict[tuple[str, str | None], list[_Step]] = defaultdict(list)
    edges = walk(conn, start.product, start.output, start.column, depth=depth)
    steps = [_build_step(edge, upwards=upwards) for edge in edges]
    for step in [*steps, *_list_reported_steps(conn, start, steps, upwards=upwards)]:
        if step.end.kind == "product" and not part.shows(step.end.product):
            continue
        steps_by_output[step.begin.product, step.begin.output].append(step)

    def find_steps(place: _Place) -> Sequence[tuple[_Step, _Place]]:
        ways = steps_by_output[place.product, place.output] if place.kind == "product" else []
        return [(step, step.end) for step in _merge_steps(way for way in ways if way.begin.meets(place))]

    def build_node(step: _Step, cycle: bool, again: bool, further: tuple[ColumnNode, ...]) -> ColumnNode:
        end = step.end
        output = labels.label(end.product, end.output) if end.output and end.kind == "product" else end.output
        facts = (end.product, output, end.column, end.kind, step.version, step.does)
        return ColumnNode(*facts, cycle, again, further, step.report)

    return SpanningTree(find_steps, build_node, _Place.meets, depth).build_around(start)


def _list_reported_steps(conn: Connection, start: _Place, steps: Sequence[_Step], *, upwards: bool) -> Iterator[_Step]:
    """What other tools reported of the columns on the way, where the mesh knows no such step itself."""
    proved = {(step.begin, step.end) for step in steps}
    places = (start, *(step.end for step in steps if step.end.kind == "product"))
    find = reported_edges.find_above if upwards else reported_edges.find_below
    for edge in find(conn, {(place.product, place.output) for place in places}):
        for source_column, target_column in edge.columns:
            target = _Place(*name_target(edge), target_column)
            source = _Place(*name_source(edge), source_column)
            begin, end = (target, source) if upwards else (source, target)
            if (begin, end) not in proved:
                yield _Step(begin, end, None, (), describe_report(edge))


def _build_step(edge: ColumnEdge, *, upwards: bool) -> _Step:
    made = _Place("product", edge.product, edge.output, edge.column)
    source = _Place(edge.kind, edge.source_name, edge.source_output, edge.source_column)
    begin, end = (made, source) if upwards else (source, made)
    return _Step(begin, end, edge.source_version, _build_transformations(edge.type, edge.subtype, edge.masking))


@cache
def _build_transformations(type: str, subtype: str, masking: bool) -> tuple[Transformation, ...]:
    """One transformation; there are a dozen, however many edges say them."""
    return (Transformation(type, subtype, masking),)


def _merge_steps(steps: Iterable[_Step]) -> Iterator[_Step]:
    """Steps to one end become one: what gives values first, then what decides."""
    grouped: defaultdict[tuple[_Place, int | None], list[_Step]] = defaultdict(list)
    for step in steps:
        grouped[step.end, step.version].append(step)
    for first, *others in grouped.values():
        does = {transformation for step in (first, *others) for transformation in step.does} if others else ()
        yield first._replace(does=tuple(sorted(does))) if does else first
