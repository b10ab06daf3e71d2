"""Writes ODPS 1.1.0: one document for a product."""

from __future__ import annotations

from typing import Any

from data_platform.spec.access.written_form import write_access
from data_platform.spec.product.model import Input, Output, Product
from data_platform.spec.product.watching import serialize_alerts, serialize_oncall
from data_platform.spec.standards.access_text import CUSTOM_ACCESS
from data_platform.spec.standards.custom import UNDECLARED, write_custom_properties
from data_platform.spec.standards.overlay import OWN, apply_overlay
from data_platform.spec.standards.product_text import write_expectations
from data_platform.spec.standards.team import write_description, write_team

API_VERSION = "v1.1.0"
CUSTOM_INPUT = "dataProduct"
CUSTOM_EXPECTATIONS = "expectations"

Json = dict[str, Any]


def convert_to_odps(product: Product) -> Json:
    """The document, with what was said of the product beyond ours."""
    return dict(apply_overlay(write_bare_product(product), product.odps))


def write_bare_product(product: Product) -> Json:
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
        **write_description(product.description),
        **({"tags": list(product.tags)} if product.tags else {}),
        "team": write_team(product.owner),
        **({"inputPorts": [write_input_port(entry) for entry in product.inputs]} if product.inputs else {}),
        "outputPorts": [write_output_port(product, output) for output in product.outputs],
        **write_custom_properties(
            {
                "piiColumns": list(product.pii_columns),
                CUSTOM_ACCESS: write_access(product.access),
                "retentionDays": product.retention_days,
                "oncall": serialize_oncall(product.oncall, product.handover),
                "alerts": serialize_alerts(product.alerts, product.alert_terms),
                UNDECLARED: undeclared,
            }
        ),
    }


def write_input_port(entry: Input) -> Json:
    """An input with what was said of its port beyond ours."""
    return dict(apply_overlay(write_bare_input(entry), entry.odps))


def write_bare_input(entry: Input) -> Json:
    """An input as a port: the standard knows contracts, not products, so the product's name is written beside."""
    expected = write_expectations(entry.expectations, entry.output)
    return {
        "name": entry.output,
        **({"version": entry.version} if entry.version else {}),
        "contractId": str(entry),
        "customProperties": [
            {"property": CUSTOM_INPUT, "value": entry.data_product},
            *([{"property": CUSTOM_EXPECTATIONS, "value": expected}] if expected else []),
        ],
    }


def write_output_port(product: Product, output: Output) -> Json:
    """An output with what was said of its port beyond ours."""
    return dict(
        apply_overlay(
            write_bare_output(product, output), {key: value for key, value in output.odps.items() if key != OWN}
        )
    )


def write_bare_output(product: Product, output: Output) -> Json:
    """An output as a port."""
    return {
        "name": output.name,
        **({"description": output.description} if output.description else {}),
        "type": output.type.value,
        "version": product.output_version(output),
        "contractId": product.contract_id(output),
        **({"tags": list(output.tags)} if output.tags else {}),
        **write_custom_properties(
            {CUSTOM_ACCESS: write_access(output.access), UNDECLARED: [] if output.version else ["version"]}
        ),
    }
