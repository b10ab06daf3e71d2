"""The sign-in link and the session in a server of several processes, and behind a proxy."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from data_platform.server.process.worker import make_config
from data_platform.settings import Home, ServerSettings, load_settings
from tests.server.process.test_serve import run_server


def send(url: str, session: str = "", method: str = "GET", **fields: str) -> httpx.Response:
    """One request on a connection of its own, which any of the processes may take."""
    origin = "http://" + urlsplit(url).netloc
    headers = {"Origin": origin, "Cookie": f"data-platform-session-{urlsplit(url).port}={session}"}
    return httpx.request(method, url, headers=headers, data=fields, timeout=30)


@pytest.mark.long
def test_any_process_takes_the_link_once_and_knows_the_session_until_it_ends(tmp_path: Path) -> None:
    with run_server(tmp_path / ".data-platform", "--workers", "2") as served:
        assert served.process.stdout is not None
        lines = (served.process.stdout.readline() for _ in range(5))
        link = next(match[0] for line in lines if (match := re.search(r"http://\S+/signin\?code=\S+", line)))
        entered = [send(link) for _ in range(10)]
        assert sorted(response.status_code for response in entered) == [303] + [401] * 9
        cookie = next(response.headers["set-cookie"] for response in entered if response.status_code == 303)
        session = re.match(r"data-platform-session-\d+=([^;]+);", cookie)[1]  # type: ignore[index]
        answers = [send(f"{served.url}/signin/session", session).json() for _ in range(10)]
        assert len({answer["csrf_token"] for answer in answers}) == 1
        out = send(f"{served.url}/signout", session, "POST", csrf_token=answers[0]["csrf_token"])
        assert out.status_code == 303
        assert {send(f"{served.url}/signin/session", session).status_code for _ in range(10)} == {401}


@pytest.mark.parametrize(
    ("proxies", "peer", "believed"),
    [
        (("10.0.0.0/8",), "10.1.2.3", True),
        (("10.0.0.0/8",), "11.1.2.3", False),
        (("::1", "127.0.0.1"), "::1", True),
        ((), "127.0.0.1", False),
    ],
)
def test_only_a_trusted_proxy_says_what_the_browser_used(
    tmp_path: Path, proxies: tuple[str, ...], peer: str, believed: bool
) -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["scheme"], scope["client"][0]))

    settings = replace(load_settings(Home(tmp_path)), server=ServerSettings(trusted_proxies=proxies))
    config = make_config(app, settings)  # type: ignore[arg-type]
    config.load()
    headers = [(b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"192.0.2.7")]
    scope: Any = {"type": "http", "scheme": "http", "client": (peer, 1), "headers": headers}
    asyncio.run(config.loaded_app(scope, None, None))  # type: ignore[arg-type]
    assert seen == [("https", "192.0.2.7") if believed else ("http", peer)]
