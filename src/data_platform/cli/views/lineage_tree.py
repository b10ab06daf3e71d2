"""Renders lineage as a tree of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from data_platform.cli.console.text import clean, format_minute
from data_platform.cli.views.erasures import describe_erased_column
from data_platform.verbs.lineage.column_results import ColumnGraph, ColumnNode, Transformation
from data_platform.verbs.results import LineageGraph, LineageNode, LineageReport

EVERY_ROW = "every row"
N = TypeVar("N", LineageNode, ColumnNode)


def render_tree(graph: LineageGraph) -> Iterator[str]:
    """Yields the lines of a tree of outputs: upstream first, then downstream."""
    yield clean(f"{graph.product}.{graph.output}" if graph.output else graph.product)
    yield from _render_branch("comes from", graph.upstream, _describe_upstream)
    yield from _render_branch("goes to", graph.downstream, _describe_downstream)
    yield from (clean(f"erased {describe_erased_column(column)}") for column in graph.erased)


def render_column_tree(graph: ColumnGraph) -> Iterator[str]:
    """Yields the lines of a tree of columns: upstream first, then downstream."""
    yield clean(f"{graph.product}.{graph.output}.{graph.column}")
    yield from _render_branch("made from", graph.upstream, _describe_origin)
    yield from _render_branch("used in", graph.downstream, _describe_use)


def format_column_name(node: ColumnNode) -> str:
    """Returns the name of the column, or of the output if the node is all of its rows."""
    place = f"{node.product}.{node.output}" if node.output else node.product
    if node.kind == "external":
        place = format_dataset(node.product, node.output or "")
    return f"{place}.{node.column}" if node.column is not None else f"{place}, {EVERY_ROW}"


def describe_transformations(transformations: Sequence[Transformation]) -> str:
    """Describes the transformations of a column, such as "identity, join"."""
    return ", ".join(dict.fromkeys(map(str, transformations)))


def format_report(report: LineageReport) -> str:
    """Describes what another tool reported, who sent it, and when it was last so."""
    return f"reported by {report.by}: job {report.job} of {report.producer}, {format_minute(report.at)}"


def format_dataset(namespace: str, name: str) -> str:
    """Returns the name of a dataset outside the mesh."""
    return f"{namespace}/{name}"


def describe_read(node: LineageNode) -> str:
    """Describes the output and the version that were read."""
    return f"{node.output or 'it'}{f' version {node.version}' if node.version else ''}"


def _render_branch(title: str, nodes: Sequence[N], label: Callable[[N], str]) -> Iterator[str]:
    yield title if nodes else f"{title} nothing known"
    yield from _render_lines(nodes, "", label)


def _render_lines(nodes: Sequence[N], margin: str, label: Callable[[N], str]) -> Iterator[str]:
    for at, node in enumerate(nodes, 1):
        last = at == len(nodes)
        yield f"{margin}{'└── ' if last else '├── '}{clean(label(node))}"
        yield from _render_lines(node.steps, margin + ("    " if last else "│   "), label)


def _describe_upstream(node: LineageNode) -> str:
    """Describes an upstream node, with its product and the output that was read."""
    if node.kind == "external":
        way = [format_dataset(node.product, node.output or "")]
    else:
        way = [f"{node.product}.{describe_read(node)}" if node.output else node.product]
    way += [f"into {', '.join(node.feeds)}"] if node.feeds else []
    return _format_output(node, way)


def _describe_downstream(node: LineageNode) -> str:
    """Describes a downstream node, and which output of this product it reads."""
    feeds = ", ".join(node.feeds)
    if node.kind == "external":
        place = format_dataset(node.product, feeds)
    else:
        place = f"{node.product}.{feeds}" if feeds else node.product
    return _format_output(node, [place, f"reads {describe_read(node)}"])


def _format_output(node: LineageNode, way: list[str]) -> str:
    way += [f"columns {', '.join(node.columns)}"] if node.columns else []
    return "  ".join([*way, *_list_marks(node, declared=node.declared)])


def _describe_origin(node: ColumnNode) -> str:
    version = f" version {node.version}" if node.version else ""
    return _format_column(
        node, [f"{format_column_name(node)}{version}", describe_transformations(node.transformations)]
    )


def _describe_use(node: ColumnNode) -> str:
    """Describes a downstream column, and which version of this output it used."""
    version = f"of version {node.version}" if node.version else ""
    return _format_column(node, [format_column_name(node), describe_transformations(node.transformations), version])


def _format_column(node: ColumnNode, way: list[str]) -> str:
    return "  ".join([*filter(None, way), *_list_marks(node, declared=False)])


def _list_marks(node: LineageNode | ColumnNode, *, declared: bool) -> list[str]:
    marks = {
        "source": node.kind == "source",
        "external": node.kind == "external",
        "declared": declared,
        "cycle": node.cycle,
        "see above": node.again,
    }
    reports = [f"[{format_report(node.report)}]"] if node.report is not None else []
    return [f"[{mark}]" for mark, applies in marks.items() if applies] + reports
