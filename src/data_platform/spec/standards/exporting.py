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
from data_platform.spec.standards.document import parse_document
from data_platform.spec.standards.dprod import convert_to_dprod
from data_platform.spec.standards.odcs.contract_out import write_contracts
from data_platform.spec.standards.odps.product_out import convert_to_odps
from data_platform.spec.standards.overlay import KEYS
from data_platform.spec.standards.overlay_parts import Place
from data_platform.spec.standards.overlay_pruning import filter_odcs, filter_odps
from data_platform.spec.standards.validity import fit_contract, fit_product
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
    return exported.texts, [*(_collect_warnings(file, exported.left_out) if exported.left_out else ()), *changes]


def _collect_warnings(file: ProductFile, left_out: tuple[Place, ...]) -> Iterator[Problem]:
    document = parse_document(file.path, file.text)
    for steps in left_out:
        place = document.find_place(steps)
        message = f"{_describe_place(document.root, steps)} is left out: it contradicts what the product says"
        yield Problem(str(file.path), place.line, place.column, message, "change it, or remove it")


def _describe_place(root: Mapping[str, object], steps: Place) -> str:
    """The place from the standard's field on, elements of lists by their names."""
    value: object = root
    words: list[str] = []
    for at, step in enumerate(steps):
        value = value[step]  # type: ignore[index]
        named = isinstance(step, int) and isinstance(value, Mapping) and value.get(KEYS.get(str(steps[at - 1]), "name"))
        words.append(str(named or step))
    start = max(at for at, step in enumerate(steps) if step in (Standard.ODPS, Standard.ODCS))
    return ".".join(words[start:])


def _export_odps(product: Product, schemas: Mapping[str, TableSchema]) -> Exported:
    agreed = filter_odps(product)
    fitted = fit_product(convert_to_odps(agreed.product))
    texts = {f"{product.name}.odps.yaml": write_yaml(fitted.document)}
    return Exported(texts, agreed.left_out, tuple(fitted.changes))


def _export_odcs(product: Product, schemas: Mapping[str, TableSchema]) -> Exported:
    """Each contract under the name of its first output."""
    firsts: dict[str, str] = {}
    for output in product.outputs:
        firsts.setdefault(product.contract_id(output), product.label(output))
    agreed = filter_odcs(product, schemas)
    fitted = [fit_contract(contract) for contract in write_contracts(agreed.product, schemas)]
    named = zip(firsts.values(), fitted, strict=True)
    texts = {f"{name}.odcs.yaml": write_yaml(fit.document) for name, fit in named}
    return Exported(texts, agreed.left_out, tuple(change for fit in fitted for change in fit.changes))


def _export_dprod(product: Product, schemas: Mapping[str, TableSchema]) -> Exported:
    text = json.dumps(convert_to_dprod(product, schemas), indent=2, ensure_ascii=False)
    return Exported({f"{product.name}.dprod.jsonld": f"{text}\n"})


_WRITERS: Mapping[Standard, Callable[[Product, Mapping[str, TableSchema]], Exported]] = {
    Standard.ODPS: _export_odps,
    Standard.ODCS: _export_odcs,
    Standard.DPROD: _export_dprod,
}
