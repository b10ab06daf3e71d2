"""Writes a product as DPROD, the OMG's Data Product Ontology over W3C's DCAT, in JSON-LD; export only.

https://ekgf.github.io/dprod/ and https://www.w3.org/TR/vocab-dcat-3/. The context is part of the document, so that
reading it needs no network. An output is an output port (dcat:DataService) that gives access to a distribution of a
dataset; a dataset conforms to its ODCS contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from data_platform.spec.product.model import Input, Output, OutputType, Product, ProductStatus
from data_platform.spec.schema.types import TableSchema

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dprod": "https://ekgf.github.io/dprod/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

LIFECYCLE = {
    ProductStatus.PROPOSED: "Ideation",
    ProductStatus.DRAFT: "Build",
    ProductStatus.ACTIVE: "Consume",
    ProductStatus.DEPRECATED: "Consume",
    ProductStatus.RETIRED: "Retire",
}
"""The stages of a product's life, named after DPROD's examples (CDMC); they name none for a retired product."""

_SENSITIVE = "personal data"
Json = dict[str, Any]


def convert_to_dprod(product: Product, schemas: Mapping[str, TableSchema]) -> Json:
    """The product as a JSON-LD document; its identifiers are URNs of names, `urn:data-product:NAME`."""
    return {
        "@context": CONTEXT,
        "@id": _make_urn(product.name),
        "@type": "dprod:DataProduct",
        "dct:identifier": product.effective_id,
        "dct:title": product.name,
        **_write_if_set("dct:description", product.description),
        **_write_if_set("dprod:purpose", product.description),
        "dcat:version": product.effective_version,
        "dprod:lifecycleStatus": _write_lifecycle(product.effective_status),
        "dprod:domain": {"@id": f"urn:data-domain:{product.domain}", "rdfs:label": product.domain},
        "dprod:dataProductOwner": _write_owner(product.owner),
        **_write_if_set("dcat:keyword", list(product.tags)),
        **_write_if_set("dprod:inputPort", [_write_input_port(entry) for entry in product.inputs]),
        **_write_if_set(
            "dprod:inputDataset", [{"@id": _name_dataset(i.data_product, i.output)} for i in product.inputs]
        ),
        "dprod:outputPort": [_write_output_port(product, output, schemas) for output in product.outputs],
        "dprod:outputDataset": [
            {"@id": _name_dataset(product.name, product.label(output))} for output in product.outputs
        ],
    }


def _write_if_set(key: str, value: Any) -> Json:
    return {key: value} if value else {}


def _make_urn(product: str, *more: str) -> str:
    return ":".join(("urn:data-product", product, *more))


def _name_dataset(product: str, output: str) -> str:
    return _make_urn(product, "dataset", output)


def _write_lifecycle(status: ProductStatus) -> Json:
    stage = LIFECYCLE[status]
    kind = "dprod:DataProductLifecycleStatus"
    return {"@id": f"dprod:data/lifecycle-status/{stage}", "@type": kind, "rdfs:label": stage}


def _write_owner(owner: str) -> Json:
    """The owner as an agent; an address is one's mailbox."""
    id = f"mailto:{quote(owner, safe='@+')}" if "@" in owner else f"urn:agent:{quote(owner, safe='')}"
    return {"@id": id, "@type": "prov:Agent", "rdfs:label": owner}


def _write_input_port(entry: Input) -> Json:
    return {
        "@id": _make_urn(entry.data_product, "port", entry.output),
        "@type": "dcat:DataService",
        "dct:title": str(entry),
    }


def _write_output_port(product: Product, output: Output, schemas: Mapping[str, TableSchema]) -> Json:
    return {
        "@id": _make_urn(product.name, "port", product.label(output)),
        "@type": "dcat:DataService",
        "dct:title": output.name,
        **_write_if_set("dct:description", output.description),
        "dcat:version": product.output_version(output),
        "dprod:isAccessServiceOf": {
            "@id": _make_urn(product.name, "distribution", product.label(output)),
            "@type": "dcat:Distribution",
            "dct:title": output.name,
            "dct:format": "stream" if output.type is OutputType.STREAM else "table",
            "dprod:isDistributionOf": _describe_dataset(product, output, schemas.get(product.label(output))),
        },
    }


def _describe_dataset(product: Product, output: Output, schema: TableSchema | None) -> Json:
    sensitive = schema.masked if schema is not None else product.pii_columns
    return {
        "@id": _name_dataset(product.name, product.label(output)),
        "@type": "dcat:Dataset",
        "dct:title": output.name,
        **_write_if_set("dct:description", output.description or (schema.description if schema else None)),
        **_write_if_set("dcat:keyword", list(output.tags)),
        "dct:conformsTo": {
            "@id": f"urn:data-contract:{quote(product.contract_id(output), safe='.-_')}",
            "@type": "dct:Standard",
            "dct:identifier": product.contract_id(output),
        },
        **_write_if_set(
            "dprod:informationSensitivityClassification", {"rdfs:label": _SENSITIVE} if sensitive else None
        ),
    }
