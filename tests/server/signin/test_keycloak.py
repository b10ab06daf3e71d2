"""Sign-in with a real Keycloak, which `make environments` installs."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from typing import Any

import httpx
import pytest

from data_platform.errors import NotAuthenticated
from data_platform.server.signin.oidc.attempt import SignInAttempt
from data_platform.server.signin.oidc.provider import OidcProvider
from data_platform.settings import OidcSettings, Template
from data_platform.verbs.identity.authenticate import authenticate_principal
from tests.meshes import World
from tests.server.signin.browser import HTTP, Browser, open_signin

pytestmark = pytest.mark.engines

PATIENCE = 120.0
"""Keycloak compiles its first page."""
KEYCLOAK = Path(__file__).parents[3] / "build" / "keycloak"
GROUPS = {
    "name": "groups",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-group-membership-mapper",
    "config": {"claim.name": "groups", "full.path": "false", "id.token.claim": "true", "access.token.claim": "true"},
}
AUDIENCE = {
    "name": "audience",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.client.audience": "mesh", "access.token.claim": "true"},
}


def make_person(name: str, *, verified: bool) -> dict[str, Any]:
    return {
        "username": name,
        "email": f"{name}@x.test",
        "firstName": name,
        "lastName": "X",
        "emailVerified": verified,
        "enabled": True,
        "groups": ["/sales-owners"],
        "credentials": [{"type": "password", "value": "pw", "temporary": False}],
    }


REALM = {
    "realm": "mesh",
    "enabled": True,
    "groups": [{"name": "sales-owners"}],
    "users": [make_person("ann", verified=True), make_person("eve", verified=False)],
    "clients": [
        {
            "clientId": "mesh",
            "secret": "s3cr3t",
            "redirectUris": [f"{HTTP}/signin/callback"],
            "attributes": {"pkce.code.challenge.method": "S256"},
            "protocolMappers": [GROUPS],
        },
        {
            "clientId": "nightly",
            "secret": "n1ghtly",
            "standardFlowEnabled": False,
            "serviceAccountsEnabled": True,
            "protocolMappers": [AUDIENCE],
        },
    ],
}


def find_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    realms = KEYCLOAK / "data" / "import"
    realms.mkdir(parents=True, exist_ok=True)
    (realms / "mesh-realm.json").write_text(json.dumps(REALM))
    port, management = find_port(), find_port()
    log = tmp_path_factory.mktemp("keycloak") / "log"
    command = [
        KEYCLOAK / "bin" / "kc.sh",
        "start-dev",
        "--db=dev-mem",
        "--import-realm",
        "--http-host=127.0.0.1",
        f"--http-port={port}",
        f"--http-management-port={management}",
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, "JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx512m"}
        )
    try:
        yield wait_for(f"http://127.0.0.1:{port}/realms/mesh", process, log)
    finally:
        process.terminate()
        process.wait(60)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/.well-known/openid-configuration", timeout=PATIENCE).status_code == 200:
                return url
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"Keycloak did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def provider(issuer: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OidcProvider]:
    monkeypatch.setenv("CLIENT_SECRET", "s3cr3t")
    settings = OidcSettings(
        issuer,
        "mesh",
        Template("${CLIENT_SECRET}", "sign-in"),
        teams={"sales-owners": "sales"},
        services={"nightly": "etl"},
    )
    with httpx.Client(timeout=PATIENCE) as client:
        yield OidcProvider(settings, client)


@pytest.fixture
def browser(world: World, provider: OidcProvider) -> Browser:
    return Browser(open_signin(world, provider))


def approve(url: str, person: str) -> str:
    """Fills in the form of Keycloak, whose cookies are only for https; the path to which it sends the browser."""
    page = httpx.get(url, timeout=PATIENCE)
    form = re.search(r'action="([^"]+)"', page.text)
    assert form, page.text
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in page.cookies.jar)
    answer = httpx.post(
        html.unescape(form[1]), data={"username": person, "password": "pw"}, headers={"Cookie": cookies}
    )
    return answer.headers["location"].removeprefix(HTTP)


def test_a_person_signs_in_and_the_groups_are_teams(world: World, browser: Browser) -> None:
    path = approve(browser.get("/signin/oidc").headers["location"], "ann")
    kept = dict(browser.cookies)
    assert browser.get(path).headers["location"] == "/"
    assert browser.get("/api/v1/me").json() == {"principal": "ann@x.test"}
    who = authenticate_principal(world.mesh, "ann@x.test")
    assert who is not None
    assert who.teams == {"sales"}
    browser.cookies = kept
    assert browser.get(path).status_code == 401


def test_an_unverified_address_gives_no_session(browser: Browser) -> None:
    response = browser.get(approve(browser.get("/signin/oidc").headers["location"], "eve"))
    assert response.status_code == 401
    assert "has not verified the address" in response.text


def test_a_stolen_code_is_worthless_without_the_verifier(provider: OidcProvider) -> None:
    attempt = SignInAttempt.begin("/")
    callback = f"{HTTP}/signin/callback"
    code = httpx.URL(approve(attempt.make_authorization_url(provider, callback), "ann")).params["code"]
    with pytest.raises(NotAuthenticated, match="used before"):
        provider.exchange_code(code, SignInAttempt.begin("/").verifier, callback)


def test_a_service_calls_with_its_access_token_and_a_person_does_not(provider: OidcProvider, browser: Browser) -> None:
    form = {"grant_type": "client_credentials", "client_id": "nightly", "client_secret": "n1ghtly"}
    token = httpx.post(provider.load_metadata().token_endpoint, data=form, timeout=PATIENCE).json()["access_token"]
    who = browser.signin.authenticate(token)
    assert who is not None
    assert (who.name, who.kind) == ("etl", "service")
    attempt, callback = SignInAttempt.begin("/"), f"{HTTP}/signin/callback"
    code = httpx.URL(approve(attempt.make_authorization_url(provider, callback), "ann")).params["code"]
    tokens = provider.exchange_code(code, attempt.verifier, callback)
    for text in (tokens["access_token"], tokens["id_token"]):
        with pytest.raises(NotAuthenticated):
            browser.signin.authenticate(text)
