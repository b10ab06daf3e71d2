"""Chromium in front of the portal, and visitors in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.mesh import serve_large_mesh
from tests.server.portal.conftest import Portal, serve_empty_portal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
EXPECTED = "Failed to load resource: the server responded with a status of "
"""What a browser says about a page whose status is an error."""


class Visitors:
    """Opens browser windows in front of a portal; each fails the test if its pages caused an error in the console."""

    def __init__(self, portal: Portal, browser: Browser) -> None:
        self.portal, self._browser = portal, browser

    @contextmanager
    def arrive(
        self,
        name: str,
        *,
        script: bool = True,
        theme: str = "light",
        width: int = 1280,
        language: str = "en",
        permissions: tuple[str, ...] = (),
    ) -> Iterator[Page]:
        """The window of a principal who has typed its token in, or of a stranger (no name), on the first page."""
        with self._browser.new_context(
            base_url=self.portal.url,
            java_script_enabled=script,
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": 900},
            locale=language,
            reduced_motion="reduce",
            permissions=list(permissions),
        ) as context:
            page, complaints = context.new_page(), list[str]()

            def record_message(message: ConsoleMessage) -> None:
                if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
                    complaints.append(f"{page.url}: {message.text}")

            page.on("console", record_message)
            page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
            page.goto("/signin")
            if name:
                page.locator("input[name=token]").fill(self.portal.tokens[name])
                page.locator("form.fields button").click()
                assert page.url == f"{self.portal.url}/"
            yield page
            assert complaints == []


@pytest.fixture(scope="package")
def large_mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal of a mesh of a thousand products."""
    with serve_large_mesh(tmp_path_factory.mktemp("browser")) as portal:
        yield portal


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Its driver is imported here, because only the longer lane has it.

    The driver keeps an event loop while it is open, and no test of another folder may run inside of it.
    """
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium")
    assert executable is not None, "Debian's package chromium is missing"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def visitors(large_mesh: Portal, chromium: Browser) -> Visitors:
    """Visitors of the portal of the large mesh."""
    return Visitors(large_mesh, chromium)


@pytest.fixture(scope="package")
def axe() -> str:
    """The source of axe-core, which the longer lane installs."""
    return Path("build/axe/node_modules/axe-core/axe.min.js").read_text()


@pytest.fixture(scope="module")
def windows(visitors: Visitors) -> Iterator[dict[str, Page]]:
    """The windows of an admin, of a consumer who reads Thai on a phone, and of an owner in the dark."""
    with (
        visitors.arrive("root") as admin,
        visitors.arrive("ann", language="th", width=360) as consumer,
        visitors.arrive("olga", theme="dark") as owner,
    ):
        yield {"admin": admin, "consumer": consumer, "owner": owner}


@pytest.fixture(scope="module")
def empty_mesh(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Page]:
    """The window of the admin of a mesh without anything."""
    with (
        serve_empty_portal(tmp_path_factory.mktemp("empty")) as portal,
        Visitors(portal, chromium).arrive("root") as page,
    ):
        yield page
