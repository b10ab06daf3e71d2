"""What consumers expect of their inputs: judged by the producer's publish, and kept by register."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from data_platform import DataQualityError
from data_platform.errors import InvalidSpec
from data_platform.quality.verdict import RuleResult
from data_platform.settings import Role, RoleGrant
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import Expectations, restore_product, serialize_product
from data_platform.spec.standards.document import parse_document
from data_platform.spec.standards.odps.product_in import read_odps
from data_platform.spec.standards.odps.product_out import convert_to_odps
from data_platform.verbs.identity.authenticate import authenticate_token
from data_platform.verbs.publishing import promote
from tests.meshes import IDS, World
from tests.verbs.contracts.test_diff import SEGMENT, UNREAD, apply, diff, only

EXPECTS = """\
inputs:
  - data_product: orders
    output: t
    expectations:
      columns: [customer_segment]
      rules:
        - {rule: segments_known, sql: "SELECT COUNT(*) FROM t WHERE customer_segment IS NULL", threshold: 0}
        - {rule: some_rows, metric: rowCount, mustBeGreaterThan: 1, severity: warning}
      enforcement: blocking
"""
LETS_BLOCK = "policies: [{name: consumer-expectations, enforcement: blocking}]\n"
BAD = [{"id": 1, "customer_segment": None}]
GOOD = [{"id": 1, "customer_segment": "gold"}, {"id": 2, "customer_segment": "gold"}]


@pytest.fixture
def pair(world: World) -> World:
    """orders, and churn-model, which expects things of it."""
    world.product(columns=SEGMENT).register()
    world.product("churn-model", owner="bea@x", more=EXPECTS).register()
    return world


def expected(results: tuple[RuleResult, ...]) -> dict[str, bool]:
    return {result.rule.name: result.passed for result in results if result.rule.expected_by == "churn-model"}


def test_the_producers_publish_runs_them_and_says_whose_they_are(pair: World) -> None:
    done = pair.product(columns=SEGMENT).publish("t", BAD)
    assert expected(done.quality.results) == {
        "churn-model: segments_known": False,
        "churn-model: some_rows": False,
    }
    assert done.quality.outcome == "warned"
    assert done.version == 1


def test_they_are_no_part_of_the_producers_score(pair: World) -> None:
    pair.product(columns=SEGMENT, output="primary_key: id").publish("t", BAD)
    assert pair.platform.show("orders").quality_score == 100.0
    status = {rule.rule: rule.passed for rule in pair.platform.quality_metrics("orders").rules}
    assert status["churn-model: segments_known"] is False
    assert status["primary_key.unique"] is True


def test_with_the_policy_those_that_say_so_block_and_only_those(pair: World) -> None:
    apply(pair, LETS_BLOCK)
    product = pair.product(columns=SEGMENT)
    with pytest.raises(DataQualityError) as refused:
        product.publish("t", BAD)
    assert "churn-model: segments_known" in [failure.rule for failure in refused.value.failures]
    assert product.publish("t", GOOD[:1]).quality.outcome == "warned"
    assert product.publish("t", GOOD).quality.outcome == "passed"


def test_a_pinned_input_expects_of_its_own_major_alone(pair: World) -> None:
    pair.product(
        "churn-model", owner="bea@x", more=EXPECTS.replace("output: t", "output: t\n    version: 7.0.0")
    ).register()
    assert expected(pair.product(columns=SEGMENT).publish("t", BAD).quality.results) == {}


def test_an_expectation_that_comes_during_the_publish_is_judged_too(
    pair: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stricter = EXPECTS.replace("some_rows", "many_rows")
    prepare, moved = promote.prepare, []

    def meanwhile(*arguments: object) -> object:
        if not moved:
            moved.append(pair.product("churn-model", owner="bea@x", more=stricter).register())
        return prepare(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(promote, "prepare", meanwhile)
    done = pair.product(columns=SEGMENT).publish("t", GOOD)
    assert moved
    assert set(expected(done.quality.results)) == {"churn-model: segments_known", "churn-model: many_rows"}


def test_an_expected_column_is_not_unread_and_other_columns_are_none_of_the_consumers_business(pair: World) -> None:
    pair.product(columns=SEGMENT | {"other": {"type": "string"}}).publish("t", [{**GOOD[0], "other": "x"}])
    pair.clock.later(days=31)
    apply(pair, UNREAD)
    gone = diff(pair, columns=IDS | {"other": {"type": "string"}})
    assert gone.refused
    assert "churn-model expects it" in only(gone).message
    assert [consumer.name for consumer in only(gone).consumers] == ["churn-model"]
    other = diff(pair, columns=SEGMENT)
    assert (other.refused, only(other).consumers) == (False, ())


@pytest.mark.long
def test_they_survive_the_record_and_the_standards(pair: World) -> None:
    product = load_product(pair.root / "products" / "churn-model").product
    assert restore_product(serialize_product(product)) == product
    text = json.dumps(convert_to_odps(product))
    ((found, _),) = read_odps(parse_document(pair.root / "odps.json", text)).inputs
    assert found == product.inputs[0]
    hostile = text.replace("SELECT COUNT(*)", "DROP TABLE")
    ((found, _),) = read_odps(parse_document(pair.root / "odps.json", hostile)).inputs
    assert found.expectations == Expectations()


def test_the_file_is_judged_line_by_line(world: World) -> None:
    wrong = EXPECTS.replace("FROM t", "FROM u").replace("rowCount", "rowCuont").replace("enforcement", "enforcment")
    folder = world.write("churn-model", f"name: churn-model\ndomain: d\nowner: bea@x\noutputs: [{{name: s}}]\n{wrong}")
    with pytest.raises(InvalidSpec) as caught:
        load_product(folder)
    assert [problem.line for problem in caught.value.problems] == [11, 12, 13]


PEOPLE = IDS | {"region": {"type": "string"}, "email": {"type": "string"}, "salary": {"type": "integer"}}
STAFF = [
    {"id": 1, "region": "EU", "email": "ann@x", "salary": 10},
    {"id": 2, "region": "US", "email": None, "salary": -1},
]
OF_PEOPLE = """\
inputs:
  - data_product: orders
    output: t
    expectations:
      rules:
        - {rule: paid, sql: "SELECT COUNT(*) FROM t WHERE salary < 0", threshold: 0}
        - {rule: filled, metric: nullValues, column: email, mustBe: 0}
        - {rule: rows, metric: rowCount, mustBe: 1}
