"""Renders lineage as a Mermaid flowchart and as a Graphviz graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from data_platform.cli.console.text import clean
from data_platform.cli.views.lineage_tree import (
    describe_read,
    describe_transformations,
    format_column_name,
    format_dataset,
)
from data_platform.verbs.lineage.column_results import ColumnGraph, ColumnNode
from data_platform.verbs.results import LineageGraph, LineageNode

_MERMAID = {"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;"}
_DOT = {"\\": "\\\\", '"': '\\"'}


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge between two nodes.

    A `faint` one transfers no data that the mesh knows of: it is declared or reported, or a column only decides.
    """

    begin: str
    end: str
    label: str
    faint: bool


@dataclass
class Drawing:
    """The nodes by (kind, name) with their ids, and the distinct arrows between them."""

    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    arrows: dict[Arrow, None] = field(default_factory=dict)

    def add_node(self, kind: str, name: str) -> str:
        """Returns the id of a node, which is added if it is new."""
        return self.ids.setdefault((kind, name), f"n{len(self.ids)}")

    def add_arrow(self, here: str, there: str, label: str, *, faint: bool, upwards: bool) -> None:
        """Adds an arrow in the direction of the data flow."""
        begin, end = (there, here) if upwards else (here, there)
        self.arrows[Arrow(begin, end, label, faint)] = None


def draw_graph(graph: LineageGraph) -> Drawing:
    """Returns a drawing with a node per product or source."""
    drawing = Drawing()
    drawing.add_node("product", graph.product)
    _add_outputs(drawing, graph.product, graph.upstream, upwards=True)
    _add_outputs(drawing, graph.product, graph.downstream, upwards=False)
    return drawing


def draw_column_graph(graph: ColumnGraph) -> Drawing:
    """Returns a drawing with a node per column."""
    drawing = Drawing()
    start = drawing.add_node("product", f"{graph.product}.{graph.output}.{graph.column}")
    _add_columns(drawing, start, graph.upstream, upwards=True)
    _add_columns(drawing, start, graph.downstream, upwards=False)
    return drawing


def render_mermaid(drawing: Drawing) -> str:
    """Renders a Mermaid flowchart; faint arrows are dotted."""
    return "\n".join(["flowchart LR", *_render_mermaid_lines(drawing)])


def render_dot(drawing: Drawing) -> str:
    """Renders a graph in the language of Graphviz; faint arrows are dashed."""
    return "\n".join(["digraph lineage {", "  rankdir=LR;", "  node [shape=box];", *_render_dot_lines(drawing), "}"])


def _add_outputs(drawing: Drawing, here: str, nodes: Sequence[LineageNode], *, upwards: bool) -> None:
    for node in nodes:
        there = node.product
        if node.kind == "external":
            there = format_dataset(there, (node.output or "") if upwards else ", ".join(node.feeds))
        ends = drawing.add_node("product", here), drawing.add_node(node.kind, there)
        is_faint = node.declared or node.report is not None
        drawing.add_arrow(*ends, _describe_arrow(node, upwards=upwards), faint=is_faint, upwards=upwards)
        _add_outputs(drawing, node.product, node.steps, upwards=upwards)


def _describe_arrow(node: LineageNode, *, upwards: bool) -> str:
    read = describe_read(node) if node.output and not (upwards and node.kind == "external") else ""
    report = f"reported by {node.report.by}" if node.report is not None else ""
    return ", ".join(filter(None, (read, report)))


def _add_columns(drawing: Drawing, here: str, nodes: Sequence[ColumnNode], *, upwards: bool) -> None:
    for node in nodes:
        there = drawing.add_node(node.kind, format_column_name(node))
        decides = all(transformation.type == "INDIRECT" for transformation in node.transformations)
        does = f"reported by {node.report.by}" if node.report else describe_transformations(node.transformations)
        drawing.add_arrow(here, there, does, faint=decides, upwards=upwards)
        _add_columns(drawing, there, node.steps, upwards=upwards)


def _render_mermaid_lines(drawing: Drawing) -> Iterator[str]:
    for (kind, name), id_ in drawing.ids.items():
        label = f'"{_escape_label(name, _MERMAID)}"'
        yield f"  {id_}[{label}]" if kind == "product" else f"  {id_}[({label})]"
    for arrow in drawing.arrows:
        label = f'|"{_escape_label(arrow.label, _MERMAID)}"|' if arrow.label else ""
        yield f"  {arrow.begin} {'-.->' if arrow.faint else '-->'}{label} {arrow.end}"


def _render_dot_lines(drawing: Drawing) -> Iterator[str]:
    for (kind, name), id_ in drawing.ids.items():
        shape = "" if kind == "product" else ", shape=cylinder"
        yield f'  {id_} [label="{_escape_label(name, _DOT)}"{shape}];'
    for arrow in drawing.arrows:
        style = ", style=dashed" if arrow.faint else ""
        yield f'  {arrow.begin} -> {arrow.end} [label="{_escape_label(arrow.label, _DOT)}"{style}];'


def _escape_label(text: str, with_: dict[str, str]) -> str:
    return "".join(with_.get(character, character) for character in clean(text))
