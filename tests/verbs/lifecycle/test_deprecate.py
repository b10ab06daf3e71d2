"""Majors of an output side by side: who reads which, and how one ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data_platform import DataProduct
from data_platform.errors import BadInput, IncompatibleChange, NotFound, Refused
from data_platform.record.catalog import outputs
from data_platform.record.operations import events
from tests.meshes import IDS, NOON, ROWS, World, json_schema

HEAD = "name: orders\ndomain: sales\nowner: ana@x\n"
ONE = HEAD + 'version: "1.0.0"\noutputs: [{name: t, schema: one.json}]\n'
TWO = HEAD + 'version: "2.0.0"\noutputs: [{name: t, schema: two.json}]\n'
BOTH = (
    HEAD
    + "outputs:\n  - {name: t, version: 1.1.0, schema: one.json}\n  - {name: t, version: 2.0.0, schema: two.json}\n"
)
NEW = {"key": {"type": "string"}}
KEYS = [{"key": "a"}, {"key": "b"}]


def orders(world: World, text: str) -> DataProduct:
    """The product orders as `text` says: major 1 has the column id, major 2 the column key."""
    folder = world.write("orders", text, one=json_schema(IDS), two=json_schema(NEW))
    return DataProduct(folder, world.platform)


def rows(world: World, output: str, **pins: Any) -> list[dict[str, Any]]:
    return world.platform.consume("orders", output, **pins).to_arrow().to_pylist()


def consumer(world: World, version: str | None = None) -> DataProduct:
    """A product that reads orders.t, pinned to the major of `version` if any."""
    pin = f", version: {version}" if version else ""
    inputs = f"inputs: [{{data_product: orders, output: t{pin}}}]"
    text = f"name: bills\ndomain: sales\nowner: bob@x\n{inputs}\noutputs: [{{name: b}}]\n"
    return DataProduct(world.write("bills", text), world.platform)


@pytest.mark.long
def test_a_breaking_change_needs_a_major_and_the_refusal_says_which(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    with pytest.raises(IncompatibleChange, match=r"write version: 2\.0\.0"):
        orders(world, TWO.replace("2.0.0", "1.1.0")).register()
    orders(world, TWO).register()


def test_two_lives_beside_one_and_the_plain_name_moves_once_it_has_a_version(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    two = orders(world, TWO)
    two.register()
    pinned, following = consumer(world, "1.0.0"), consumer(world)
    assert rows(world, "t") == ROWS == rows(world, "t@1")
    with pytest.raises(NotFound, match=r"orders\.t@2 has no version yet"):
        rows(world, "t@2")
    published = two.publish("t", KEYS)
    assert (published.output, published.version) == ("t@2", 1)
    assert rows(world, "t") == KEYS == rows(world, "t@2")
    assert rows(world, "t@1") == ROWS
    assert pinned.consume("orders", "t").to_arrow().to_pylist() == ROWS
    assert following.consume("orders", "t").to_arrow().to_pylist() == KEYS
    assert pinned.consume("orders", "t@2").to_arrow().to_pylist() == KEYS
    assert [(v.output, v.version) for v in world.platform.versions("orders", "t@1")] == [("t@1", 1)]
    assert {v.output for v in world.platform.versions("orders")} == {"t@1", "t@2"}
    assert [(o.name, o.major) for o in world.platform.show("orders").outputs] == [("t@2", 2), ("t@1", 1)]


def test_both_majors_are_published_when_both_are_listed(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    orders(world, TWO).publish("t", KEYS)
    with pytest.raises(Refused, match="does not list it any more"):
        world.platform.publish(_publish("t@1"), ROWS)
    both = orders(world, BOTH)
    assert both.publish("t@1", ROWS[:1]).version == 2
    assert both.publish("t", KEYS[:1]).version == 2
    assert (rows(world, "t@1"), rows(world, "t@2")) == (ROWS[:1], KEYS[:1])
    breaking = BOTH.replace("two.json", "one.json").replace("one.json", "two.json", 1)
    with pytest.raises(IncompatibleChange) as refused:
        orders(world, breaking).register()
    assert {each.output for each in refused.value.breaks} == {"t", "t@1"}


def test_an_unlisted_major_is_judged_again_when_it_is_listed_again(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    orders(world, TWO).publish("t", KEYS)
    with pytest.raises(IncompatibleChange, match=r"t@1\.id"):
        orders(world, BOTH.replace("schema: one", "schema: two")).register()
    with pytest.raises(IncompatibleChange, match="goes back to major 1"):
        orders(world, ONE).register()


def test_a_data_version_that_two_majors_have_must_name_its_major(world: World) -> None:
    one = orders(world, ONE)
    one.publish("t", ROWS)
    one.publish("t", ROWS[:2])
    orders(world, TWO).publish("t", KEYS)
    assert rows(world, "t", version=2) == ROWS[:2]
    with pytest.raises(BadInput, match=r"majors 1 and 2 of orders\.t have a version 1"):
        rows(world, "t", version=1)
    assert rows(world, "t@1", version=1) == ROWS
    assert rows(world, "t@2", version=1) == KEYS


def test_a_moment_means_the_major_that_the_plain_name_meant_then(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    before = world.clock.later(hours=1)
    world.clock.later(hours=1)
    orders(world, TWO).publish("t", KEYS)
    assert rows(world, "t", as_of=before) == ROWS
    assert rows(world, "t", as_of=world.clock()) == KEYS
    world.clock.later(hours=1)
    world.platform.deprecate("orders", "t@2", world.clock() + timedelta(days=1))
    assert rows(world, "t") == ROWS
    assert rows(world, "t", as_of=world.clock() - timedelta(hours=1)) == KEYS


def test_sql_names_majors_and_data_versions(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    orders(world, TWO).publish("t", KEYS)

    def count(table: str) -> int:
        answer = world.platform.sql(f"SELECT count(*) AS n FROM {table}").to_arrow()
        return int(answer["n"][0].as_py())

    assert [count(t) for t in ('orders."t@1"', '"t@1"', '"orders"."t@1#1"', "orders.t", '"t@2#1"')] == [3, 3, 3, 2, 2]
    moment = f"{NOON.isoformat()}"
    assert count(f'orders."t@1@{moment}"') == 3
    with pytest.raises(NotFound, match="no output t@3"):
        count('orders."t@3"')


@pytest.mark.parametrize("reference", ["t@", "t@x", "t@1@2", "t@-1", "t@01", "t#0", "t#1@1", "."])
def test_what_is_no_reference_is_refused(world: World, reference: str) -> None:
    orders(world, ONE).publish("t", ROWS)
    with pytest.raises(BadInput):
        rows(world, reference)


def test_a_rule_reads_the_pinned_major_of_an_input(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    orders(world, TWO).publish("t", KEYS)
    rule = (
        "[{rule: known, sql: 'SELECT count(*) FROM b WHERE n NOT IN (SELECT max(id) FROM \"orders\".t)', threshold: 0}]"
    )
    text = (
        "name: bills\ndomain: sales\nowner: bob@x\ninputs: [{data_product: orders, output: t, version: 1.0.0}]\n"
        f"outputs:\n  - name: b\n    quality_rules: {rule}\n"
    )
    product = DataProduct(world.write("bills", text), world.platform)
    assert product.publish("b", [{"n": 3}]).quality.passed


def test_a_major_ends_when_its_readers_have_moved(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    orders(world, TWO).publish("t", KEYS)
    consumer(world, "1.0.0").register()
    with pytest.raises(Refused, match="is not deprecated"):
        world.platform.retire("orders", "t@1")
    ends = NOON + timedelta(days=90)
    told = world.platform.deprecate("orders", "t@1", ends)
    assert (told.ends_at, [reader.who for reader in told.readers]) == (ends, ["product bills"])
    rows(world, "t@1")
    reader = world.platform.principal.name
    with pytest.raises(Refused) as refused:
        world.platform.retire("orders", "t@1")
    assert f"{reader}, last read 2026-11-23" in refused.value.message
    assert "product bills, declares it as input" in refused.value.message
    consumer(world, "2.0.0").register()
    world.clock.later(days=31)
    gone = world.platform.retire("orders", "t@1")
    assert gone.retired and gone.ends_at == world.clock()
    with pytest.raises(NotFound, match=r"orders\.t@1 was retired on 2026-12-24") as missing:
        rows(world, "t@1")
    assert missing.value.hint == "read t@2"
    assert rows(world, "t") == KEYS
    with pytest.raises(Refused, match="was retired"):
        orders(world, BOTH).register()


def test_a_major_that_is_retired_between_audit_and_promote_is_not_published(world: World) -> None:
    product = orders(world, ONE)
    product.publish("t", ROWS)
    world.platform.deprecate("orders", "t", "30 days")

    def retire(step: str, _: int) -> None:
        if step == "prepared":
            world.become("ana@x").retire("orders", "t@1")

    with pytest.raises(NotFound, match=r"orders\.t@1 was retired"):
        product.publish("t", ROWS, watch=retire)
    (stands, *_) = world.platform.audit_log(product="orders", act="publish")
    assert stands.details["version"] == 1


@pytest.mark.long
def test_the_end_may_move_and_must_lie_ahead(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    with pytest.raises(BadInput, match="not in the future"):
        world.platform.deprecate("orders", "t", NOON)
    world.platform.deprecate("orders", "t", "2027-01-01")
    world.clock.later(days=1)
    moved = world.platform.deprecate("orders", "t@1", "2027-03-01")
    assert (moved.deprecated_at, moved.ends_at) == (NOON, moved.ends_at)
    assert f"{moved.ends_at:%Y-%m-%d}" == "2027-03-01"
    orders(world, TWO).publish("t", KEYS)
    with pytest.raises(BadInput, match=r"orders\.t has 2 majors"):
        world.platform.retire("orders", "t")


def test_a_deprecated_major_that_never_had_data_and_is_dropped_may_come_back(world: World) -> None:
    orders(world, BOTH).register()
    world.platform.deprecate("orders", "t@1", "2027-01-01")
    orders(world, TWO).register()
    with pytest.raises(NotFound, match=r"orders has no output t@1"):
        world.platform.deprecate("orders", "t@1", "2027-01-01")
    orders(world, BOTH).publish("t@1", ROWS)
    assert rows(world, "t") == ROWS
    assert world.platform.deprecate("orders", "t@1", "2027-02-01").deprecated_at == NOON


def test_the_acts_are_in_the_audit_log(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    world.platform.deprecate("orders", "t@1", "2027-01-01")
    world.platform.retire("orders", "t@1")
    with world.mesh.record.reading() as conn:
        kinds = [event.kind for event in events.list_history(conn, "orders")]
        row = outputs.find(conn, "orders", "t")
    assert row is not None and row.closed
    assert kinds[:2] == ["retired", "deprecated"]
    retired, deprecated = world.platform.audit_log("orders")[:2]
    assert (deprecated.act, deprecated.subject) == ("deprecate", "orders.t@1")
    assert (retired.act, retired.subject) == ("retire", "orders.t@1")
    assert deprecated.details["until"] == retired.details["announced"]
    assert str(deprecated.details["until"]).startswith("2027-01-01")


def test_past_its_end_a_major_is_an_incident_until_it_is_retired(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    orders(world, TWO).publish("t", KEYS)
    world.platform.deprecate("orders", "t@1", NOON + timedelta(days=10))
    assert not world.platform.tick().opened
    world.clock.later(days=11)
    rows(world, "t@1")
    (incident,) = world.platform.tick().opened
    assert incident.cause == "past its end date"
    assert world.platform.principal.name in incident.summary
    world.clock.later(days=40)
    world.platform.retire("orders", "t@1")
    assert [each.id for each in world.platform.tick().resolved] == [incident.id]


def test_what_is_told_of_two_majors_names_each(world: World) -> None:
    rule = "quality_rules: [{rule: some, sql: 'SELECT count(*) FROM t', mustBeLessThan: 9}]"
    both = BOTH.replace("schema", 'sla: {freshness: "1 day"}, ' + rule + ", schema")
    for name, data in (("t@1", ROWS), ("t@2", KEYS)):
        orders(world, both).publish(name, data)
    bills = DataProduct(
        world.write("bills", "name: bills\ndomain: sales\nowner: bob@x\noutputs: [{name: b}]\n"), world.platform
    )
    bills.publish("b", ROWS, lineage=["orders.t@1"])
    world.clock.later(days=2)
    opened = world.platform.tick().opened
    assert {each.output for each in opened} == {"t@1", "t@2"}
    assert {each.output for each in world.platform.incidents("orders")} == {"t@1", "t@2"}
    found = world.platform.quality_metrics("orders")
    for told in (found.scores, found.rules, found.sla_compliance, found.incidents):
        assert {each.output for each in told} == {"t@1", "t@2"}
    assert world.platform.incident(opened[0].id).incident == opened[0]
    (node,) = world.platform.lineage("bills").upstream
    assert (node.product, node.output, node.declared) == ("orders", "t@1", False)
    (node,) = world.platform.lineage("orders", output="t@1", direction="downstream").downstream
    assert (node.output, node.feeds) == ("t@1", ("b",))
    graph = world.platform.lineage("orders", output="t@1")
    assert (graph.output, world.platform.lineage("orders", output="t").downstream) == ("t@1", ())
    touched = world.platform.impact("orders", "id", "t@1")
    assert (touched.output, [each.output for each in touched.touched]) == ("t@1", ["b"])
    assert world.platform.impact("bills", "id", "b").output == "b"
    assert world.platform.column_lineage("orders", "t@1", "id").output == "t@1"


def test_a_major_keeps_its_promises_until_it_is_retired(world: World) -> None:
    promises = 'sla: {freshness: "1 day"}, schema: one'
    orders(world, ONE.replace("schema: one", promises)).publish("t", ROWS)
    orders(world, TWO).publish("t", KEYS)
    assert not world.platform.tick().opened
    world.clock.later(days=2)
    (told,) = world.platform.tick().opened
    assert (told.output, told.cause) == ("t@1", "freshness broken")
    found = world.platform.quality_metrics("orders")
    assert [(each.output, each.met) for each in found.sla_compliance] == [("t@1", False)]
    assert [each.output for each in world.platform.quality_metrics("orders", "t@1").sla_compliance] == ["t@1"]
    assert world.platform.show("orders").quality_score == found.current_score
    world.platform.deprecate("orders", "t@1", "2027-01-01")
    assert not world.platform.tick().resolved
    world.clock.later(days=31)
    world.platform.retire("orders", "t@1")
    assert [each.id for each in world.platform.tick().resolved] == [told.id]
    assert not world.platform.quality_metrics("orders").sla_compliance


def test_who_only_declares_to_read_is_below_the_major_that_is_meant(world: World) -> None:
    orders(world, ONE).publish("t", ROWS)
    orders(world, TWO).publish("t", KEYS)

    def below(output: str) -> list[tuple[str, str | None]]:
        found = world.platform.lineage("orders", output=output, direction="downstream").downstream
        return [(node.product, node.output) for node in found]

    def reached(output: str, column: str) -> list[str]:
        return [each.product for each in world.platform.impact("orders", column, output).touched]

    def alarmed(output: str) -> list[str]:
        (opened,) = [each for each in world.platform.incidents("orders", open_only=True) if each.output == output]
        return [each.product for each in world.platform.incident(opened.id).products]

    for output in ("t@1", "t@2"):
        world.platform.deprecate("orders", output, world.clock() + timedelta(days=1))
    world.clock.later(days=2)
    world.platform.tick()
    for version, meant, other in (("1.0.0", "t@1", "t@2"), ("2.0.0", "t@2", "t@1"), (None, "t@2", "t@1")):
        consumer(world, version).register()
        assert (below(meant), below(other)) == ([("bills", meant)], [])
        (node,) = world.platform.lineage("bills").upstream
        assert (node.output, node.declared) == (meant, True)
        column = {"t@1": "id", "t@2": "key"}
        assert (reached(meant, column[meant]), reached(other, column[other])) == (["bills"], [])
        assert (alarmed(meant), alarmed(other)) == (["bills"], [])


def test_tables_of_later_majors_are_read_by_others(world: World) -> None:
    import duckdb
    from pyiceberg.table import StaticTable

    orders(world, ONE).publish("t", ROWS)
    orders(world, TWO).publish("t", KEYS)
    newest = str(world.home / world.platform.versions("orders", "t")[0].metadata_location)
    assert "t@2" in newest
    assert StaticTable.from_metadata(newest).scan().to_arrow().to_pylist() == KEYS
    data = Path(newest).parent.parent / "data" / "*.parquet"
    with duckdb.connect() as own:
        assert own.sql(f"SELECT count(*) FROM read_parquet('{data}')").fetchall() == [(2,)]


def _publish(output: str) -> Any:
    from data_platform.verbs.publishing.publish import Publish

    return Publish("orders", output)
