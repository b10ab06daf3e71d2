"""diff: what registering would do and to whom, before anything is written; register says the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data_platform import DataProduct
from data_platform.errors import IncompatibleChange
from data_platform.record.catalog import products
from data_platform.record.governance import policies, waivers
from data_platform.record.governance.policies import PolicyRevision
from data_platform.record.governance.waivers import Waiver
from data_platform.verbs.results import BreakInfo, Difference
from tests.meshes import IDS, World, json_schema

SEGMENT = IDS | {"customer_segment": {"type": "string"}}
ROWS = [{"id": 1, "customer_segment": "gold"}]
UNREAD = """\
policies:
  - name: change
    rule: {type: schema-evolution, mode: backward, unread_for: 30 days}
"""


def apply(world: World, text: str, revision: int = 1) -> None:
    row = PolicyRevision(revision, text, "policies.yaml", None, world.clock(), "ana@x")
    with world.mesh.record.transaction() as tx:
        policies.add(tx, row)


def diff(world: World, **product: Any) -> Difference:
    world.product(**product)
    return world.platform.diff(world.root / "products" / "orders")


def only(found: Difference) -> BreakInfo:
    (broken,) = found.breaks
    return broken


@pytest.fixture
def churn(world: World) -> DataProduct:
    """Bea's product churn-model, built from the segment of ana's orders two days ago."""
    world.product(columns=SEGMENT).publish("t", ROWS)
    world.clock.later(days=40)
    churn = world.product("churn-model", owner="bea@x")
    frame = churn.consume("orders", "t").select("id", "customer_segment")
    churn.publish("t", frame)
    world.clock.later(days=2)
    return churn


def test_a_removed_column_names_the_product_that_really_reads_it_its_owner_and_when(
    world: World, churn: DataProduct
) -> None:
    found = diff(world, columns=IDS)
    broken = only(found)
    reader, person = broken.consumers
    assert (found.verdict, found.refused, found.revision) == ("refused", True, 1)
    assert (broken.subject, broken.columns, broken.refused) == ("t.customer_segment", ("customer_segment",), True)
    assert (reader.name, reader.owner, reader.domain) == ("churn-model", "bea@x", "sales")
    assert (reader.columns, (world.clock() - (reader.last_read or world.clock())).days) == (("customer_segment",), 2)
    assert (person.name, person.owner) == (world.context.principal.name, None)
    assert found.versions == ("t is 1.0.0: write version: 2.0.0",)
    with pytest.raises(IncompatibleChange) as refused:
        world.product(columns=IDS).register()
    assert "read by churn-model (owner bea@x, last read 2 days ago)" in str(refused.value)
    assert refused.value.message == found.refusal


def test_who_reads_other_columns_is_not_named(world: World) -> None:
    world.product(columns=SEGMENT).publish("t", ROWS)
    other = world.product("other", owner="bea@x")
    other.publish("t", other.consume("orders", "t").select("id"))
    assert only(diff(world, columns=IDS)).consumers == ()


def test_a_product_that_only_declares_the_input_is_named_without_a_read(world: World) -> None:
    world.product(columns=SEGMENT).publish("t", ROWS)
    world.product("later", owner="bea@x", more="inputs: [{data_product: orders, output: t}]").register()
    pinned = "inputs: [{data_product: orders, output: t, version: 7.0.0}]"
    world.product("elsewhere", owner="bea@x", more=pinned).register()
    (declared,) = only(diff(world, columns=IDS)).consumers
    assert (declared.name, declared.last_read) == ("later", None)


def test_a_read_by_a_products_owner_is_the_products(world: World, churn: DataProduct) -> None:
    world.become("bea@x")
    world.platform.consume("orders", "t").select("customer_segment").collect()
    first = only(diff(world, columns=IDS)).consumers[0]
    assert (first.name, first.last_read) == ("churn-model", world.clock())


def test_a_shorter_retention_touches_every_reader(world: World, churn: DataProduct) -> None:
    world.product(columns=SEGMENT, more="retention_days: 90").register()
    found = diff(world, columns=SEGMENT, more="retention_days: 30")
    assert only(found).consumers[0].name == "churn-model"


def test_what_nobody_read_for_so_long_goes_with_a_warning(world: World) -> None:
    world.product(columns=SEGMENT).publish("t", ROWS)
    world.become("bea@x")
    world.platform.consume("orders", "t").select("customer_segment").collect()
    world.clock.later(days=31)
    world.platform.consume("orders", "t").select("id").collect()
    assert diff(world, columns=IDS).refused
    apply(world, UNREAD)
    found = diff(world, columns=IDS)
    assert (found.verdict, only(found).refused) == ("changed", False)
    assert "nobody has read it for 30 days, as change allows" in only(found).message
    done = world.product(columns=IDS).register()
    assert done.revision == 2
    assert any("t.customer_segment" in warning and "30 days" in warning for warning in done.warnings)


def test_a_column_that_was_read_does_not_pass_for_unread(world: World, churn: DataProduct) -> None:
    apply(world, UNREAD)
    found = diff(world, columns=IDS)
    assert found.refused
    assert "it was read within 30 days" in only(found).message


def test_a_column_younger_than_the_window_cannot_prove_that_it_is_unread(world: World) -> None:
    world.product(columns=IDS).publish("t", [{"id": 1}])
    world.clock.later(days=25)
    world.product(columns=SEGMENT).publish("t", ROWS)
    world.clock.later(days=10)
    apply(world, UNREAD)
    assert "was not published 30 days ago yet" in only(diff(world, columns=IDS)).message
    world.clock.later(days=20)
    assert not diff(world, columns=IDS).refused


def test_the_rule_about_an_unread_column_goes_with_it_and_no_other_rule_does(world: World) -> None:
    rules = "quality_rules:\n  - {rule: some, metric: nullValues, column: customer_segment}"
    world.product(columns=SEGMENT, output=rules).publish("t", ROWS)
    world.clock.later(days=31)
    apply(world, UNREAD)
    assert not diff(world, columns=IDS).refused
    kept = diff(world, columns=SEGMENT)
    assert (kept.refused, only(kept).subject) == (True, "t.quality_rules.some")


def test_a_policy_that_warns_lets_a_break_pass_and_says_so(world: World) -> None:
    world.product(columns=SEGMENT).register()
    apply(world, UNREAD.replace("rule:", "enforcement: warning\n    rule:"))
    found = diff(world, columns=IDS)
    assert (found.verdict, only(found).refused) == ("changed", False)


def test_personal_data_is_kept_from_the_clear_under_any_policy(world: World) -> None:
    email = IDS | {"email": {"type": "string"}}
    world.product(columns=email, more="pii_columns: [email]").register()
    apply(world, UNREAD.replace("backward", "none"))
    assert [each.subject for each in diff(world, columns=email).breaks if each.refused] == ["t.email"]


def test_a_new_major_lets_it_pass_beside_the_old_one(world: World, churn: DataProduct) -> None:
    found = diff(world, columns=IDS, more="version: 2.0.0")
    assert (found.verdict, found.breaks) == ("changed", ())
    assert any("a new major lets it pass" in str(change) for change in found.changes)


def test_nothing_is_written(world: World) -> None:
    assert diff(world, columns=IDS).verdict == "new"
    with world.mesh.record.reading() as conn:
        assert products.find(conn, "orders") is None
    world.product(columns=IDS).register()
    assert diff(world, columns=IDS).verdict == "unchanged"
    assert diff(world, columns=SEGMENT).verdict == "changed"
    with world.mesh.record.reading() as conn:
        assert len(products.list_revisions(conn, "orders")) == 1
    assert [domain.name for domain in world.platform.domains()] == ["sales"]


def test_any_other_refusal_is_an_answer_too(world: World) -> None:
    world.product(columns=IDS).register()
    found = diff(world, columns=IDS, owner="bo@x")
    assert (found.refused, found.breaks) == (True, ())
    assert "belongs to ana@x" in (found.refusal or "")


def test_what_policies_say_is_told_beside_what_breaks(world: World) -> None:
    world.product(columns=SEGMENT).register()
    rule = "{type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}"
    apply(
        world,
        f"policies:\n  - {{name: keep, enforcement: warning, rule: {rule}}}\n  - {{name: strict, rule: {rule}}}\n",
    )
    found = diff(world, columns=IDS)
    assert [(each.policy, each.blocks) for each in found.findings] == [("keep", False), ("strict", True)]
    assert (found.refused, len(found.breaks), found.warnings) == (True, 1, ())
    kept = diff(world, columns=SEGMENT, more="retention_days: 30")
    assert (kept.verdict, kept.findings) == ("changed", ())
    assert diff(world, columns=SEGMENT).refused


def test_a_waiver_lets_a_break_pass_until_it_ends(world: World) -> None:
    world.product(columns=SEGMENT).register()
    apply(world, UNREAD)
    now, until = world.clock(), world.clock() + timedelta(days=7)
    asked = Waiver(0, "orders", "change", "t.customer_segment", "agreed with all", now, "ana@x", until)
    with world.mesh.record.transaction() as tx:
        waivers.approve(tx, waivers.add(tx, asked), now, "fed@x")
    found = diff(world, columns=IDS)
    assert (found.verdict, only(found).refused) == ("changed", False)
    assert "change is waived until" in only(found).message
    world.clock.later(days=8)
    assert diff(world, columns=IDS).refused


def test_majors_side_by_side_are_told_apart(world: World) -> None:
    def listed(first: dict[str, Any], version: str) -> Path:
        lines = (
            "outputs:\n  - {name: t, schema: one.json, version: 1.0.0}\n  - {name: t, schema: two.json, version: 2.0.0}"
        )
        text = f"name: orders\ndomain: sales\nowner: ana@x\nversion: {version}\n{lines}\n"
        return world.write("orders", text, one=json_schema(first), two=json_schema(SEGMENT))

    world.product(columns=SEGMENT, more="version: 1.0.0").publish("t", ROWS)
    world.platform.consume("orders", "t").select("customer_segment").collect()
    world.platform.register(listed(SEGMENT, "2.0.0"))
    found = world.platform.diff(listed(IDS, "2.0.0"))
    assert [(each.subject, each.output) for each in found.breaks] == [("t@1.customer_segment", "t@1")]
    assert [each.name for each in only(found).consumers] == [world.context.principal.name]
