"""Tokens: made with their principal, shown once, listed without their text, and ended."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from data_platform.errors import AccessDenied, BadInput, NotFound, Refused
from data_platform.settings import Principal, Role, RoleGrant
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import NOON, World


def test_a_token_has_256_random_bits_and_only_its_digest_is_stored(world: World) -> None:
    first, second = (world.platform.create_token("loader", "owner", team="shop") for _ in range(2))
    assert re.fullmatch(r"dpt_[A-Za-z0-9_-]{43}", first.token)
    assert first.token != second.token
    with world.mesh.record.reading() as conn:
        stored = conn.execute(text("SELECT digest FROM tokens ORDER BY id")).scalars().all()
    assert stored == [hashlib.sha256(token.token.encode()).hexdigest() for token in (first, second)]
    files = [path.read_bytes() for path in world.home.rglob("*") if path.is_file()]
    assert not any(first.token.encode() in content for content in files)


def test_what_is_missing_is_made_once_and_recorded(world: World) -> None:
    made = world.platform.create_token("loader", "owner", team="shop", domains=["sales"], expires="90d")
    assert (made.principal, made.kind, made.role, made.team) == ("loader", "service", "owner", "shop")
    assert made.expires_at == NOON + timedelta(days=90)
    world.platform.create_token("loader", "owner", team="shop")
    entries = [(entry.act, entry.subject) for entry in reversed(world.platform.audit_log())][1:]
    assert entries == [
        ("principal", "principal:loader"),
        ("principal", "principal:shop"),
        ("team", "principal:shop"),
        ("grant", "principal:loader"),
        ("token", "principal:loader"),
        ("token", "principal:loader"),
    ]
    assert made.token not in str(world.platform.audit_log())


def test_a_list_shows_prefixes_and_states(world: World) -> None:
    mesh = world.platform
    one = mesh.create_token("loader", "owner", expires="1 hour")
    mesh.create_token("ana@x", "consumer", kind="person")
    mesh.revoke_token(mesh.create_token("loader", "owner").id)
    world.clock.later(hours=1)
    listed = mesh.tokens()
    assert [(token.principal, token.state) for token in listed] == [
        ("loader", "expired"),
        ("ana@x", "valid"),
        ("loader", "revoked"),
    ]
    assert one.token.startswith(listed[0].prefix)
    assert len(listed[0].prefix) == 10
    assert [token.id for token in mesh.tokens("ana@x")] == [2]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a\nb", {}, "the name of the service is not a valid name"),
        ("", {}, "the name of the service is not a valid name"),
        ("loader", {"team": " shop"}, "the name of the team is not a valid name"),
        ("loader", {"kind": "team"}, "a team has no token"),
        ("loader", {"kind": "agent"}, "loader is to be an agent"),
        ("loader", {"kind": "robot"}, 'there is no kind "robot"'),
        ("loader", {"role": "domain-owner"}, "a token has no role domain-owner"),
        ("loader", {"role": "king"}, 'there is no role "king"'),
        ("loader", {"verbs": ["read", "fly"]}, 'there is no verb "fly"'),
        ("loader", {"verbs": []}, "a token of no verb"),
        ("loader", {"domains": ["Sales"]}, '"Sales" is no name'),
        ("loader", {"expires": "2020-01-01"}, "which is past"),
        ("loader", {"expires": "soon"}, "is no date to end at"),
        ("shop", {"team": "shop"}, "shop is a service"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    world: World, name: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        world.platform.create_token(name, **{"role": "owner", **options})  # type: ignore[arg-type]
    assert world.platform.tokens() == []


def test_a_principal_keeps_its_kind(world: World) -> None:
    mesh = world.platform
    mesh.create_token("ana@x", "consumer", kind="person", team="shop")
    assert mesh.create_token("ana@x", "owner").kind == "person"
    with pytest.raises(BadInput, match="ana@x is a person"):
        mesh.create_token("ana@x", "owner", kind="service")
    with pytest.raises(BadInput, match="shop is a team"):
        mesh.create_token("shop", "owner")


def test_an_agent_acts_for_a_person(world: World) -> None:
    mesh = world.platform
    with pytest.raises(NotFound, match="no principal ana@x"):
        mesh.create_token("bot", "owner", acts_for="ana@x")
    mesh.create_token("ana@x", "owner", kind="person")
    made = mesh.create_token("bot", "owner", acts_for="ana@x")
    assert (made.kind, made.acts_for) == ("agent", "ana@x")
    assert mesh.create_token("bot", "consumer").acts_for == "ana@x"
    with pytest.raises(BadInput, match="bot is an agent of ana@x"):
        mesh.create_token("second", "owner", acts_for="bot")


def test_a_token_is_revoked_once(world: World) -> None:
    id = world.platform.create_token("loader", "owner").id
    assert world.platform.revoke_token(id).state == "revoked"
    with pytest.raises(Refused, match="was revoked by"):
        world.platform.revoke_token(id)
    with pytest.raises(NotFound, match="there is no token 7"):
        world.platform.revoke_token(7)


@pytest.mark.parametrize("role", ["consumer", "owner", "governor"])
def test_only_an_admin_creates_tokens(world: World, role: str) -> None:
    token = world.platform.create_token("eve@x", role).token
    eve = authenticate_token(world.mesh, token)
    assert eve is not None
    world.act_as(eve)
    with pytest.raises(AccessDenied, match="eve@x may not issue tokens"):
        world.platform.create_token("eve@x", "admin")


def test_others_than_admins_see_and_revoke_their_own_tokens(world: World) -> None:
    admin = world.context.principal
    other = world.platform.create_token("loader", "owner").id
    own = [world.platform.create_token("eve@x", "consumer").id for _ in range(2)]
    world.act_as(Principal("eve@x", roles=frozenset([RoleGrant(Role.CONSUMER)])))
    assert [token.id for token in world.platform.tokens()] == own
    assert world.platform.tokens("loader") == []
    assert world.platform.revoke_token(own[0]).state == "revoked"
    with pytest.raises(AccessDenied, match="the rule 'revoke tokens' allows the principal itself or an admin"):
        world.platform.revoke_token(other)
    world.act_as(admin)
    assert [token.state for token in world.platform.tokens()] == ["valid", "revoked", "valid"]
