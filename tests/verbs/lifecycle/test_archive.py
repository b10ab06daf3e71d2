"""Products change hands, are closed, and end; each act leaves its entry in the audit log."""

from __future__ import annotations

import pytest

from data_platform.errors import AccessDenied, BadInput, NotFound, OwnershipConflict, Refused
from data_platform.record.audit_log.trail import check_trail
from tests.meshes import IDS, ROWS, World


def did(world: World, act: str) -> list[object]:
    return [entry.details.get("did") for entry in reversed(world.platform.audit_log(act=act))]


def orphaned(world: World) -> list[str]:
    return [each.product for each in world.platform.incidents(open_only=True) if each.cause == "owner gone"]


@pytest.fixture
def orders(world: World) -> World:
    """The product orders of ana@x, who is asking, with one version."""
    world.become("ana@x")
    world.product("orders", IDS).publish("t", ROWS)
    return world


def test_a_product_is_the_new_owners_once_they_accept(orders: World) -> None:
    offered = orders.platform.transfer("orders", "bea@x")
    assert (offered.owner, offered.to_owner, offered.offered_by) == ("ana@x", "bea@x", "ana@x")
    assert orders.platform.show("orders").owner == "ana@x"
    with pytest.raises(AccessDenied, match="ana@x may not accept orders: it is offered to bea@x"):
        orders.platform.accept_transfer("orders")
    orders.become("bea@x")
    assert [each.state for each in orders.platform.transfers()] == ["offered"]
    assert orders.platform.accept_transfer("orders").state == "accepted"
    assert orders.platform.show("orders").owner == "bea@x"
    assert orders.platform.transfers() == []
    assert did(orders, "transfer") == ["offered", "accepted"]


def test_then_product_yaml_must_name_the_new_owner(orders: World) -> None:
    orders.platform.transfer("orders", "bea@x")
    orders.become("bea@x")
    orders.platform.accept_transfer("orders")
    for act in (
        lambda: orders.product("orders", IDS).register(),
        lambda: orders.product("orders", IDS).publish("t", ROWS),
    ):
        with pytest.raises(OwnershipConflict, match="belongs to bea@x"):
            act()
    mine = orders.product("orders", IDS, owner="bea@x")
    assert mine.register().changes == ()
    assert mine.publish("t", ROWS).version == 2


def test_the_trail_of_a_product_that_changed_hands_is_whole(orders: World) -> None:
    orders.platform.transfer("orders", "bea@x")
    orders.become("bea@x")
    orders.platform.accept_transfer("orders")
    orders.platform.offboard("bea@x")
    with orders.mesh.record.reading() as conn:
        assert check_trail(conn, "orders").ok
    assert orders.platform.verify_audit().ok


def test_only_those_it_concerns_offer_and_end_an_offer(orders: World) -> None:
    orders.become("eve@x")
    with pytest.raises(AccessDenied, match="eve@x may not offer orders: it belongs to ana@x"):
        orders.platform.transfer("orders", "eve@x")
    orders.platform.define_domain("sales", members=["dan@x"])
    orders.become("dan@x")
    orders.platform.transfer("orders", "bea@x")
    orders.become("eve@x")
    with pytest.raises(AccessDenied, match="may not end the offer"):
        orders.platform.withdraw_transfer("orders")
    orders.become("bea@x")
    assert orders.platform.withdraw_transfer("orders").state == "withdrawn"
    with pytest.raises(NotFound, match="orders has no open offer"):
        orders.platform.accept_transfer("orders")


def test_a_member_accepts_for_a_team(orders: World) -> None:
    orders.platform.define_domain("checkout", owner="team@x", members=["bea@x"])
    orders.platform.transfer("orders", "team@x")
    orders.become("bea@x")
    orders.platform.accept_transfer("orders")
    assert orders.platform.show("orders").owner == "team@x"


def test_what_makes_no_sense_is_bad_input(orders: World) -> None:
    for owner in ("ana@x", " "):
        with pytest.raises(BadInput, match="orders belongs to ana@x"):
            orders.platform.transfer("orders", owner)
    for owner in ("bea\n@x", "x" * 1000):
        with pytest.raises(BadInput, match="an owner is printable text"):
            orders.platform.transfer("orders", owner)
    with pytest.raises(NotFound):
        orders.platform.transfer("visits", "bea@x")
    with pytest.raises(BadInput, match="the name is empty"):
        orders.platform.offboard(" ")
    with pytest.raises(NotFound, match="bea@x is not gone"):
        orders.platform.offboard("bea@x", back=True)
    with pytest.raises(BadInput, match="0 days"):
        orders.platform.retire_product("orders", days=0)


