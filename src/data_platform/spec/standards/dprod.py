"""Writes a product as DPROD, the OMG's Data Product Ontology over W3C's DCAT, in JSON-LD; export only.

https://ekgf.github.io/dprod/ and https://www.w3.org/TR/vocab-dcat-3/. The context stands in the document, so that
reading it needs no network. An output is an output port (dcat:DataService) that gives access to a distribution of a
dataset; a dataset conforms to its ODCS contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from data_platform.spec.product.model import Input, Output, OutputType, Product, Status
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
    Status.PROPOSED: "Ideation",
    Status.DRAFT: "Build",
    Status.ACTIVE: "Consume",
    Status.DEPRECATED: "Consume",
    Status.RETIRED: "Retire",
}
"""The stages of a product's life, named after DPROD's examples (CDMC); they name none for a retired product."""

_SENSITIVE = "personal data"
Json = dict[str, Any]


def product_to_dprod(product: Product, schemas: Mapping[str, TableSchema]) -> Json:
    """The product as a JSON-LD document; its identifiers are URNs of names, `urn:data-product:NAME`."""
    return {
        "@context": CONTEXT,
        "@id": _urn(product.name),
        "@type": "dprod:DataProduct",
        "dct:identifier": product.effective_id,
        "dct:title": product.name,
        **_said("dct:description", product.description),
        **_said("dprod:purpose", product.description),
        "dcat:version": product.effective_version,
        "dprod:lifecycleStatus": _lifecycle(product.effective_status),
        "dprod:domain": {"@id": f"urn:data-domain:{product.domain}", "rdfs:label": product.domain},
        "dprod:dataProductOwner": _owner(product.owner),
        **_said("dcat:keyword", list(product.tags)),
        **_said("dprod:inputPort", [_input_port(found) for found in product.inputs]),
        **_said("dprod:inputDataset", [{"@id": _dataset(i.data_product, i.output)} for i in product.inputs]),
        "dprod:outputPort": [_output_port(product, output, schemas) for output in product.outputs],
        "dprod:outputDataset": [{"@id": _dataset(product.name, product.label(output))} for output in product.outputs],
    }


def _said(key: str, value: Any) -> Json:
    return {key: value} if value else {}


def _urn(product: str, *more: str) -> str:
    return ":".join(("urn:data-product", product, *more))


def _dataset(product: str, output: str) -> str:
    return _urn(product, "dataset", output)


def _lifecycle(status: Status) -> Json:
    stage = LIFECYCLE[status]
    kind = "dprod:DataProductLifecycleStatus"
    return {"@id": f"dprod:data/lifecycle-status/{stage}", "@type": kind, "rdfs:label": stage}


def _owner(owner: str) -> Json:
    """The owner as an agent; an address is one's mailbox."""
    id = f"mailto:{quote(owner, safe='@+')}" if "@" in owner else f"urn:agent:{quote(owner, safe='')}"
    return {"@id": id, "@type": "prov:Agent", "rdfs:label": owner}


def _input_port(found: Input) -> Json:
    return {"@id": _urn(found.data_product, "port", found.output), "@type": "dcat:DataService", "dct:title": str(found)}


def _output_port(product: Product, output: Output, schemas: Mapping[str, TableSchema]) -> Json:
    return {
        "@id": _urn(product.name, "port", product.label(output)),
        "@type": "dcat:DataService",
        "dct:title": output.name,
        **_said("dct:description", output.description),
        "dcat:version": product.output_version(output),
        "dprod:isAccessServiceOf": {
            "@id": _urn(product.name, "distribution", product.label(output)),
            "@type": "dcat:Distribution",
            "dct:title": output.name,
            "dct:format": "stream" if output.type is OutputType.STREAM else "table",
            "dprod:isDistributionOf": _described(product, output, schemas.get(product.label(output))),
        },
    }


def _described(product: Product, output: Output, schema: TableSchema | None) -> Json:
    sensitive = schema.masked if schema is not None else product.pii_columns
    return {
        "@id": _dataset(product.name, product.label(output)),
        "@type": "dcat:Dataset",
        "dct:title": output.name,
        **_said("dct:description", output.description or (schema.description if schema else None)),
        **_said("dcat:keyword", list(output.tags)),
        "dct:conformsTo": {
            "@id": f"urn:data-contract:{quote(product.contract_id(output), safe='.-_')}",
            "@type": "dct:Standard",
            "dct:identifier": product.contract_id(output),
        },
        **_said("dprod:informationSensitivityClassification", {"rdfs:label": _SENSITIVE} if sensitive else None),
    }
