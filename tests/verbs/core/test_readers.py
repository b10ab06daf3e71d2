"""What product.yaml says of readers holds for callers with a token: denied, masked, hidden, and opened by a grant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform import Platform
from data_platform.access.actions import Resource
from data_platform.errors import AccessDenied, DataPlatformError, NotFound
from data_platform.record.access import grants, product_access, requests
from data_platform.record.access.grants import GrantRow
from data_platform.record.access.requests import AccessRequestRow
from data_platform.settings import Principal
from data_platform.verbs.core.authorization.access_facts import find_facts
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import NOON, World

COLUMNS = {"id": {"type": "integer"}, "email": {"type": "string"}, "town": {"type": "string"}}
ROW = {"id": 1, "email": "ana@example.com", "town": "Bern"}


def declare(world: World, access: str, name: str = "orders", *, of_product: bool = True) -> None:
    block = f"access: {access}"
    product = world.product(
        name,
        COLUMNS,
        more=f"pii_columns: [email]\n{block if of_product else ''}",
        output="" if of_product else block,
        owner="shop",
    )
    product.publish("t", [ROW])


def caller(world: World, name: str, role: str = "consumer") -> Platform:
    token = world.platform.create_token(name, role).token
    principal = authenticate_token(world.mesh, token)
    assert isinstance(principal, Principal)
    return become(world, principal)


def become(world: World, principal: Principal) -> Platform:
    world.act_as(principal)
    return world.platform


def add_grant(world: World, **fields: object) -> None:
    usual = {
        "id": "g1", "request": 1, "position": 0, "product": "orders", "output": "t", "holder": "eve",
        "purpose": "fraud", "columns": None, "opens_personal_data": False, "is_break_glass": False,
        "begins_at": NOON, "ends_at": NOON + timedelta(days=1), "review_at": None,
    }  # fmt: skip
    with world.mesh.record.transaction() as tx:
        requests.add(tx, AccessRequestRow(0, "eve", "eve", "eve", "fraud", None, NOON))
        grants.add(tx, GrantRow(**(usual | fields)))  # type: ignore[arg-type]


def test_a_restricted_output_is_denied_until_a_grant_begins_and_after_it_ends(world: World) -> None:
    declare(world, "{visibility: restricted}")
    add_grant(world, begins_at=NOON + timedelta(hours=1))
    eve = caller(world, "eve")
    for wait, allowed in ((0, False), (1, True), (22.999, True), (0.002, False)):
        world.clock.later(hours=wait)
        if allowed:
            assert eve.consume("orders", "t").collect()[0]["email"] == "***"
            assert eve.sql("SELECT town FROM orders.t").to_arrow().to_pylist() == [{"town": "Bern"}]
        else:
            for read in (lambda: eve.consume("orders", "t"), lambda: eve.sql("SELECT town FROM orders.t")):
                with pytest.raises(AccessDenied, match=r"visibility restricted \(product.yaml:\d+\)"):
                    read()
    assert eve.show("orders").outputs[0].access is not None


def test_an_entry_opens_what_it_names_and_no_more(world: World) -> None:
    declare(world, "{visibility: restricted, readers: [{principals: [eve], columns: [email]}]}", of_product=False)
    (row,) = caller(world, "eve").consume("orders", "t").collect()
    assert row["email"] == "ana@example.com"
    assert row["town"] == "***"


def test_a_grant_with_columns_masks_all_others(world: World) -> None:
    declare(world, "{visibility: restricted}")
    add_grant(world, columns=("town", "email"))
    (row,) = caller(world, "eve").consume("orders", "t").collect()
    assert (row["email"], row["town"]) == ("***", "Bern")


def test_a_public_product_is_read_without_a_role(world: World) -> None:
    declare(world, "{visibility: public}")
    declare(world, "{visibility: internal}", "inner")
    stranger = become(world, Principal("zoe", verified=True))
    assert stranger.consume("orders", "t").collect()[0]["town"] == "Bern"
    denied = []
    for product in ("inner", "unknown"):
        with pytest.raises(AccessDenied) as error:
            stranger.consume(product, "t")
        with pytest.raises(AccessDenied):
            stranger.sql(f'SELECT * FROM "{product}".t')
        denied.append(str(error.value).replace(product, "X"))
    assert denied[0] == denied[1]
    with stranger.sql('SELECT town FROM "orders".t') as rows:
        assert rows.to_arrow().to_pylist()[0] == {"town": "Bern"}
    for name in ("t", "orders", "nothing"):
        with pytest.raises(AccessDenied, match="no role"):
            stranger.sql(f"SELECT * FROM {name}")
    with pytest.raises(AccessDenied, match="no role"):
        stranger.sql("SELECT 1")


@pytest.mark.parametrize("asked", ["secret", "secrets"])
def test_a_hidden_product_is_answered_as_an_unknown_one(world: World, asked: str) -> None:
    declare(world, "{visibility: internal}", "orders")
    eve = caller(world, "eve", "owner")
    acts = (
        lambda: eve.consume(asked, "t"),
        lambda: eve.show(asked),
        lambda: eve.versions(asked, "t"),
        lambda: eve.lineage(asked),
        lambda: eve.subscribe(asked),
        lambda: eve.retire_product(asked),
    )

    def answer() -> list[str]:
        answers = []
        for act in acts:
            with pytest.raises(DataPlatformError) as error:
                act()
            answers.append(f"{type(error.value).__name__} {error.value} {error.value.hint}")
        return answers

    before = answer()
    local = Principal("root", local=True)
    declare_as(world, local, "{visibility: restricted, discoverable: false}", "secret")
    eve_again = become(world, authenticated(world, "eve"))
    assert eve_again is eve
    assert answer() == before
    assert all("secret" not in text.replace(f"no product {asked} is", "") for text in before if asked == "secrets")


def declare_as(world: World, principal: Principal, access: str, name: str) -> None:
    become(world, principal)
    declare(world, access, name)


def authenticated(world: World, name: str) -> Principal:
    become(world, Principal("root", local=True))
    principal = authenticate_token(world.mesh, world.platform.create_token(name, "owner").token)
    assert principal is not None
    return principal


def test_those_who_decide_know_of_a_hidden_product(world: World) -> None:
    declare(world, "{visibility: restricted, discoverable: false, approvers: [office]}")
    for name, role in (("shop", "owner"), ("gov", "governor"), ("root", "admin"), ("office", "consumer")):
        become(world, Principal("local", local=True))
        assert caller(world, name, role).show("orders").name == "orders"
    become(world, Principal("local", local=True))
    with pytest.raises(NotFound):
        caller(world, "eve").show("orders")


def test_the_record_keeps_the_access_of_the_contract_and_of_no_other_product(world: World) -> None:
    declare(world, "{visibility: restricted}")
    world.product("plain", COLUMNS).register()
    with world.mesh.record.reading() as conn:
        assert set(product_access.map_all(conn)) == {"orders"}
        facts = find_facts(conn, Resource.of("orders", "t"))
        assert facts.find_access("t@3").spec.lines["visibility"] > 0
    become(world, Principal("shop", local=True))
    world.platform.rename("orders", "sales-orders")
    with world.mesh.record.reading() as conn:
        assert set(product_access.map_all(conn)) == {"sales-orders"}
    declare(world, "{}", "sales-orders")
    with world.mesh.record.reading() as conn:
        assert product_access.map_all(conn) == {}
