"""Exports a product as the standards write it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from data_platform.errors import Problem
from data_platform.spec.product.loading import ProductFile
from data_platform.spec.product.model import Product
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.standards.agreement import agreed_odcs, agreed_odps
from data_platform.spec.standards.document import document_of
from data_platform.spec.standards.dprod import product_to_dprod
from data_platform.spec.standards.fitting import fit_contract, fit_product
from data_platform.spec.standards.odcs.contract_out import contracts_of
from data_platform.spec.standards.odps.product_out import product_to_odps
from data_platform.spec.standards.overlay import KEYS
from data_platform.spec.standards.overlay_parts import Place
from data_platform.spec.standards.yaml_out import write_yaml

Texts = dict[str, str]


class Standard(StrEnum):
    """What a product can be exported to."""

    ODPS = "odps"
    ODCS = "odcs"
    DPROD = "dprod"


@dataclass(frozen=True, slots=True)
class Exported:
    """Documents as texts by file name; `left_out` are the places of product.yaml that contradict the product.

    `changes` say what the standard does not take, and where it went.
    """

    texts: Texts
    left_out: tuple[Place, ...] = ()
    changes: tuple[str, ...] = ()


def export(product: Product, schemas: Mapping[str, TableSchema], to: Standard) -> Exported:
    """The documents of the product: one for ODPS and DPROD, one a contract for ODCS."""
    return _WRITERS[to](product, schemas)


def export_file(file: ProductFile, to: Standard) -> tuple[Texts, list[Problem]]:
    """The documents of a product file by name, and a warning for each part of it that is left out."""
    exported = export(file.product, file.schemas, to)
    changes = [Problem(str(file.path), 0, 0, change) for change in exported.changes]
    return exported.texts, [*(_warnings(file, exported.left_out) if exported.left_out else ()), *changes]


def _warnings(file: ProductFile, left_out: tuple[Place, ...]) -> Iterator[Problem]:
    document = document_of(file.path, file.text)
    for steps in left_out:
        place = document.place(steps)
        message = f"{_shown(document.root, steps)} is left out: it contradicts what the product says"
        yield Problem(str(file.path), place.line, place.column, message, "change it, or remove it")


def _shown(root: Mapping[str, object], steps: Place) -> str:
    """The place from the standard's field on, elements of lists by their names."""
    value: object = root
    words: list[str] = []
    for at, step in enumerate(steps):
        value = value[step]  # type: ignore[index]
        named = isinstance(step, int) and isinstance(value, Mapping) and value.get(KEYS.get(str(steps[at - 1]), "name"))
        words.append(str(named or step))
    start = max(at for at, step in enumerate(steps) if step in (Standard.ODPS, Standard.ODCS))
    return ".".join(words[start:])


def _odps(product: Product, schemas: Mapping[str, TableSchema]) -> Exported:
    agreed = agreed_odps(product)
    fitted = fit_product(product_to_odps(agreed.product))
    texts = {f"{product.name}.odps.yaml": write_yaml(fitted.document)}
    return Exported(texts, agreed.left_out, tuple(fitted.changes))


def _odcs(product: Product, schemas: Mapping[str, TableSchema]) -> Exported:
    """Each contract under the name of its first output."""
    firsts: dict[str, str] = {}
    for output in product.outputs:
        firsts.setdefault(product.contract_id(output), product.label(output))
    agreed = agreed_odcs(product, schemas)
    fitted = [fit_contract(contract) for contract in contracts_of(agreed.product, schemas)]
    named = zip(firsts.values(), fitted, strict=True)
    texts = {f"{name}.odcs.yaml": write_yaml(each.document) for name, each in named}
    return Exported(texts, agreed.left_out, tuple(change for each in fitted for change in each.changes))


def _dprod(product: Product, schemas: Mapping[str, TableSchema]) -> Exported:
    text = json.dumps(product_to_dprod(product, schemas), indent=2, ensure_ascii=False)
    return Exported({f"{product.name}.dprod.jsonld": f"{text}\n"})


_WRITERS: Mapping[Standard, Callable[[Product, Mapping[str, TableSchema]], Exported]] = {
    Standard.ODPS: _odps,
    Standard.ODCS: _odcs,
    Standard.DPROD: _dprod,
}
