"""Which channels hear of an incident, once, in which message, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from data_platform import DataProduct
from data_platform.errors import Refused
from data_platform.settings import ChannelSettings, ServerSettings, Template
from data_platform.verbs.results import Ticked
from tests.meshes import IDS, ROWS, World

FRESH = "sla: {freshness: 1 minute}"


class Inbox:
    """The messages that channels took."""

    def __init__(self, world: World, *channels: str) -> None:
        self.world, self.messages = world, list[Mapping[str, Any]]()
        settings = {name: ChannelSettings(name, Template("json://example.org", name)) for name in channels}
        server = ServerSettings(public_url="https://mesh.example.org")
        world.mesh.settings = replace(world.mesh.settings, channels=settings, server=server)
        self.senders = {f"channel:{name}": self.messages.append for name in channels}

    def tick(self, **later: float) -> Ticked:
        """Time passes, and the clock runs."""
        self.world.clock.later(**later)
        return self.world.platform.tick(self.senders)

    def read(self) -> list[tuple[object, ...]]:
        """What arrived since the last time: channel, product, and for each change its event and its place."""
        read = [
            (
                message["details"]["channel"],
                message["product"],
                *((change["event"], change["place"]) for change in message["details"]["changes"]),
            )
            for message in self.messages
        ]
        self.messages.clear()
        return read


def test_a_product_that_stops_is_said_once_and_its_end_too(world: World) -> None:
    inbox = Inbox(world, "mail")
    product = world.product(columns=IDS, output=FRESH, more="alerts: mail")
    product.publish("t", ROWS)
    inbox.tick(seconds=30)
    assert inbox.read() == []
    inbox.tick(minutes=2)
    inbox.tick(minutes=2)
    assert inbox.read() == [("mail", "orders", ("opened", "orders.t"))]
    product.publish("t", ROWS)
    inbox.tick()
    inbox.tick()
    assert inbox.read() == [("mail", "orders", ("resolved", "orders.t"))]


def test_a_message_names_the_incident_who_is_on_call_and_the_page_and_no_value(world: World) -> None:
    inbox = Inbox(world, "mail")
    more = "alerts: [mail]\noncall: {rotation: [ann@x, bob@x], starts: 2026-11-16}"
    product = world.product(columns=IDS, more=more)
    product.publish("t", ROWS)
    with pytest.raises(Refused):
        product.publish("t", [{"id": "secret-value"}])
    inbox.tick()
    (message,) = inbox.messages
    assert message["details"] == {
        "channel": "mail",
        "changes": [
            {
                "event": "opened",
                "severity": "low",
                "place": "orders.t",
                "cause": "publish refused",
                "incident": 1,
                "upstream": False,
                "outputs": [],
            }
        ],
        "on_call": "bob@x",
        "url": "https://mesh.example.org/products/orders",
    }
    assert "secret-value" not in str(message)


def test_several_incidents_of_a_product_in_one_tick_are_one_message(world: World) -> None:
    inbox = Inbox(world, "mail")
    text = f"name: orders\ndomain: sales\nowner: ana@x\nalerts: mail\noutputs:\n  - {{name: t, {FRESH}}}\n"
    product = DataProduct(world.write("orders", f"{text}  - {{name: u, {FRESH}}}\n"), world.platform)
    for output in ("t", "u"):
        product.publish(output, ROWS)
    inbox.tick(minutes=2)
    (message,) = inbox.read()
    assert sorted(message[2:]) == [("opened", "orders.t"), ("opened", "orders.u")]


def test_a_channel_hears_of_incidents_that_are_grave_enough_for_it(world: World) -> None:
    inbox = Inbox(world, "mail", "pager")
    product = world.product(
        columns=IDS, output=FRESH, more="alerts: [mail, {channel: pager, severity: medium}, unknown]"
    )
    product.publish("t", ROWS)
    inbox.tick(minutes=2)
    assert inbox.read() == [("mail", "orders", ("opened", "orders.t"))]
    world.become("bea@x")
    world.platform.consume("orders", "t").collect()
    inbox.tick()
    assert sorted(inbox.read()) == [
        ("mail", "orders", ("escalated", "orders.t")),
        ("pager", "orders", ("escalated", "orders.t")),
    ]
    world.platform.acknowledge_incident(1)
    world.platform.comment_incident(1, "no message")
    inbox.tick()
    assert [message[2] for message in inbox.read()] == [("acknowledged", "orders.t")] * 2
    world.platform.resolve_incident(1)
    inbox.tick()
    again = (("resolved", "orders.t"), ("opened", "orders.t"))
    assert inbox.read() == [("mail", "orders", *again), ("pager", "orders", *again)], "the promise is still broken"


def test_a_channel_of_other_domains_hears_nothing(world: World) -> None:
    inbox = Inbox(world, "mail", "pager")
    channels = dict(world.mesh.settings.channels)
    channels["pager"] = replace(channels["pager"], domains=("finance",))
    world.mesh.settings = replace(world.mesh.settings, channels=channels)
    world.product(columns=IDS, output=FRESH, more="alerts: [mail, pager]").publish("t", ROWS)
    inbox.tick(minutes=2)
    assert inbox.read() == [("mail", "orders", ("opened", "orders.t"))]


def test_nobody_is_alerted_by_what_a_consumer_expects(world: World) -> None:
    inbox = Inbox(world, "mail")
    rule = "{rule: secret, sql: \"SELECT count(*) FROM t WHERE CAST('x' || id AS INTEGER) < 0\", threshold: 0}"
    expects = f"inputs: [{{data_product: orders, output: t, expectations: {{columns: [id], rules: [{rule}]}}}}]"
    orders = world.product(columns=IDS, more="alerts: mail")
    orders.register()
    hides = "access: {visibility: restricted, discoverable: false}\n"
    world.product("merger", IDS, owner="mia", more=hides + expects).register()
    orders.publish("t", ROWS)
    inbox.tick()
    assert inbox.messages == []
    assert world.platform.incidents("orders") == []


def test_who_only_declares_a_hidden_product_as_an_input_hears_nothing_of_it(world: World) -> None:
    inbox = Inbox(world, "spy", "friend")
    hides = "access: {visibility: restricted, discoverable: false}\n"
    reads = "inputs: [{data_product: %s, output: t}]\n"
    world.product("open", IDS, output=FRESH).publish("t", ROWS)
    world.product("merger", IDS, output=FRESH, more=hides + reads % "open").publish("t", ROWS)
    world.product("spying", IDS, owner="eve@x", more=reads % "merger" + "alerts: spy").publish("t", ROWS)
    friend = world.product("trusted", IDS, more=reads % "merger" + "alerts: friend")
    friend.publish("t", world.platform.consume("merger", "t"))
    inbox.tick(minutes=2)
    assert {message[0] for message in inbox.read()} == {"friend"}


def test_messages_wait_until_the_quiet_hours_end(world: World) -> None:
    inbox = Inbox(world, "mail")
    quiet = '{from: "12:00", until: "14:00", timezone: UTC}'
    product = world.product(columns=IDS, output=FRESH, more=f"alerts: [{{channel: mail, quiet_hours: {quiet}}}]")
    product.publish("t", ROWS)
    inbox.tick(minutes=2)
    inbox.tick(minutes=100)
    assert inbox.read() == []
    assert [info.destination for info in world.platform.outbox()] == ["channel:mail"]
    inbox.tick(minutes=20)
    assert inbox.read() == [("mail", "orders", ("opened", "orders.t"))]


class TestProductsDownstream:
    @pytest.fixture
    def inbox(self, world: World) -> Inbox:
        inbox = Inbox(world, "mail", "ml")
        more = "alerts: mail\naccess: {visibility: restricted, discoverable: false}"
        world.product(columns=IDS, output=FRESH, more=more).publish("t", ROWS)
        inputs = "inputs: [{data_product: %s, output: t}]\nalerts: ml"
        churn = world.product("churn", columns=IDS, more=inputs % "orders", owner="bea@x")
        churn.publish("t", world.platform.consume("orders", "t"))
        world.product("board", columns=IDS, more=inputs % "churn", owner="cem@x").publish("t", ROWS)
        inbox.tick(minutes=2)
        return inbox

    def test_they_hear_what_they_lose_and_when_it_is_over(self, world: World, inbox: Inbox) -> None:
        (churn,) = (message for message in inbox.messages if message["product"] == "churn")
        (change,) = churn["details"]["changes"]
        assert (change["upstream"], change["place"], change["outputs"]) == (True, "orders.t", ["churn.t"])
        inbox.read()
        world.product(columns=IDS, output=FRESH, more="alerts: mail").publish("t", ROWS)
        inbox.tick()
        assert ("ml", "churn", ("resolved", "orders.t")) in inbox.read()

    def test_those_further_down_do_not_learn_of_a_product_that_hides_itself(self, inbox: Inbox) -> None:
        (board,) = (message for message in inbox.messages if message["product"] == "board")
        assert "orders" not in str(board)
        assert board["details"]["changes"][0]["outputs"] == ["board.t"]


def test_nothing_waits_in_a_mesh_without_channels(world: World) -> None:
    world.product(columns=IDS, output=FRESH, more="alerts: mail").publish("t", ROWS)
    world.clock.later(minutes=2)
    world.platform.tick()
    assert world.platform.outbox() == []
