"""What holds on every page: axe finds nothing, it fits into its window, it is small, and a keyboard reaches it all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from data_platform.errors import AccessDenied, DataPlatformError, Unavailable
from data_platform.server.portal.pages import design
from tests.browser.conftest import Visitors
from tests.server.portal.conftest import Portal
from tests.server.portal.test_pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.engines
OF_THIS_MESH = [
    "/search?q=zzzzzz",
    "/products/revenue",
    "/products/customers?view=quality",
    "/products/wide/rows",
    "/lineage/revenue",
    "/lineage/hub",
    "/lineage/hub?view=table&page=2",
    "/lineage/customers?output=customers_dim&column=segment&view=impact",
    "/incidents?page=2",
    "/domains/crm",
    "/domains/domain-7",
    "/incidents/1",
    "/governance?view=violations&policy=data-retention&domain=sales",
    "/governance?view=attestations&page=2",
    "/nothing/here",
    "/products/%zz",
    f"/products/{'n' * 150}",
    f"/search?q={'w' * 150}",
    "/incidents?severity=odd",
]
EVERYWHERE = [*PAGES, *OF_THIS_MESH]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (360, 768, 1280, 2560)
LARGEST_VIEW = 60_000


@pytest.mark.parametrize("path", EVERYWHERE)
def test_a_page_has_nothing_for_axe_to_find_and_fits_into_its_window(
    axe: str, windows: dict[str, Page], path: str
) -> None:
    page = windows["admin"]
    page.goto(path)
    assert examine(page, axe) == []
    assert list_too_wide(page) == []


@pytest.mark.parametrize("visitor", ["consumer", "owner"])
@pytest.mark.parametrize("path", EVERYWHERE)
def test_axe_finds_nothing_for_who_may_do_less(axe: str, windows: dict[str, Page], path: str, visitor: str) -> None:
    page = windows[visitor]
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == {"consumer": "th", "owner": "en"}[visitor]
    page.evaluate(axe)
    assert list_violations(page) == []


@pytest.mark.parametrize("path", [path for path in PAGES if "/orders" not in path])
def test_a_page_of_an_empty_mesh_is_whole(axe: str, empty_mesh: Page, path: str) -> None:
    empty_mesh.goto(path)
    assert empty_mesh.locator("h1").count() > 0
    assert examine(empty_mesh, axe) == []
    assert list_too_wide(empty_mesh) == []


@pytest.mark.parametrize("path", EVERYWHERE)
def test_the_first_view_of_a_page_is_small(large_mesh: Portal, path: str) -> None:
    page = large_mesh.open(path, "root")
    files = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    loaded = [httpx.get(large_mesh.url + file) for file in files]
    assert len(page.content) + sum(file.num_bytes_downloaded for file in loaded) <= LARGEST_VIEW


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (AccessDenied("the outbox is for operators", hint="ask an admin"), 403, "You may not see this"),
        (Unavailable("the record is locked"), 503, "The server is busy"),
        (RuntimeError("a secret of the server"), 500, "The server failed"),
    ],
)
def test_a_page_of_an_error_is_whole(
    axe: str,
    windows: dict[str, Page],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    title: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(design, "draw_trend", fail)
    page = windows["owner"]
    answer = page.goto("/design")
    assert answer is not None and answer.status == status
    assert page.locator("h1").inner_text() == title
    assert "a secret" not in page.content()
    assert isinstance(error, DataPlatformError) or "request id" in page.locator("main").inner_text()
    assert examine(page, axe, theme="dark") == []
    assert list_too_wide(page) == []


def test_the_page_of_a_stale_form_is_whole(visitors: Visitors, axe: str) -> None:
    with visitors.arrive("ann") as page:
        page.evaluate("document.querySelector('.who input').value = 'of another session'")
        page.get_by_role("button", name="Sign out").click()
        assert page.locator("h1").inner_text() == "You may not do this"
        assert examine(page, axe) == []


def test_a_refused_policies_file_is_shown_with_its_lines(axe: str, windows: dict[str, Page]) -> None:
    page = windows["admin"]
    page.goto("/governance?view=whatif")
    page.locator("textarea").fill("policies:\n- name: x\n  enforcement: sometimes\n  colour: red\n")
    page.locator("main form button").click()
    problem = page.locator(".note.bad").inner_text()
    assert ":3" in problem and ":4" in problem
    assert page.locator("textarea").input_value().startswith("policies:"), "what was typed stays"
    assert examine(page, axe) == []
    assert list_too_wide(page) == []


@pytest.mark.parametrize("path", EVERYWHERE)
def test_the_keyboard_reaches_every_control_in_order_and_shows_where_it_is(windows: dict[str, Page], path: str) -> None:
    page = windows["admin"]
    page.goto(path)
    wanted = page.evaluate(WATCH_FOCUS)
    for _ in range(len(wanted) + 60):
        page.keyboard.press("Tab")
        if page.evaluate("reached.length") >= len(wanted):
            break
    assert page.evaluate("[...new Set(reached)]") == wanted, page.evaluate("unseen")
    assert page.evaluate("unseen") == []


WATCH_FOCUS = """() => {
  document.querySelectorAll('details').forEach(one => { one.open = true; });
  window.reached = [], window.unseen = [];
  const kinds = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  const wanted = [...document.querySelectorAll(kinds)].filter(one => one.checkVisibility());
  addEventListener('focusin', event => {
    const one = event.target, style = getComputedStyle(one), at = wanted.indexOf(one);
    if (at < 0 || reached.includes(at)) return;
    reached.push(at);
    const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    if (!isOutlined || one.getBoundingClientRect().width <= 1) unseen.push(one.outerHTML.slice(0, 120));
  });
  return wanted.map((_, at) => at);
}"""
"""Opens what is closed, numbers all controls, and notes which were focused, and which of them do not show it."""


def test_the_first_link_skips_to_the_content(windows: dict[str, Page]) -> None:
    page = windows["admin"]
    page.goto("/search")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_print_leaves_out_what_is_only_for_the_screen_and_is_dark_on_white(windows: dict[str, Page]) -> None:
    page = windows["owner"]
    page.goto("/products/orders")
    page.emulate_media(media="print", color_scheme="dark")
    try:
        assert not page.get_by_role("navigation", name="Pages").is_visible()
        assert not page.locator(".bar .find").is_visible()
        assert page.get_by_role("heading", name="orders").first.is_visible()
        colours = "[getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.body).color]"
        assert page.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(31, 35, 40)"]
    finally:
        page.emulate_media(media="screen", color_scheme="dark")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_page_has_nothing_to_find_either(visitors: Visitors, axe: str, theme: str) -> None:
    with visitors.arrive("", theme=theme, width=360) as page:
        assert page.url.endswith("/signin")
        page.evaluate(axe)
        assert list_violations(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def examine(page: Page, axe: str, theme: str = "light") -> list[str]:
    """What axe finds on the page, and in the other theme, in which nothing but the colours is different."""
    page.evaluate(axe)
    found = list_violations(page)
    page.emulate_media(color_scheme="light" if theme == "dark" else "dark")
    try:
        return [*found, *list_violations(page, ["color-contrast"], "rule")]
    finally:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")


def list_violations(page: Page, names: list[str] = TAGS, kind: str = "tag") -> list[str]:
    """What axe finds against WCAG 2.2 AA and the usual practice, with the first place of each."""
    options = {"runOnly": {"type": kind, "values": names}, "resultTypes": ["violations"]}
    result: dict[str, Any] = page.evaluate("options => axe.run(options)", options)
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in result["violations"]]


def list_too_wide(page: Page) -> list[int]:
    """The widths of windows in which the page has to be scrolled sideways."""
    wide = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(width)
    page.set_viewport_size({"width": 1280, "height": 900})
    return wide
