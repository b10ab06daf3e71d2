"""Removes from the overlays what contradicts the product, so that an edit of product.yaml is exported.

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
from data_platform.spec.schema.types import SchemaColumn, TableSchema
from data_platform.spec.standards.assembly import NOTHING_SAID
from data_platform.spec.standards.contracts import build_assembly
from data_platform.spec.standards.custom import read_texts
from data_platform.spec.standards.document import Document
from data_platform.spec.standards.odcs.contract_out import write_contract
from data_platform.spec.standards.odps.product_out import convert_to_odps
from data_platform.spec.standards.overlay import OWN, is_joined
from data_platform.spec.standards.overlay_parts import (
    Overlays,
    Part,
    Place,
    collect_odcs_overlays,
    collect_odps_overlays,
    filter_overlays,
    list_other_parts,
    list_own_parts,
    split_part,
    with_overlays,
)
from data_platform.spec.standards.team import find_stale_owner
from data_platform.spec.text.report import Report

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A product whose overlays contradict nothing that it says; `left_out` did, each a place in product.yaml."""

    product: Product
    left_out: tuple[Place, ...] = ()


def filter_odps(product: Product) -> Agreed:
    """The product with what of its `odps` agrees with it."""
    stale = _find_stale_owner(product, ("odps",), product.odps)
    return _filter_agreed(product, collect_odps_overlays(product), convert_to_odps, stale)


def filter_odcs(product: Product, schemas: Mapping[str, TableSchema]) -> Agreed:
    """The product with what of its `odcs` agrees with it and with its schemas, contract by contract."""
    groups: dict[str, list[int]] = {}
    for at, output in enumerate(product.outputs):
        groups.setdefault(product.contract_id(output), []).append(at)
    left_out: tuple[Place, ...] = ()
    for outputs in groups.values():
        stale = [place for at in outputs for place in _find_stale_columns(product, at, schemas)]
        stale += [
            p for at in outputs for p in _find_stale_owner(product, ("outputs", at, "odcs"), product.outputs[at].odcs)
        ]
        write = partial(_write_contract, outputs=outputs, schemas=schemas)
        agreed = _filter_agreed(product, collect_odcs_overlays(product, outputs), write, stale)
        product, left_out = agreed.product, left_out + agreed.left_out
    return Agreed(product, left_out)


def _write_contract(product: Product, outputs: Sequence[int], schemas: Mapping[str, TableSchema]) -> Json:
    return write_contract(product, [product.outputs[at] for at in outputs], schemas)


def _find_stale_owner(product: Product, place: Place, overlay: Mapping[str, Any]) -> list[Place]:
    """The member that a document calls the owner, where the product has another by now."""
    at = None if "team" in read_texts(overlay.get(OWN)) else find_stale_owner(overlay, product.owner)
    return [] if at is None else [(*place, "team", "members", at)]


def _find_stale_columns(product: Product, at: int, schemas: Mapping[str, TableSchema]) -> Iterator[Place]:
    """What contradicts the columns of an output; judged column by column, since a table may have thousands."""
    output = product.outputs[at]
    over = output.odcs.get("schema")
    elements: Any = over.get("properties") if isinstance(over, Mapping) else None
    schema = schemas.get(product.label(output))
    if schema is None or not is_joined("properties", elements) or OWN in output.odcs:
        return
    columns = {column.name: column for column in schema}
    for number, element in enumerate(elements):
        if isinstance(name := element.get("name"), str) and name in columns:
            for place in _find_stale_column(product, output, columns[name], element):
                yield ("outputs", at, *place[2:5], number, *place[6:])


def _find_stale_column(product: Product, output: Output, column: SchemaColumn, element: Json) -> tuple[Place, ...]:
    """What contradicts a column, as places of a product that has nothing else."""
    alone = Output(output.name, odcs={"schema": {"properties": [element]}})
    small = replace(product, outputs=(alone,), inputs=(), odps={})
    write = partial(_write_contract, outputs=[0], schemas={output.name: TableSchema((column,))})
    return _filter_agreed(small, collect_odcs_overlays(small, [0]), write).left_out


def _filter_agreed(
    product: Product, overlays: Overlays, write: Callable[[Product], Json], stale: Sequence[Place] = ()
) -> Agreed:
    """The product with what agrees of its overlays; `stale` are places that are known not to."""
    if not any(overlays.values()):
        return Agreed(product)
    own = list_own_parts(overlays)
    search = _Search(product, overlays, write, own, list(stale))
    kept = search.filter_parts(list_other_parts(overlays, [*own, tuple(stale)]), own)
    if not search.left_out:
        return Agreed(product)
    return Agreed(with_overlays(product, filter_overlays(overlays, [*own, *kept])), tuple(search.left_out))


@dataclass
class _Search:
    """Halves what disagrees until it is single values: as many readings as there are of those, times a logarithm."""

    product: Product
    overlays: Overlays
    write: Callable[[Product], Json]
    own: Sequence[Part]
    left_out: list[Place] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.meaning = self._read_meaning(self.own)

    def filter_parts(self, parts: Sequence[Part], beside: Sequence[Part]) -> list[Part]:
        """Those of the parts, or parts of theirs, that change no meaning beside what is kept already."""
        if self._read_meaning([*beside, *parts]) == self.meaning:
            return list(parts)
        if len(parts) == 1:
            return self._filter_inside(parts[0], beside)
        middle = len(parts) // 2
        first = self.filter_parts(parts[:middle], beside)
        return [*first, *self.filter_parts(parts[middle:], [*beside, *first])]

    def _filter_inside(self, part: Part, beside: Sequence[Part]) -> list[Part]:
        before = len(self.left_out)
        inner = split_part(self.overlays, part)
        kept = self.filter_parts(inner, beside) if inner else []
        if not kept:
            self.left_out[before:] = [part[-1]]
        return kept

    def _read_meaning(self, parts: Sequence[Part]) -> Any:
        """What the document is read as with these parts of the overlays; None when it is refused."""
        document = self.write(with_overlays(self.product, filter_overlays(self.overlays, parts)))
        inputs = [(item.data_product, item.output) for item in self.product.inputs]
        source = Document(Path("the export"), "", Report("the export"), document, {})
        try:
            read = build_assembly([source], NOTHING_SAID, inputs)
        except InvalidSpec:
            return None
        outputs = (replace(o, rules=tuple(replace(rule, odcs={}) for rule in o.rules)) for o in read.product.outputs)
        return replace(read.product, outputs=tuple(outputs)), read.schemas
