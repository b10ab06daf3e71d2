"""Tokens of the provider: every attack on an ID token, and the access tokens of services."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import NotAuthenticated
from data_platform.server.signin.oidc.tokens import is_access_token, verify_access_token, verify_id_token
from data_platform.settings import OidcSettings
from tests.server.signin.provider import ISSUER, FakeProvider, encode, published_key, sign_with_shared_secret

FAKE = FakeProvider()
PROVIDER = FAKE.open(OidcSettings(ISSUER, "mesh", services={"nightly": "etl"}))


def verify(text: object, nonce: str = "n") -> Any:
    return verify_id_token(PROVIDER, {"id_token": text}, nonce)


def refuse(text: object, reason: str) -> None:
    with pytest.raises(NotAuthenticated, match=reason):
        verify(text)


def test_a_right_token_gives_its_claims() -> None:
    assert verify(FAKE.sign(FAKE.person(nonce="n")))["email"] == "Ann@Example.org"


def test_wrong_nonce_is_refused() -> None:
    refuse(FAKE.sign(FAKE.person(nonce="other")), "nonce")
    refuse(FAKE.sign(FAKE.person()), "nonce")


def test_wrong_audience_is_refused() -> None:
    refuse(FAKE.sign(FAKE.person(nonce="n", aud="other")), "aud")
    refuse(FAKE.sign(FAKE.person(nonce="n", aud=["mesh", "other"], azp="other")), "azp")
    refuse(FAKE.sign(FAKE.person(nonce="n", aud=None)), "aud")


def test_wrong_issuer_is_refused() -> None:
    refuse(FAKE.sign(FAKE.person(nonce="n", iss="https://id.evil.example")), "iss")


def test_alg_none_is_refused() -> None:
    refuse(f"{encode({'alg': 'none', 'kid': 'first'})}.{encode(FAKE.person(nonce='n'))}.", "not valid")


def test_a_signature_with_the_public_key_as_a_secret_is_refused() -> None:
    refuse(sign_with_shared_secret(FAKE.person(nonce="n"), published_key("first")), "not valid")


def test_a_signature_by_another_key_is_refused() -> None:
    other = FakeProvider(key="second")
    refuse(other.sign(other.person(nonce="n"), kid="first"), "bad_signature|not valid")
    refuse(other.sign(other.person(nonce="n")), "not valid")


def test_a_key_inside_the_token_is_not_believed() -> None:
    other = FakeProvider(key="second")
    refuse(other.sign(other.person(nonce="n"), kid="first", jku="https://evil.example/keys"), "not valid")


def test_a_changed_token_is_refused() -> None:
    header, _, signature = FAKE.sign(FAKE.person(nonce="n")).split(".")
    refuse(f"{header}.{encode(FAKE.person(nonce='n', email='eve@evil.example'))}.{signature}", "not valid")


def test_an_expired_token_is_refused_after_the_allowed_skew() -> None:
    now = int(time.time())
    refuse(FAKE.sign(FAKE.person(nonce="n", iat=now - 400, exp=now - 100)), "expired")
    refuse(FAKE.sign(FAKE.person(nonce="n", exp=None)), "exp")
    refuse(FAKE.sign(FAKE.person(nonce="n", iat=now + 1000, exp=now + 2000)), "not valid")
    assert verify(FAKE.sign(FAKE.person(nonce="n", iat=now + 30)))
    assert verify(FAKE.sign(FAKE.person(nonce="n", exp=now - 30)))


@pytest.mark.parametrize("claims", [{"sub": None}, {"sub": 7}, {"exp": "soon"}, {"iat": True}, {"aud": {"mesh": 1}}])
def test_claims_of_a_wrong_type_are_refused(claims: dict[str, Any]) -> None:
    refuse(FAKE.sign(FAKE.person(nonce="n", **claims)), "not valid")


@given(st.one_of(st.none(), st.integers(), st.text(), st.text(st.sampled_from("eyJ0.-_")), st.binary()))
def test_any_other_text_is_refused(text: object) -> None:
    refuse(text, "the ID token is not valid")


def test_the_token_of_a_service_gives_its_principal() -> None:
    text = FAKE.sign(FAKE.service())
    assert is_access_token(text)
    assert verify_access_token(PROVIDER, text) == "etl"
    assert verify_access_token(PROVIDER, FAKE.sign(FAKE.service(azp=None, client_id="nightly"))) == "etl"


def test_the_audience_of_services_can_differ_from_the_client() -> None:
    provider = FAKE.open(OidcSettings(ISSUER, "mesh", audience="mesh-api", services={"nightly": "etl"}))
    assert verify_access_token(provider, FAKE.sign(FAKE.service(aud=["account", "mesh-api"]))) == "etl"
    with pytest.raises(NotAuthenticated, match="aud"):
        verify_access_token(provider, FAKE.sign(FAKE.service(aud="mesh")))


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"azp": "other"}, "belongs to no service"),
        ({"azp": None}, "belongs to no service"),
        ({"azp": ["nightly"]}, "belongs to no service"),
        ({"aud": "other"}, "aud"),
        ({"aud": None}, "aud"),
        ({"iss": "https://id.evil.example"}, "iss"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "exp"),
        ({"email": "ann@example.org"}, "that of a person"),
        ({"sid": "s"}, "that of a person"),
        ({"nonce": "n"}, "that of a person"),
    ],
)
def test_another_access_token_is_refused(claims: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotAuthenticated, match=reason):
        verify_access_token(PROVIDER, FAKE.sign(FAKE.service(**claims)))
