"""The provider: discovery, rotation of keys, the exchange of a code, and no request to another place."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from data_platform.errors import NotAuthenticated, Unavailable
from data_platform.server.signin.oidc.attempt import SignInAttempt
from data_platform.server.signin.oidc.provider import LARGEST, OidcProvider
from data_platform.settings import OidcSettings, Template
from tests.server.signin.provider import CALLBACK, ISSUER, FakeProvider


def open_provider(answer: Callable[[httpx.Request], httpx.Response]) -> OidcProvider:
    return OidcProvider(OidcSettings(ISSUER, "mesh"), httpx.Client(transport=httpx.MockTransport(answer)))


def test_metadata_is_fetched_once_an_hour() -> None:
    fake = FakeProvider()
    provider = fake.open()
    provider.load_metadata()
    provider.load_metadata()
    assert len(fake.requests) == 1
    fake.now = 3601
    provider.load_metadata()
    assert len(fake.requests) == 2


def test_only_signatures_with_a_private_key_are_accepted() -> None:
    assert FakeProvider().open().load_metadata().algorithms == {"RS256"}


def test_keys_rotate_and_unknown_keys_cost_one_request_a_minute() -> None:
    fake = FakeProvider()
    provider = fake.open()
    assert [key.kid for key in provider.find_keys("first")] == ["first"]
    fake.key = "second"
    assert [key.kid for key in provider.find_keys("second")] == ["first"]
    fake.now = 61
    assert [key.kid for key in provider.find_keys("second")] == ["second"]
    asked = len(fake.requests)
    for number in range(100):
        provider.find_keys(f"forged-{number}")
    assert len(fake.requests) == asked


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("token_endpoint", "https://evil.example/token"),
        ("token_endpoint", "http://id.example.org/token"),
        ("token_endpoint", "https://id.example.org:8443/token"),
        ("jwks_uri", "http://169.254.169.254/latest/meta-data"),
        ("jwks_uri", "file:///etc/passwd"),
        ("jwks_uri", "https://id.example.org@evil.example/keys"),
        ("authorization_endpoint", "https://[evil"),
        ("authorization_endpoint", None),
    ],
)
def test_an_endpoint_elsewhere_is_never_asked(name: str, url: str | None) -> None:
    fake = FakeProvider(metadata={name: url})
    with pytest.raises(Unavailable, match=f"has its {name} elsewhere"):
        fake.open().find_keys(None)
    assert len(fake.requests) == 1


def test_hosts_of_the_settings_may_have_endpoints() -> None:
    fake = FakeProvider(metadata={"token_endpoint": "https://tokens.example.org/token"})
    settings = OidcSettings(ISSUER, "mesh", hosts=("tokens.example.org",))
    assert fake.open(settings).load_metadata().token_endpoint == "https://tokens.example.org/token"


def test_another_issuer_is_refused() -> None:
    with pytest.raises(Unavailable, match=r"says that its issuer is 'https://evil\.example'"):
        FakeProvider(metadata={"issuer": "https://evil.example"}).open().load_metadata()


def test_a_redirect_is_not_followed() -> None:
    asked = []

    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "http://169.254.169.254/"}, json={})

    with pytest.raises(Unavailable, match="answers 302"):
        open_provider(redirect).load_metadata()
    assert len(asked) == 1


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b"[" * 100_000, b"\xff", b'{"a":"' + b"x" * LARGEST + b'"}']
)
def test_an_answer_that_is_no_json_object_or_too_large_is_refused(content: bytes) -> None:
    with pytest.raises(Unavailable, match=r"without JSON|more than"):
        open_provider(lambda _: httpx.Response(200, content=content)).load_metadata()


def test_a_provider_that_does_not_answer_is_unavailable() -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("hunter2")

    with pytest.raises(Unavailable, match="does not answer: ConnectError") as caught:
        open_provider(fail).load_metadata()
    assert "hunter2" not in str(caught.value)


def test_a_provider_that_has_failed_is_left_alone_for_some_seconds() -> None:
    fake = FakeProvider(metadata={"issuer": "https://evil.example"})
    provider = fake.open()
    for now in (0.0, 1.0, 4.0, 6.0):
        fake.now = now
        with pytest.raises(Unavailable):
            provider.find_keys(None)
    assert len(fake.requests) == 2
    fake.metadata, fake.now = {}, 12.0
    assert provider.find_keys(None)


def test_a_replayed_code_is_refused() -> None:
    fake = FakeProvider()
    provider = fake.open()
    attempt = SignInAttempt.begin("/")
    code = fake.approve(attempt.make_authorization_url(provider, CALLBACK))["code"]
    assert "id_token" in provider.exchange_code(code, attempt.verifier, CALLBACK)
    with pytest.raises(NotAuthenticated, match="used before"):
        provider.exchange_code(code, attempt.verifier, CALLBACK)


def test_a_stolen_code_is_worthless_without_the_verifier() -> None:
    fake = FakeProvider()
    provider = fake.open()
    code = fake.approve(SignInAttempt.begin("/").make_authorization_url(provider, CALLBACK))["code"]
    with pytest.raises(NotAuthenticated, match="used before, or has expired"):
        provider.exchange_code(code, SignInAttempt.begin("/").verifier, CALLBACK)


@pytest.mark.parametrize(
    ("methods", "header", "in_body"),
    [(None, True, False), (["client_secret_post"], False, True), (["client_secret_basic"], True, False)],
)
def test_the_secret_is_sent_as_the_provider_wants_it(
    methods: list[str] | None, header: bool, in_body: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENT_SECRET", "hunter2")
    seen: list[httpx.Request] = []
    fake = FakeProvider(metadata={"token_endpoint_auth_methods_supported": methods})

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return (
            httpx.Response(401, json={"error": "invalid_client"}) if request.method == "POST" else fake.answer(request)
        )

    settings = OidcSettings(ISSUER, "mesh", Template("${CLIENT_SECRET}", "sign-in"))
    provider = OidcProvider(settings, httpx.Client(transport=httpx.MockTransport(answer)))
    with pytest.raises(Unavailable, match="refused the exchange of a code: 401 'invalid_client'") as caught:
        provider.exchange_code("c", "v", CALLBACK)
    assert ("Authorization" in seen[-1].headers) == header
    assert (b"client_secret=hunter2" in seen[-1].content) == in_body
    assert "hunter2" not in str(caught.value) + repr(provider)
