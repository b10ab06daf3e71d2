"""register: what becomes known, what changes, and what would break readers."""

from __future__ import annotations

import pytest

from data_platform import DataProduct
from data_platform.errors import (
    DataPlatformError,
    IncompatibleChange,
    NotFound,
    OwnershipConflict,
    Refused,
    SchemaMismatch,
)
from data_platform.verbs.publishing.publish import Publish
from tests.meshes import IDS, ROWS, World

NAMED = IDS | {"name": {"type": "string"}}


def test_a_new_product_makes_its_domain_and_says_so(world: World) -> None:
    done = world.product(columns=IDS).register()
    assert (done.created, done.changed, done.domain_created, done.revision) == (True, True, True, 1)
    assert not world.product("other", IDS).register().domain_created
    assert [(domain.name, domain.products) for domain in world.platform.domains()] == [("sales", 2)]


def test_registering_twice_changes_nothing(world: World) -> None:
    product = world.product(columns=IDS)
    product.register()
    again = product.register()
    assert (again.created, again.changed, again.revision, again.changes) == (False, False, 1, ())


def test_what_changed_is_told(world: World) -> None:
    world.product(columns=IDS, output="sla: {freshness: 1 hour}").register()
    done = world.product(columns=NAMED, output="sla: {freshness: 15 minutes}").register()
    assert done.revision == 2
    assert "t.name: column added, string" in done.changes
    assert any("1 hour → 15 minutes" in change for change in done.changes)


def test_a_second_owner_is_refused(world: World) -> None:
    world.product(columns=IDS).register()
    with pytest.raises(OwnershipConflict, match=r"belongs to ana@x \(domain sales\), not to bo@x"):
        world.product(columns=IDS, owner="bo@x").register()
    assert world.platform.show("orders").owner == "ana@x"


BREAKING = {
    "a column is gone": IDS,
    "a type is another": NAMED | {"id": {"type": "string"}},
    "a type is narrower": NAMED | {"id": {"type": "integer", "format": "int32"}},
}


@pytest.mark.parametrize("columns", BREAKING.values(), ids=BREAKING.keys())
@pytest.mark.parametrize("door", ["register", "publish"])
def test_what_breaks_readers_is_refused_by_every_door(world: World, columns: dict[str, object], door: str) -> None:
    world.product(columns=NAMED).publish("t", ROWS)
    product = world.product(columns=columns)
    with pytest.raises(IncompatibleChange) as caught:
        product.register() if door == "register" else product.publish("t", ROWS)
    assert caught.value.breaks
    assert caught.value.exit_code == 1
    assert [column.name for column in world.platform.show("orders").outputs[0].columns] == ["id", "name"]
    assert world.numbers() == [1]


def test_a_draft_may_change_freely(world: World) -> None:
    world.product(columns=NAMED, more="status: draft").publish("t", ROWS)
    assert world.product(columns=IDS, more="status: draft").publish("t", ROWS).version == 2
    assert world.platform.consume("orders", "t", version=1).columns == ["id", "name"]
    assert world.platform.consume("orders", "t").columns == ["id"]


def test_a_column_that_comes_back_never_shows_its_old_values(world: World) -> None:
    draft = "status: draft"
    world.product(columns=NAMED, more=draft).publish("t", [{"id": 1, "name": "old"}])
    world.product(columns=IDS, more=draft).publish("t", ROWS)
    world.product(columns=NAMED, more=draft).publish("t", [{"id": 2, "name": "new"}])
    assert [row["name"] for row in world.platform.consume("orders", "t").collect()] == ["new"]
    assert [row["name"] for row in world.platform.consume("orders", "t", version=1).collect()] == ["old"]


def test_an_inferred_schema_binds_like_a_written_one(world: World) -> None:
    world.product().publish("t", [{"id": 1, "name": "x"}])
    with pytest.raises(IncompatibleChange, match="name"):
        world.product(columns=IDS).register()
    assert world.product(columns=NAMED | {"more": {"type": "string"}}).publish("t", ROWS).version == 2
    assert not world.platform.show("orders").outputs[0].inferred


