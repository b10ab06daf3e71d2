"""A mesh with one product behind the portal, and browsers of three principals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from data_platform import DataProduct, Platform
from data_platform.platform import InProcess
from data_platform.server.app import ServerApp
from data_platform.server.process.worker import build_parts
from data_platform.settings import Home, Role
from data_platform.verbs.core.mesh import Mesh
from tests.server.serving import serve

SCHEMA = """{"type": "object", "required": ["id"], "properties": {
  "id": {"type": "integer", "description": "The number of the order"},
  "email": {"type": "string", "tags": ["pii"]},
  "note": {"type": "string"}}}"""
PRODUCT = """name: orders
domain: sales
owner: owners
description: Every order of the shop
tags: [shop]
outputs:
- name: orders_fact
  schema: orders.json
  sla: {freshness: 1 day}
  quality:
  - {rule: positive_ids, sql: SELECT COUNT(*) FROM orders_fact WHERE id <= 0, threshold: 0}
"""
SECRET = """name: salaries
domain: people
owner: hr
access: {visibility: restricted, discoverable: false}
outputs:
- name: paid
  schema: orders.json
"""
ROWS = [
    {"id": 1, "email": "ann@example.org", "note": "<script>alert(1)</script>"},
    {"id": 2, "email": None, "note": None},
]
PRINCIPALS = (
    ("ann", Role.CONSUMER, None),
    ("olga", Role.OWNER, "owners"),
    ("gov", Role.GOVERNOR, None),
    ("root", Role.ADMIN, None),
)


class Portal:
    """The portal of one mesh, at `url`; `tokens` by the name of their principal."""

    def __init__(self, platform: Platform, url: str, folder: Path) -> None:
        self.platform, self.url, self.folder = platform, url, folder
        self.tokens: dict[str, str] = {}

    def open(self, path: str, name: str = "ann", **headers: str) -> httpx.Response:
        """The page as a principal sees it, or a stranger (no name); redirects are not followed."""
        sent = {"accept": "text/html", **{key.replace("_", "-"): value for key, value in headers.items()}}
        if name:
            sent["authorization"] = f"Bearer {self.tokens[name]}"
        return httpx.get(self.url + path, headers=sent)

    @contextmanager
    def sign_in(self, name: str) -> Iterator[httpx.Client]:
        """A browser in which a principal has typed its token in."""
        headers = {"accept": "text/html", "origin": self.url}
        with httpx.Client(base_url=self.url, headers=headers) as browser:
            assert browser.post("/signin/token", data={"token": self.tokens[name]}).status_code == 303
            yield browser


def submit(browser: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    """The page that the browser shows after it has sent a form of `page`."""
    proof = read_form_token(browser.get(page).text)
    answer = browser.post(action, data={"csrf_token": proof, **fields})
    return browser.get(answer.headers["location"]) if answer.status_code == 303 else answer


def read_form_token(page: str) -> str:
    """The proof against forgery that the forms of a page send."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal of a mesh with a product that all find, one that `ann` does not, and four principals."""
    with serve_portal(tmp_path_factory.mktemp("portal")) as served:
        yield served


@contextmanager
def serve_portal(folder: Path) -> Iterator[Portal]:
    """The same, for tests that change more than they put back."""
    with serve_empty_portal(folder) as portal:
        for name, text in (("orders", PRODUCT), ("salaries", SECRET)):
            (folder / name).mkdir()
            (folder / name / "orders.json").write_text(SCHEMA)
            (folder / name / "product.yaml").write_text(text)
            portal.platform.register(folder / name)
        DataProduct(folder / "orders", portal.platform).publish("orders_fact", ROWS)
        yield portal


@contextmanager
def serve_empty_portal(folder: Path) -> Iterator[Portal]:
    """The portal of a mesh that has four principals, and nothing else."""
    home = folder / "home"
    home.mkdir()
    (home / "settings.toml").write_text("[server]\nrequests_per_second = 10000\nsign_in_requests_per_minute = 10000\n")
    with closing(Mesh.open(Home(home))) as mesh:
        platform = Platform(InProcess(mesh))
        with serve(ServerApp(build_parts(mesh, frozenset(["127.0.0.1"]), lambda: False))) as url:
            served = Portal(platform, url, folder)
            for name, role, team in PRINCIPALS:
                served.tokens[name] = platform.create_token(name, role, team=team).token
            yield served
