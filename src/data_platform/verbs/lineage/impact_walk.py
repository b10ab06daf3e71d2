"""How far a change of a column comes: step by step down the lineage, through columns where they are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from data_platform.record.catalog import inputs
from data_platform.record.lineage import column_lineage, lineage
from data_platform.record.lineage.column_lineage import Place
from data_platform.record.lineage.lineage import Edge, Port
from data_platform.verbs.core.input_resolution import InputResolver
from data_platform.verbs.lineage.column_results import Transformation

_Arrival = tuple[Place, bool, set[Transformation]]
"""A column that the change reaches, whether that is certain, and what is done to the one before."""


@dataclass
class ReachedOutput:
    """What is known of one output that the change reaches."""

    steps: int
    certain: bool = False
    columns: defaultdict[str | None, set[Transformation]] = field(default_factory=lambda: defaultdict(set))


class ImpactWalk:
    """A change on its way; `reached` has what it touches, nearest first.

    It is not certain for outputs without column lineage, and for products that only declare the input.
    """

    def __init__(self, start: Place) -> None:
        self.reached: dict[Port, ReachedOutput] = {}
        self._front: Mapping[Place, bool] = {start: True}
        self._seen: dict[Place, bool] = {start: True}

    def run(self, conn: Connection, depth: int) -> None:
        """Lets the change run `depth` steps down, or to its end."""
        for steps in range(1, depth + 1):
            arrivals = list(self._find_arrivals(conn))
            if not arrivals:
                return
            self._add_arrivals(arrivals, steps)

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
