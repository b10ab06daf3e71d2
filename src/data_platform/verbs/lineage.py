"""lineage: where data came from and where it went, and what product.yaml declares but no data has shown yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.errors import BadInput
from data_platform.record import lineage, products
from data_platform.record.lineage import Edge
from data_platform.verbs.lookup import product_row
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.permission import permit
from data_platform.verbs.request import Request
from data_platform.verbs.results import LineageGraph, LineageNode

MOST_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Lineage(Request[LineageGraph]):
    """The lineage of a product, `depth` steps up and down."""

    product: str
    depth: int = 1


@dataclass(frozen=True, slots=True)
class _Step:
    """One way from `upper` to `lower`; all outputs of the lower product that it feeds are in `feeds`."""

    upper: str
    output: str | None
    lower: str
    kind: str
    declared: bool
    version: int | None = None
    columns: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()


def show_lineage(mesh: Mesh, request: Lineage) -> LineageGraph:
    """The graph around a product; raises NotFound."""
    if not 1 <= request.depth <= MOST_DEPTH:
        raise BadInput(f"depth {request.depth} is not between 1 and {MOST_DEPTH}")
    permit(mesh, "read", request.product)
    with mesh.record.reading() as conn:
        product_row(conn, request.product)
        return lineage_graph(conn, request.product, request.depth)


def lineage_graph(conn: Connection, product: str, depth: int) -> LineageGraph:
    """The graph around a product that is registered or only declared as an input."""
    declared = _declared(conn)
    up = _steps(lineage.upstream(conn, product, depth=depth), declared)
    down = _steps(lineage.downstream(conn, product, depth=depth), declared)
    above = _walk(product, up, depth, (product,), upwards=True)
    below = _walk(product, down, depth, (product,), upwards=False)
    return LineageGraph(product, above, below)


def _declared(conn: Connection) -> list[_Step]:
    return [
        _Step(needed["data_product"], needed["output"], row.name, "product", declared=True)
        for row in products.all(conn)
        for needed in row.spec["product"].get("inputs", [])
    ]


def _steps(edges: Iterable[Edge], declared: Iterable[_Step]) -> list[_Step]:
    """Edges of one origin into one product become one step; a declared one only stands while no data came."""
    grouped: dict[tuple[str, str | None, str, str, int | None], list[Edge]] = defaultdict(list)
    for edge in edges:
        grouped[edge.source_name, edge.source_output, edge.product, edge.kind, edge.source_version].append(edge)
    real = [
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
    seen = {(step.upper, step.output, step.lower) for step in real}
    return real + [step for step in declared if (step.upper, step.output, step.lower) not in seen]


def _walk(
    product: str, steps: list[_Step], depth: int, path: tuple[str, ...], *, upwards: bool
) -> tuple[LineageNode, ...]:
    if depth == 0:
        return ()
    nodes = []
    for step in steps:
        here, there = (step.lower, step.upper) if upwards else (step.upper, step.lower)
        if here != product:
            continue
        cycle = step.kind == "product" and there in path
        ends = cycle or step.kind == "source"
        further = () if ends else _walk(there, steps, depth - 1, (*path, there), upwards=upwards)
        nodes.append(
            LineageNode(
                product=there,
                output=step.output,
                kind=step.kind,
                declared=step.declared,
                version=step.version,
                columns=step.columns,
                feeds=step.feeds,
                cycle=cycle,
                steps=further,
            )
        )
    return tuple(sorted(nodes, key=lambda node: (node.kind, node.product, node.output or "")))
