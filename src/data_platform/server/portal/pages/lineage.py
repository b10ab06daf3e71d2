"""The lineage explorer: products or columns around a focus, as a drawing and as a table of the same answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from data_platform.errors import BadInput
from data_platform.server.portal.drawing.graph import Graph, GraphEdge, GraphNode, LineageDrawing, draw_graph
from data_platform.server.portal.pages.search import read_page
from data_platform.server.portal.visit import PageContent, Visit, make_path
from data_platform.verbs.catalog.show import Show
from data_platform.verbs.lineage.column_lineage import LineageOfColumn
from data_platform.verbs.lineage.column_results import ColumnNode
from data_platform.verbs.lineage.impact import ImpactOfColumn
from data_platform.verbs.lineage.lineage import Direction, Lineage
from data_platform.verbs.results.lineage import LineageNode

DEPTHS = (1, 2, 3, 5, 10)
DIRECTIONS = ("both", "upstream", "downstream")
VIEWS = ("graph", "table", "impact")
ROWS = 200


Step = LineageNode | ColumnNode


@dataclass(frozen=True, slots=True)
class LineageRow:
    """One step of a lineage: `distance` is negative upstream, `near` the title of the nearer end.

    `name` and `place` are the two lines of its box; `through` is what the data goes through.
    """

    distance: int
    near: str
    node: Step
    title: str
    name: str
    place: str
    through: str

    @property
    def href(self) -> str | None:
        """The lineage of what it is a step to; None for what is no product."""
        if self.node.kind != "product" or (
            isinstance(self.node, ColumnNode) and not (self.node.output and self.node.column)
        ):
            return None
        path = make_path("lineage", self.node.product)
        if isinstance(self.node, LineageNode):
            return path
        return f"{path}?{urlencode({'output': self.node.output, 'column': self.node.column})}"


def show_lineage(visit: Visit) -> PageContent:
    """The page at `/lineage/NAME`; `output` and `column` choose the focus, `depth` and `direction` its surroundings."""
    name, output, column = visit.names["product"], visit.query["output"] or None, visit.query["column"] or None
    depth, direction = _read_depth(visit), _read_direction(visit)
    product = visit.ask(Show(name))
    view = visit.query["view"] or VIEWS[0]
    if column is None and view == "impact":
        view = VIEWS[0]
    rows: list[LineageRow]
    if column is not None:
        if output is None:
            raise BadInput("a column is one of an output", hint="name the output too")
        columns = visit.ask(LineageOfColumn(product.name, output, column, depth, direction))
        focus = f"{product.name}.{output}.{column}"
        rows = list(_list_rows(focus, columns.upstream, columns.downstream, _make_column_row))
    else:
        graph = visit.ask(Lineage(product.name, depth, output, direction))
        focus = product.name if output is None else f"{product.name}.{output}"
        rows = list(_list_rows(product.name, graph.upstream, graph.downstream, _make_product_row))
    page = read_page(visit)
    values = {
        "product": product,
        "focus": focus,
        "view": view if view in VIEWS else VIEWS[0],
        "depth": depth,
        "depths": DEPTHS,
        "direction": direction,
        "directions": DIRECTIONS,
        "rows": rows[(page - 1) * ROWS : page * ROWS],
        "total": len(rows),
        "page": page,
        "size": ROWS,
        "drawing": _draw(visit, focus, column or output or product.name, product.name, rows)
        if view not in ("table", "impact")
        else None,
        "impact": visit.ask(ImpactOfColumn(product.name, column, output)) if column and view == "impact" else None,
    }
    return PageContent("lineage.html", values)


Describe = Callable[[int, str, Step], LineageRow]


def _list_rows(
    focus: str, upstream: Sequence[Step], downstream: Sequence[Step], describe: Describe
) -> Iterator[LineageRow]:
    """The steps, nearest first, upstream and downstream in turn."""
    waiting = deque(
        [
            *((-1, focus, node) for node in upstream),
            *((1, focus, node) for node in downstream),
        ]
    )
    while waiting:
        distance, near, node = waiting.popleft()
        row = describe(distance, near, node)
        yield row
        further = distance - 1 if distance < 0 else distance + 1
        waiting.extend((further, row.title, step) for step in node.steps)


def _make_product_row(distance: int, near: str, step: Step) -> LineageRow:
    node = cast("LineageNode", step)
    outputs = (node.output or "") if distance < 0 else ", ".join(node.feeds)
    if node.kind == "product":
        return LineageRow(distance, near, node, node.product, node.product, outputs, outputs)
    title = f"{node.product}.{outputs}" if outputs else node.product
    return LineageRow(distance, near, node, title, outputs or node.product, node.product, "")


def _make_column_row(distance: int, near: str, step: Step) -> LineageRow:
    node = cast("ColumnNode", step)
    place = ".".join(part for part in (node.product, node.output) if part)
    title = f"{place}.{node.column}" if node.column else place
    through = ", ".join(map(str, node.transformations))
    return LineageRow(distance, near, node, title, node.column or place, place if node.column else "", through)


def _draw(visit: Visit, focus: str, name: str, product: str, rows: Sequence[LineageRow]) -> LineageDrawing:
    graph = Graph()
    keys = {rows[0].near if rows else focus: "n0"}
    place = focus.removesuffix(name).rstrip(".") or visit.texts("lineage.focus")
    graph.add_node(GraphNode("n0", name, place, 0, "focus", make_path("products", product)))
    for row in rows:
        key = keys.setdefault(row.title, f"n{len(keys)}")
        tone = row.node.kind if row.node.kind in ("source", "external") else "product"
        if not graph.add_node(GraphNode(key, row.name, row.place, row.distance, tone, row.href)):
            continue
        ends = (key, keys[row.near]) if row.distance < 0 else (keys[row.near], key)
        certain = row.node.report is None and not getattr(row.node, "declared", False)
        graph.add_edge(GraphEdge(*ends, certain, row.through))
    return draw_graph(graph)


def _read_depth(visit: Visit) -> int:
    text = visit.query["depth"] or "2"
    if not (text.isascii() and text.isdecimal()) or len(text) > 3:
        raise BadInput(f"{text[:20]!a} is no number of steps", hint=f"depth is one of {', '.join(map(str, DEPTHS))}")
    return int(text)


def _read_direction(visit: Visit) -> Direction:
    text = visit.query["direction"] or "both"
    if text not in DIRECTIONS:
        raise BadInput(f"there is no direction {text[:20]!a}", hint=f"direction is one of {', '.join(DIRECTIONS)}")
    return cast("Direction", text)
