"""Principals, teams, roles and owners: made, changed, listed, and refused where they cannot be."""

from __future__ import annotations

import pytest

from data_platform.errors import BadInput, NotFound, Refused
from data_platform.settings import Principal, Role, RoleGrant
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import IDS, World


def authenticate(world: World, token: str) -> Principal:
    who = authenticate_token(world.mesh, token)
    assert who is not None
    return who


def test_a_team_is_made_of_persons_and_changes_at_once_what_its_members_may(world: World) -> None:
    mesh = world.platform
    assert mesh.create_team("shop", ["ana@x", "bo@x"]).members == ("ana@x", "bo@x")
    assert mesh.add_member("shop", "bo@x").members == ("ana@x", "bo@x")
    mesh.grant_role("shop", "owner")
    token = mesh.create_token("ana@x", "owner", kind="person").token
    mesh.revoke_role("ana@x", "owner")
    assert authenticate(world, token).roles == {RoleGrant(Role.OWNER)}
    assert mesh.remove_member("shop", "ana@x").members == ("bo@x",)
    assert authenticate(world, token).roles == frozenset()
    assert [(team.name, team.members) for team in mesh.teams()] == [("shop", ("bo@x",))]


def test_a_team_has_no_team_as_a_member_and_no_other_kind_is_a_team(world: World) -> None:
    mesh = world.platform
    mesh.create_team("shop")
    mesh.create_team("crm", ["ana@x"])
    with pytest.raises(BadInput, match="crm is a team"):
        mesh.add_member("shop", "crm")
    with pytest.raises(BadInput, match="ana@x is a person"):
        mesh.create_team("ana@x")
    with pytest.raises(BadInput, match="ana@x is a person"):
        mesh.add_member("ana@x", "bo@x")
    with pytest.raises(NotFound, match="no principal shops"):
        mesh.add_member("shops", "ana@x")
    with pytest.raises(NotFound, match="bo@x is no member of shop"):
        mesh.remove_member("shop", "bo@x")
    assert [info.name for info in mesh.principals("person")] == ["ana@x"]


def test_a_disabled_principal_has_no_tokens_until_it_gets_new_ones(world: World) -> None:
    mesh = world.platform
    token = mesh.create_token("loader", "owner").token
    assert mesh.disable_principal("loader").disabled_by == world.context.principal.name
    assert authenticate_token(world.mesh, token) is None
    with pytest.raises(Refused, match="loader is disabled"):
        mesh.create_token("loader", "owner")
    mesh.disable_principal("loader")
    assert mesh.enable_principal("loader").disabled_at is None
    assert authenticate_token(world.mesh, token) is None
    assert authenticate(world, mesh.create_token("loader", "owner").token).name == "loader"
    with pytest.raises(NotFound, match="no principal nobody"):
        mesh.disable_principal("nobody")


def test_the_tokens_of_who_has_left_end(world: World) -> None:
    token = world.platform.create_token("ana@x", "owner", kind="person").token
    world.platform.offboard("ana@x")
    assert authenticate_token(world.mesh, token) is None
    world.platform.offboard("team@nowhere")


def test_a_role_is_of_the_mesh_or_of_a_domain(world: World) -> None:
    mesh = world.platform
    mesh.grant_role("ana@x", "owner", "sales")
    mesh.grant_role("ana@x", "domain-owner", "sales")
    mesh.grant_role("ana@x", "domain-owner", "sales")
    assert [(role.role, role.domain) for role in mesh.roles("ana@x")] == [
        ("domain-owner", "sales"),
        ("owner", "sales"),
    ]
    for role, domain, message in (
        ("domain-owner", None, "is one of a domain"),
        ("governor", "sales", "is one of the whole mesh"),
        ("owner", "Sales", '"Sales" is no name'),
        ("king", None, 'there is no role "king"'),
    ):
        with pytest.raises(BadInput, match=message):
            mesh.grant_role("ana@x", role, domain)
    with pytest.raises(NotFound, match="ana@x has not the role owner"):
        mesh.revoke_role("ana@x", "owner")


def test_owners_are_listed_until_somebody_claims_them(world: World) -> None:
    mesh = world.platform
    world.product("orders", IDS, owner="shop@x").register()
    world.product("bills", IDS, owner="ana@x").register()
    mesh.define_domain("sales", owner="shop@x")
    mesh.create_team("shop", ["ana@x"])
    assert [(owner.address, owner.holder) for owner in mesh.owners()] == [("ana@x", "ana@x"), ("shop@x", None)]
    (unclaimed,) = mesh.owners(unclaimed=True)
    assert (unclaimed.products, unclaimed.domains) == (("orders",), ("sales",))
    assert mesh.claim_owner("shop@x", "shop").holder == "shop"
    assert mesh.claim_owner("shop@x", "shop").products == ("orders",)
    assert mesh.owners(unclaimed=True) == []
    assert mesh.principal_info("shop").owners == ("shop@x",)
    assert mesh.release_owner("shop@x").holder is None
    with pytest.raises(NotFound, match="shop@x is not claimed"):
        mesh.release_owner("shop@x")


def test_an_owner_belongs_to_one_person_or_team(world: World) -> None:
    mesh = world.platform
    mesh.create_team("shop")
    mesh.create_team("crm", ["ana@x"])
    mesh.create_token("loader", "owner")
    mesh.claim_owner("shop@x", "shop")
    with pytest.raises(Refused, match="shop@x belongs to shop"):
        mesh.claim_owner("shop@x", "crm")
    with pytest.raises(Refused, match="ana@x is a principal itself"):
        mesh.claim_owner("ana@x", "crm")
    with pytest.raises(BadInput, match="loader is a service"):
        mesh.claim_owner("loads@x", "loader")
    with pytest.raises(NotFound, match="no principal bo@x"):
        mesh.claim_owner("bo@x", "bo@x")
    with pytest.raises(BadInput, match="an owner is printable text"):
        mesh.claim_owner("\x1b", "shop")


def test_a_principal_is_shown_with_what_it_has(world: World) -> None:
    mesh = world.platform
    mesh.create_team("shop", ["ana@x"])
    mesh.grant_role("shop", "owner")
    mesh.grant_role("ana@x", "consumer")
    detail = mesh.principal_info("ana@x")
    assert (detail.principal.kind, detail.teams, detail.members) == ("person", ("shop",), ())
    assert [(role.principal, role.role) for role in detail.roles] == [("ana@x", "consumer"), ("shop", "owner")]
    assert mesh.principal_info("shop").members == ("ana@x",)
    with pytest.raises(NotFound, match="did you mean ana@x"):
        mesh.principal_info("anna@x")
