"""check: the verdict of a publish without the publish, and nothing left behind."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.engine.worker import SqlWorker
from data_platform.errors import NotFound, SchemaMismatch, UnreadableData
from data_platform.quality import DataQualityError, Outcome
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import Input
from data_platform.verbs.publishing.rule_runner import RuleRunner
from data_platform.verbs.testing import contract_test as checks
from data_platform.verbs.testing.contract_test import ContractTest, run_contract_test
from data_platform.verbs.testing.contract_test_report import CheckResult, Finding, Status
from tests.meshes import NOON, World, json_schema

COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "amount": {"type": "number", "maximum": 100},
    "email": {"type": "string", "format": "email"},
    "at": {"type": "string", "format": "date-time"},
}
OUTPUT = """\
primary_key: [id]
sla: {freshness: 2 hours, freshness_column: at, availability: 99%}
quality_rules:
  - {rule: not_negative, sql: SELECT COUNT(*) FROM t WHERE amount < 0, threshold: 0, severity: warning}
  - {rule: some_rows, sql: SELECT COUNT(*) FROM t, mustBeGreaterThan: 1}"""
PII = "pii_columns: [email]"
SECRET = "ann.secret@example.com"
GOOD = [
    {"id": 1, "amount": 1.5, "email": SECRET, "at": "2026-11-23T11:00:00Z"},
    {"id": 2, "amount": 2.0, "email": None, "at": "2026-11-23T09:00:00Z"},
]


@pytest.fixture
def court(rule_worker: SqlWorker) -> RuleRunner:
    return RuleRunner(rule_worker)


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def written(root: Path, output: str = OUTPUT, columns: Mapping[str, Any] | None = None, more: str = PII) -> Path:
    """A product.yaml with the output `t`, and its schema."""
    lines = ["name: orders", "domain: sales", "owner: ana@x", "outputs:", "  - name: t"]
    if columns is None or columns:
        lines.append("    schema: t.json")
        (root / "t.json").write_text(json_schema(columns or COLUMNS, ("id", "amount") if columns is None else ()))
    lines += [f"    {line}" for line in output.splitlines()]
    (root / "product.yaml").write_text("\n".join([*lines, more, ""]))
    return root / "product.yaml"


def judged(court: RuleRunner, contract: Path, data: Any, now: datetime = NOON, **more: Any) -> CheckResult:
    return run_contract_test(court, now, ContractTest(load_product(contract), "t", data, **more))


def found(result: CheckResult, name: str) -> Finding:
    (finding,) = [finding for finding in result.findings if finding.check == name]
    return finding


def test_every_check_is_told(court: RuleRunner, tmp_path: Path, room: Path) -> None:
    result = judged(court, written(tmp_path), GOOD)
    assert (result.product, result.output, result.rows, result.outcome) == ("orders", "t", 2, Outcome.PASSED)
    assert [(f.check, f.kind, f.status.value) for f in result.findings] == [
        *((f"schema.{name}", "schema", "passed") for name in COLUMNS),
        ("not_negative", "rule", "passed"),
        ("some_rows", "rule", "passed"),
        ("amount.maximum", "rule", "passed"),
        ("email.format", "rule", "passed"),
        ("primary_key.id.not_null", "rule", "passed"),
        ("primary_key.unique", "rule", "passed"),
        ("freshness", "sla", "passed"),
        ("availability", "sla", "skipped"),
    ]
    assert (found(result, "some_rows").value, found(result, "some_rows").demand) == (2, "> 1")
    assert found(result, "freshness").value == "1 hour old"
    assert found(result, "schema.id").demand == "long, required"
    assert list(room.iterdir()) == []


DATA = {
    "good": GOOD,
    "a failed rule": [GOOD[0]],
    "a warning": [*GOOD, {"id": 3, "amount": -1.0}],
    "a constraint": [*GOOD, {"id": 3, "amount": 101.0}],
    "two rules": [*GOOD, {"id": 2, "amount": 101.0, "email": "nobody"}],
    "a null": [*GOOD, {"id": None, "amount": 1.0}],
    "a value": [*GOOD, {"id": 3, "amount": 1.0, "at": "noon"}],
    "a column too many": [{**row, "more": 1} for row in GOOD],
    "a column too few": [{"id": 1}, {"id": 2}],
    "no rows": [],
}


UNJUDGED = {"a null": 2, "a value": 0, "a column too many": 0, "a column too few": 2}
"""How many rules read a column that does not fit."""


@pytest.mark.parametrize("case", DATA)
def test_it_says_what_a_publish_says(case: str, court: RuleRunner, tmp_path: Path, world: World) -> None:
    data = DATA[case]
    contract = written(tmp_path)
    result = judged(court, contract, data)
    refused = [f for f in result.findings if f.status in (Status.FAILED, Status.ERROR)]
    product = world.product(columns=COLUMNS, required=("id", "amount"), output=OUTPUT, more=PII)
    try:
        verdict = product.publish("t", data).quality
    except SchemaMismatch as mismatch:
        assert {f.check for f in refused} == {f"schema.{m.column}" for m in mismatch.mismatches}
        reasons = [f.reason for f in result.findings if f.kind == "rule" and f.status is Status.SKIPPED]
        assert len(reasons) == UNJUDGED[case]
    except DataQualityError as error:
        assert [(f.check, f.value, f.rows) for f in refused] == [
            (failed.rule.name, failed.value, failed.rows) for failed in error.verdict.results if failed.blocks
        ]
    else:
        assert refused == []
        assert [(f.check, f.value) for f in result.findings if f.kind == "rule"] == [
            (passed.rule.name, passed.value) for passed in verdict.results
        ]
        warned = {f.check for f in result.findings if f.status is Status.WARNED and f.kind == "rule"}
        assert warned == {failed.rule.name for failed in verdict.failures}


def test_failing_rows_are_shown_with_pii_masked(court: RuleRunner, tmp_path: Path) -> None:
    result = judged(court, written(tmp_path), [*GOOD, {"id": 1, "amount": 500.0, "email": "secret.nobody"}])
    assert [row["email"] for row in found(result, "amount.maximum").rows] == ["***"]
    assert [row["id"] for row in found(result, "primary_key.unique").rows] == [1, 1]
    assert "secret" not in repr(result)


@pytest.mark.long
def test_values_that_do_not_fit_are_counted_over_all_of_the_data(court: RuleRunner, tmp_path: Path) -> None:
    csv = tmp_path / "t.csv"
    lines = (f"{'x' if row % 1000 == 7 else row},1.0,{SECRET},2026-11-23T11:00:00Z" for row in range(300_000))
    csv.write_text("id,amount,email,at\n" + "\n".join(lines) + "\n")
    result = judged(court, written(tmp_path), csv)
    wrong = found(result, "schema.id")
    assert (result.outcome, result.rows, wrong.value) == (Outcome.REFUSED, 300_000, 300)
    assert wrong.reason is not None
    assert wrong.reason.startswith("300 of 300,000 rows do not fit long, which looks like 42: 'x' in row 8, 'x' in")
    assert wrong.rows[0] == {"row": 8, "id": "'x'"}
    assert found(result, "schema.amount").status is Status.PASSED
    assert (found(result, "some_rows").status, found(result, "some_rows").value) == (Status.PASSED, 300_000)
    assert found(result, "primary_key.unique").reason == "it reads id, which does not fit the contract"
    assert found(result, "freshness").status is Status.PASSED


def test_columns_that_are_wrong_as_a_whole_leave_the_others_judged(court: RuleRunner, tmp_path: Path) -> None:
    result = judged(court, written(tmp_path), [{"id": 1, "emial": "x"}])
    statuses = {f.check: f.status.value for f in result.findings if f.kind == "schema"}
    assert statuses == {
        "schema.id": "passed",
        "schema.amount": "failed",
        "schema.email": "passed",
        "schema.at": "passed",
        "schema.emial": "failed",
    }
    assert found(result, "schema.emial").reason == "emial is not in the contract; did you mean 'email'?"
    assert result.rows == 1


def test_pii_never_lies_in_clear_and_the_folder_is_ones_own(
    court: RuleRunner, tmp_path: Path, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []

    def looking(subject: str, schema: Any, staged: Any) -> None:
        (folder,) = room.glob("data-platform-test-*")
        assert folder.stat().st_mode & 0o777 == 0o700
        seen.extend(Path(path).read_bytes() for path in staged.paths)
        prove(subject, schema, staged)

    prove = checks.verify_seal
    monkeypatch.setattr(checks, "verify_seal", looking)
    contract = written(tmp_path, output=OUTPUT.replace("SELECT COUNT(*) FROM t,", "SELECT COUNT(email) FROM t,"))
    result = judged(court, contract, [*GOOD, {"id": 3, "amount": 1.0, "email": "z" + SECRET}])
    assert found(result, "some_rows").value == 2
    assert seen
    assert not any(SECRET.encode() in content for content in seen)
    assert list(room.iterdir()) == []


def test_nothing_is_left_when_something_goes_wrong(court: RuleRunner, tmp_path: Path, room: Path) -> None:
    broken = tmp_path / "t.parquet"
    rows = pa.table({"id": pa.array(range(300_000), pa.int32()), "amount": [1.0] * 300_000})
    pq.write_table(rows, broken, compression="zstd", row_group_size=1000)
    content = bytearray(broken.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 50_000] = b"\xff" * 50_000
    broken.write_bytes(content)
    with pytest.raises(UnreadableData):
        judged(court, written(tmp_path), broken)
    assert list(room.iterdir()) == []


def test_a_parquet_file_that_needs_no_cast_is_read_where_it_lies(
    court: RuleRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = pa.table(
        {
            "at": pa.array([NOON, NOON], pa.timestamp("us", "UTC")),
            "email": [SECRET, "nobody"],
            "id": [1, 1],
            "amount": [1.0, 2.0],
        }
    )
    pq.write_table(rows, tmp_path / "t.parquet")
    contract = written(tmp_path)
    copied = judged(court, contract, rows)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checks, "stage", None)
    result = judged(court, contract, "t.parquet")
    assert result == copied
    assert [row["email"] for row in found(result, "primary_key.unique").rows] == ["***", "***"]


@pytest.mark.parametrize(
    ("declared", "narrow", "values"),
    [
        ({"type": "integer"}, pa.int8(), [-128, 127]),
        ({"type": "integer"}, pa.int32(), [-(2**31), 2**31 - 1]),
        ({"type": "integer"}, pa.uint32(), [0, 2**32 - 1]),
        ({"type": "integer", "format": "int32"}, pa.uint16(), [0, 2**16 - 1]),
        ({"type": "number"}, pa.float32(), [1.5, 3.4e38]),
    ],
)
def test_narrower_numbers_are_read_where_they_lie_and_judged_as_the_wider_ones(
    declared: dict[str, str],
    narrow: pa.DataType,
    values: list[float],
    court: RuleRunner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules = "quality_rules: [{rule: wide, sql: 'SELECT COUNT(*) FROM t WHERE n * 2 / 2 <> n', threshold: 0}]"
    contract = written(tmp_path, output=rules, columns={"n": declared}, more="")
    rows = pa.table({"n": pa.array(values, narrow)})
    pq.write_table(rows, tmp_path / "t.parquet")
    copied = judged(court, contract, rows)
    monkeypatch.setattr(checks, "stage", None)
    result = judged(court, contract, tmp_path / "t.parquet")
    assert result == copied
    assert found(result, "wide").reason is None


@pytest.mark.parametrize("name", ["t[1].parquet", "t*.parquet"])
def test_a_file_whose_name_is_a_pattern_is_that_file_alone(name: str, court: RuleRunner, tmp_path: Path) -> None:
    contract = written(tmp_path, output="", columns={"id": {"type": "integer"}}, more="")
    pq.write_table(pa.table({"id": [1, 2]}), tmp_path / name)
    pq.write_table(pa.table({"id": [1, 2, 3]}), tmp_path / "t1.parquet")
    assert judged(court, contract, tmp_path / name).rows == 2


def test_a_null_in_such_a_file_is_found_all_the_same(court: RuleRunner, tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, None, 3], "amount": [1.0, 2.0, 3.0]}), tmp_path / "t.parquet")
    result = judged(court, written(tmp_path, output="", more=""), tmp_path / "t.parquet")
    assert found(result, "schema.id").reason == "id is null in 1 of 3 rows (row 2), and the contract requires it"


def test_an_output_without_a_schema_is_what_its_data_shows(court: RuleRunner, tmp_path: Path) -> None:
    contract = written(tmp_path, output="primary_key: [id]", columns={}, more="pii_columns: [email]")
    result = judged(court, contract, [{"id": 1, "email": SECRET}, {"id": 1, "email": None}])
    assert [row["email"] for row in found(result, "primary_key.unique").rows] == ["***", None]
    refused = judged(court, contract, [{"nr": 1, "email": SECRET}])
    assert refused.outcome is Outcome.REFUSED
    assert "primary_key names it, and the data does not have it" in str(found(refused, "schema.id").reason)


INPUTS = "inputs: [{data_product: crm, output: customers}]"
KNOWN = """\
quality_rules:
  - rule: known
    sql: SELECT COUNT(*) FROM t ANTI JOIN "crm".customers USING (id)
    threshold: 0
  - {rule: rows, sql: SELECT COUNT(*) FROM t, threshold: 9}"""


def test_a_rule_over_an_input_runs_on_the_data_given_for_it(court: RuleRunner, tmp_path: Path) -> None:
    contract = written(tmp_path, output=KNOWN, columns={"id": {"type": "integer"}}, more=INPUTS)
    rows = [{"id": 1}, {"id": 2}]
    without = found(judged(court, contract, rows), "known")
    assert (without.status, without.reason) == (
        Status.SKIPPED,
        "it reads the input crm.customers, of which no data was given",
    )
    given = judged(court, contract, rows, inputs={Input("crm", "customers"): [{"id": 2}]})
    assert (found(given, "known").status, found(given, "known").value) == (Status.FAILED, 1)
    assert found(given, "rows").status is Status.PASSED


def test_a_promise_is_held_against_the_time_of_its_zone(court: RuleRunner, tmp_path: Path) -> None:
    columns = {"day": {"type": "string", "format": "date"}}
    sla = "sla: {freshness: 12 hours, freshness_column: day, timezone: Asia/Bangkok}"
    contract = written(tmp_path, output=sla, columns=columns, more="")
    rows = [{"day": "2026-11-22"}, {"day": "2026-11-23"}]
    # The 23rd began at 17:00 UTC of the 22nd in Bangkok.
    kept = judged(court, contract, rows, datetime(2026, 11, 23, 5, tzinfo=UTC))
    assert (found(kept, "freshness").status, found(kept, "freshness").value) == (Status.PASSED, "12 hours old")
    broken = judged(court, contract, rows, datetime(2026, 11, 23, 5, 1, tzinfo=UTC))
    assert (found(broken, "freshness").status, broken.outcome) == (Status.WARNED, Outcome.WARNED)
    empty = judged(court, contract, [])
    assert (found(empty, "freshness").status, found(empty, "freshness").reason) == (
        Status.SKIPPED,
        "day has no value to take an age from",
    )


def test_the_age_of_personal_data_is_judged_and_not_told(court: RuleRunner, tmp_path: Path) -> None:
    sla = "sla: {freshness: 1 day, freshness_column: born}"
    columns = {"born": {"type": "string", "format": "date"}}
    contract = written(tmp_path, output=sla, columns=columns, more="pii_columns: [born]")
    finding = found(judged(court, contract, [{"born": "1980-05-17"}]), "freshness")
    assert (finding.status, finding.value) == (Status.WARNED, None)


def test_an_output_that_is_not_there_is_told_with_the_nearest(court: RuleRunner, tmp_path: Path) -> None:
    file = load_product(written(tmp_path))
    with pytest.raises(NotFound, match="orders has no output tt") as caught:
        run_contract_test(court, NOON, ContractTest(file, "tt", GOOD))
    assert caught.value.hint == "did you mean t?"


def test_what_is_found_is_data_that_json_carries(court: RuleRunner, tmp_path: Path) -> None:
    result = judged(court, written(tmp_path), [*GOOD, {"id": 2, "amount": 101.0}])
    assert json.loads(json.dumps(asdict(result)))["findings"][0]["status"] == "passed"


def test_undeclared_personal_data_warns_without_a_value(world: World, court: RuleRunner) -> None:
    columns = {"id": {"type": "integer"}, "contact": {"type": "string"}}
    rule = "quality_rules:\n  - {rule: none, sql: SELECT COUNT(*) FROM t WHERE id > 0, threshold: 0}"
    file = load_product(world.product(columns=columns, output=rule).file.path)
    result = run_contract_test(court, NOON, ContractTest(file, "t", [{"id": 1, "contact": SECRET}]))
    (finding,) = [finding for finding in result.findings if finding.kind == "pii"]
    assert (finding.status, finding.column, finding.value) == (Status.WARNED, "contact", 100.0)
    assert finding.check == "undeclared personal data: contact (e-mail addresses)"
    (none,) = result.of(Status.FAILED)
    assert none.rows == ({"id": 1, "contact": "***"},)
    assert SECRET not in repr(result)
