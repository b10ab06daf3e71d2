"""Sources of a product's data that its `inputs` do not declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from data_platform.engine.origin import Origin
from data_platform.record.catalog import redirects
from data_platform.record.lineage import lineage
from data_platform.record.lineage.lineage import Edge
from data_platform.spec.product.model import Product

Read = tuple[str, str]
"""A product and the key of one of its outputs."""


def select_product_reads(origins: Iterable[Origin]) -> frozenset[Read]:
    """The outputs of products among what was read; sources outside the mesh are no inputs."""
    return frozenset((origin.name, origin.output or "") for origin in origins if origin.kind == "product")


def find_recorded_reads(conn: Connection, product: str, besides: str | None = None) -> frozenset[Read]:
    """What the newest versions of the product's outputs were made from; of all but the output `besides`."""
    return collect_edge_reads(edge for edge in lineage.find_above(conn, {(product, None)}) if edge.output != besides)


def collect_edge_reads(edges: Iterable[Edge]) -> frozenset[Read]:
    """The outputs of products among the sources of these edges."""
    return frozenset((edge.source_name, edge.source_output or "") for edge in edges if edge.kind == "product")


def find_undeclared_inputs(conn: Connection, product: Product, reads: Iterable[Read]) -> tuple[str, ...]:
    """Those of `reads` that the product's inputs do not name, as `product.output`, under the names of today."""
    inputs = tuple(
        replace(needed, data_product=redirects.resolve_name(conn, needed.data_product)) for needed in product.inputs
    )
    return compare_inputs(
        replace(product, inputs=inputs), {(redirects.resolve_name(conn, name), key) for name, key in reads}
    )


def compare_inputs(product: Product, reads: Iterable[Read]) -> tuple[str, ...]:
    """The same, all under one product's one name; its own outputs are no inputs."""
    declared = {(needed.data_product, needed.output) for needed in product.inputs}
    bases = {(name, key.partition("@")[0]) for name, key in reads if name != product.name}
    return tuple(f"{name}.{output}" for name, output in sorted(bases - declared))


def describe_undeclared_inputs(product: Product, names: Iterable[str]) -> Iterator[str]:
    """A warning for each undeclared input, with what to write."""
    for name in names:
        source, _, output = name.partition(".")
        yield (
            f"{product.name} reads {name}, and `inputs` does not name it; "
            f"write `inputs: [{{data_product: {source}, output: {output}}}]`"
        )
