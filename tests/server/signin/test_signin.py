"""Sign-in of a browser: the one-time link, the provider, sessions, and what a page of another site cannot do."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from data_platform.errors import AccessDenied, NotAuthenticated
from data_platform.server.signin.signin import make_link
from data_platform.settings import OidcSettings, Principal, Role, TokenScope
from data_platform.verbs.identity.sessions import authenticate_session
from data_platform.verbs.identity.tokens import CreateToken, RevokeToken, create_token, revoke_token
from tests.meshes import World
from tests.server.signin.browser import HTTP, HTTPS, Browser, open_signin
from tests.server.signin.provider import ISSUER, FakeProvider

OWNER = Principal("ana@x", local=True)


@pytest.fixture
def fake() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def person(world: World, fake: FakeProvider) -> Browser:
    """A browser before a server with a provider, behind TLS."""
    settings = OidcSettings(ISSUER, "mesh", services={"nightly": "etl"})
    return Browser(open_signin(world, fake.open(settings), HTTPS), HTTPS)


def open_link(world: World, browser: Browser) -> str:
    path = make_link(world.mesh, OWNER, browser.url).removeprefix(browser.url)
    assert browser.get(path).status_code == 303
    return path


def sign_in(fake: FakeProvider, browser: Browser, path: str = "/signin/oidc", **answer: str) -> str:
    """Goes to the provider and back; the path of the last redirect, else the page that says why not."""
    url = browser.get(path).headers["location"]
    response = browser.get(
        "/signin/callback?" + "&".join(f"{k}={v}" for k, v in {**fake.approve(url), **answer}.items())
    )
    return response.headers["location"] if response.status_code == 303 else response.text


def read_csrf_token(browser: Browser) -> str:
    return str(browser.get("/signin/session").json()["csrf_token"])


def test_the_link_signs_the_owner_in_once_and_is_gone_from_the_url(world: World) -> None:
    browser = Browser(open_signin(world))
    link = make_link(world.mesh, OWNER, HTTP)
    assert len(parse_qs(urlsplit(link).query)["code"][0]) == 43
    response = browser.get(link.removeprefix(HTTP))
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert browser.get("/api/v1/me").json() == {"principal": "ana@x"}
    again = Browser(browser.signin).get(link.removeprefix(HTTP))
    assert again.status_code == 401
    assert "used before" in again.text


def test_the_log_has_the_path_and_who_signed_in_but_no_code(world: World) -> None:
    browser = Browser(open_signin(world))
    link = open_link(world, browser)
    assert (browser.facts.route, browser.facts.principal, browser.facts.error) == ("/signin", "ana@x", None)
    browser.get(link)
    assert (browser.facts.route, browser.facts.principal, browser.facts.error) == ("/signin", None, "NotAuthenticated")


def test_a_preview_of_the_link_does_not_use_it_up(world: World) -> None:
    browser = Browser(open_signin(world))
    link = make_link(world.mesh, OWNER, HTTP).removeprefix(HTTP)
    assert browser.send("HEAD", link, {}).status_code == 200
    assert browser.get(link, sec_purpose="prefetch;prerender").status_code == 200
    assert browser.get(link).status_code == 303


def test_another_process_of_the_server_takes_the_link_and_the_session(world: World) -> None:
    browser = Browser(open_signin(world))
    link = make_link(world.mesh, OWNER, HTTP).removeprefix(HTTP)
    browser.signin = replace(browser.signin)
    assert browser.get(link).status_code == 303
    browser.signin = replace(browser.signin)
    assert browser.get("/api/v1/me").status_code == 200


def test_cookies_over_http_are_for_one_port_and_no_script(world: World) -> None:
    browser = Browser(open_signin(world))
    open_link(world, browser)
    assert list(browser.cookies) == ["data-platform-session-8321"]
    assert browser.attributes["data-platform-session-8321"] == "HttpOnly; Max-Age=43200; Path=/; SameSite=lax"


def test_cookies_over_https_are_for_one_host_and_secure(world: World) -> None:
    browser = Browser(open_signin(world, url=HTTPS), HTTPS)
    open_link(world, browser)
    assert list(browser.cookies) == ["__Host-data-platform-session"]
    attributes = browser.attributes["__Host-data-platform-session"]
    assert attributes == "HttpOnly; Max-Age=43200; Path=/; SameSite=lax; Secure"


def test_session_fixation_is_impossible_every_sign_in_begins_a_new_session(world: World) -> None:
    browser = Browser(open_signin(world), cookies={"data-platform-session-8321": "planted"})
    open_link(world, browser)
    first = dict(browser.cookies)
    assert first["data-platform-session-8321"] != "planted"
    open_link(world, browser)
    assert browser.cookies != first


def test_sign_out_ends_the_session_on_the_server(world: World) -> None:
    browser = Browser(open_signin(world))
    open_link(world, browser)
    stolen = Browser(browser.signin, cookies=dict(browser.cookies))
    response = browser.post("/signout", {"csrf_token": read_csrf_token(browser)}, origin=HTTP)
    assert (response.status_code, browser.cookies) == (303, {})
    assert stolen.get("/api/v1/me").status_code == 401
    assert "Open the sign-in link" in browser.get("/signin").text
    assert browser.post("/signout").status_code == 303


def test_a_write_needs_the_origin_and_the_token_of_the_session(world: World) -> None:
    browser = Browser(open_signin(world))
    open_link(world, browser)
    token = read_csrf_token(browser)
    right = {"origin": HTTP, "x_csrf_token": token}
    assert browser.post("/api/v1/me", **right).status_code == 200
    for wrong in (
        {},
        {"x_csrf_token": token},
        {"origin": HTTP},
        {**right, "origin": "https://evil.example"},
        {**right, "origin": "null"},
        {**right, "origin": "http://127.0.0.1:9999"},
        {**right, "x_csrf_token": token[:-1]},
        {**right, "x_csrf_token": browser.cookies["data-platform-session-8321"]},
    ):
        assert browser.post("/api/v1/me", **wrong).status_code == 403
    assert browser.get("/api/v1/me").status_code == 200


def test_a_page_of_another_site_cannot_sign_out(world: World) -> None:
    browser = Browser(open_signin(world))
    open_link(world, browser)
    with pytest.raises(AccessDenied, match="another site"):
        browser.post("/signout", {"csrf_token": read_csrf_token(browser)}, origin="https://evil.example")
    with pytest.raises(AccessDenied, match="no proof"):
        browser.post("/signout", {"csrf_token": "guessed"}, origin=HTTP)
    assert browser.get("/api/v1/me").status_code == 200


def test_the_token_against_forgery_is_for_signed_in_browsers(world: World) -> None:
    with pytest.raises(NotAuthenticated, match="not signed in"):
        Browser(open_signin(world)).get("/signin/session")


def test_without_a_provider_there_is_only_the_link(world: World) -> None:
    browser = Browser(open_signin(world))
    assert "Open the sign-in link" in browser.get("/signin").text
    assert browser.get("/signin/oidc").status_code == 401
    assert "/signin/oidc" not in browser.get("/signin").text


def test_a_person_signs_in_with_the_provider(world: World, fake: FakeProvider, person: Browser) -> None:
    assert "/signin/oidc" in person.get("/signin").text
    assert sign_in(fake, person) == "/"
    assert list(person.cookies) == ["__Host-data-platform-session"]
    assert person.get("/api/v1/me").json() == {"principal": "ann@example.org"}


def test_a_person_comes_back_to_the_page_that_asked(fake: FakeProvider, person: Browser) -> None:
    assert sign_in(fake, person, "/signin/oidc?next=/products%3Fpage=2") == "/products?page=2"


def test_open_redirect_by_next_is_refused(person: Browser) -> None:
    response = person.get("/signin/oidc?next=https://evil.example")
    assert (response.status_code, person.cookies) == (400, {})
    response = person.get("/signin/oidc?next=//evil.example")
    assert response.status_code == 400


def test_a_changed_way_back_is_refused(fake: FakeProvider, person: Browser) -> None:
    query = fake.approve(person.get("/signin/oidc").headers["location"])
    name = "__Host-data-platform-signin"
    person.cookies[name] = person.cookies[name].partition(".")[0] + ".%2F%2Fevil.example"
    response = person.get("/signin/callback?" + "&".join(f"{k}={v}" for k, v in query.items()))
    assert response.status_code == 400


def test_wrong_state_gives_no_session(fake: FakeProvider, person: Browser) -> None:
    assert "another attempt" in sign_in(fake, person, state="forged")
    assert "__Host-data-platform-session" not in person.cookies


def test_an_answer_in_another_browser_gives_no_session(world: World, fake: FakeProvider, person: Browser) -> None:
    query = fake.approve(person.get("/signin/oidc").headers["location"])
    victim = Browser(person.signin, HTTPS)
    response = victim.get("/signin/callback?" + "&".join(f"{k}={v}" for k, v in query.items()))
    assert (response.status_code, victim.cookies) == (401, {})


def test_a_replayed_code_gives_no_session(fake: FakeProvider, person: Browser) -> None:
    query = fake.approve(person.get("/signin/oidc").headers["location"])
    path = "/signin/callback?" + "&".join(f"{k}={v}" for k, v in query.items())
    kept = dict(person.cookies)
    assert person.get(path).status_code == 303
    person.cookies = kept
    response = person.get(path)
    assert response.status_code == 401
    assert "used before" in response.text


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "forged"}, "ID token is not valid"),
        ({"aud": "other"}, "ID token is not valid"),
        ({"exp": 1}, "ID token is not valid"),
        ({"email_verified": False}, "has not verified the address"),
        ({"email": None}, "names no e-mail address"),
    ],
)
def test_a_wrong_id_token_gives_no_session(
    fake: FakeProvider, person: Browser, claims: dict[str, object], reason: str
) -> None:
    fake.claims = claims
    assert reason in sign_in(fake, person)
    assert "__Host-data-platform-session" not in person.cookies


def test_what_the_provider_says_is_escaped_on_the_page(fake: FakeProvider, person: Browser) -> None:
    query = fake.approve(person.get("/signin/oidc").headers["location"])
    response = person.get(f"/signin/callback?error=<script>&state={query['state']}&iss={ISSUER}")
    assert "refused to sign you in: &#39;&lt;script&gt;" in response.text


def test_a_service_calls_with_an_access_token_of_the_provider(fake: FakeProvider, person: Browser) -> None:
    who = person.signin.authenticate(fake.sign(fake.service()))
    assert who is not None
    assert (who.name, who.kind, who.roles) == ("etl", "service", frozenset())
    with pytest.raises(NotAuthenticated, match="belongs to no service"):
        person.signin.authenticate(fake.sign(fake.service(azp="other")))


def test_tokens_of_the_mesh_work_beside_the_provider(world: World, person: Browser) -> None:
    token = world.platform.create_token("loader", "owner").token
    who = person.signin.authenticate(token)
    assert who is not None
    assert who.name == "loader"
    assert person.signin.authenticate("unknown") is None


def test_an_access_token_is_no_token_of_a_server_without_a_provider(world: World, fake: FakeProvider) -> None:
    assert open_signin(world).authenticate(fake.sign(fake.service())) is None


def test_a_token_that_is_typed_in_begins_a_session_that_may_do_what_it_may_and_ends_with_it(world: World) -> None:
    created = create_token(world.context, CreateToken("bot@x", Role.CONSUMER, domains=("sales",), read_only=True))
    browser = Browser(open_signin(world))
    response = browser.post("/signin/token", {"token": f" {created.token} ", "next": "/products/a"}, origin=HTTP)
    assert (response.status_code, response.headers["location"]) == (303, "/products/a")
    assert browser.get("/api/v1/me").json() == {"principal": "bot@x"}
    principal = authenticate_session(world.mesh, browser.cookies["data-platform-session-8321"])
    assert principal is not None and principal.scope == TokenScope(domains=frozenset(["sales"]), read_only=True)
    assert created.token not in str(browser.facts)
    revoke_token(world.context, RevokeToken(created.id))
    assert browser.get("/api/v1/me").status_code == 401


def test_a_new_sign_in_ends_the_session_that_the_browser_had_on_the_server(world: World) -> None:
    browser = Browser(open_signin(world))
    for name in ("bot@x", "eve@x"):
        created = create_token(world.context, CreateToken(name, Role.CONSUMER))
        former = browser.cookies.get("data-platform-session-8321", "none")
        browser.post("/signin/token", {"token": created.token}, origin=HTTP)
        assert authenticate_session(world.mesh, former) is None
    assert browser.get("/api/v1/me").json() == {"principal": "eve@x"}
    browser.post("/signin/token", {"token": "dp_wrong"}, origin=HTTP)
    assert browser.get("/api/v1/me").status_code == 200, "a sign-in that fails changes nothing"


@pytest.mark.parametrize("origin", [None, "https://evil.example"])
def test_a_page_of_another_site_cannot_sign_a_browser_in(world: World, origin: str | None) -> None:
    created = create_token(world.context, CreateToken("bot@x", Role.CONSUMER))
    browser = Browser(open_signin(world))
    headers = {} if origin is None else {"origin": origin}
    assert browser.post("/signin/token", {"token": created.token}, **headers).status_code == 403
    assert browser.cookies == {}


@pytest.mark.parametrize("fields", [{"token": "dp_wrong"}, {"token": ""}, {}])
def test_a_wrong_token_is_refused_on_the_page_and_not_shown_again(world: World, fields: dict[str, str]) -> None:
    browser = Browser(open_signin(world))
    response = browser.post("/signin/token", fields, origin=HTTP)
    assert response.status_code == 401
    assert "unknown, expired or revoked" in response.text
    assert "dp_wrong" not in response.text


def test_a_token_leads_to_no_other_site(world: World) -> None:
    created = create_token(world.context, CreateToken("bot@x", Role.CONSUMER))
    browser = Browser(open_signin(world))
    response = browser.post("/signin/token", {"token": created.token, "next": "//evil.example"}, origin=HTTP)
    assert response.status_code == 400
    assert browser.cookies == {}
