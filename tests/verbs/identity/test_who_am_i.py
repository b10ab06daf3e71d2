"""who_am_i: the caller with its roles, teams, domains and token."""

from __future__ import annotations

from datetime import timedelta

from data_platform.verbs.identity.authenticate import authenticate_principal, authenticate_token
from data_platform.verbs.results import CallerTokenInfo
from tests.meshes import NOON, World


def become(world: World, **options: object) -> None:
    token = world.platform.create_token("ana", "owner", team="shop", kind="person", **options)  # type: ignore[arg-type]
    principal = authenticate_token(world.mesh, token.token)
    assert principal is not None
    world.act_as(principal)


def test_a_token_is_described_with_what_it_is_narrowed_to(world: World) -> None:
    root = world.context.principal
    world.platform.define_domain("sales", owner="shop")
    world.platform.define_domain("crm", owner="shop")
    world.platform.define_domain("finance", owner="gus")
    become(world, domains=["sales"], verbs=["read"], read_only=True, expires="30 days")
    me = world.platform.who_am_i()
    assert (me.principal, me.verified, me.kind, me.signed_in_with) == ("ana", True, "person", "token")
    assert (me.roles, me.teams, me.domains) == (("owner",), ("shop",), ("sales",))
    assert me.token == CallerTokenInfo(1, "owner", "shop", ("read",), ("sales",), True, NOON + timedelta(days=30))
    world.act_as(root)
    become(world)
    me = world.platform.who_am_i()
    assert me.domains == ("crm", "sales")
    assert me.token == CallerTokenInfo(2, "owner", "shop", None, None, False, None)


def test_a_session_has_no_token(world: World) -> None:
    world.platform.create_token("ana", "owner", kind="person")
    principal = authenticate_principal(world.mesh, "ana")
    assert principal is not None
    world.act_as(principal)
    assert (world.platform.who_am_i().signed_in_with, world.platform.who_am_i().token) == ("sign-in", None)


def test_who_opened_the_home_has_no_roles(world: World) -> None:
    me = world.platform.who_am_i()
    assert (me.verified, me.signed_in_with, me.roles, me.domains, me.token) == (False, "home", (), (), None)
