"""Lineage drawn by others: as a flowchart of Mermaid, and as a graph of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from data_platform.cli.console.text import clean
from data_platform.cli.views.lineage_tree import column_name, how, read
from data_platform.verbs.lineage.column_results import ColumnGraph, ColumnNode
from data_platform.verbs.results import LineageGraph, LineageNode

_MERMAID = {"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;"}
_DOT = {"\\": "\\\\", '"': '\\"'}


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one node to another; `faint` ones hand on no data: declared only, or columns that only decide."""

    begin: str
    end: str
    label: str
    faint: bool


@dataclass
class Drawing:
    """Nodes by (kind, name), each with its id, and the arrows between them, each once."""

    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    arrows: dict[Arrow, None] = field(default_factory=dict)

    def node(self, kind: str, name: str) -> str:
        """The id of a node, which is new or known."""
        return self.ids.setdefault((kind, name), f"n{len(self.ids)}")

    def arrow(self, here: str, there: str, label: str, *, faint: bool, upwards: bool) -> None:
        """An arrow in the direction that data flows."""
        begin, end = (there, here) if upwards else (here, there)
        self.arrows[Arrow(begin, end, label, faint)] = None


def drawn(graph: LineageGraph) -> Drawing:
    """A node for each product or source."""
    drawing = Drawing()
    drawing.node("product", graph.product)
    _outputs(drawing, graph.product, graph.upstream, upwards=True)
    _outputs(drawing, graph.product, graph.downstream, upwards=False)
    return drawing


def columns_drawn(graph: ColumnGraph) -> Drawing:
    """A node for each column."""
    drawing = Drawing()
    start = drawing.node("product", f"{graph.product}.{graph.output}.{graph.column}")
    _columns(drawing, start, graph.upstream, upwards=True)
    _columns(drawing, start, graph.downstream, upwards=False)
    return drawing


def mermaid(drawing: Drawing) -> str:
    """The drawing as a Mermaid flowchart; what is faint is dotted."""
    return "\n".join(["flowchart LR", *_mermaid_lines(drawing)])


def dot(drawing: Drawing) -> str:
    """The drawing as a graph in Graphviz's language; what is faint is dashed."""
    return "\n".join(["digraph lineage {", "  rankdir=LR;", "  node [shape=box];", *_dot_lines(drawing), "}"])


def _outputs(drawing: Drawing, here: str, nodes: Sequence[LineageNode], *, upwards: bool) -> None:
    for node in nodes:
        ends = drawing.node("product", here), drawing.node(node.kind, node.product)
        drawing.arrow(*ends, read(node) if node.output else "", faint=node.declared, upwards=upwards)
        _outputs(drawing, node.product, node.steps, upwards=upwards)


def _columns(drawing: Drawing, here: str, nodes: Sequence[ColumnNode], *, upwards: bool) -> None:
    for node in nodes:
        there = drawing.node(node.kind, column_name(node))
        decides = all(each.type == "INDIRECT" for each in node.transformations)
        drawing.arrow(here, there, how(node.transformations), faint=decides, upwards=upwards)
        _columns(drawing, there, node.steps, upwards=upwards)


def _mermaid_lines(drawing: Drawing) -> Iterator[str]:
    for (kind, name), id_ in drawing.ids.items():
        label = f'"{_escaped(name, _MERMAID)}"'
        yield f"  {id_}[({label})]" if kind == "source" else f"  {id_}[{label}]"
    for arrow in drawing.arrows:
        label = f'|"{_escaped(arrow.label, _MERMAID)}"|' if arrow.label else ""
        yield f"  {arrow.begin} {'-.->' if arrow.faint else '-->'}{label} {arrow.end}"


def _dot_lines(drawing: Drawing) -> Iterator[str]:
    for (kind, name), id_ in drawing.ids.items():
        shape = ", shape=cylinder" if kind == "source" else ""
        yield f'  {id_} [label="{_escaped(name, _DOT)}"{shape}];'
    for arrow in drawing.arrows:
        style = ", style=dashed" if arrow.faint else ""
        yield f'  {arrow.begin} -> {arrow.end} [label="{_escaped(arrow.label, _DOT)}"{style}];'


def _escaped(text: str, with_: dict[str, str]) -> str:
    return "".join(with_.get(character, character) for character in clean(text))
