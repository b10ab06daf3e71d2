"""Sign-in of a command: its user agrees in a browser, and only the command that asked gets the token."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from data_platform.errors import NotAuthenticated
from data_platform.settings import OidcSettings, Role
from data_platform.verbs.identity.provider_accounts import ProviderAccount, admit_person
from data_platform.verbs.identity.sessions import create_session
from data_platform.verbs.identity.tokens import CreateToken, create_token
from tests.meshes import World
from tests.server.signin.browser import HTTP, Browser, open_signin
from tests.server.signin.provider import ISSUER, FakeProvider

VERIFIER = "v" * 43
ASKED = {"port": "5000", "challenge": create_s256_code_challenge(VERIFIER), "state": "s" * 43}
PAGE = f"/signin/command?{urlencode(ASKED)}"
SESSION = "data-platform-session-8321"
ANN = ProviderAccount(ISSUER, "u-1", "ann@x.test", frozenset(["sales"]), frozenset([Role.OWNER]))


@pytest.fixture
def ann(world: World) -> Browser:
    """The browser of a person who is signed in."""
    browser = Browser(open_signin(world, FakeProvider().open(OidcSettings(ISSUER, "mesh")), HTTP))
    browser.cookies[SESSION] = create_session(world.mesh, admit_person(world.mesh, ANN), local=False)
    return browser


def read_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', page))


def agree(browser: Browser) -> str:
    """The code that the browser brings to the command."""
    response = browser.post("/signin/command", read_fields(browser.get(PAGE).text), origin=HTTP)
    place = urlsplit(response.headers["location"])
    assert (place.scheme, place.netloc, place.path) == ("http", "127.0.0.1:5000", "/")
    query = parse_qs(place.query)
    assert query["state"] == [ASKED["state"]]
    return query["code"][0]


def exchange(browser: Browser, code: str, verifier: str = VERIFIER) -> str:
    return str(browser.post("/api/v1/signin/token", {"code": code, "verifier": verifier}).json()["token"])


def test_a_person_agrees_and_the_command_gets_a_token_of_theirs(world: World, ann: Browser) -> None:
    assert "ann@x.test" in ann.get(PAGE).text
    who = ann.signin.authenticate(exchange(Browser(ann.signin), agree(ann)))
    assert who is not None
    assert (who.name, who.kind, who.teams) == ("ann@x.test", "person", {"sales"})
    (token,) = world.platform.tokens("ann@x.test")
    assert (token.role, token.created_by) == ("owner", "ann@x.test")
    world.clock.later(days=30)
    assert [token.state for token in world.platform.tokens("ann@x.test")] == ["expired"]


@pytest.mark.parametrize("scope", [{"read_only": True}, {"domains": ("sales",)}, {"expires": "15m"}, {}])
def test_a_session_that_a_token_began_gives_no_token_that_may_more_or_lives_longer(
    world: World, ann: Browser, scope: dict[str, Any]
) -> None:
    token = create_token(world.context, CreateToken("ann@x.test", Role.OWNER, **scope)).token
    browser = Browser(ann.signin)
    assert browser.post("/signin/token", {"token": token}, origin=HTTP).status_code == 303
    proof = {**ASKED, "csrf_token": browser.get("/signin/session").json()["csrf_token"]}
    assert browser.get(PAGE).status_code == 403
    assert browser.post("/signin/command", proof, origin=HTTP).status_code == 403


def test_a_code_is_exchanged_once(ann: Browser) -> None:
    code = agree(ann)
    exchange(ann, code)
    with pytest.raises(NotAuthenticated):
        exchange(ann, code)


def test_a_stolen_code_is_worthless_without_the_verifier(ann: Browser) -> None:
    code = agree(ann)
    with pytest.raises(NotAuthenticated):
        exchange(ann, code, "w" * 43)
    with pytest.raises(NotAuthenticated):
        exchange(ann, code, "")
    assert ann.get(f"/signin?code={code}").status_code == 401, "no session either"


def test_a_page_of_another_site_cannot_agree(ann: Browser) -> None:
    fields = read_fields(ann.get(PAGE).text)
    assert ann.post("/signin/command", fields, origin="https://evil.example").status_code == 403
    assert ann.post("/signin/command", {**fields, "csrf_token": ""}, origin=HTTP).status_code == 403
    assert ann.post("/signin/command", fields).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"port": "0"},
        {"port": "65536"},
        {"port": "80@evil.example"},
        {"port": ""},
        {"challenge": "short"},
        {"state": "x&code=y"},
    ],
)
def test_a_request_that_no_command_makes_is_refused(ann: Browser, change: dict[str, str]) -> None:
    assert ann.get(f"/signin/command?{urlencode({**ASKED, **change})}").status_code == 400
    fields = {**read_fields(ann.get(PAGE).text), **change}
    assert ann.post("/signin/command", fields, origin=HTTP).status_code == 400


def test_who_is_not_signed_in_goes_to_the_provider_and_comes_back(ann: Browser) -> None:
    stranger = Browser(ann.signin)
    place = urlsplit(stranger.get(PAGE).headers["location"])
    assert place.path == "/signin/oidc"
    assert parse_qs(place.query)["next"] == [PAGE]
    assert stranger.post("/signin/command", ASKED, origin=HTTP).status_code == 401


def test_without_a_provider_and_for_the_owner_of_the_home_there_is_no_such_way(world: World) -> None:
    browser = Browser(open_signin(world))
    assert browser.get(PAGE).status_code == 401
    browser.cookies[SESSION] = create_session(world.mesh, "ana@x", local=True)
    assert "tokens create" in browser.get(PAGE).text


def test_a_form_that_is_too_large_is_refused_without_reading_it(ann: Browser) -> None:
    response = ann.post("/signin/command", {"csrf_token": "x" * 20_000}, origin=HTTP)
    assert response.status_code == 413
