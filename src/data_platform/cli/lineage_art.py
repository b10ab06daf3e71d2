"""A lineage graph drawn: as a tree of text, and as Mermaid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data_platform.cli.text import clean
from data_platform.verbs.results import LineageGraph, LineageNode


def tree(graph: LineageGraph) -> Iterator[str]:
    """The lines of a tree: upstream first, then downstream."""
    yield clean(graph.product)
    yield from _branch("comes from", graph.upstream, upwards=True)
    yield from _branch("goes to", graph.downstream, upwards=False)


def _branch(title: str, nodes: Sequence[LineageNode], *, upwards: bool) -> Iterator[str]:
    yield title if nodes else f"{title} nothing known"
    yield from _lines(nodes, "", upwards=upwards)


def _lines(nodes: Sequence[LineageNode], margin: str, *, upwards: bool) -> Iterator[str]:
    for at, node in enumerate(nodes, 1):
        last = at == len(nodes)
        yield f"{margin}{'└── ' if last else '├── '}{_label(node, upwards=upwards)}"
        yield from _lines(node.steps, margin + ("    " if last else "│   "), upwards=upwards)


def _label(node: LineageNode, *, upwards: bool) -> str:
    """Upwards the output that is read stands with its product; downwards it is ours, and said in words."""
    way = [_read(node)] if upwards else [f"{node.product}{_outputs(node)}", f"reads {_output(node)}"]
    if upwards and node.feeds:
        way.append(f"into {', '.join(node.feeds)}")
    if node.columns:
        way.append(f"columns {', '.join(node.columns)}")
    marks = [word for word, holds in (("source", node.kind == "source"), ("declared", node.declared)) if holds]
    marks += ["again, see above"] if node.cycle else []
    return clean("  ".join(way) + "".join(f"  [{mark}]" for mark in marks))


def _read(node: LineageNode) -> str:
    return f"{node.product}.{_output(node)}" if node.output else node.product


def _output(node: LineageNode) -> str:
    return f"{node.output or 'it'}{f' version {node.version}' if node.version else ''}"


def _outputs(node: LineageNode) -> str:
    return f".{', '.join(node.feeds)}" if node.feeds else ""


def mermaid(graph: LineageGraph) -> str:
    """The graph as a Mermaid flowchart; dotted arrows are declared only."""
    ids: dict[tuple[str, str], str] = {("product", graph.product): "n0"}
    edges: dict[str, None] = {}
    _edges(graph.product, graph.upstream, ids, edges, upwards=True)
    _edges(graph.product, graph.downstream, ids, edges, upwards=False)
    nodes = [
        f"  {id}[({_quoted(name)})]" if kind == "source" else f"  {id}[{_quoted(name)}]"
        for (kind, name), id in ids.items()
    ]
    return "\n".join(["flowchart LR", *nodes, *edges])


def _edges(
    here: str, nodes: Sequence[LineageNode], ids: dict[tuple[str, str], str], edges: dict[str, None], *, upwards: bool
) -> None:
    for node in nodes:
        mine, other = ids["product", here], ids.setdefault((node.kind, node.product), f"n{len(ids)}")
        upper, lower = (other, mine) if upwards else (mine, other)
        arrow = "-.->" if node.declared else "-->"
        label = f"|{_quoted(_output(node))}|" if node.output else ""
        edges[f"  {upper} {arrow}{label} {lower}"] = None
        _edges(node.product, node.steps, ids, edges, upwards=upwards)


def _quoted(text: str) -> str:
    escaped = clean(text)
    for character, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;")):
        escaped = escaped.replace(character, entity)
    return f'"{escaped}"'
