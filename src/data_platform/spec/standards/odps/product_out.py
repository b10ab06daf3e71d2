"""Writes ODPS 1.1.0: one document for a product."""

from __future__ import annotations

from typing import Any

from data_platform.spec.product.model import Input, Output, Product
from data_platform.spec.standards.custom import UNDECLARED, custom_properties
from data_platform.spec.standards.overlay import OWN, laid
from data_platform.spec.standards.product_text import expectations_to_plain
from data_platform.spec.standards.team import description_of, team_of

API_VERSION = "v1.1.0"
CUSTOM_INPUT = "dataProduct"
CUSTOM_EXPECTATIONS = "expectations"

Json = dict[str, Any]


def product_to_odps(product: Product) -> Json:
    """The document, with what was said of the product beyond ours."""
    return dict(laid(bare_product(product), product.odps))


def bare_product(product: Product) -> Json:
    """The document; its ports are complete."""
    undeclared = [field for field in ("id", "version", "status") if getattr(product, field) is None]
    return {
        "apiVersion": API_VERSION,
        "kind": "DataProduct",
        "id": product.effective_id,
        "name": product.name,
        "version": product.effective_version,
        "status": product.effective_status.value,
        "domain": product.domain,
        **description_of(product.description),
        **({"tags": list(product.tags)} if product.tags else {}),
        "team": team_of(product.owner),
        **({"inputPorts": [input_port(found) for found in product.inputs]} if product.inputs else {}),
        "outputPorts": [output_port(product, output) for output in product.outputs],
        **custom_properties(
            {
                "piiColumns": list(product.pii_columns),
                "retentionDays": product.retention_days,
                "oncall": list(product.oncall),
                "alerts": list(product.alerts),
                UNDECLARED: undeclared,
            }
        ),
    }


def input_port(found: Input) -> Json:
    """An input with what was said of its port beyond ours."""
    return dict(laid(bare_input(found), found.odps))


def bare_input(found: Input) -> Json:
    """An input as a port: the standard knows contracts, not products, so the product's name stands beside."""
    expected = expectations_to_plain(found.expectations, found.output)
    return {
        "name": found.output,
        **({"version": found.version} if found.version else {}),
        "contractId": str(found),
        "customProperties": [
            {"property": CUSTOM_INPUT, "value": found.data_product},
            *([{"property": CUSTOM_EXPECTATIONS, "value": expected}] if expected else []),
        ],
    }


def output_port(product: Product, output: Output) -> Json:
    """An output with what was said of its port beyond ours."""
    return dict(laid(bare_output(product, output), {key: value for key, value in output.odps.items() if key != OWN}))


def bare_output(product: Product, output: Output) -> Json:
    """An output as a port."""
    return {
        "name": output.name,
        **({"description": output.description} if output.description else {}),
        "type": output.type.value,
        "version": product.output_version(output),
        "contractId": product.contract_id(output),
        **({"tags": list(output.tags)} if output.tags else {}),
        **custom_properties({UNDECLARED: [] if output.version else ["version"]}),
    }
