"""check of data that does not fit its contract: the rules over the columns that fit are judged all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.engine.worker import SqlWorker
from data_platform.errors import SchemaMismatch, UnreadableData
from data_platform.quality import Outcome
from data_platform.verbs.publishing.rule_runner import RuleRunner
from data_platform.verbs.testing.contract_test_report import NOT_JUDGED, Status
from tests.meshes import World
from tests.verbs.testing.test_contract_test import COLUMNS, OUTPUT, found, judged, written


@pytest.fixture
def court(rule_worker: SqlWorker) -> RuleRunner:
    return RuleRunner(rule_worker)


FOREIGN = {
    "an unnamed column": ("t.csv", ",id,amount\n0,1,2\n1,1,-3\n", {"column 1": "column 1 has no name"}),
    "two unnamed columns": (
        "t.csv",
        ",id,amount, \n0,1,2,a\n1,1,-3,b\n",
        {"column 1": "column 1 has no name", "column 4": "column 4 has no name"},
    ),
    "a column twice": ("t.csv", "id,email,amount,email\n1,a,2,b\n1,a,-3,b\n", {"email": "email is there twice"}),
    "extra columns": (
        "t.csv",
        "id,amount,x,y\n1,2,a,b\n1,-3,a,b\n",
        {"x": "x is not in the contract", "y": "y is not in the contract"},
    ),
    "an extra key of one row": (
        "t.jsonl",
        '{"id": 1, "amount": 2}\n{"id": 1, "amount": -3, "x": 1}\n',
        {"x": "x is not in the contract"},
    ),
    "a value of another kind": (
        "t.jsonl",
        '{"id": 1, "amount": 2, "email": [1]}\n{"id": 1, "amount": -3, "email": {}}\n',
        {"email": "is an array in row 1, which does not fit string"},
    ),
    "several at once": (
        "t.jsonl",
        '{"id": 1, "amount": 2, "email": [1], "x": 1}\n{"id": 1, "amount": -3, "at": "noon"}\n',
        {
            "email": "is an array in row 1, which does not fit string",
            "x": "x is not in the contract",
            "at": "1 of 2 rows does not fit timestamptz, which looks like 2026-01-31T09:30:00Z: 'noon' in row 2",
        },
    ),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_rules_over_the_columns_that_fit_are_judged(case: str, court: RuleRunner, tmp_path: Path, world: World) -> None:
    name, content, reasons = FOREIGN[case]
    (tmp_path / name).write_text(content)
    result = judged(court, written(tmp_path, more=""), tmp_path / name)
    failed = {str(f.column): f.reason for f in result.findings if f.kind == "schema" and f.status is Status.FAILED}
    assert failed == reasons
    assert (result.outcome, result.rows) == (Outcome.REFUSED, 2)
    assert (found(result, "not_negative").status, found(result, "not_negative").value) == (Status.WARNED, 1)
    assert (found(result, "primary_key.unique").status, found(result, "primary_key.unique").value) == (Status.FAILED, 1)
    skipped = found(result, "email.format")
    is_judged = "email" not in reasons
    assert skipped.reason == (None if is_judged else "it reads email, which does not fit the contract")
    assert all(("email" in row) == is_judged for row in found(result, "primary_key.unique").rows)
    with pytest.raises((SchemaMismatch, UnreadableData)):
        world.product(columns=COLUMNS, required=("id", "amount"), output=OUTPUT).publish("t", tmp_path / name)


def test_a_rule_that_reads_columns_without_naming_them_is_not_judged_over_part_of_them(
    court: RuleRunner, tmp_path: Path
) -> None:
    rules = "quality_rules: [{rule: same, sql: 'SELECT COUNT(*) FROM (SELECT DISTINCT * FROM t)', threshold: 1}]"
    contract = written(tmp_path, output=rules, more="")
    result = judged(court, contract, [{"id": 1, "amount": "x"}, {"id": 1, "amount": "y"}])
    assert found(result, "same").reason == "it reads amount, which does not fit the contract"


def test_a_stream_that_does_not_fit_is_not_judged_in_part(court: RuleRunner, tmp_path: Path) -> None:
    result = judged(court, written(tmp_path), iter([{"id": 1, "amount": 1.0, "at": "noon"}]))
    assert found(result, "schema.at").status is Status.FAILED
    assert (found(result, "some_rows").reason, result.rows) == (NOT_JUDGED, None)


def test_an_output_partitioned_by_a_column_that_does_not_fit_is_judged_too(court: RuleRunner, tmp_path: Path) -> None:
    columns = {"day": {"type": "string", "format": "date"}, "n": {"type": "integer", "minimum": 0}}
    contract = written(tmp_path, output="partition_by: [day]", columns=columns, more="pii_columns: [day]")
    result = judged(court, contract, [{"day": "soon", "n": -1}])
    assert found(result, "n.minimum").status is Status.FAILED
