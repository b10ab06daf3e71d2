"""What holds on every page: axe finds nothing, it fits into its window, and a keyboard reaches all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import Visitors
from tests.server.portal.test_pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.engines
OF_THIS_MESH = [
    "/search?q=zzzzzz",
    "/products/revenue",
    "/products/customers?view=quality",
    "/lineage/revenue",
    "/lineage/customers?output=customers_dim&column=segment&view=impact",
    "/incidents/1",
    "/governance?view=violations&policy=data-retention&domain=sales",
    "/nothing/here",
    f"/products/{'n' * 150}",
    f"/search?q={'w' * 150}",
    "/incidents?severity=odd",
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (360, 768, 1280, 2560)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, *OF_THIS_MESH])
def test_axe_finds_nothing(visitors: Visitors, axe: str, windows: dict[str, Page], path: str, theme: str) -> None:
    page = windows[theme]
    page.goto(path)
    page.evaluate(axe)
    assert list_violations(page) == []


@pytest.mark.parametrize("path", [*PAGES, *OF_THIS_MESH])
def test_no_page_is_wider_than_its_window(windows: dict[str, Page], path: str) -> None:
    page, wide = windows["light"], []
    page.goto(path)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(width)
    assert wide == []


@pytest.mark.parametrize(
    "path", ["/", "/search?q=or", "/products/orders/orders_fact", "/lineage/revenue", "/governance"]
)
def test_every_link_and_control_is_reached_by_the_keyboard_and_seen(windows: dict[str, Page], path: str) -> None:
    page = windows["light"]
    page.goto(path)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
           .filter(one => one.checkVisibility()).map((one, at) => (one.dataset.at = at))"""
    )
    reached, unseen = set(), []
    for _ in range(len(wanted) + 40):
        page.keyboard.press("Tab")
        step = page.evaluate(DESCRIBE_FOCUS)
        if step["at"] is not None:
            reached.add(int(step["at"]))
            if not step["marked"]:
                unseen.append(step["html"])
    assert [page.locator(f"[data-at='{at}']").inner_html() for at in set(wanted) - reached] == []
    assert unseen == []


DESCRIBE_FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const box = one.getBoundingClientRect();
  return {at: one.dataset.at ?? null, marked: outlined && box.width > 1, html: one.outerHTML.slice(0, 120)};
}"""


def test_the_first_link_skips_to_the_content(windows: dict[str, Page]) -> None:
    page = windows["light"]
    page.goto("/search")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_print_leaves_out_what_is_only_for_the_screen(windows: dict[str, Page]) -> None:
    page = windows["light"]
    page.goto("/products/orders")
    page.emulate_media(media="print")
    try:
        assert not page.get_by_role("navigation", name="Pages").is_visible()
        assert not page.locator(".bar .find").is_visible()
        assert page.get_by_role("heading", name="orders").first.is_visible()
    finally:
        page.emulate_media(media="screen")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_page_has_nothing_to_find_either(visitors: Visitors, axe: str, theme: str) -> None:
    with visitors.arrive("", theme=theme, width=360) as page:
        assert page.url.endswith("/signin")
        page.evaluate(axe)
        assert list_violations(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def list_violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and the usual practice, with the first place of each."""
    result: dict[str, Any] = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in result["violations"]]