def test_an_output_that_is_removed(world: World) -> None:
    world.product(columns=IDS, output="description: x\n").publish("t", ROWS)
    text = "name: orders\ndomain: sales\nowner: ana@x\nstatus: {}\noutputs: [{{name: other}}]\n"
    folder = world.write("orders", text.format("active"))
    with pytest.raises(IncompatibleChange, match="the output was removed"):
        world.platform.register(folder)
    world.product(columns=IDS, more="status: draft").register()
    world.platform.register(world.write("orders", text.format("draft")))
    assert [output.name for output in world.platform.show("orders").outputs] == ["other"]
    with pytest.raises(NotFound):
        world.platform.publish(Publish("orders", "t"), ROWS)
    assert world.ids() == [1, 2, 3]
    assert world.product(columns=IDS, more="status: draft").publish("t", ROWS).version == 2


def test_inputs_that_nobody_registered_yet_are_warnings(world: World) -> None:
    done = world.product(columns=IDS, more="inputs: [{data_product: customers, output: t}]").register()
    assert done.warnings == ("input customers.t is not registered yet",)
    world.product("customers", IDS).register()
    done = world.product(columns=IDS, more="inputs: [{data_product: customers, output: u}]").register()
    assert done.warnings == ("input customers has no output u yet",)


FIXED = {"type": "string", "contentEncoding": "base64", "byteLength": 16}


@pytest.mark.parametrize("kind", [{"type": "number"}, {"type": "array", "items": {"type": "string"}}, FIXED])
def test_a_partition_needs_values_that_are_equal_or_not(world: World, kind: dict[str, object]) -> None:
    with pytest.raises(SchemaMismatch, match="cannot partition"):
        world.product(columns=IDS | {"share": kind}, output="partition_by: [share]").register()
    with pytest.raises(DataPlatformError, match="orders"):
        world.platform.show("orders")


def test_personal_data_does_not_lose_its_protection_by_an_omission(world: World) -> None:
    world.product(columns={**IDS, "email": {"type": "string"}}, more="pii_columns: [email]").register()
    with pytest.raises(IncompatibleChange) as refused:
        world.product(columns={**IDS, "email": {"type": "string"}}).register()
    assert [str(item.subject) for item in refused.value.breaks] == ["t.email"]
    waived = {**IDS, "email": {"type": "string", "encryption": "none"}}
    assert world.product(columns=waived, more="pii_columns: [email]").register().changed


def test_what_becomes_personal_data_is_said_to_lie_in_clear_so_far_and_is_masked_at_once(world: World) -> None:
    columns = {**IDS, "email": {"type": "string"}}
    world.product(columns=columns).publish("t", [{"id": 1, "email": "a@x"}])
    done = world.product(columns=columns, more="pii_columns: [email]").register()
    assert any("holds email in clear up to version 1" in warning for warning in done.warnings)
    assert world.platform.consume("orders", "t", mask=True).to_arrow()["email"].to_pylist() == ["***"]


@pytest.mark.long
def test_no_two_streams_have_one_topic(world: World) -> None:
    stream = "name: {}\ndomain: sales\nowner: ana@x\nversion: {}\noutputs: [{{name: t, type: stream, topic: {}}}]\n"

    def register(name: str, version: str, topic: str) -> None:
        DataProduct(world.write(name, stream.format(name, version, topic)), world.platform).register()

    register("orders", "1.0.0", "orders.t")
    register("orders", "1.1.0", "orders.t")
    with pytest.raises(Refused, match=r"the topic orders\.t of t is that of orders\.t, too") as second:
        register("shop", "2.0.0", "orders.t")
    assert "topic: orders.t.v2" in str(second.value.hint)
    register("orders", "2.0.0", "orders.t")
    register("orders", "3.0.0", "orders.t.v3")
    register("shop", "2.0.0", "orders.t")
    with pytest.raises(NotFound, match=r"orders has no output t@1") as gone:
        world.platform.deprecate("orders", "t@1", "30 days")
    assert str(gone.value.hint).startswith("it has t@3; ")
