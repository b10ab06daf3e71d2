"""production-ready: what is active must hold the points that its contract decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from data_platform.governance.policies import judge
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import ProductStatus, Sla
from data_platform.spec.schema.types import Constraints, SchemaColumn
from tests.governance.judged import LONG, compiled, contract, facts

POLICY = compiled("policies:\n  - {name: production-ready, enforcement: blocking}\n")
ID = SchemaColumn("id", LONG, description="which")
READY: dict[str, Any] = {
    "description": "Orders",
    "version": "1.0.0",
    "oncall": ("ana@x",),
    "primary_key": ("id",),
    "sla": Sla(freshness=timedelta(days=1), availability=99.0),
}


def reasons(product: Contract) -> list[str]:
    return [finding.reason for finding in judge(POLICY, facts(product))]


def test_an_active_product_must_hold_every_point() -> None:
    assert reasons(contract(ID, **READY)) == []
    assert [reason.partition(":")[0] for reason in reasons(contract(SchemaColumn("id", LONG)))] == [
        "data product definition complete",
        "SLAs defined (freshness, availability)",
        "quality rules implemented",
        "schema documented",
        "on-call rotation defined",
    ]


def test_the_reason_has_what_mends_it() -> None:
    assert reasons(contract(ID, **{**READY, "oncall": ()})) == [
        "on-call rotation defined: on call: nobody; product.yaml: oncall: [PERSON]"
    ]


@pytest.mark.parametrize("status", [status for status in ProductStatus if status is not ProductStatus.ACTIVE])
def test_what_is_not_active_need_not(status: ProductStatus) -> None:
    assert reasons(contract(SchemaColumn("id", LONG), status=status)) == []


def test_a_constraint_of_the_schema_is_a_rule() -> None:
    keyless = {**READY, "primary_key": ()}
    positive = SchemaColumn("id", LONG, description="which", constraints=Constraints(minimum=1))
    assert reasons(contract(positive, **keyless)) == []
    assert [reason.partition(":")[0] for reason in reasons(contract(ID, **keyless))] == ["quality rules implemented"]
