"""Loads a contract file as a product, so that all later steps work on one model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from data_platform.errors import InvalidSpec, Problem
from data_platform.spec.product.declared_columns import tag_pii
from data_platform.spec.product.loading import ProductFile
from data_platform.spec.standards.assembly import Assembly, Wanted
from data_platform.spec.standards.document import Document, read_document
from data_platform.spec.standards.odcs.checks_in import describe_unchecked
from data_platform.spec.standards.odcs.contract_in import OdcsContract, read_contract
from data_platform.spec.standards.odps.product_in import OdpsProduct, read_odps
from data_platform.spec.text.names import escape_hidden, quote_text

_PRODUCT, _CONTRACT = "DataProduct", "DataContract"
_OF_PRODUCTS = ("outputPorts", "inputPorts", "managementPorts")
_OF_CONTRACTS = ("schema", "dataset", "slaProperties", "servers")


def load_contract(path: str | Path) -> ProductFile:
    """An ODCS contract (3.2.0 or older) as a product whose outputs are the contract's tables.

    Name, domain and owner are the contract's own where it says them. Checks that cannot run are in
    `output.unchecked` with their reasons, and not among the warnings. Raises InvalidSpec with every problem, each
    with its line and column.
    """
    document = read_document(Path(path))
    if detect_kind(document) != _CONTRACT:
        document.report.fail(document.find_place(("kind",)), "this is no ODCS contract", "its `kind` is DataContract")
    assembly = build_assembly([document], Wanted(domain="unknown", owner="unknown"))
    tagged = {name: tag_pii(schema, ()) for name, schema in assembly.schemas.items()}
    described = {
        escape_hidden(describe_unchecked(check.name, check.why))
        for o in assembly.product.outputs
        for check in o.unchecked
    }
    warnings = dict.fromkeys(warning for warning in document.report.warnings if warning.message not in described)
    return ProductFile(document.path, assembly.product, tagged, tuple(warnings), document.text)


def detect_kind(document: Document) -> str | None:
    """The kind of a document: by its `kind`, else by its fields."""
    root = document.root
    if root.get("kind") in (_PRODUCT, _CONTRACT):
        return str(root["kind"])
    if any(field in root for field in _OF_PRODUCTS):
        return _PRODUCT
    return _CONTRACT if any(field in root for field in _OF_CONTRACTS) else None


def build_assembly(documents: Sequence[Document], wanted: Wanted, inputs: Sequence[tuple[str, str]] = ()) -> Assembly:
    """The product that the documents make together; InvalidSpec with the problems of all of them.

    `inputs` are what the SQL of their checks may read, beside the inputs that an ODPS among them says.
    """
    products: list[OdpsProduct] = []
    contracts: list[OdcsContract] = []
    for document in documents:
        kind = detect_kind(document)
        judge_version(document, kind)
        if kind == _CONTRACT:
            contracts.append(read_contract(document))
        elif kind == _PRODUCT and not products:
            products.append(read_odps(document))
        else:
            _refuse(document, kind)
    _judge_ids(contracts)
    if not products and not contracts:
        close(documents)
    assembly = Assembly(products[0] if products else None, contracts, wanted, inputs)
    close(documents)
    return assembly


_VERSIONS: Mapping[str, Sequence[str]] = {
    _PRODUCT: ("0.9", "1.0", "1.1"),
    _CONTRACT: ("2.2", "3.0", "3.1", "3.2"),
}


def judge_version(document: Document, kind: str | None) -> None:
    """Report an `apiVersion` that is not known here; a later patch of a known one may only correct words."""
    said = document.root.get("apiVersion")
    versions = _VERSIONS.get(kind or "", ())
    if said is None or not versions:
        return
    if not any(re.fullmatch(rf"v?{re.escape(version)}(\.\d+)?", str(said)) for version in versions):
        names = ", ".join(f"v{version}" for version in versions)
        message = f"the version {quote_text(str(said))} of {'ODPS' if kind == _PRODUCT else 'ODCS'} is not known here"
        document.report.error(document.find_place(("apiVersion",)), message, f"the versions read are {names}")


def _refuse(document: Document, kind: str | None) -> None:
    place = document.find_place(("kind",))
    if kind is not None:
        document.report.error(place, "this is a second product", "import one product at a time, with its contracts")
    elif "product" in document.root and "opendataproducts" in str(document.root.get("schema", "")):
        message = "this is the Linux Foundation's Open Data Product Specification, and Bitol's standard is read here"
        document.report.error(place, message)
    elif "outputs" in document.root and "owner" in document.root:
        hint = "data-platform validate FILE checks it, data-platform export FILE --to odcs writes it as a contract"
        document.report.error(place, "this is a product.yaml already", hint)
    else:
        hint = "its `kind` is DataProduct (ODPS) or DataContract (ODCS)"
        document.report.error(place, "this is neither a product nor a contract", hint)


def _judge_ids(contracts: Sequence[OdcsContract]) -> None:
    seen: dict[str, OdcsContract] = {}
    for contract in contracts:
        if contract.id in seen:
            first = seen[contract.id].view.document.path
            contract.view.error(f"the contract {contract.id} appears twice, first in {first}", "id", hint="keep one")
        seen.setdefault(contract.id, contract)


def close(documents: Sequence[Document]) -> None:
    """Raise InvalidSpec when any document has a problem."""
    problems: list[Problem] = [problem for document in documents for problem in document.report.problems]
    if problems:
        raise InvalidSpec(list(dict.fromkeys(problems)))
