"""Lineage as a tree of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from data_platform.cli.console.text import clean
from data_platform.verbs.lineage.column_results import ColumnGraph, ColumnNode, Transformation
from data_platform.verbs.results import LineageGraph, LineageNode

EVERY_ROW = "every row"
N = TypeVar("N", LineageNode, ColumnNode)


def tree(graph: LineageGraph) -> Iterator[str]:
    """The lines of a tree of outputs: upstream first, then downstream."""
    yield clean(f"{graph.product}.{graph.output}" if graph.output else graph.product)
    yield from _branch("comes from", graph.upstream, _upper)
    yield from _branch("goes to", graph.downstream, _lower)


def column_tree(graph: ColumnGraph) -> Iterator[str]:
    """The lines of a tree of columns: upstream first, then downstream."""
    yield clean(f"{graph.product}.{graph.output}.{graph.column}")
    yield from _branch("made from", graph.upstream, _made_from)
    yield from _branch("used in", graph.downstream, _used_in)


def column_name(node: ColumnNode) -> str:
    """The column, or the output all of whose rows are meant."""
    place = f"{node.product}.{node.output}" if node.output else node.product
    return f"{place}.{node.column}" if node.column is not None else f"{place}, {EVERY_ROW}"


def how(transformations: Sequence[Transformation]) -> str:
    """What is done to a column, such as "identity, join"."""
    return ", ".join(dict.fromkeys(map(str, transformations)))


def read(node: LineageNode) -> str:
    """The output and the version that were read."""
    return f"{node.output or 'it'}{f' version {node.version}' if node.version else ''}"


def _branch(title: str, nodes: Sequence[N], label: Callable[[N], str]) -> Iterator[str]:
    yield title if nodes else f"{title} nothing known"
    yield from _lines(nodes, "", label)


def _lines(nodes: Sequence[N], margin: str, label: Callable[[N], str]) -> Iterator[str]:
    for at, node in enumerate(nodes, 1):
        last = at == len(nodes)
        yield f"{margin}{'└── ' if last else '├── '}{clean(label(node))}"
        yield from _lines(node.steps, margin + ("    " if last else "│   "), label)


def _upper(node: LineageNode) -> str:
    """Upwards the output that is read stands with its product."""
    way = [f"{node.product}.{read(node)}" if node.output else node.product]
    way += [f"into {', '.join(node.feeds)}"] if node.feeds else []
    return _output(node, way)


def _lower(node: LineageNode) -> str:
    """Downwards the output that is read is ours, and said in words."""
    feeds = f".{', '.join(node.feeds)}" if node.feeds else ""
    return _output(node, [f"{node.product}{feeds}", f"reads {read(node)}"])


def _output(node: LineageNode, way: list[str]) -> str:
    way += [f"columns {', '.join(node.columns)}"] if node.columns else []
    return "  ".join([*way, *_marks(node, declared=node.declared)])


def _made_from(node: ColumnNode) -> str:
    version = f" version {node.version}" if node.version else ""
    return "  ".join([f"{column_name(node)}{version}", how(node.transformations), *_marks(node, declared=False)])


def _used_in(node: ColumnNode) -> str:
    """Downwards the version that was read is ours."""
    version = [f"of version {node.version}"] if node.version else []
    return "  ".join([column_name(node), how(node.transformations), *version, *_marks(node, declared=False)])


def _marks(node: LineageNode | ColumnNode, *, declared: bool) -> list[str]:
    marks = {"source": node.kind == "source", "declared": declared, "cycle": node.cycle, "see above": node.again}
    return [f"[{mark}]" for mark, holds in marks.items() if holds]
