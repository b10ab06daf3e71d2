"""A contract is registered with the publish that brings it, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data_platform import DataProduct
from data_platform.errors import ContractMoved, InvalidSpec, NotFound, Refused
from data_platform.quality.verdict import DataQualityError
from data_platform.record.governance import judgements
from data_platform.spec.product.loading import load_product
from data_platform.verbs.publishing.publish import Publish
from tests.meshes import IDS, ROWS, World

RULE = """\
quality_rules:
  - rule: {name}
    sql: SELECT COUNT(*) FROM t WHERE {column} {test}
    threshold: 0"""
SMALL = RULE.format(name="small", column="id", test="> 2")
TYPO = "quality_rules:\n  - {rule: typo, sql: SELECT COUNT(*) FROM t WHERE idd IS NULL, threshold: 0}"


class Stopped(Exception):
    """The process stops here."""


def revisions(world: World) -> list[str]:
    return [each.act for each in world.platform.audit_log("orders") if each.act in ("register", "publish", "refusal")]


@pytest.mark.parametrize(
    ("output", "columns", "rows"),
    [
        (SMALL, IDS, ROWS),
        ("", IDS | {"note": {"type": "string"}}, [{"id": 1, "note": 7.5}]),
        ("primary_key: [id]", IDS, [{"id": 1}, {"id": 1}]),
    ],
)
def test_a_refused_publish_leaves_the_contract_that_stood(
    world: World, output: str, columns: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    before = world.platform.show("orders")
    with pytest.raises(Refused):
        world.product(columns=columns, output=output).publish("t", rows)
    assert world.platform.show("orders") == before
    (incident,) = world.platform.incidents("orders", open_only=True)
    assert incident.cause == "publish refused"
    assert revisions(world) == ["refusal", "publish", "register"]
    with world.mesh.record.reading() as conn:
        assert judgements.list_history(conn, "orders")[0].outcome == "refused"
    assert world.product(columns=IDS).publish("t", ROWS).version == 2
    assert not world.platform.incidents("orders", open_only=True)
    assert world.platform.verify_audit().ok


def test_a_good_publish_registers_its_contract_in_the_same_transaction(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.product(columns=IDS, output=SMALL).publish("t", ROWS[:2])
    assert len(world.platform.show("orders").outputs[0].rules) == 1
    assert revisions(world) == ["publish", "register", "publish", "register"]
    assert world.platform.verify_audit().ok


@pytest.mark.parametrize("step", ["registered", "staged", "audited", "prepared", "swapped", "recorded"])
@pytest.mark.parametrize("published", [False, True])
def test_a_publish_that_stops_anywhere_registers_nothing(world: World, step: str, published: bool) -> None:
    if published:
        world.product(columns=IDS).publish("t", ROWS)

    def stop(at: str, rows: int) -> None:
        if at == step:
            raise Stopped

    file = world.product(columns=IDS, output=SMALL).file
    with pytest.raises(Stopped):
        world.platform.publish(Publish("orders", "t", file), ROWS[:1], watch=stop)
    if published:
        assert not world.platform.show("orders").outputs[0].rules
    else:
        with pytest.raises(NotFound):
            world.platform.show("orders")


def test_a_product_whose_first_publish_is_refused_is_a_draft_that_promises_nothing(world: World) -> None:
    with pytest.raises(DataQualityError):
        world.product(columns=IDS, output=SMALL, more="retention_days: 90").publish("t", ROWS)
    shown = world.platform.show("orders")
    assert (shown.status, shown.outputs[0].columns, shown.outputs[0].rules) == ("draft", (), ())
    assert [each.cause for each in world.platform.incidents("orders")] == ["publish refused"]
    with pytest.raises(DataQualityError):
        world.product(columns=IDS, output=SMALL).publish("t", ROWS)
    assert world.product(columns={"id": {"type": "string"}}).publish("t", [{"id": "x"}]).version == 1
    assert world.platform.verify_audit().ok


def test_a_changed_contract_is_refused_when_somebody_registers_another_meanwhile(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    mine = load_product(world.product(columns=IDS, more="tags: [mine]").file.path)

    def meanwhile(step: str, rows: int) -> None:
        if step == "prepared" and not world.platform.show("orders").description:
            world.product(columns=IDS, more="description: theirs").register()

    with pytest.raises(ContractMoved, match="publish again"):
        world.platform.publish(Publish("orders", "t", mine), ROWS, watch=meanwhile)
    assert world.numbers() == [1]
    assert world.platform.show("orders").description == "theirs"


def test_policies_that_move_while_a_changed_contract_is_published_judge_it_again(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    mine = load_product(world.product(columns=IDS, more="tags: [mine]").file.path)
    policy = world.root / "policies.yaml"
    policy.write_text("policies: [{name: a, enforcement: warning}]\n")

    def meanwhile(step: str, rows: int) -> None:
        if step == "prepared":
            world.platform.apply_policies(policy)

    assert world.platform.publish(Publish("orders", "t", mine), ROWS, watch=meanwhile).version == 2
    assert world.platform.show("orders").tags == ("mine",)


def test_a_rule_that_never_held_may_be_withdrawn_and_one_that_did_may_not(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.product(columns=IDS, output=SMALL).register()
    with pytest.raises(DataQualityError):
        world.product(columns=IDS, output=SMALL).publish("t", ROWS)
    found = world.platform.diff(world.product(columns=IDS).file)
    assert (found.verdict, found.breaks) == ("changed", ())
    world.product(columns=IDS).register()
    world.product(columns=IDS, output=SMALL).publish("t", ROWS[:2])
    with pytest.raises(Refused, match="the rule was removed"):
        world.product(columns=IDS).register()


@pytest.mark.parametrize(
    ("output", "column", "more"),
    [
        (TYPO, "idd", ""),
        ("primary_key: [idd]", "idd", ""),
        ("quality_rules:\n  - {rule: r, metric: nullValues, column: idd, mustBe: 0}", "idd", ""),
        ("", "nme", "pii_columns: [nme]"),
    ],
)
def test_what_names_a_column_of_an_output_without_a_schema_is_bound_to_what_data_has_shown(
    world: World, output: str, column: str, more: str
) -> None:
    world.product().publish("t", [{"id": 1, "name": "x"}])
    product = world.product(output=output, more=more)
    line = next(at for at, text in enumerate(_text(product).splitlines(), 1) if column in text)
    for act in (product.register, lambda: product.publish("t", ROWS), lambda: world.platform.diff(product.file)):
        with pytest.raises(InvalidSpec, match=r"did you mean (id|name)") as wrong:
            act()
        assert [(each.file, each.line) for each in wrong.value.problems] == [(str(product.file.path), line)]
    assert not world.platform.show("orders").outputs[0].rules


def _text(product: DataProduct) -> str:
    return Path(product.file.path).read_text(encoding="utf-8")
