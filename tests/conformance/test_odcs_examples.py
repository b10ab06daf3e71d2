"""The official examples of ODCS judge data that was made for their columns: each check is judged or named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data_platform.engine.worker import SqlWorker
from data_platform.quality.constraints import list_rules
from data_platform.spec.product.loading import ProductFile
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.standards.contracts import load_contract
from data_platform.verbs.publishing.rule_runner import RuleRunner
from data_platform.verbs.testing.contract_test import ContractTest, run_contract_test
from data_platform.verbs.testing.contract_test_report import Status
from tests.meshes import NOON

SHARED = Path(__file__).parents[3] / "shared"
FILES = sorted([*SHARED.glob("standards/examples/odcs/**/*.yaml"), *SHARED.glob("cases/mapping_reference/*.odcs.yaml")])
TABLES_EACH = 8


def made(kind: pa.DataType) -> Any:
    """A value of an Arrow type."""
    if pa.types.is_struct(kind):
        return {field.name: made(field.type) for field in kind}
    if pa.types.is_list(kind):
        return [made(kind.value_type)]
    if pa.types.is_map(kind):
        return [("key", made(kind.item_type))]
    if pa.types.is_decimal(kind):
        return Decimal(1).scaleb(-kind.scale)
    for test, value in VALUES:
        if test(kind):
            return value
    raise AssertionError(f"no value of {kind}")


VALUES: tuple[tuple[Any, Any], ...] = (
    (pa.types.is_boolean, True),
    (pa.types.is_integer, 7),
    (pa.types.is_floating, 0.5),
    (pa.types.is_date, date(2026, 11, 22)),
    (pa.types.is_time, time(9, 30)),
    (lambda kind: pa.types.is_timestamp(kind) and kind.tz is not None, datetime(2026, 11, 22, tzinfo=UTC)),
    (pa.types.is_timestamp, datetime(2026, 11, 22)),
    (pa.types.is_string, "text"),
    (pa.types.is_fixed_size_binary, b""),
    (pa.types.is_binary, b"bytes"),
)


def rows(schema: TableSchema) -> pa.Table:
    """Two equal rows."""
    target = to_arrow(schema)
    return pa.table([pa.array([made(field.type)] * 2, field.type) for field in target], schema=target)


def tables(file: ProductFile) -> Iterator[tuple[str, TableSchema]]:
    yield from list(file.schemas.items())[:TABLES_EACH]


@pytest.mark.skipif(not FILES, reason="the official examples are not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_check_of_an_official_example_is_judged_or_named(path: Path, rule_worker: SqlWorker) -> None:
    file = load_contract(path)
    for name, schema in tables(file):
        result = run_contract_test(RuleRunner(rule_worker), NOON, ContractTest(file, name, rows(schema)))
        output = file.product.find_output(name)
        assert output is not None
        by_kind = {kind: [f for f in result.findings if f.kind == kind] for kind in ("schema", "rule", "sla")}
        assert [f.column for f in by_kind["schema"]] == list(schema.names)
        assert {f.status for f in by_kind["schema"]} <= {Status.PASSED}
        assert [f.check for f in by_kind["rule"]] == [
            *(rule.name for rule in list_rules(output, schema)),
            *(unchecked.name for unchecked in output.unchecked),
        ]
        promised = [output.sla.freshness, output.sla.availability, *output.sla.properties]
        assert len(by_kind["sla"]) == len([promise for promise in promised if promise is not None])
        assert all(f.reason for f in result.of(Status.SKIPPED, Status.ERROR))
        assert result.of(Status.ERROR) == ()
