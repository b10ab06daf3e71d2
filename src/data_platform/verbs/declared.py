"""Which majors the inputs of a product.yaml mean, where what they read has several; the record's index does not say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from data_platform.errors import NotFound
from data_platform.record import outputs, products
from data_platform.record.impact import Way, Ways
from data_platform.record.inputs import Declared
from data_platform.spec.output_names import OutputName
from data_platform.spec.product import product_from_json
from data_platform.verbs.lookup import resolve_output


class Meant:
    """What declared inputs mean, asked of the contracts only for outputs that have several majors."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._several = {(product, output) for product, output, _ in outputs.later_majors(conn)}

    def of(self, declared: Iterable[Declared]) -> Iterator[Declared]:
        """The same with the keys of majors for outputs; who means two of one output stands twice."""
        for each in declared:
            for key in self._keys(each.product, each.source_product, each.source_output):
                yield replace(each, source_output=key)

    def by(self, ways: Ways) -> Ways:
        """The ways with those that are only declared beginning at the majors that they mean."""

        def meant(names: Collection[str]) -> Iterator[Way]:
            for name, output, (reader, made) in ways(names):
                if made is not None or output is None:
                    yield name, output, (reader, made)
                    continue
                for key in self._keys(reader, name, output):
                    yield name, key, (reader, None)

        return meant

    def _keys(self, reader: str, product: str, output: str) -> Collection[str]:
        if (product, output) not in self._several:
            return (output,)
        known = products.find(self._conn, reader)
        declared = product_from_json(known.spec["product"]).inputs if known else ()
        wanted = {each.wanted for each in declared if (each.data_product, each.output) == (product, output)}
        return {self._key(product, name) for name in wanted}

    def _key(self, product: str, wanted: OutputName) -> str:
        try:
            return resolve_output(self._conn, product, str(wanted)).name
        except NotFound:  # a major that is retired, or not registered yet
            return str(wanted)
