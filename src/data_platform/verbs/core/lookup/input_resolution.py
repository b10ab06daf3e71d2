"""Resolves a declared input to a major of an output; no other module decides this.

An input means the major that it is pinned to, whether that can be read or not. One that is not pinned follows: it means
the major to which the plain name leads (`resolve.select_preferred`), and moves with it. Reads before that stay
known: usage and lineage are recorded for the major that was really read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from data_platform.errors import NotFound
from data_platform.record.catalog import inputs, outputs, products, redirects
from data_platform.record.catalog.inputs import DeclaredInput
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.lineage.impact import Way, Ways
from data_platform.spec.product.model import Input
from data_platform.spec.product.output_names import OutputName
from data_platform.verbs.core.lookup.renamed_products import resolve_input_name
from data_platform.verbs.core.lookup.resolve import list_majors, resolve_output, select_preferred


def find_declaring_products(
    conn: Connection, row: OutputRow, *, published: bool = False
) -> Iterator[tuple[ProductRow, Input]]:
    """The products, by name, with an input that means this major, and that input.

    `published`: as the plain name leads once a version of it is out, which a first publish asks.
    """
    readers = inputs.find_reader_revisions(conn, row.product, row.base)
    followed = bool(readers) and _leads_to(conn, row, published=published)
    for name in readers:
        product = products.find(conn, name)
        for needed in product.contract.product.inputs if product else ():
            matches = followed if needed.wanted.major is None else needed.wanted.major == row.major
            source = redirects.resolve_name(conn, needed.data_product)
            if product and matches and (source, needed.output) == (row.product, row.base):
                yield product, needed


def _leads_to(conn: Connection, row: OutputRow, *, published: bool) -> bool:
    majors = list_majors(conn, row.product, row.base)
    if published:
        majors = [replace(major, version=major.version or 1) if major.name == row.name else major for major in majors]
    plain = select_preferred(majors)
    return plain is not None and plain.name == row.name


class InputResolver:
    """The same for whole graphs: keys of majors in place of outputs' names.

    The contracts are read only for outputs that have several majors; of others, every declaration means
    its only one.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._several = {(product, output) for product, output, _ in outputs.map_later_majors(conn)}

    def resolve_inputs(self, declared: Iterable[DeclaredInput]) -> Iterator[DeclaredInput]:
        """The same with the keys of majors for outputs."""
        for declaration in declared:
            for key in self._resolve_keys(declaration.product, declaration.source_product, declaration.source_output):
                yield replace(declaration, source_output=key)

    def resolve_edges(self, ways: Ways) -> Ways:
        """The ways with those that are only declared beginning at the majors that they mean."""

        def resolve_ways(names: Collection[str]) -> Iterator[Way]:
            for name, output, (reader, made) in ways(names):
                if made is not None or output is None:
                    yield name, output, (reader, made)
                    continue
                for key in self._resolve_keys(reader, name, output):
                    yield name, key, (reader, None)

        return resolve_ways

    def _resolve_keys(self, reader: str, product: str, output: str) -> Collection[str]:
        if (product, output) not in self._several:
            return (output,)
        product_row = products.find(self._conn, reader)
        written = product_row.contract.product.inputs if product_row else ()
        declared = [resolve_input_name(self._conn, needed) for needed in written]
        wanted = {needed.wanted for needed in declared if (needed.data_product, needed.output) == (product, output)}
        return {self._resolve_key(product, name) for name in wanted}

    def _resolve_key(self, product: str, wanted: OutputName) -> str:
        try:
            return resolve_output(self._conn, product, str(wanted)).name
        except NotFound:  # a major that is retired, or not registered yet
            return str(wanted)
