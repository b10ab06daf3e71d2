"""Who reads the figures of a server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from data_platform.server.process.worker import opens_metrics
from data_platform.settings.server import ServerSettings
from tests.doors.mesh import HIDDEN, PEOPLE, Doors, open_doors

ALLOWED = ("governor", "admin")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A mesh whose server is not known to be of this machine alone."""
    with open_doors(tmp_path_factory.mktemp("metrics")) as doors:
        yield doors


@pytest.mark.parametrize("who", ["owner", "consumer", "barred", *ALLOWED])
def test_the_figures_are_for_who_may_read_the_audit_log(doors: Doors, who: str) -> None:
    assert who in PEOPLE
    answer = httpx.get(f"{doors.url}/metrics", headers={"Authorization": f"Bearer {doors.tokens[who]}"})
    assert answer.status_code == (200 if who in ALLOWED else 403)
    assert HIDDEN not in answer.text


def test_a_read_only_token_scrapes(doors: Doors) -> None:
    token = doors.root.create_token("prometheus", "governor", read_only=True).token
    assert httpx.get(f"{doors.url}/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"X-Forwarded-For": "127.0.0.1"}])
def test_a_stranger_gets_no_figures(doors: Doors, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{doors.url}/metrics", headers=headers)
    assert (answer.status_code, "data_platform_requests" in answer.text) == (401, False)
    assert httpx.get(f"{doors.url}/healthz").status_code == 200


def test_only_a_server_of_this_machine_alone_is_open_unless_it_is_set() -> None:
    reached: tuple[dict[str, Any], ...] = (
        {"public_url": "https://mesh.example.org"},
        {"trusted_proxies": ("10.0.0.0/8",)},
        {},
    )
    for settings, is_local in itertools.product(reached, (True, False)):
        assert opens_metrics(ServerSettings(**settings), is_local=is_local) is (is_local and not settings)
        assert opens_metrics(ServerSettings(metrics="open", **settings), is_local=is_local)
        assert not opens_metrics(ServerSettings(metrics="token", **settings), is_local=is_local)