def test_an_archived_product_is_read_and_closed(orders: World) -> None:
    assert orders.platform.archive("orders").archived_at == orders.clock.now
    again = orders.platform.archive("orders")
    assert orders.ids() == [1, 2, 3]
    product = orders.product("orders", IDS)
    with pytest.raises(Refused, match=r"orders was archived on 2026-11-23: it is readable"):
        product.publish("t", ROWS)
    with pytest.raises(Refused, match="archived"):
        orders.product("orders", IDS, more="description: new").register()
    assert product.register().changes == ()
    assert orders.platform.archive("orders", undo=True).archived_at is None
    assert product.publish("t", ROWS).version == 2
    assert again.archived_at == orders.clock.now
    assert did(orders, "archive") == ["archived", "opened"]


def test_a_publish_under_way_does_not_slip_into_an_archived_product(orders: World) -> None:
    product = orders.product("orders", IDS)

    def watch(step: str, rows: int) -> None:
        if step == "audited":
            orders.platform.archive("orders")

    with pytest.raises(Refused, match="archived"):
        product.publish("t", ROWS, watch=watch)
    assert orders.numbers() == [1]


def test_nothing_is_promised_of_an_archived_product(world: World) -> None:
    world.product("orders", IDS, output="sla: {freshness: 1 hour}").publish("t", ROWS)
    world.platform.archive("orders")
    world.clock.later(hours=5)
    assert world.platform.tick().opened == ()


def test_a_product_is_retired_once_nobody_reads_it(orders: World) -> None:
    orders.become("bea@x")
    orders.platform.consume("orders", "t").collect()
    bills = orders.product("bills", IDS, owner="bob@x", more="inputs: [{data_product: orders, output: t}]")
    bills.register()
    orders.become("ana@x")
    with pytest.raises(Refused, match=r"(?s)orders is still read:.*bea@x, last read .*product bills, declares it"):
        orders.platform.retire_product("orders")
    orders.clock.later(days=31)
    orders.platform.retire_product("bills")
    assert orders.platform.retire_product("orders").status == "retired"
    with pytest.raises(NotFound, match="was retired"):
        orders.platform.consume("orders", "t")
    with pytest.raises(Refused, match="was retired"):
        orders.product("orders", IDS).register()
    with pytest.raises(Refused, match="orders is retired already"):
        orders.platform.retire_product("orders")
    assert orders.platform.show("orders").outputs == ()
    with orders.mesh.record.reading() as conn:
        assert check_trail(conn, "orders").ok


def test_an_orphan_has_an_incident_until_it_has_an_owner(orders: World) -> None:
    gone = orders.platform.offboard("ana@x")
    assert (gone.products, orphaned(orders)) == (("orders",), ["orders"])
    assert orders.platform.offboard("ana@x").at == gone.at
    assert [each.principal for each in orders.platform.departures()] == ["ana@x"]
    orders.become("bea@x")
    orders.platform.transfer("orders", "bea@x")
    assert orphaned(orders) == ["orders"]
    orders.platform.accept_transfer("orders")
    assert orphaned(orders) == []
    assert did(orders, "offboard") == ["gone"]
    with pytest.raises(Refused, match="ana@x is gone, and cannot take orders"):
        orders.platform.transfer("orders", "ana@x")


def test_who_is_back_owns_again(orders: World) -> None:
    orders.platform.offboard("ana@x")
    assert orders.platform.offboard("ana@x", back=True).back
    assert (orphaned(orders), orders.platform.departures()) == ([], [])


def test_tick_finds_the_orphan_that_was_registered_since_and_tells_once(orders: World) -> None:
    orders.platform.offboard("ben@x")
    orders.product("visits", IDS, owner="ben@x").register()
    assert [each.product for each in orders.platform.tick().opened] == ["visits"]
    assert orders.platform.tick().opened == ()
    checked = orders.platform.checklist("visits").anti_patterns[0]
    assert (checked.met, checked.mend) == (False, "data-platform transfer visits --to DOMAIN_TEAM")


def test_all_of_a_product_is_announced_to_end(orders: World) -> None:
    until = orders.clock.now.replace(year=2027)
    (major,) = orders.platform.deprecate_product("orders", until)
    assert (major.output, major.major, major.ends_at) == ("t", 1, until)
    with pytest.raises(BadInput, match="not in the future"):
        orders.platform.deprecate_product("orders", orders.clock.now)
    orders.platform.retire_product("orders")
    with pytest.raises(Refused, match="no output that is not retired"):
        orders.platform.deprecate_product("orders", until)


def test_who_looks_at_an_archived_product_sees_so(orders: World) -> None:
    assert orders.platform.show("orders").archived_at is None
    orders.platform.archive("orders")
    assert orders.platform.show("orders").archived_at == orders.clock.now
    assert orders.platform.readiness() == []
