"""Sign-in with a provider of another author, over HTTP: oidc-provider-mock."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import import_module

import httpx
import pytest

from data_platform.errors import Unavailable
from data_platform.server.signin.oidc.provider import OidcProvider
from data_platform.settings import OidcSettings, Template
from tests.meshes import World
from tests.server.signin.browser import Browser, open_signin

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # it uses names that authlib has renamed


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        mock = import_module("oidc_provider_mock")
        claims = {"email": "ann@x.test", "email_verified": True, "groups": ["sales"]}
        people = [mock.User(sub="ann", claims=claims), mock.User(sub="eve", claims={**claims, "email_verified": False})]
        with mock.run_server_in_thread(user_claims=people) as server:
            yield f"http://localhost:{server.server_port}"


def sign_in(browser: Browser, person: str) -> httpx.Response:
    url = browser.get("/signin/oidc").headers["location"]
    back = httpx.post(url, data={"sub": person}).headers["location"]
    return browser.get(back.removeprefix(browser.url))


@pytest.fixture
def browser(world: World, issuer: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("CLIENT_SECRET", "s3cr3t")
    settings = OidcSettings(issuer, "mesh", Template("${CLIENT_SECRET}", "sign-in"))
    with httpx.Client() as client:
        yield Browser(open_signin(world, OidcProvider(settings, client)))


def test_a_person_signs_in(browser: Browser) -> None:
    assert sign_in(browser, "ann").headers["location"] == "/"
    assert browser.get("/api/v1/me").json() == {"principal": "ann@x.test"}


def test_an_unverified_address_gives_no_session(browser: Browser) -> None:
    response = sign_in(browser, "eve")
    assert response.status_code == 401
    assert "has not verified the address" in response.text


def test_a_refusal_at_the_provider_gives_no_session(browser: Browser) -> None:
    url = browser.get("/signin/oidc").headers["location"]
    back = httpx.post(url, data={"action": "deny"}).headers["location"]
    assert browser.get(back.removeprefix(browser.url)).status_code == 401


def test_a_provider_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="does not answer: ConnectError"):
        OidcProvider(OidcSettings("http://127.0.0.1:9", "mesh")).load_metadata()
