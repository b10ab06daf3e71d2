"""The outputs of a product in effect: those that product.yaml lists, and unretired majors that it no longer lists.

Such a major stays readable under the last contract that listed it, and what that contract promises holds until the
major is retired.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from data_platform.record.catalog import products
from data_platform.record.catalog.outputs import OutputRow
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, Product
from data_platform.verbs.core.lookup.resolve import find_output_row


def build_effective_contract(conn: Connection, contract: Contract, rows: Iterable[OutputRow]) -> Contract:
    """The contract with every unretired major; one no longer listed keeps the last contract that listed it."""
    product, schemas, documents = contract.product, dict(contract.schemas), dict(contract.documents)
    kept = [output for output in product.outputs if not _is_retired(find_output_row(rows, product, output))]
    for row in rows:
        if row.retired or is_listed(product, row) or (listing := find_last_listing(conn, row)) is None:
            continue
        before, output = listing
        own, label = before.product.label(output), f"{row.base}@{row.major}"
        kept.append(replace(output, version=before.product.output_version(output)))
        schemas |= {label: before.schemas[own]} if own in before.schemas else {}
        documents |= {label: before.documents[own]} if own in before.documents else {}
    return Contract(replace(product, outputs=tuple(kept)), schemas, documents)


def is_listed(product: Product, row: OutputRow) -> bool:
    """Whether the product lists that major."""
    return any((output.name, product.major(output)) == (row.base, row.major) for output in product.outputs)


def find_last_listing(conn: Connection, row: OutputRow) -> tuple[Contract, Output] | None:
    """The last contract that listed the major, and the output in it; None where it was not kept."""
    last = products.find_contract(conn, row.product, row.revision) if row.revision is not None else None
    contract = last.contract if last else None
    output = contract.product.find_output(f"{row.base}@{row.major}") if contract else None
    return (contract, output) if contract and output else None


def _is_retired(row: OutputRow | None) -> bool:
    return row is not None and row.retired
