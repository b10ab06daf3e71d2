"""What the provider says of a person: a verified address, teams and roles."""

from __future__ import annotations

from typing import Any

import pytest

from data_platform.errors import NotAuthenticated
from data_platform.server.signin.oidc.profile import Profile, read_profile
from data_platform.settings import OidcSettings

SETTINGS = OidcSettings("https://id.example.org", "mesh")
CLAIMS: dict[str, Any] = {"sub": "u-1", "email": "Ann@Example.org", "email_verified": True, "groups": ["sales"]}


def test_a_verified_address_and_the_groups_make_a_profile() -> None:
    expected = Profile("u-1", "ann@example.org", frozenset(["sales"]), frozenset(["consumer"]))
    assert read_profile(CLAIMS, SETTINGS) == expected
    assert read_profile({**CLAIMS, "email_verified": "true"}, SETTINGS) == expected


@pytest.mark.parametrize("verified", [False, None, "false", 1.5, "", [True]])
def test_an_unverified_address_is_refused(verified: object) -> None:
    with pytest.raises(NotAuthenticated, match="has not verified the address"):
        read_profile({**CLAIMS, "email_verified": verified}, SETTINGS)


@pytest.mark.parametrize(
    "address", [None, "", "ann", "a@b@c", "ann @x.test", "ann\u200b@x.test", 7, "a" * 65 + "@x.test"]
)
def test_what_is_no_address_is_refused(address: object) -> None:
    with pytest.raises(NotAuthenticated, match="names no e-mail address"):
        read_profile({**CLAIMS, "email": address}, SETTINGS)


def test_only_mapped_groups_count_where_there_is_a_map() -> None:
    settings = OidcSettings(
        "https://id.example.org",
        "mesh",
        groups_claim="memberOf",
        teams={"/sales-owners": "sales"},
        roles={"/mesh-admins": "admin", "/mesh-governors": "governor"},
        default_role="owner",
    )
    claims = {**CLAIMS, "memberOf": ["/sales-owners", "/mesh-governors", "/others"]}
    profile = read_profile(claims, settings)
    assert (profile.teams, profile.roles) == ({"sales"}, {"governor"})
    assert read_profile({**claims, "memberOf": []}, settings).roles == {"owner"}


@pytest.mark.parametrize(
    ("groups", "teams"), [("sales", {"sales"}), (None, set()), ([1, "", "a\u0000", "b"], {"b"}), ({"a": 1}, set())]
)
def test_groups_of_other_shapes_are_no_error(groups: object, teams: set[str]) -> None:
    assert read_profile({**CLAIMS, "groups": groups}, SETTINGS).teams == teams


def test_groups_that_the_token_could_not_hold_are_refused_instead_of_lost() -> None:
    claims = {**CLAIMS, "_claim_names": {"groups": "src1"}}
    with pytest.raises(NotAuthenticated, match="more groups than"):
        read_profile(claims, SETTINGS)


def test_only_the_claims_that_the_settings_list_are_attributes() -> None:
    settings = OidcSettings(
        "https://id.example.org", "mesh", attribute_claims=("region", "level", "vip", "odd", "none")
    )
    claims = {**CLAIMS, "region": "EU", "level": 3, "vip": True, "odd": ["x"], "desk": "7"}
    assert read_profile(claims, settings).attributes == (("region", "EU"), ("level", 3), ("vip", True))
    assert read_profile(claims, SETTINGS).attributes == ()
