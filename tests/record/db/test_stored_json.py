"""Contracts and schemas as text: what is read of them is what was stored."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from data_platform.record.db.stored_json import StoredContract, StoredSchema
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Product, Sla
from data_platform.spec.schema.types import TableSchema
from tests.hypothesis_lanes import examples
from tests.spec.product.test_model import products
from tests.strategies import any_names, key_types, schemas

_ROUNDS = settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))


@_ROUNDS
@given(products(), schemas(any_names, key_types))
def test_a_stored_contract_is_the_contract(product: Product, schema: TableSchema) -> None:
    contract = Contract(product, {product.label(product.outputs[0]): schema})
    stored = StoredContract.of(contract)
    assert stored.contract == contract
    assert repr(stored.contract) == repr(contract)  # which tells 1 from 1.0 and True
    assert stored.contract is StoredContract(stored.text).contract


@_ROUNDS
@given(products())
def test_its_parts_are_those_of_the_contract(product: Product) -> None:
    stored = StoredContract.of(Contract(product, {}))
    assert stored.read_head() == replace(product, outputs=())
    promising = tuple(replace(output, rules=()) for output in stored.contract.product.outputs if output.sla != Sla())
    assert stored.read_promises() == (replace(product, outputs=promising) if promising else None)


@_ROUNDS
@given(products(), products())
def test_a_contract_is_compared_by_what_it_says_and_not_by_its_form(product: Product, other: Product) -> None:
    contract = Contract(product, {})
    text = json.dumps(contract.to_json(), indent=2, sort_keys=True, ensure_ascii=False)
    assert StoredContract(text).is_of(contract)
    assert StoredContract(text).is_of(Contract(other, {})) is (product == other)


@_ROUNDS
@given(schemas(any_names, key_types))
def test_a_stored_schema_is_the_schema(schema: TableSchema) -> None:
    stored = StoredSchema.of(schema)
    assert repr(stored.schema) == repr(schema)
    assert stored == StoredSchema(stored.text)
    assert stored != StoredContract(stored.text)
