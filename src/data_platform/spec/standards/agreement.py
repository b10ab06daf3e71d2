"""Leaves out of the overlays what contradicts the product, so that an edit of product.yaml is what is exported.

A document with its overlays must be read, by our own importer, as the product that it is read as without them. Where
it is not, the parts that make the difference are looked for and left out. Where a document speaks for itself (`own`),
nothing is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from data_platform.errors import InvalidSpec
from data_platform.spec.product.model import Output, Product
from data_platform.spec.schema.types import Column, TableSchema
from data_platform.spec.standards.assembly import NOTHING_SAID
from data_platform.spec.standards.contracts import assembled
from data_platform.spec.standards.custom import texts
from data_platform.spec.standards.document import Document
from data_platform.spec.standards.odcs.contract_out import contract_of
from data_platform.spec.standards.odps.product_out import product_to_odps
from data_platform.spec.standards.overlay import OWN, joined
from data_platform.spec.standards.overlay_parts import (
    Overlays,
    Part,
    Place,
    odcs_overlays,
    odps_overlays,
    only,
    other_parts,
    own_parts,
    parts_of,
    with_overlays,
)
from data_platform.spec.standards.team import stale_owner
from data_platform.spec.text.report import Report

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A product whose overlays contradict nothing that it says; `left_out` did, each a place in product.yaml."""

    product: Product
    left_out: tuple[Place, ...] = ()


def agreed_odps(product: Product) -> Agreed:
    """The product with what of its `odps` agrees with it."""
    stale = _stale_owner(product, ("odps",), product.odps)
    return _agreed(product, odps_overlays(product), product_to_odps, stale)


def agreed_odcs(product: Product, schemas: Mapping[str, TableSchema]) -> Agreed:
    """The product with what of its `odcs` agrees with it and with its schemas, contract by contract."""
    groups: dict[str, list[int]] = {}
    for at, output in enumerate(product.outputs):
        groups.setdefault(product.contract_id(output), []).append(at)
    left_out: tuple[Place, ...] = ()
    for outputs in groups.values():
        stale = [place for at in outputs for place in _stale_columns(product, at, schemas)]
        stale += [p for at in outputs for p in _stale_owner(product, ("outputs", at, "odcs"), product.outputs[at].odcs)]
        write = partial(_contract, outputs=outputs, schemas=schemas)
        found = _agreed(product, odcs_overlays(product, outputs), write, stale)
        product, left_out = found.product, left_out + found.left_out
    return Agreed(product, left_out)


def _contract(product: Product, outputs: Sequence[int], schemas: Mapping[str, TableSchema]) -> Json:
    return contract_of(product, [product.outputs[at] for at in outputs], schemas)


def _stale_owner(product: Product, place: Place, overlay: Mapping[str, Any]) -> list[Place]:
    """The member whom a document calls the owner, where the product has another by now."""
    at = None if "team" in texts(overlay.get(OWN)) else stale_owner(overlay, product.owner)
    return [] if at is None else [(*place, "team", "members", at)]


def _stale_columns(product: Product, at: int, schemas: Mapping[str, TableSchema]) -> Iterator[Place]:
    """What contradicts the columns of an output; judged column by column, since a table may have thousands."""
    output = product.outputs[at]
    over = output.odcs.get("schema")
    elements: Any = over.get("properties") if isinstance(over, Mapping) else None
    schema = schemas.get(product.label(output))
    if schema is None or not joined("properties", elements) or OWN in output.odcs:
        return
    columns = {column.name: column for column in schema}
    for number, element in enumerate(elements):
        if isinstance(name := element.get("name"), str) and name in columns:
            for place in _stale_column(product, output, columns[name], element):
                yield ("outputs", at, *place[2:5], number, *place[6:])


def _stale_column(product: Product, output: Output, column: Column, element: Json) -> tuple[Place, ...]:
    """What contradicts a column, as places of a product that has nothing else."""
    alone = Output(output.name, odcs={"schema": {"properties": [element]}})
    small = replace(product, outputs=(alone,), inputs=(), odps={})
    write = partial(_contract, outputs=[0], schemas={output.name: TableSchema((column,))})
    return _agreed(small, odcs_overlays(small, [0]), write).left_out


def _agreed(
    product: Product, overlays: Overlays, write: Callable[[Product], Json], stale: Sequence[Place] = ()
) -> Agreed:
    """The product with what agrees of its overlays; `stale` are places that are known not to."""
    if not any(overlays.values()):
        return Agreed(product)
    own = own_parts(overlays)
    search = _Search(product, overlays, write, own, list(stale))
    kept = search.kept(other_parts(overlays, [*own, tuple(stale)]), own)
    if not search.left_out:
        return Agreed(product)
    return Agreed(with_overlays(product, only(overlays, [*own, *kept])), tuple(search.left_out))


@dataclass
class _Search:
    """Halves what disagrees until it is single values: as many readings as there are of those, times a logarithm."""

    product: Product
    overlays: Overlays
    write: Callable[[Product], Json]
    own: Sequence[Part]
    left_out: list[Place] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.meaning = self._meaning(self.own)

    def kept(self, parts: Sequence[Part], beside: Sequence[Part]) -> list[Part]:
        """Those of the parts, or parts of theirs, that change no meaning beside what is kept already."""
        if self._meaning([*beside, *parts]) == self.meaning:
            return list(parts)
        if len(parts) == 1:
            return self._inside(parts[0], beside)
        middle = len(parts) // 2
        first = self.kept(parts[:middle], beside)
        return [*first, *self.kept(parts[middle:], [*beside, *first])]

    def _inside(self, part: Part, beside: Sequence[Part]) -> list[Part]:
        before = len(self.left_out)
        inner = parts_of(self.overlays, part)
        kept = self.kept(inner, beside) if inner else []
        if not kept:
            self.left_out[before:] = [part[-1]]
        return kept

    def _meaning(self, parts: Sequence[Part]) -> Any:
        """What the document is read as with these parts of the overlays; None when it is refused."""
        document = self.write(with_overlays(self.product, only(self.overlays, parts)))
        inputs = [(each.data_product, each.output) for each in self.product.inputs]
        source = Document(Path("the export"), "", Report("the export"), document, {})
        try:
            read = assembled([source], NOTHING_SAID, inputs)
        except InvalidSpec:
            return None
        outputs = (replace(o, rules=tuple(replace(rule, odcs={}) for rule in o.rules)) for o in read.product.outputs)
        return replace(read.product, outputs=tuple(outputs)), read.schemas
