"""What products store, for who answers for their domains."""

from __future__ import annotations

import pytest

from data_platform.errors import BadInput, NotFound
from data_platform.settings import Principal, Role, RoleGrant
from tests.meshes import IDS, ROWS, World
from tests.verbs.test_statements import run_counted


def fill(world: World) -> None:
    for name, domain, times in (("orders", "sales", 2), ("returns", "sales", 1), ("people", "hr", 1)):
        product = world.product(name, IDS, domain=domain)
        for _ in range(times):
            product.publish("t", ROWS)
    world.product("empty", IDS).register()


def test_the_largest_come_first_with_the_bytes_of_all_their_versions(world: World) -> None:
    fill(world)
    rows = world.platform.storage()
    assert [(row.product, row.domain, row.versions, row.outputs) for row in rows] == [
        ("orders", "sales", 2, 1),
        ("people", "hr", 1, 1),
        ("returns", "sales", 1, 1),
    ]
    assert {row.product: row.bytes for row in rows} == {
        name: sum(version.bytes or 0 for version in world.platform.versions(name))
        for name in ("orders", "people", "returns")
    }
    assert world.platform.storage("sales") == [row for row in rows if row.domain == "sales"]
    assert world.platform.storage(limit=1) == rows[:1]


def test_the_sum_of_the_products_is_what_the_domain_stores(world: World) -> None:
    fill(world)
    for domain in world.platform.domains():
        assert domain.usage is not None
        assert sum(row.bytes for row in world.platform.storage(domain.name)) == domain.usage.stored


def test_only_who_answers_for_a_domain_sees_what_its_products_store(world: World) -> None:
    fill(world)
    world.platform.define_domain("hr", owner="hana@x", members=["max@x"])
    products = {}
    for name, role in (("hana@x", Role.OWNER), ("max@x", Role.OWNER), ("gov@x", Role.GOVERNOR)):
        world.act_as(Principal(name, local=False, verified=True, roles=frozenset([RoleGrant(role)])))
        products[name] = [row.product for row in world.platform.storage()]
    assert products == {"hana@x": ["people"], "max@x": [], "gov@x": ["orders", "people", "returns"]}


def test_a_domain_or_a_limit_that_cannot_be_is_refused(world: World) -> None:
    fill(world)
    with pytest.raises(NotFound, match="no domain sale"):
        world.platform.storage("sale")
    with pytest.raises(BadInput):
        world.platform.storage(limit=-1)


def test_more_products_take_no_more_statements(world: World) -> None:
    fill(world)
    before = run_counted(world, world.platform.storage)
    for number in range(5):
        world.product(f"more-{number}", IDS).publish("t", ROWS)
    assert len(run_counted(world, world.platform.storage)) <= len(before)
