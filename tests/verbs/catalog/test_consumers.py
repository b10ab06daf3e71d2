"""Consumers: products that say so or are made of it, readers, and the columns that were really read."""

from __future__ import annotations

import pytest

from data_platform.errors import NotFound
from data_platform.settings import Role
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import IDS, ROWS, World

NEEDS = "inputs:\n- {data_product: orders, output: t}\n"
TWO = IDS | {"note": {"type": "string"}}


@pytest.fixture
def consumed(world: World) -> World:
    """orders → report (made), orders → plan (declared), and a reader of one column."""
    world.product(columns=TWO).publish("t", [{"id": 1, "note": "a"}])
    report = world.product("report", IDS, owner="bea@x", more=NEEDS)
    report.publish("t", world.platform.consume("orders", "t").select("id"))
    world.product("plan", IDS, owner="cem@x", more=NEEDS).register()
    world.become("ann").consume("orders", "t").select("note").collect()
    world.become("root")
    return world


def test_products_and_readers_are_listed_with_the_columns_that_they_read(consumed: World) -> None:
    consumers = consumed.platform.consumers("orders")
    plan, report = consumers.products
    assert (plan.product, plan.declares, plan.made_at, plan.owner) == ("plan", True, None, "cem@x")
    assert (report.product, report.output, report.declares, report.columns) == ("report", "t", True, ("id",))
    assert report.made_at is not None
    assert {(one.principal, one.columns) for one in consumers.readers} >= {("ann", ("note",))}
    assert {(one.column, one.readers) for one in consumers.columns} >= {("note", 1)}
    assert consumed.platform.consumers("orders", "t").products == consumers.products


def test_others_see_how_many_readers_there_are_and_no_hidden_product(consumed: World) -> None:
    secret = consumed.product("secret", IDS, more=f"access: {{visibility: restricted, discoverable: false}}\n{NEEDS}")
    secret.publish("t", consumed.platform.consume("orders", "t").select("id"))
    token = consumed.platform.create_token("con", Role.CONSUMER).token
    consumed.act_as(authenticate_token(consumed.mesh, token))
    consumers = consumed.platform.consumers("orders")
    assert [one.product for one in consumers.products] == ["plan", "report"]
    assert consumers.readers == () and consumers.other_readers > 0


def test_a_product_without_consumers_has_none(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    consumers = world.platform.consumers("orders")
    assert (consumers.products, consumers.readers, consumers.other_readers, consumers.columns) == ((), (), 0, ())
    with pytest.raises(NotFound):
        world.platform.consumers("none")
