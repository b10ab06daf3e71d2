"""login --browser: the command listens on this machine, and takes no answer but the one that it asked for."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from data_platform.client.address import parse_address
from data_platform.client.browser_login import sign_in_by_browser
from data_platform.errors import BadInput, NotAuthenticated, ServerFailed
from data_platform.server.app import ServerApp
from data_platform.server.parts import ServerParts
from data_platform.server.signin.signin import SignIn
from data_platform.settings import OidcSettings, Role
from data_platform.verbs.identity.provider_accounts import ProviderAccount, admit_person
from data_platform.verbs.identity.sessions import create_session
from tests.client.conftest import Fake
from tests.meshes import World
from tests.server.serving import serve
from tests.server.signin.provider import ISSUER, FakeProvider

ANN = ProviderAccount(ISSUER, "u-1", "ann@x.test", frozenset(), frozenset([Role.CONSUMER]))


@pytest.fixture
def signin(world: World) -> SignIn:
    return SignIn(world.mesh, FakeProvider().open(OidcSettings(ISSUER, "mesh")))


@pytest.fixture
def url(world: World, signin: SignIn) -> Iterator[str]:
    parts = ServerParts(world.mesh, signin.authenticate, resolvers=[signin.resolve], routes=signin.routes)
    with serve(ServerApp(parts)) as address:
        yield address


def agree(page: str, session: str) -> None:
    """What the user's browser does."""
    parts = urlsplit(page)
    origin = f"{parts.scheme}://{parts.netloc}"
    headers = {"Cookie": f"data-platform-session-{parts.port}={session}", "Origin": origin}
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', httpx.get(page, headers=headers).text))
    forged = f"http://127.0.0.1:{fields['port']}/?code=forged&state=forged"
    assert httpx.get(forged).status_code == 400
    answer = httpx.post(f"{origin}/signin/command", data=fields, headers=headers)
    assert "close this page" in httpx.get(answer.headers["location"]).text


@pytest.mark.long
def test_a_command_gets_a_token_of_the_person_who_agrees(world: World, signin: SignIn, url: str) -> None:
    session = create_session(world.mesh, admit_person(world.mesh, ANN), local=False)
    browsers: list[threading.Thread] = []

    def open_browser(page: str) -> None:
        browsers.append(threading.Thread(target=agree, args=(page, session)))
        browsers[0].start()

    token = sign_in_by_browser(parse_address(url), open_browser)
    browsers[0].join()
    who = signin.authenticate(token.text)
    assert who is not None
    assert who.name == "ann@x.test"
    assert token.text not in repr(token)


def test_a_command_does_not_wait_for_ever() -> None:
    pages: list[str] = []
    with pytest.raises(NotAuthenticated, match="nobody has signed in"):
        sign_in_by_browser(parse_address("http://127.0.0.1:1"), pages.append, patience=-1)
    assert parse_qs(urlsplit(pages[0]).query).keys() == {"port", "challenge", "state"}


def test_a_token_does_not_travel_unencrypted() -> None:
    with pytest.raises(BadInput, match="unencrypted"):
        sign_in_by_browser(parse_address("http://mesh.example.org"), print)


def test_what_is_no_server_of_ours_gives_no_token(fake: Fake) -> None:
    fake.headers["Content-Type"], fake.body = "application/json", b'{"token": 7}'

    def bring_code(page: str) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        place = f"http://127.0.0.1:{query['port']}/?code=c&state={query['state']}"
        threading.Thread(target=httpx.get, args=(place,)).start()

    with pytest.raises(ServerFailed, match="does not answer as a server"):
        sign_in_by_browser(parse_address(fake.url), bring_code)