"""


def publish_to(
    world: World, access: str, owner: str = "ana@x", consumer: str = "bea@x"
) -> tuple[dict[str, object], tuple[str, ...]]:
    """What bea's rules measure of the people, and what is not judged, where the producer declares `access`."""
    product = world.product(columns=PEOPLE, owner=owner, more=f"pii_columns: [email]\naccess: {access}\n")
    product.register()
    world.product("payroll", owner=consumer, more=OF_PEOPLE).register()
    done = product.publish("t", STAFF)
    measured = {
        result.rule.name.removeprefix("payroll: "): result.value
        for result in done.quality.results
        if result.rule.expected_by == "payroll"
    }
    return measured, tuple(warning.split()[3] for warning in done.warnings if "is not judged" in warning)


def test_an_internal_output_is_judged_without_its_personal_data(world: World) -> None:
    assert publish_to(world, "{visibility: internal}") == ({"paid": 1, "rows": 2}, ("filled",))


@pytest.fixture
def bea(world: World) -> None:
    """bea@x is a principal, before anything is registered."""
    world.platform.create_token("bea@x", "owner", kind="person")


@pytest.mark.usefixtures("bea")
def test_a_line_for_the_team_opens_its_personal_data(world: World) -> None:
    opened = "{visibility: restricted, readers: [{principals: [bea@x], columns: all}]}"
    assert publish_to(world, opened) == ({"paid": 1, "filled": 1, "rows": 2}, ())


def test_a_team_that_may_not_read_the_output_has_nothing_judged(world: World) -> None:
    assert publish_to(world, "{visibility: restricted}") == ({}, ("paid", "filled", "rows"))


@pytest.mark.usefixtures("bea")
def test_rules_see_the_rows_of_their_team_alone(world: World) -> None:
    rows = "{visibility: restricted, readers: [{principals: [bea@x], columns: all, rows: region = 'EU'}]}"
    assert publish_to(world, rows) == ({"paid": 0, "filled": 0, "rows": 1}, ())


def test_a_team_that_sees_no_row_has_nothing_judged(world: World) -> None:
    nobody = "{rows: region = principal.region}"
    assert publish_to(world, nobody) == ({}, ("paid", "filled", "rows"))


@pytest.mark.usefixtures("bea")
def test_a_rule_over_a_column_that_is_masked_on_some_rows_is_not_judged(world: World) -> None:
    partly = "{visibility: internal, readers: [{principals: [bea@x], columns: all, rows: region = 'EU'}]}"
    assert publish_to(world, partly) == ({"paid": 1, "rows": 2}, ("filled",))


