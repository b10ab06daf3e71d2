"""Requests to the pages of sign-in are counted by address, and refused where there are too many."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import LimitExceeded
from data_platform.server.limits.guards import SignInLimit
from data_platform.server.limits.shared import SharedCounters
from data_platform.server.signin.signin import SignIn
from tests.meshes import World
from tests.server.signin.browser import Browser

PAGES = ["/signin", "/signin?code=x", "/signin/oidc", "/signin/callback", "/signin/command", "/signin/session"]


@pytest.mark.parametrize("page", PAGES)
def test_each_page_that_may_sign_somebody_in_is_counted(world: World, page: str) -> None:
    addresses: list[str] = []

    def refuse(address: str) -> None:
        addresses.append(address)
        raise LimitExceeded("too many", retry_after=1)

    browser = Browser(SignIn(world.mesh, None, refuse))
    with pytest.raises(LimitExceeded):
        browser.get(page)
    assert addresses == ["127.0.0.1"]
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("path", ["/signin/command", "/api/v1/signin/token"])
def test_what_commands_send_is_counted(world: World, path: str) -> None:
    def refuse(address: str) -> None:
        raise LimitExceeded("too many", retry_after=1)

    with pytest.raises(LimitExceeded):
        Browser(SignIn(world.mesh, None, refuse)).post(path, {})


def test_an_address_has_so_many_requests_a_minute_and_others_have_theirs(tmp_path: Path) -> None:
    seconds = [0.0]
    counters = SharedCounters(tmp_path / "limits.db", lambda: seconds[0])
    limit = SignInLimit(counters, 3)
    for _ in range(3):
        limit("192.0.2.1")
    with pytest.raises(LimitExceeded, match=r"more than 3 requests to sign in came from 192\.0\.2\.1") as refused:
        limit("192.0.2.1")
    assert refused.value.retry_after == 20
    limit("192.0.2.2")
    seconds[0] = 20.0
    limit("192.0.2.1")
    counters.close()
