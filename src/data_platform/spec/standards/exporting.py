"""Exports a product as the standards write it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from data_platform.spec.product import Product
from data_platform.spec.standards.dprod import product_to_dprod
from data_platform.spec.standards.odcs.contract_out import contracts_of
from data_platform.spec.standards.odps.product_out import product_to_odps
from data_platform.spec.standards.yaml_out import write_yaml
from data_platform.spec.types import TableSchema


class Standard(StrEnum):
    """What a product can be exported to."""

    ODPS = "odps"
    ODCS = "odcs"
    DPROD = "dprod"


def export(product: Product, schemas: Mapping[str, TableSchema], to: Standard) -> dict[str, str]:
    """The documents of the product as texts by file name: one for ODPS and DPROD, one a contract for ODCS."""
    return dict(_WRITERS[to](product, schemas))


def _odps(product: Product, schemas: Mapping[str, TableSchema]) -> Mapping[str, str]:
    return {f"{product.name}.odps.yaml": write_yaml(product_to_odps(product))}


def _odcs(product: Product, schemas: Mapping[str, TableSchema]) -> Mapping[str, str]:
    """Each contract under the name of its first output."""
    firsts: dict[str, str] = {}
    for output in product.outputs:
        firsts.setdefault(product.contract_id(output), output.name)
    contracts = contracts_of(product, schemas)
    return {
        f"{name}.odcs.yaml": write_yaml(contract) for name, contract in zip(firsts.values(), contracts, strict=True)
    }


def _dprod(product: Product, schemas: Mapping[str, TableSchema]) -> Mapping[str, str]:
    text = json.dumps(product_to_dprod(product, schemas), indent=2, ensure_ascii=False)
    return {f"{product.name}.dprod.jsonld": f"{text}\n"}


_WRITERS: Mapping[Standard, Callable[[Product, Mapping[str, TableSchema]], Mapping[str, Any]]] = {
    Standard.ODPS: _odps,
    Standard.ODCS: _odcs,
    Standard.DPROD: _dprod,
}
