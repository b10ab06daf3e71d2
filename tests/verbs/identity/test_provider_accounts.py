"""What an OpenID provider says of a person: teams, roles and the owner address, replaced at every sign-in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data_platform.errors import AccessDenied
from data_platform.record.identity import owners, principals, teams
from data_platform.record.identity.owners import OwnerClaim
from data_platform.settings import Role, RoleGrant
from data_platform.verbs.identity.authenticate import authenticate_principal
from data_platform.verbs.identity.provider_accounts import ProviderAccount, admit_person, admit_service
from tests.meshes import World

ANN = ProviderAccount("https://id", "u-1", "ann@x.test", frozenset(["sales"]), frozenset([Role.CONSUMER]))


def test_a_person_has_the_teams_and_roles_that_the_provider_says(world: World) -> None:
    assert admit_person(world.mesh, ANN) == "ann@x.test"
    who = authenticate_principal(world.mesh, "ann@x.test")
    assert who is not None
    assert (who.verified, who.teams, who.roles) == (True, {"sales"}, {RoleGrant(Role.CONSUMER)})
    with world.mesh.record.reading() as conn:
        assert owners.map_holders(conn, ["ann@x.test"]) == {"ann@x.test": "ann@x.test"}


def test_the_next_sign_in_replaces_what_the_provider_said_and_nothing_else(world: World) -> None:
    admit_person(world.mesh, ANN)
    world.platform.create_token("ann@x.test", "owner", team="crm")
    admit_person(world.mesh, replace(ANN, teams=frozenset(["hr"]), roles=frozenset([Role.GOVERNOR])))
    who = authenticate_principal(world.mesh, "ann@x.test")
    assert who is not None
    assert who.teams == {"crm", "hr"}
    assert who.roles == {RoleGrant(Role.GOVERNOR), RoleGrant(Role.OWNER)}


def test_what_an_admin_gave_stays_when_the_provider_no_longer_says_it(world: World) -> None:
    world.platform.create_token("ann@x.test", "consumer", team="sales", kind="person")
    admit_person(world.mesh, ANN)
    admit_person(world.mesh, replace(ANN, teams=frozenset(), roles=frozenset([Role.GOVERNOR])))
    who = authenticate_principal(world.mesh, "ann@x.test")
    assert who is not None
    assert (who.teams, who.roles) == ({"sales"}, {RoleGrant(Role.CONSUMER), RoleGrant(Role.GOVERNOR)})


def test_an_address_that_changes_hands_is_no_way_in(world: World) -> None:
    admit_person(world.mesh, ANN)
    with pytest.raises(AccessDenied, match="belongs to another account"):
        admit_person(world.mesh, replace(ANN, subject="u-2", teams=frozenset(["hr"])))
    with world.mesh.record.reading() as conn:
        assert teams.list_teams(conn, "ann@x.test") == ("sales",)


def test_an_account_with_a_new_address_is_the_same_person_and_claims_both(world: World) -> None:
    admit_person(world.mesh, ANN)
    assert admit_person(world.mesh, replace(ANN, address="ann.lee@x.test")) == "ann@x.test"
    with world.mesh.record.reading() as conn:
        assert owners.map_holders(conn, ["ann.lee@x.test"]) == {"ann.lee@x.test": "ann@x.test"}


@pytest.mark.long
def test_a_claimed_address_keeps_its_holder(world: World) -> None:
    world.platform.create_token("loader", "owner", team="sales")
    with world.mesh.record.transaction() as tx:
        owners.claim(tx, OwnerClaim("ann@x.test", "sales", world.clock(), "ana@x"))
    admit_person(world.mesh, ANN)
    with world.mesh.record.reading() as conn:
        assert owners.map_holders(conn, ["ann@x.test"]) == {"ann@x.test": "sales"}


def test_a_disabled_person_does_not_get_in(world: World) -> None:
    admit_person(world.mesh, ANN)
    with world.mesh.record.transaction() as tx:
        principals.disable(tx, "ann@x.test", world.clock(), "ana@x")
    with pytest.raises(AccessDenied, match="is disabled"):
        admit_person(world.mesh, ANN)


def test_a_name_of_another_kind_is_no_way_in(world: World) -> None:
    world.platform.create_token("ann@x.test", "owner")
    with pytest.raises(AccessDenied, match="is a service"):
        admit_person(world.mesh, ANN)
    admit_person(world.mesh, replace(ANN, address="bo@x.test", subject="u-2"))
    with pytest.raises(AccessDenied, match="a person, not a service"):
        admit_service(world.mesh, "https://id", "bo@x.test")


def test_a_service_of_the_provider_is_added_once(world: World) -> None:
    for _ in range(2):
        admit_service(world.mesh, "https://id", "etl")
    who = authenticate_principal(world.mesh, "etl")
    assert who is not None
    assert (who.kind, who.roles) == ("service", frozenset())


def test_every_change_is_in_the_audit_log_with_the_provider_as_its_author(world: World) -> None:
    admit_person(world.mesh, ANN)
    admit_person(world.mesh, ANN)
    admit_person(world.mesh, replace(ANN, teams=frozenset()))
    entries = world.platform.audit_log(by="https://id")
    assert sorted(entry.act for entry in entries) == ["grant", "grant", "principal", "principal", "team", "team"]
    assert {(entry.verified, entry.door) for entry in entries} == {(True, "http")}


def test_the_attributes_of_the_provider_replace_those_that_it_gave_before(world: World) -> None:
    admit_person(world.mesh, replace(ANN, attributes=(("region", "EU"), ("level", 3))))
    world.platform.set_attributes("ann@x.test", ["desk=7"])
    admit_person(world.mesh, replace(ANN, attributes=(("region", "US"),)))
    assert world.platform.principal_info("ann@x.test").principal.attributes == {"desk": "7", "region": "US"}