def test_a_rule_over_a_masked_column_is_not_judged_though_it_is_not_personal(world: World) -> None:
    assert publish_to(world, "{masks: {salary: {bucket: 100}}}") == ({"rows": 2}, ("paid", "filled"))


READS_ORDERS = """\
quality_rules:
  - rule: rich
    sql: SELECT COUNT(*) FROM "orders".t WHERE {column} = {value}
    threshold: 100
"""


RESTRICTED_TO_BEA = "{visibility: restricted, readers: [{teams: [bea@x], columns: all}]}"


def test_an_owner_that_is_no_principal_gives_the_view_of_who_registered_the_product(world: World) -> None:
    """The text of an owner is anybody's to write."""
    assert publish_to(world, RESTRICTED_TO_BEA) == ({}, ("paid", "filled", "rows"))
    registered = world.product("payroll", owner="bea@x", more=OF_PEOPLE).register()
    assert any("not judged" in warning for warning in registered.warnings)


def register_by(world: World, name: str, owner: str) -> None:
    """A principal of the team crm registers what bea's product expects, for that owner."""
    root = world.context.principal
    token = world.platform.create_token(name, "owner", team="crm", kind="person").token
    principal = authenticate_token(world.mesh, token)
    assert principal is not None
    world.act_as(principal)
    world.product("payroll", owner=owner, more=OF_PEOPLE).register()
    world.act_as(root)


def test_the_text_of_the_producers_owner_gives_nothing_either(world: World) -> None:
    world.product(columns=PEOPLE, owner="nobody@x").register()
    register_by(world, "mal", "nobody@x")
    closed = publish_to(world, "{visibility: restricted}", owner="nobody@x", consumer="nobody@x")
    assert closed == ({}, ("paid", "filled", "rows"))


def test_a_holder_that_comes_later_answers_for_no_earlier_contract(world: World) -> None:
    publish_to(world, RESTRICTED_TO_BEA)
    world.clock.later(days=1)
    world.platform.create_token("bea@x", "owner", kind="person")
    assert publish_to(world, RESTRICTED_TO_BEA) == ({}, ("paid", "filled", "rows"))
    world.product("payroll", owner="bea@x", more=f"{OF_PEOPLE}description: hers\n").register()
    done = world.product(columns=PEOPLE, more=f"pii_columns: [email]\naccess: {RESTRICTED_TO_BEA}\n").publish(
        "t", STAFF
    )
    assert not any("is not judged" in warning for warning in done.warnings)


def test_who_registered_a_product_of_no_principal_sees_what_it_may_read(world: World) -> None:
    """Its own rights, and those of the team of its token."""
    access = "{visibility: restricted, readers: [{teams: [crm], columns: all}]}"
    world.product(columns=PEOPLE, more=f"pii_columns: [email]\naccess: {access}\n").register()
    register_by(world, "mal", "nobody@x")
    assert publish_to(world, access, consumer="nobody@x")[0] == {"paid": 1, "filled": 1, "rows": 2}
    world.platform.remove_member("crm", "mal")
    assert publish_to(world, access, consumer="nobody@x")[0] == {}


@pytest.mark.usefixtures("bea")
def test_a_rule_of_a_product_sees_its_inputs_as_its_team_does(world: World) -> None:
    """The team's own publish is no way around the access of what it reads."""
    access = "{visibility: restricted, readers: [{principals: [bea@x], rows: region = 'EU'}]}"
    world.product(columns=PEOPLE, more=f"pii_columns: [email]\naccess: {access}\n").publish("t", STAFF)
    needs = "inputs: [{data_product: orders, output: t}]"

    def measure(column: str, value: str) -> RuleResult:
        rule = READS_ORDERS.format(column=column, value=value)
        product = world.product("payroll", columns=IDS, owner="bea@x", output=rule, more=needs)
        return product.publish("t", [{"id": 1}]).quality.results[0]

    assert measure("salary", "-1").value == 1
    bea = replace(
        world.context.principal, name="bea@x", local=False, verified=True, roles=frozenset([RoleGrant(Role.OWNER)])
    )
    world.act_as(bea)
    assert measure("salary", "-1").value == 0
    assert measure("salary", "10").value == 1
    with pytest.raises(DataQualityError) as refused:
        measure("email", "'ann@x'")
    assert [failure.rule for failure in refused.value.failures] == ["rich"]
    assert "not judged" in str(refused.value)
