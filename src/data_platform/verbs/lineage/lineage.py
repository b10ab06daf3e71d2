"""lineage: where data came from and where it went, and what product.yaml declares but no data has shown yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from data_platform.errors import BadInput
from data_platform.record.catalog import inputs
from data_platform.record.catalog.inputs import DeclaredInput
from data_platform.record.lineage import lineage, reported_edges
from data_platform.record.lineage.lineage import Edge, Port
from data_platform.record.lineage.reported_edges import ReportedEdge
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.erasures import list_erased_columns
from data_platform.verbs.core.lookup.input_resolution import InputResolver
from data_platform.verbs.core.lookup.resolve import OutputLabels, resolve_output, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.lineage.reported import describe_report, name_source, name_target
from data_platform.verbs.lineage.spanning_tree import SpanningTree
from data_platform.verbs.results import LineageGraph, LineageNode, LineageReport

MOST_DEPTH = 50
Direction = Literal["both", "upstream", "downstream"]


@dataclass(frozen=True, slots=True)
class Lineage(Request[LineageGraph]):
    """The lineage of a product, or of one of its outputs, `depth` steps up and down."""

    product: str
    depth: int = 1
    output: str | None = None
    direction: Direction = "both"


class _Place(NamedTuple):
    """Some outputs of a product (None: any of them), or a table of a source."""

    kind: str
    product: str
    outputs: frozenset[str] | None

    def meets(self, other: _Place) -> bool:
        """Whether data of the one may be data of the other."""
        if self[:2] != other[:2]:
            return False
        return self.outputs is None or other.outputs is None or not self.outputs.isdisjoint(other.outputs)

    @property
    def ports(self) -> Iterator[Port]:
        """The outputs as ports of the record."""
        return iter(
            [(self.product, None)] if self.outputs is None else [(self.product, output) for output in self.outputs]
        )


class _Step(NamedTuple):
    """One way from `upper` to `lower`; all outputs of the lower product that it feeds are in `feeds`."""

    upper: str
    output: str | None
    lower: str
    kind: str
    declared: bool
    version: int | None = None
    columns: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    lower_kind: str = "product"
    report: LineageReport | None = None

    @property
    def above(self) -> _Place:
        """Where the data is read."""
        return _Place(self.kind, self.upper, None if self.output is None else frozenset([self.output]))

    @property
    def below(self) -> _Place:
        """Where it goes; what is only declared may go anywhere in the product."""
        return _Place(self.lower_kind, self.lower, frozenset(self.feeds) or None)


def show_lineage(context: Context, request: Lineage) -> LineageGraph:
    """The graph around a product or an output; raises NotFound, BadInput."""
    check_depth(request.depth)
    with context.record.reading() as conn:
        product = resolve_product(conn, request.product).name
        key = resolve_output(conn, request.product, request.output).name if request.output is not None else None
        part = find_visible_part(context, conn)
        graph = build_lineage_graph(conn, part, request.product, request.depth, key, request.direction, reported=True)
        label = partial(OutputLabels(conn).label, product)
        return replace(graph, erased=list_erased_columns(conn, context.folder(product), label, key))


def build_lineage_graph(
    conn: Connection,
    part: VisiblePart,
    product: str,
    depth: int,
    output: str | None = None,
    direction: Direction = "both",
    *,
    reported: bool = False,
) -> LineageGraph:
    """The visible graph around a product that is registered or only declared as an input.

    It ends before a product that is hidden, and nothing beyond it is reached through it. With `reported` it has what
    other tools reported too, where the mesh knows no such step itself.
    """
    start = _Place("product", product, None if output is None else frozenset([output]))
    labels = OutputLabels(conn)
    upwards, downwards = _Walk(conn, part, reported, upwards=True), _Walk(conn, part, reported, upwards=False)
    above = _walk_around(upwards, labels, start, depth) if direction != "downstream" else ()
    below = _walk_around(downwards, labels, start, depth) if direction != "upstream" else ()
    return LineageGraph(product, above, below, labels.label(product, output) if output is not None else None)


def check_depth(depth: int) -> None:
    """Raises BadInput for what is no number of steps."""
    if not 1 <= depth <= MOST_DEPTH:
        raise BadInput(f"depth {depth} is not between 1 and {MOST_DEPTH}")


class _Walk(NamedTuple):
    """One direction through the graph, with or without what is `reported`."""

    conn: Connection
    part: VisiblePart
    reported: bool
    upwards: bool

    def find_steps(self, resolver: InputResolver, ports: set[Port]) -> list[_Step]:
        """The steps directly above or below these outputs, to what is visible."""
        reached = ((step, step.above if self.upwards else step.below) for step in self._find_all(resolver, ports))
        return [step for step, end in reached if end.kind != "product" or self.part.shows(end.product)]

    def _find_all(self, resolver: InputResolver, ports: set[Port]) -> list[_Step]:
        find = _find_steps_above if self.upwards else _find_steps_below
        steps = find(self.conn, resolver, ports)
        if not self.reported:
            return steps
        find_reported = reported_edges.find_above if self.upwards else reported_edges.find_below
        proved = {(step.above, output) for step in steps for output in step.feeds}
        reports = map(_build_reported_step, find_reported(self.conn, ports))
        return steps + [step for step in reports if (step.above, *step.feeds) not in proved]


def _walk_around(walk: _Walk, labels: OutputLabels, start: _Place, depth: int) -> tuple[LineageNode, ...]:
    steps_by_product: defaultdict[str, list[tuple[_Step, _Place, _Place]]] = defaultdict(list)
    for step in _collect_steps(walk, start, depth):
        begin, end = (step.below, step.above) if walk.upwards else (step.above, step.below)
        steps_by_product[begin.product].append((step, begin, end))

    def find_steps(place: _Place) -> Sequence[tuple[_Step, _Place]]:
        candidates = steps_by_product[place.product] if place.kind == "product" else []
        return [(step, end) for step, begin, end in candidates if begin.meets(place)]

    def build_node(step: _Step, cycle: bool, again: bool, further: tuple[LineageNode, ...]) -> LineageNode:
        there, kind = (step.upper, step.kind) if walk.upwards else (step.lower, step.lower_kind)
        output = labels.label(step.upper, step.output) if step.output and step.kind == "product" else step.output
        feeds = tuple(labels.label(step.lower, feed) for feed in step.feeds)
        facts = (output, kind, step.declared, step.version, step.columns, feeds)
        return LineageNode(there, *facts, cycle, again, further, step.report)

    return SpanningTree(find_steps, build_node, _Place.meets, depth).build_around(start)


def _collect_steps(walk: _Walk, start: _Place, depth: int) -> list[_Step]:
    """Every step within `depth` steps, each once."""
    resolver = InputResolver(walk.conn)
    collected: dict[_Step, None] = {}
    seen, frontier = {start}, {start}
    for _ in range(depth):
        steps = walk.find_steps(resolver, {port for place in frontier for port in place.ports})
        collected.update(dict.fromkeys(steps))
        ends = {step.above if walk.upwards else step.below for step in steps}
        frontier = {end for end in ends if end.kind == "product"} - seen
        if not frontier:
            break
        seen |= frontier
    return sorted(
        collected, key=lambda step: (step.kind, step.upper if walk.upwards else step.lower, step.output or "")
    )


def _build_reported_step(edge: ReportedEdge) -> _Step:
    kind, upper, output = name_source(edge)
    lower_kind, lower, feed = name_target(edge)
    columns = tuple(sorted({source for source, _ in edge.columns}))
    return _Step(upper, output, lower, kind, False, None, columns, (feed,), lower_kind, describe_report(edge))


def _find_steps_above(conn: Connection, resolver: InputResolver, ports: set[Port]) -> list[_Step]:
    names = {name for name, _ in ports}
    into = lineage.find_above(conn, {(name, None) for name in names})
    came = [edge for edge in into if not ports.isdisjoint({(edge.product, edge.output), (edge.product, None)})]
    return _merge_steps(came, resolver.resolve_inputs(inputs.list_by_product(conn, names)), into)


def _find_steps_below(conn: Connection, resolver: InputResolver, ports: set[Port]) -> list[_Step]:
    came, said = (
        lineage.find_below(conn, ports),
        resolver.resolve_inputs(inputs.list_readers(conn, {name for name, _ in ports})),
    )
    declared = [
        d for d in said if not ports.isdisjoint({(d.source_product, d.source_output), (d.source_product, None)})
    ]
    return _merge_steps(came, declared, came)


def _merge_steps(edges: Iterable[Edge], declared: Iterable[DeclaredInput], real: Iterable[Edge]) -> list[_Step]:
    """Edges of one origin into one product become one step; a declared one counts only while no data came."""
    grouped: dict[tuple[str, str | None, str, str, int | None], list[Edge]] = defaultdict(list)
    for edge in edges:
        grouped[edge.source_name, edge.source_output, edge.product, edge.kind, edge.source_version].append(edge)
    steps = [
        _Step(
            upper,
            output,
            lower,
            kind,
            declared=False,
            version=version,
            columns=tuple(sorted({column for edge in group for column in edge.columns})),
            feeds=tuple(sorted({edge.output for edge in group})),
        )
        for (upper, output, lower, kind, version), group in grouped.items()
    ]
    said = (
        _Step(declaration.source_product, declaration.source_output, declaration.product, "product", True)
        for declaration in declared
    )
    covered = {(edge.source_name, edge.source_output, edge.product) for edge in real}
    return steps + [step for step in said if (step.upper, step.output, step.lower) not in covered]
