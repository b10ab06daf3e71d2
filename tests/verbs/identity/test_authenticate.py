"""Authentication: what a token stands for, when it ends, and how few statements it takes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from data_platform import Platform
from data_platform.errors import RecordFailed
from data_platform.platform import InProcess
from data_platform.record.identity import tokens
from data_platform.settings import Principal, Role, RoleGrant, TokenScope
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import World
from tests.verbs.test_statements import recorded_statements


@pytest.fixture
def elsewhere(world: World) -> Iterator[Platform]:
    """The same home, opened by another process as far as caches go."""
    mesh = Mesh.open(world.mesh.home)
    mesh.clock = world.clock
    with Platform(InProcess(mesh)) as platform:
        yield platform


def test_a_token_stands_for_its_principal(world: World) -> None:
    token = world.platform.create_token("loader", "owner", team="shop", verbs=["publish"], read_only=True).token
    assert authenticate_token(world.mesh, token) == Principal(
        "loader",
        verified=True,
        kind="service",  # type: ignore[arg-type]
        roles=frozenset([RoleGrant(Role.OWNER)]),
        teams=frozenset(["shop"]),
        scope=TokenScope("shop", frozenset(["publish"]), None, True),
    )


@pytest.mark.parametrize("token", ["", "dpt_", "dpt_" + "a" * 43, "\udcff", "x" * 100_000, "dpt_\x00"])
def test_what_is_no_token_stands_for_nobody(world: World, token: str) -> None:
    assert authenticate_token(world.mesh, token) is None


def test_a_token_has_the_roles_of_its_own_and_no_more(world: World) -> None:
    mesh = world.platform
    admin, reader = (mesh.create_token("ana@x", role, kind="person").token for role in ("admin", "consumer"))
    who = authenticate_token(world.mesh, reader)
    assert who is not None
    assert {grant.role for grant in who.roles} == {Role.CONSUMER}
    who = authenticate_token(world.mesh, admin)
    assert who is not None
    assert {grant.role for grant in who.roles} == {Role.ADMIN, Role.CONSUMER}


def test_a_token_for_a_team_acts_for_no_other(world: World) -> None:
    shop, crm = (world.platform.create_token("loader", "owner", team=team).token for team in ("shop", "crm"))
    free = world.platform.create_token("loader", "owner").token
    teams = [who.teams for token in (shop, crm, free) if (who := authenticate_token(world.mesh, token))]
    assert teams == [{"shop"}, {"crm"}, {"shop", "crm"}]


def test_an_agent_comes_with_the_roles_of_its_person(world: World) -> None:
    world.platform.create_token("ana@x", "consumer", kind="person", team="shop")
    token = world.platform.create_token("bot", "admin", acts_for="ana@x").token
    who = authenticate_token(world.mesh, token)
    assert who is not None
    assert who.acts_for is not None
    assert (who.acts_for.name, who.acts_for.teams) == ("ana@x", {"shop"})
    assert {grant.role for grant in who.acts_for.roles} == {Role.CONSUMER}


def test_a_revocation_holds_at_once_here_and_within_two_seconds_elsewhere(world: World, elsewhere: Platform) -> None:
    made = elsewhere.create_token("loader", "owner")
    other = elsewhere._transport._mesh  # type: ignore[attr-defined]
    assert authenticate_token(world.mesh, made.token) is not None
    assert authenticate_token(other, made.token) is not None
    elsewhere.revoke_token(made.id)
    assert authenticate_token(other, made.token) is None
    world.clock.later(seconds=1.9)
    assert authenticate_token(world.mesh, made.token) is not None
    world.clock.later(seconds=0.1)
    assert authenticate_token(world.mesh, made.token) is None


def test_a_cached_token_expires_on_time(world: World) -> None:
    token = world.platform.create_token("loader", "owner", expires="1 second").token
    assert authenticate_token(world.mesh, token) is not None
    world.clock.later(seconds=1)
    assert authenticate_token(world.mesh, token) is None


def test_what_was_looked_up_before_a_change_is_not_kept_after_it(world: World) -> None:
    cache = world.mesh.identities
    before = cache.revision
    cache.forget()
    cache.keep("d", Principal("ana"), world.clock(), None, before)
    assert cache.find("d", world.clock()) is None
    cache.keep("d", Principal("ana"), world.clock(), None, cache.revision)
    assert cache.find("d", world.clock()) == Principal("ana")


def test_authentication_takes_one_statement_and_one_for_roles_and_none_while_cached(world: World) -> None:
    made = world.platform.create_token("loader", "owner", team="shop")
    authenticate_token(world.mesh, made.token)
    world.clock.later(seconds=3)
    with recorded_statements(world) as statements:
        authenticate_token(world.mesh, made.token)
    assert len([statement for statement in statements if "SELECT" in statement]) == 2
    with recorded_statements(world) as statements:
        authenticate_token(world.mesh, made.token)
    assert statements == []
    with recorded_statements(world) as statements:
        authenticate_token(world.mesh, "dpt_unknown")
    assert len([statement for statement in statements if "SELECT" in statement]) == 1


def test_the_token_is_found_by_an_index(world: World) -> None:
    with world.mesh.record.reading() as conn:
        plan = conn.execute(text("EXPLAIN QUERY PLAN SELECT * FROM tokens WHERE digest = 'x'")).all()
    assert "USING INDEX" in str(plan)


def test_a_use_that_cannot_be_written_locks_nobody_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = world.platform.create_token("loader", "owner").token

    def fail(*arguments: object) -> None:
        raise RecordFailed("database or disk is full")

    monkeypatch.setattr(tokens, "record_use", fail)
    assert authenticate_token(world.mesh, token) is not None
    assert world.platform.tokens()[0].last_used_at is None


def test_the_last_use_is_written_once_a_minute(world: World) -> None:
    made = world.platform.create_token("loader", "owner")
    uses = []
    for _ in range(4):
        authenticate_token(world.mesh, made.token)
        uses.append(world.platform.tokens()[0].last_used_at)
        world.clock.later(seconds=25)
    first, later = uses[0], uses[3]
    assert first is not None
    assert later is not None
    assert uses == [first, first, first, later]
    assert (later - first).total_seconds() == 75
