"""A mesh behind JSON: every request and answer of a life of products goes through text, and nothing is different."""

from __future__ import annotations

from typing import Any

import pytest

from data_platform import Platform
from data_platform.errors import DataPlatformError
from data_platform.platform import InProcess
from data_platform.verbs.core.attachments import NOTHING, Attachments
from data_platform.verbs.core.request import Request
from data_platform.verbs.registry import VERBS
from data_platform.verbs.wire.errors import decode_error, encode_error
from data_platform.verbs.wire.messages import (
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
    read_json,
    write_json,
)
from tests.meshes import IDS, ROWS, World
from tests.verbs import test_every_act
from tests.verbs.wire.values import is_same


class Loopback(InProcess):
    """Takes each request, each answer and each error through its JSON text."""

    def __init__(self, world: World) -> None:
        super().__init__(world.mesh, caller=world.transport.caller)
        self.seen: set[str] = set()

    def call(self, request: Request[Any], attachments: Attachments = NOTHING) -> Any:
        """The answer of the verb, read from JSON."""
        name = type(request).__name__
        self.seen.add(name)
        again = decode_request(name, read_json(write_json(encode_request(request))))
        try:
            answer = super().call(again, attachments)
        except DataPlatformError as error:
            raise decode_error(read_json(write_json(encode_error(error)))) from None
        written = write_json(encode_answer(name, answer))
        read = decode_answer(name, read_json(written))
        assert write_json(encode_answer(name, read)) == written
        return read


@pytest.fixture
def loopback(world: World) -> Loopback:
    world.become("ana@x")
    world.transport = transport = Loopback(world)
    world.platform = Platform(transport)
    return transport


def test_every_verb_that_writes_works_through_json(world: World, loopback: Loopback) -> None:
    test_every_act.everything(world)
    writing = {verb.request for verb in VERBS.values() if verb.writes}
    assert writing - loopback.seen <= set(test_every_act.ELSEWHERE)


def test_what_is_read_through_json_is_the_same(world: World, loopback: Loopback) -> None:
    plain = Platform(InProcess(world.mesh, caller=loopback.caller))
    product = world.product(columns=IDS | {"email": {"type": "string"}}, more="pii_columns: [email]")
    result = product.publish("t", [row | {"email": "a@b"} for row in ROWS])
    assert result.quality.passed
    copy = world.product("copy", IDS)
    copy.publish("t", world.platform.consume("orders", "t").select("id"))
    for ask in (
        lambda mesh: mesh.show("orders"),
        lambda mesh: mesh.versions("orders"),
        lambda mesh: mesh.latest_version("copy"),
        lambda mesh: mesh.search("orders", facets=True),
        lambda mesh: mesh.search("orders", facets=True).facets,
        lambda mesh: mesh.lineage("copy", depth=3),
        lambda mesh: mesh.column_lineage("copy", "t", "id"),
        lambda mesh: mesh.impact("orders", "id"),
        lambda mesh: mesh.lineage_events("copy"),
        lambda mesh: mesh.quality_metrics("orders"),
        lambda mesh: mesh.audit_log(),
        lambda mesh: mesh.verify_audit(mesh.anchor_audit()),
        lambda mesh: mesh.changes("orders"),
        lambda mesh: mesh.diff(product.file),
        lambda mesh: mesh.outbox(),
        lambda mesh: mesh.examine(),
        lambda mesh: mesh.checklist("orders"),
        lambda mesh: mesh.domains(),
        lambda mesh: mesh.consume("orders", "t", mask=True).collect(),
        lambda mesh: mesh.consume("orders", "t", columns=["email"]).collect(),
        lambda mesh: mesh.consume("copy", "t").lineage,
        lambda mesh: mesh.consume("copy", "t").statistics,
        lambda mesh: mesh.sql("SELECT * FROM orders.t", limit=2).collect(),
    ):
        one, other = ask(world.platform), ask(plain)
        assert is_same(one, other) or one == other
