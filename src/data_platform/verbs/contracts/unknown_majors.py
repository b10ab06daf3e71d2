"""Outputs of a rebuilt record whose tables do not state their major: the next product.yaml does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from data_platform.governance.changes import UNPROMISED
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.db.stored_json import StoredContract
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output
from data_platform.spec.schema.types import TableSchema


def resolve_unknown_majors(registered: ProductRow, rows: Iterable[OutputRow], new: Contract) -> ProductRow:
    """The registered product under the majors that `new` gives its outputs, where nothing recorded states them.

    An output is continued so, and no other begins beside it. Only a draft is changed, which promised no version.
    """
    old = registered.contract
    if old.product.effective_status not in UNPROMISED:
        return registered
    rows = list(rows)
    taken = {(row.output, row.major) for row in rows}
    open_names = {row.base for row in rows if row.major is None}
    stated = {}
    for output in reversed(new.product.outputs):
        if output.name in open_names and (output.name, new.product.major(output)) not in taken:
            stated[output.name] = new.product.output_version(output)
    if not stated:
        return registered
    outputs, schemas = [], dict[str, TableSchema]()
    for output in old.product.outputs:
        version = stated.pop(output.name, None)
        outputs.append(output if version is None else replace(output, version=version))
    product = replace(old.product, outputs=tuple(outputs))
    for before, after in zip(old.product.outputs, product.outputs, strict=True):
        schemas |= _select_schema(old, before, product.label(after))
    return replace(registered, stored_contract=StoredContract.of(replace(old, product=product, schemas=schemas)))


def _select_schema(contract: Contract, output: Output, label: str) -> dict[str, TableSchema]:
    schema = contract.schemas.get(contract.product.label(output))
    return {} if schema is None else {label: schema}
