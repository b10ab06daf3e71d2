"""A lineage as a drawing: a column of boxes for each step up- or downstream, and a line for each way of the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

MOST_NODES = 120
_WIDTH, _HEIGHT, _GAP, _STEP, _MARGIN = 216, 42, 14, 296, 16
_LONGEST = 27
_LOWEST_START = 4 * (_HEIGHT + _GAP)
"""Where a step begins at the lowest, so that the first view of a tall drawing shows the focus."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A box: `step` is its distance from the focus, negative upstream. `tone` is focus, product, source or external."""

    key: str
    title: str
    subtitle: str
    step: int
    tone: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """A way from one box to another; `certain` is false for what is only declared or reported."""

    start: str
    end: str
    certain: bool
    title: str = ""


@dataclass(slots=True)
class Graph:
    """What is drawn around a focus; `folded` counts the boxes of a step that are not drawn."""

    nodes: dict[str, GraphNode] = field(default_factory=dict)
    edges: dict[tuple[str, str], GraphEdge] = field(default_factory=dict)
    folded: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add_node(self, node: GraphNode) -> bool:
        """Adds a box unless it is there; False where the drawing is full, and the box is counted instead."""
        if node.key in self.nodes:
            return True
        if len(self.nodes) >= MOST_NODES:
            self.folded[node.step] += 1
            return False
        self.nodes[node.key] = node
        return True

    def add_edge(self, edge: GraphEdge) -> None:
        """Adds a way between two boxes that are drawn."""
        if edge.start in self.nodes and edge.end in self.nodes:
            self.edges.setdefault((edge.start, edge.end), edge)


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A box with its upper left corner."""

    node: GraphNode
    x: int
    y: int

    @property
    def title(self) -> str:
        """The first line, cut where it does not fit."""
        return _shorten(self.node.title)

    @property
    def subtitle(self) -> str:
        """The second line, cut where it does not fit."""
        return _shorten(self.node.subtitle)


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """A line between two boxes, as the path of an SVG."""

    edge: GraphEdge
    curve: str


@dataclass(frozen=True, slots=True)
class LineageDrawing:
    """A graph with all its places, in pixels; `folds` are the places of counts of boxes that are not drawn."""

    width: int
    height: int
    nodes: Sequence[PlacedNode]
    edges: Sequence[PlacedEdge]
    folds: Sequence[tuple[int, int, int]]
    node_width: int = _WIDTH
    node_height: int = _HEIGHT


def draw_graph(graph: Graph) -> LineageDrawing:
    """The places of the boxes and lines."""
    steps = _arrange(graph)
    first = min(steps)
    tallest = max(len(keys) + bool(graph.folded.get(step)) for step, keys in steps.items())
    height = tallest * (_HEIGHT + _GAP) + 2 * _MARGIN
    places: dict[str, tuple[int, int]] = {}
    folds = []
    for step, keys in sorted(steps.items()):
        count = len(keys) + bool(graph.folded.get(step))
        x, top = _MARGIN + (step - first) * _STEP, min((height - count * (_HEIGHT + _GAP) + _GAP) // 2, _LOWEST_START)
        places |= {key: (x, top + place * (_HEIGHT + _GAP)) for place, key in enumerate(keys)}
        if graph.folded.get(step):
            folds.append((x, top + len(keys) * (_HEIGHT + _GAP), graph.folded[step]))
    return LineageDrawing(
        2 * _MARGIN + (max(steps) - first) * _STEP + _WIDTH,
        height,
        [PlacedNode(node, *places[key]) for key, node in graph.nodes.items()],
        [PlacedEdge(edge, _bend(places[edge.start], places[edge.end])) for edge in graph.edges.values()],
        folds,
    )


def _arrange(graph: Graph) -> Mapping[int, Sequence[str]]:
    """The boxes of each step from top to bottom: from the focus outwards, beside those that they are connected with."""
    near, distances = _find_neighbours(graph.edges.values()), _find_steps(graph)
    steps: defaultdict[int, list[str]] = defaultdict(list)
    for key in graph.nodes:
        steps[distances[key]].append(key)
    order: dict[str, float] = {}
    for step in sorted(steps, key=abs):
        inner = {key: [order[other] for other in near[key] if other in order] for key in steps[step]}
        steps[step].sort(key=lambda key, inner=inner: fmean(inner[key] or [0.5]))  # type: ignore[misc]
        order |= {key: (place + 0.5) / len(steps[step]) for place, key in enumerate(steps[step])}
    return steps


def _find_steps(graph: Graph) -> Mapping[str, int]:
    """The step of each box, so that every way goes to the right; in a cycle, each box stays at its distance."""
    distances = {key: node.step for key, node in graph.nodes.items()}
    for _ in graph.nodes:
        moved = False
        for start, end in graph.edges:
            if distances[start] < distances[end]:
                continue
            if distances[start] < 0:  # upstream the start moves away from the focus, downstream the end
                distances[start], moved = distances[end] - 1, True
            elif distances[end] > 0:
                distances[end], moved = distances[start] + 1, True
        if not moved:
            return distances
    return {key: node.step for key, node in graph.nodes.items()}


def _find_neighbours(edges: Iterable[GraphEdge]) -> defaultdict[str, list[str]]:
    near: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
        near[edge.start].append(edge.end)
        near[edge.end].append(edge.start)
    return near


def _bend(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y, end_x, end_y = start[0] + _WIDTH, start[1] + _HEIGHT // 2, end[0], end[1] + _HEIGHT // 2
    bend = max(40, abs(end_x - x) // 2)
    return f"M{x} {y}C{x + bend} {y} {end_x - bend} {end_y} {end_x} {end_y}"


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
