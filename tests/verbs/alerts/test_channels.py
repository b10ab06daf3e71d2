"""Channels are listed with who names them, and tested by those who answer for incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from data_platform.errors import AccessDenied, LimitExceeded, NotFound, Refused, Unavailable
from data_platform.settings import ChannelSettings, Principal, Role, RoleGrant, Template
from data_platform.verbs.events.outbox import NotDelivered
from data_platform.verbs.results import ChannelInfo
from tests.meshes import IDS, World


@pytest.fixture(autouse=True)
def channels(world: World) -> None:
    settings = {name: ChannelSettings(name, Template("json://example.org", name)) for name in ("mail", "pager")}
    world.mesh.settings = replace(world.mesh.settings, channels=settings)
    world.product(columns=IDS, more="alerts: [mail, gone]").register()


def test_channels_are_those_of_the_settings_and_of_products(world: World) -> None:
    assert world.platform.channels() == [
        ChannelInfo("gone", False, ("orders",)),
        ChannelInfo("mail", True, ("orders",)),
        ChannelInfo("pager", True, ()),
    ]


def test_a_contract_that_names_an_undeclared_channel_is_warned_about(world: World) -> None:
    product = world.product("bills", IDS, more="alerts: [mail, mial]")
    warning = "alerts: settings.toml of the mesh declares no channel mial, so nothing is sent to it yet"
    assert [product.register().warnings for _ in range(2)] == [(warning,)] * 2


def test_a_delivered_test_is_recorded_and_an_act(world: World) -> None:
    received: list[Mapping[str, Any]] = []
    world.become("ana@x")
    tested = world.platform.send_test_alert("mail", {"channel:mail": received.append})
    assert tested == ChannelInfo("mail", True, ("orders",), world.clock(), "ana@x")
    assert tested in world.platform.channels()
    assert received[0]["details"] == {"channel": "mail", "test": True}
    (entry,) = world.platform.audit_log(act="outbox")
    assert (entry.subject, entry.details) == ("channel:mail", {"did": "test", "channel": "mail"})


def test_a_test_that_is_not_delivered_is_not_recorded(world: World) -> None:
    def refuse(message: Mapping[str, Any]) -> None:
        raise NotDelivered("the service of the channel did not take the message")

    with pytest.raises(NotDelivered) as failure:
        world.platform.send_test_alert("mail", {"channel:mail": refuse})
    assert failure.value.hint == "check [channels.mail] in settings.toml: host, port and credentials"
    assert world.platform.channels()[1].tested_at is None


def test_an_unknown_channel_and_one_without_a_sender_are_errors(world: World) -> None:
    with pytest.raises(NotFound, match="declares no channel gone"):
        world.platform.send_test_alert("gone")
    with pytest.raises(NotFound) as unknown:
        world.platform.send_test_alert("#sales")
    assert unknown.value.hint == 'write [channels."#sales"] url = "…"', "a key that TOML reads"
    with pytest.raises(Unavailable, match="no sender"):
        world.platform.send_test_alert("pager")


def test_owners_test_the_channels_of_their_products_and_admins_all(world: World) -> None:
    def act_as(name: str, role: Role) -> None:
        world.act_as(Principal(name, verified=True, roles=(RoleGrant(role),)))

    senders = {f"channel:{name}": lambda message: None for name in ("mail", "pager")}
    act_as("bea@x", Role.OWNER)
    for channel in ("mail", "pager"):
        with pytest.raises(AccessDenied):
            world.platform.send_test_alert(channel, senders)
    act_as("root@x", Role.ADMIN)
    for channel in ("mail", "pager"):
        assert world.platform.send_test_alert(channel, senders).tested_by == "root@x"


def test_a_channel_is_tested_once_a_minute_whoever_asks(world: World) -> None:
    received: list[Mapping[str, Any]] = []
    senders = {"channel:mail": received.append}
    world.platform.send_test_alert("mail", senders)
    world.become("ana@x")
    with pytest.raises(LimitExceeded, match="less than a minute ago") as limit:
        world.platform.send_test_alert("mail", senders)
    assert limit.value.retry_after == 60
    world.clock.later(minutes=1)
    world.platform.send_test_alert("mail", senders)
    assert len(received) == 2


def test_a_channel_of_other_domains_is_not_to_be_had_by_naming_it(world: World) -> None:
    channels = dict(world.mesh.settings.channels)
    channels["mail"] = replace(channels["mail"], domains=("finance",))
    world.mesh.settings = replace(world.mesh.settings, channels=channels)
    assert world.platform.channels()[1] == ChannelInfo("mail", True, ())
    world.act_as(Principal("ana@x", verified=True, roles=(RoleGrant(Role.OWNER),)))
    with pytest.raises(AccessDenied):
        world.platform.send_test_alert("mail", {"channel:mail": lambda message: None})


def test_who_is_on_call_is_shown_with_the_product_and_its_incidents(world: World) -> None:
    more = "alerts: mail\noncall: {rotation: [ann@x, bob@x], starts: 2026-11-16}"
    product = world.product(columns=IDS, more=more)
    product.register()
    shown = world.platform.show("orders")
    assert (shown.on_call, shown.oncall, shown.alerts) == ("bob@x", ("ann@x", "bob@x"), ("mail",))
    with pytest.raises(Refused):
        product.publish("t", [{"id": "x"}])
    assert world.platform.incident(1).on_call == "bob@x"
    world.clock.later(days=7)
    assert world.platform.incident(1).on_call == "ann@x"
