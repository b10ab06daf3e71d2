"""publish: what becomes visible, what is refused, and what the record says of both."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pytest

from data_platform.errors import ContractMoved, NotFound, Refused, SchemaMismatch, StorageFailed
from data_platform.quality import DataQualityError, expect_column_values_to_not_be_null
from data_platform.record.governance import judgements
from data_platform.record.operations import leases
from data_platform.verbs.publishing.publish import LEASE
from tests.meshes import IDS, ROWS, World

NO_NEGATIVE = """\
quality_rules:
  - rule: no_negative
    sql: SELECT COUNT(*) FROM t WHERE id < 0
    threshold: 0"""


def test_a_first_publish_is_version_1_and_readable(world: World) -> None:
    result = world.product(columns=IDS).publish("t", ROWS)
    assert (result.success, result.product, result.output, result.version, result.rows) == (True, "orders", "t", 1, 3)
    assert world.home / result.location == world.home / "tables/orders/t"  # a server names it relative to its home
    assert world.ids() == [1, 2, 3]


def test_each_publish_replaces_the_content_and_old_versions_stay(world: World) -> None:
    product = world.product(columns=IDS)
    for number in range(1, 4):
        assert product.publish("t", [{"id": number}]).version == number
    assert world.numbers() == [1, 2, 3]
    assert [world.ids(version=number) for number in (1, 2, 3)] == [[1], [2], [3]]


def test_a_refusal_takes_no_number_and_the_last_good_version_stands(world: World) -> None:
    product = world.product(columns=IDS, output=NO_NEGATIVE)
    product.publish("t", ROWS)
    before = world.files()
    with pytest.raises(DataQualityError) as caught:
        product.publish("t", [{"id": -1}, {"id": 5}])
    (failure,) = caught.value.failures
    assert (failure.rule, failure.severity, failure.value, failure.threshold) == ("no_negative", "blocking", 1, 0)
    assert [dict(row) for row in failure.rows] == [{"id": -1}]
    assert world.ids() == [1, 2, 3]
    assert world.files() == before
    assert product.publish("t", [{"id": 9}]).version == 2
    assert world.numbers() == [1, 2]


def test_a_publish_of_no_rows_warns_that_its_rules_had_nothing_to_judge(world: World) -> None:
    product = world.product(columns=IDS, output=NO_NEGATIVE)
    assert product.publish("t", ROWS).warnings == ()
    empty = product.publish("t", [])
    assert (empty.success, empty.version, empty.rows) == (True, 2, 0)
    assert empty.warnings == ("orders.t has 0 rows now; a rule passes where there is nothing to judge",)
    assert world.ids() == []


def test_refusals_are_recorded_with_their_findings(world: World) -> None:
    product = world.product(columns=IDS, output=NO_NEGATIVE)
    with pytest.raises(DataQualityError):
        product.publish("t", [{"id": -1}])
    with world.mesh.record.reading() as conn:
        (row,) = judgements.list_history(conn, "orders")
        assert not leases.list_live(conn)
    assert (row.version, row.outcome, row.results[0]["value"], row.results[0]["rows"]) == (
        None,
        "refused",
        1,
        [{"id": -1}],
    )


@pytest.mark.parametrize(
    ("rows", "mismatches"),
    [
        ([{"id": 1, "extra": 2}], {("extra", "extra")}),
        ([{"id": "seven"}], {("id", "value")}),
        ([{"id": None}], {("id", "null")}),
        ([{"note": "x"}], {("id", "missing")}),
        ([{"id": 2.5}], {("id", "value")}),
        ([{"id": "x", "note": ["a list"]}], {("note", "type")}),
        ([{"id": 1}, {"id": "two"}], {("id", "type")}),
    ],
)
def test_data_that_does_not_fit_is_told_column_by_column(
    world: World, rows: list[dict[str, Any]], mismatches: set[tuple[str, str]]
) -> None:
    product = world.product(columns=IDS | {"note": {"type": "string"}}, required=("id",))
    with pytest.raises(SchemaMismatch) as caught:
        product.publish("t", rows)
    assert {(found.column, found.kind) for found in caught.value.mismatches} == mismatches
    assert caught.value.exit_code == 1
    with world.mesh.record.reading() as conn:
        assert [row.outcome for row in judgements.list_history(conn, "orders", "t")] == ["refused"]
    assert not world.files()


def test_missing_optional_columns_become_null_and_what_widens_is_taken(world: World) -> None:
    product = world.product(columns=IDS | {"note": {"type": "string"}, "share": {"type": "number"}})
    product.publish("t", pa.table({"id": pa.array([7], pa.int8()), "share": pa.array([0.5], pa.float32())}))
    assert world.platform.consume("orders", "t").to_arrow().to_pylist() == [{"id": 7, "note": None, "share": 0.5}]


def test_the_first_data_of_an_output_without_a_schema_becomes_its_contract(world: World) -> None:
    product = world.product()
    product.publish("t", [{"id": 1, "at": "x"}])
    (shown,) = world.platform.show("orders").outputs
    assert shown.inferred
    assert [(column.name, column.type) for column in shown.columns] == [("id", "long"), ("at", "string")]
    with pytest.raises(SchemaMismatch) as caught:
        product.publish("t", [{"id": 1, "at": "x", "surprise": 1}])
    assert [found.column for found in caught.value.mismatches] == ["surprise"]
    assert product.publish("t", [{"id": 2, "at": None}]).version == 2


@pytest.mark.parametrize("first", ["8", "1.5"])
def test_a_zero_before_a_number_is_lost_by_no_later_publish_of_an_inferred_output(world: World, first: str) -> None:
    product = world.product()
    data = {"a.csv": f"id\n{first}\n", "b.csv": "id\n007\n", "b.jsonl": '{"id": "007"}\n'}
    paths = {name: world.root / name for name in data}
    for name, text in data.items():
        paths[name].write_text(text)
    product.publish("t", paths["a.csv"])
    for later in (paths["b.csv"], paths["b.jsonl"], [{"id": "007"}], iter([{"id": "007"}])):
        with pytest.raises(SchemaMismatch, match=r"'007' in row 1 does not fit .* declare the column a string"):
            product.publish("t", later)
    assert world.ids() == [float(first)]


def test_a_pii_column_that_first_data_lacks_is_refused_and_recorded(world: World) -> None:
    product = world.product(more="pii_columns: [email]")
    with pytest.raises(Refused, match="email"):
        product.publish("t", [{"id": 1, "e_mail": "x"}])
    with world.mesh.record.reading() as conn:
        assert [row.outcome for row in judgements.list_history(conn, "orders", "t")] == ["refused"]
    assert world.platform.show("orders").outputs[0].columns == ()
    assert product.publish("t", [{"id": 1, "email": "x"}]).version == 1


def test_a_refused_first_publish_leaves_the_schema_open(world: World) -> None:
    product = world.product(output=NO_NEGATIVE)
    with pytest.raises(DataQualityError):
        product.publish("t", [{"id": -1, "wrong": 1}])
    assert product.publish("t", [{"id": 1}]).version == 1
    assert [column.name for column in world.platform.show("orders").outputs[0].columns] == ["id"]


def test_columns_that_become_personal_are_sealed_from_the_next_publish_on(world: World) -> None:
    world.product().publish("t", [{"id": 1, "email": "a@x"}])
    product = world.product(more="pii_columns: [email]")
    product.publish("t", [{"id": 2, "email": "b@x"}])
    (column,) = [c for c in world.platform.show("orders").outputs[0].columns if c.name == "email"]
    assert (column.tags, column.encryption) == (("pii",), "aes-256-gcm")
    assert world.platform.consume("orders", "t", mask=True).to_arrow()["email"].to_pylist() != ["b@x"]
    assert not any(b"b@x" in path.read_bytes() for path in world.files())


def test_a_warning_is_recorded_and_does_not_refuse(world: World) -> None:
    product = world.product(columns=IDS, output=NO_NEGATIVE + "\n    severity: warning")
    result = product.publish("t", [{"id": -1}])
    assert (result.version, result.quality.outcome) == (1, "warned")
    assert world.platform.versions("orders", "t")[0].outcome == "warned"
    (rule,) = world.platform.quality_metrics("orders").rules
    assert (rule.rule, rule.severity, rule.passed, rule.value) == ("no_negative", "warning", False, 1)


def test_expectations_of_a_publish_are_judged_with_the_contract_s_rules(world: World) -> None:
    product = world.product(columns=IDS, output=NO_NEGATIVE)
    expected = [expect_column_values_to_not_be_null("id")]
    with pytest.raises(DataQualityError) as caught:
        product.publish("t", [{"id": None}, {"id": -1}], expectations=expected)
    assert [failure.value for failure in caught.value.failures] == [1, 1]
    result = product.publish("t", ROWS, expectations=expected)
    assert [(found.rule.origin, found.passed) for found in result.quality.results] == [
        ("quality_rules", True),
        ("pipeline", True),
    ]


def test_the_schema_s_constraints_and_the_primary_key_are_rules(world: World) -> None:
    columns = {"id": {"type": "integer"}, "size": {"enum": ["S", "M"]}, "age": {"type": "integer", "minimum": 18}}
    product = world.product(columns=columns, output="primary_key: [id]")
    with pytest.raises(DataQualityError) as caught:
        product.publish("t", [{"id": 1, "size": "XL", "age": 17}, {"id": 1, "size": "S", "age": 18}])
    assert {failure.value for failure in caught.value.failures} == {1}
    assert len(caught.value.failures) == 3
    origins = {found.rule.origin for found in caught.value.verdict.results}
    assert origins == {"schema", "primary_key"}


REFERS = """\
quality_rules:
  - rule: known
    sql: SELECT COUNT(*) FROM t WHERE id NOT IN (SELECT id FROM "customers".t)
    threshold: 0"""
INPUT = "inputs: [{data_product: customers, output: t}]"


def test_rules_read_inputs_by_product_and_output(world: World) -> None:
    world.product("customers", IDS).publish("t", ROWS)
    product = world.product(columns=IDS, output=REFERS, more=INPUT)
    assert product.publish("t", [{"id": 3}]).version == 1
    with pytest.raises(DataQualityError) as caught:
        product.publish("t", [{"id": 4}])
    assert caught.value.failures[0].value == 1


def test_a_rule_over_an_input_without_a_version_refuses(world: World) -> None:
    world.product("customers", IDS).register()
    with pytest.raises(DataQualityError) as caught:
        world.product(columns=IDS, output=REFERS, more=INPUT).publish("t", ROWS)
    assert "customers" in str(caught.value.failures[0].error)


def test_an_input_that_moves_between_audit_and_promote_is_judged_again(world: World) -> None:
    customers = world.product("customers", IDS)
    customers.publish("t", ROWS)
    product = world.product(columns=IDS, output=REFERS, more=INPUT)
    heard: list[str] = []

    def watch(step: str, _: int) -> None:
        heard.append(step)
        if step == "audited" and heard.count("audited") == 1:
            customers.publish("t", [{"id": 99}])

    with pytest.raises(DataQualityError) as caught:
        product.publish("t", [{"id": 3}], watch=watch)
    assert caught.value.failures[0].value == 1
    assert heard.count("audited") == 2
    assert heard.count("staged") == 1
    assert not world.numbers()


def test_a_rule_that_a_new_contract_brings_in_between_is_judged_too(world: World) -> None:
    product = world.product(columns=IDS)
    product.register()

    def watch(step: str, _: int) -> None:
        if step == "audited" and not moved:
            moved.append(world.product(columns=IDS, output=NO_NEGATIVE).register().revision)

    moved: list[int] = []
    with pytest.raises(DataQualityError):
        product.publish("t", [{"id": -1}], watch=watch)
    assert moved == [2]
    assert not world.numbers()
    assert not world.files()


def test_a_schema_that_changes_in_between_refuses_what_was_staged_under_the_old_one(world: World) -> None:
    product = world.product(columns=IDS)

    def watch(step: str, _: int) -> None:
        if step == "audited":
            world.product(columns=IDS | {"more": {"type": "string"}}).register()

    with pytest.raises(ContractMoved, match="publish again"):
        product.publish("t", ROWS, watch=watch)
    assert not world.files()
    fresh = world.product(columns=IDS | {"more": {"type": "string"}})
    assert fresh.publish("t", ROWS).version == 1


def test_two_first_publishes_that_infer_different_schemas_cannot_both_land(world: World) -> None:
    product, other = world.product(), world.product()
    other.register()

    def watch(step: str, _: int) -> None:
        if step == "audited" and not world.numbers():
            other.publish("t", [{"id": 1}])

    with pytest.raises(ContractMoved):
        product.publish("t", [{"name": "x"}], watch=watch)
    assert world.numbers() == [1]


def test_two_first_publishes_that_infer_the_same_schema_both_land(world: World) -> None:
    product, other = world.product(more="pii_columns: [name]"), world.product(more="pii_columns: [name]")
    other.register()

    def watch(step: str, _: int) -> None:
        if step == "audited" and not world.numbers():
            other.publish("t", [{"id": 1, "name": "x"}])

    assert product.publish("t", [{"id": 2, "name": "y"}], watch=watch).version == 2
    assert [world.ids(version=number) for number in (1, 2)] == [[1], [2]]


@pytest.mark.parametrize("rivals", [1, 2, 3])
def test_a_lost_swap_is_prepared_again_on_top_of_the_winner(world: World, rivals: int) -> None:
    product, rival = world.product(columns=IDS), world.product(columns=IDS)
    product.publish("t", ROWS)

    def watch(step: str, _: int) -> None:
        if step == "prepared" and len(world.numbers()) <= rivals:
            rival.publish("t", [{"id": 100 + len(world.numbers())}])

    assert product.publish("t", [{"id": 7}], watch=watch).version == rivals + 2
    assert world.numbers() == list(range(1, rivals + 3))
    assert world.ids() == [7]
    assert not world.platform.collect(dry_run=True).files


def test_a_publish_whose_lease_ran_out_fails_and_leaves_nothing(world: World) -> None:
    product = world.product(columns=IDS)
    product.publish("t", ROWS)
    before = world.files()

    def watch(step: str, _: int) -> None:
        if step == "audited":
            world.clock.now += LEASE
            world.platform.collect()

    with pytest.raises(StorageFailed, match=r"lease.*ran out") as caught:
        product.publish("t", ROWS, watch=watch)
    assert caught.value.hint == "publish again"
    assert world.files() == before
    assert product.publish("t", ROWS).version == 2


def test_a_stream_is_refused_with_a_clear_word(world: World) -> None:
    product = world.product(output="type: stream\ntopic: sales.orders.v1")
    with pytest.raises(Refused, match=r"orders\.t is a stream"):
        product.publish("t", ROWS)


def test_an_unknown_output_names_the_nearest(world: World) -> None:
    with pytest.raises(NotFound, match="no output tt"):
        world.product(columns=IDS).publish("tt", ROWS)


def test_a_pipeline_that_fails_publishes_nothing(world: World) -> None:
    product = world.product(columns=IDS)

    @product.pipeline(output="t")
    def build() -> list[dict[str, Any]]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        product.run("t")
    product.register()
    assert not world.numbers()


def test_the_steps_are_told_in_order(world: World) -> None:
    heard: list[tuple[str, int]] = []
    world.product(columns=IDS, output=NO_NEGATIVE).publish("t", ROWS, watch=lambda *step: heard.append(step))
    assert heard == [
        ("registered", 0),
        ("leased", 0),
        ("staging", 3),
        ("staged", 3),
        ("audited", 1),
        ("prepared", 3),
        ("swapped", 3),
        ("recorded", 3),
        ("promoted", 3),
    ]


@pytest.mark.parametrize("step", ["staged", "audited", "prepared"])
@pytest.mark.parametrize("personal", [True, False])
def test_staged_files_that_vanish_are_an_error_of_ours(world: World, step: str, personal: bool) -> None:
    tags = {"tags": ["pii"]} if personal else {}
    product = world.product(columns=IDS | {"email": {"type": "string", **tags}})
    data = world.folder("orders", "t").data

    def remove(reached: str, _: int) -> None:
        for path in data.glob("*.parquet") if reached == step else ():
            path.unlink()

    with pytest.raises(StorageFailed) as failed:
        product.publish("t", [{"id": 1, "email": "ann@example.org"}], watch=remove)
    assert re.search(r"\.parquet (was removed or cut while the publish ran|is missing)", failed.value.message)
    assert failed.value.hint and failed.value.hint.startswith("see who removes files in the home")
    assert product.publish("t", [{"id": 1, "email": "ann@example.org"}]).version == 1


def test_a_result_is_short_where_it_is_shown(world: World) -> None:
    result = world.product(columns=IDS).publish("t", ROWS)
    assert repr(result) == "PublishResult(orders.t#1, 3 rows, passed)"
