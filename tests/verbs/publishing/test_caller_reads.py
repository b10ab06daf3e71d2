"""A caller elsewhere inherits what it has read, whatever it claims."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data_platform import verbs
from data_platform.engine.origin import Origin
from data_platform.platform import Platform
from data_platform.settings import Role
from data_platform.settings.principal import RoleGrant
from data_platform.verbs.core.attachments import Attachments
from tests.meshes import IDS, World

PEOPLE = IDS | {"email": {"type": "string"}}
COPIES = [{"id": 1, "email": "ann@x"}]


@pytest.fixture
def remote(world: World) -> World:
    """The owner of products, who has not opened the home."""
    people = world.product("people", PEOPLE, more="pii_columns: [email]")
    people.publish("t", COPIES)
    world.product("other", IDS).publish("t", [{"id": 1}])
    world.product("copy").register()
    admin = frozenset([RoleGrant(Role.ADMIN)])
    world.act_as(replace(world.context.principal, name="ana@x", local=False, verified=True, roles=admin))
    return world


def publish(world: World, run: str | None = None) -> dict[str, frozenset[str]]:
    request = verbs.Publish("copy", "t", world.product("copy").file, run=run)
    world.transport.call(request, Attachments(COPIES))
    consumed = Platform(world.transport).consume("copy", "t")
    return {f"{origin.name}.{origin.output}": columns for origin, columns in consumed.lineage.items()}


def test_what_a_run_has_read_is_inherited_without_being_claimed(remote: World) -> None:
    run = remote.platform.start_run("copy", "t")
    remote.platform.consume("people", "t").collect()
    assert publish(remote, run.id) == {"people.t": {"id", "email"}}
    columns = remote.platform.latest_version("copy", "t").schema
    assert "pii" in next(column for column in columns if column.name == "email").tags


def test_what_was_read_before_the_run_or_by_others_is_not(remote: World) -> None:
    remote.platform.consume("other", "t").collect()
    remote.clock.later(seconds=1)
    run = remote.platform.start_run("copy", "t")
    me = remote.context.principal
    remote.act_as(replace(me, name="eve@x"))
    remote.platform.consume("other", "t").collect()
    remote.act_as(me)
    assert publish(remote, run.id) == {}


def test_without_a_run_it_is_what_was_read_for_the_product_in_the_last_hour(remote: World) -> None:
    remote.product("copy").consume("other").collect()
    remote.clock.later(hours=2)
    remote.product("copy").consume("people").collect()
    remote.platform.consume("other", "t").collect()
    assert publish(remote) == {"people.t": {"id", "email"}}


def test_a_claim_that_a_column_is_made_of_nothing_protects_no_name(remote: World) -> None:
    frame = remote.platform.consume("people", "t")
    copy = remote.product("copy")
    request = copy._make_request("t", frame, None, ())
    lineage = {origin: frozenset() for origin in request.lineage}
    harmless = request.column_lineage.map_uses(lambda use: None)
    remote.transport.call(replace(request, lineage=lineage, column_lineage=harmless), Attachments(COPIES))
    columns = remote.platform.latest_version("copy", "t").schema
    assert "pii" in next(column for column in columns if column.name == "email").tags
    assert isinstance(next(iter(lineage)), Origin)
