"""How far a change of a column comes: step by step down the lineage, through columns where they are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from data_platform.record.catalog import inputs
from data_platform.record.lineage import column_lineage, lineage, reported_edges
from data_platform.record.lineage.column_lineage import Place
from data_platform.record.lineage.lineage import Edge, Port
from data_platform.record.lineage.reported_edges import ReportedEdge
from data_platform.verbs.core.lookup.input_resolution import InputResolver
from data_platform.verbs.lineage.column_results import Transformation
from data_platform.verbs.lineage.reported import describe_report
from data_platform.verbs.results.lineage import LineageReport

_Arrival = tuple[Place, bool, set[Transformation]]
"""A column that the change reaches, whether that is certain, and what is done to the one before."""
Dataset = tuple[str, str]
"""A namespace and a name: a dataset outside the mesh."""


@dataclass
class ReachedOutput:
    """What is known of one output that the change reaches."""

    steps: int
    certain: bool = False
    report: LineageReport | None = None
    """Who reported it, where only that is known."""
    columns: defaultdict[str | None, set[Transformation]] = field(default_factory=lambda: defaultdict(set))


class ImpactWalk:
    """A change on its way; `reached` has what it touches, nearest first.

    It is not certain for outputs without column lineage, for products that only declare the input, and for what only
    other tools report, which counts if it is `reported`; then `external` has the datasets outside the mesh. It ends
    before a product that `shows` is false of.
    """

    def __init__(
        self, start: Place, *, shows: Callable[[str], bool] = lambda product: True, reported: bool = False
    ) -> None:
        self._shows = shows
        self.reached: dict[Port, ReachedOutput] = {}
        self.external: dict[Dataset, ReachedOutput] = {}
        self._reported = reported
        self._front: Mapping[Place, bool] = {start: True}
        self._seen: dict[Place, bool] = {start: True}

    def run(self, conn: Connection, depth: int) -> None:
        """Lets the change run `depth` steps down, or to its end."""
        for steps in range(1, depth + 1):
            reports = self._find_reports(conn) if self._reported else []
            arrivals = [arrival for arrival in self._find_arrivals(conn) if self._shows(arrival[0][0])]
            self._add_arrivals(arrivals, steps)
            self._add_reports(reports, steps)
            if not self._front:
                return

    def _add_arrivals(self, arrivals: list[_Arrival], steps: int) -> None:
        new: dict[Place, bool] = {}
        for place, certain, does in arrivals:
            output = self.reached.setdefault(place[:2], ReachedOutput(steps))
            output.certain |= certain
            if place[1] is not None:
                output.columns[place[2]] |= does
                new[place] = new.get(place, False) or certain
        front = {place: sure for place, sure in new.items() if place not in self._seen or sure > self._seen[place]}
        self._seen.update(front)
        self._front = front

    def _find_reports(self, conn: Connection) -> list[ReportedEdge]:
        ports = {(product, output) for product, output, _ in self._front}
        edges = (edge for edge in reported_edges.find_below(conn, ports) if self._is_read(edge))
        return [edge for edge in edges if edge.target_product is None or self._shows(edge.target_product)]

    def _is_read(self, edge: ReportedEdge) -> bool:
        """Whether the tool may have read a column that the change has reached."""
        port = (edge.source_product, edge.source_output)
        reached = {place[2] for place in self._front if place[:2] == port}
        return None in reached or not edge.columns or any(source in reached for source, _ in edge.columns)

    def _add_reports(self, edges: Collection[ReportedEdge], steps: int) -> None:
        """Adds what is not reached otherwise, and lets the change go on from there, through every column."""
        front = dict(self._front)
        for edge in edges:
            report = describe_report(edge)
            if edge.target_product is None:
                dataset = (edge.target_namespace or "", edge.target_name or "")
                self.external.setdefault(dataset, ReachedOutput(steps, report=report))
            elif (port := (edge.target_product, edge.target_output)) not in self.reached:
                self.reached[port] = ReachedOutput(steps, report=report)
                self.reached[port].columns[None] = set()
                front[*port, None] = self._seen[*port, None] = False
        self._front = front

    def _find_arrivals(self, conn: Connection) -> Iterator[_Arrival]:
        if not self._front:
            return
        ports = {(product, output) for product, output, _ in self._front}
        edges = lineage.find_below(conn, ports)
        yield from self._follow_columns(conn)
        yield from self._follow_unknown(conn, edges)
        yield from _follow_declared(conn, ports, edges)

    def _follow_columns(self, conn: Connection) -> Iterator[_Arrival]:
        for edge in column_lineage.find_below(conn, self._front):
            name, output, column = edge.source_name, edge.source_output, edge.source_column
            certain = self._front.get((name, output, column), False) or self._front.get((name, output, None), False)
            does = {Transformation(edge.type, edge.subtype, edge.masking)}
            yield (edge.product, edge.output, edge.column), certain, does

    def _follow_unknown(self, conn: Connection, edges: Collection[Edge]) -> Iterator[_Arrival]:
        """Outputs made from the columns without recorded column lineage."""
        described = column_lineage.list_described(conn, {edge.product for edge in edges})
        for edge in edges:
            if (edge.product, edge.output) not in described and self._reads(edge):
                yield (edge.product, edge.output, None), False, set()

    def _reads(self, edge: Edge) -> bool:
        """Whether it read a column that the change has reached; which were read may be unknown."""
        port = (edge.source_name, edge.source_output)
        reached = {place[2] for place in self._front if place[:2] == port}
        return None in reached or not edge.columns or not reached.isdisjoint(edge.columns)


def _follow_declared(conn: Connection, ports: Collection[Port], edges: Collection[Edge]) -> Iterator[_Arrival]:
    """Products that only say that they read: no data came that way yet."""
    came = {(edge.source_name, edge.source_output, edge.product) for edge in edges}
    for resolve_input in InputResolver(conn).resolve_inputs(inputs.list_readers(conn, {name for name, _ in ports})):
        port = (resolve_input.source_product, resolve_input.source_output)
        if port in ports and (*port, resolve_input.product) not in came:
            yield (resolve_input.product, None, None), False, set()
