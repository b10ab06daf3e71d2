"""What JavaScript adds: suggestions while one types, copying, the way through a lineage, and tables that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Visitors

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.engines


def test_suggestions_come_with_the_second_letter_and_go_with_escape(windows: dict[str, Page]) -> None:
    page = windows["admin"]
    page.goto("/incidents")
    field, hints = page.get_by_role("searchbox"), page.locator(".find .hints")
    field.press_sequentially("r")
    page.wait_for_timeout(300)
    assert not hints.is_visible()
    field.press_sequentially("evenu")
    hints.get_by_role("link", name="revenue").wait_for()
    page.keyboard.press("Escape")
    assert not hints.is_visible()
    assert field.input_value() == "revenu"
    field.press_sequentially("e")
    hints.get_by_role("link", name="revenue").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/products/revenue")


def test_a_snippet_is_copied_with_one_button(visitors: Visitors) -> None:
    with visitors.arrive("ann", permissions=("clipboard-read", "clipboard-write")) as page:
        page.goto("/products/orders/orders_fact?view=read")
        snippet = page.locator(".snippet").first
        snippet.get_by_role("button", name="Copy").click()
        snippet.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == snippet.locator("pre").inner_text()


def test_a_step_of_the_lineage_stands_out_with_its_neighbours(windows: dict[str, Page]) -> None:
    page = windows["admin"]
    page.goto("/lineage/revenue")
    for enter in (lambda node: node.hover(), lambda node: node.locator("a").or_(node).first.focus()):
        page.mouse.move(0, 0)
        enter(page.locator("svg.lineage [data-node]", has_text="customers"))
        assert page.locator("svg.lineage.focused").count() == 1
        assert page.locator("svg.lineage [data-node].near").count() == 2
        assert page.locator("svg.lineage [data-edge].near").count() == 1


def test_a_table_that_does_not_fit_is_a_list_with_the_names_of_its_columns(windows: dict[str, Page]) -> None:
    page = windows["admin"]
    hidden = "[...document.querySelectorAll('.scroll')].map(box => box.scrollWidth - box.clientWidth)"
    page.goto("/incidents")
    severity = page.locator("tbody td").first
    label = "cell => getComputedStyle(cell, '::before').content"
    assert severity.evaluate(label) == "none"
    page.set_viewport_size({"width": 360, "height": 900})
    try:
        assert severity.evaluate(label) == '"Severity"'
        assert max(page.evaluate(hidden)) == 0
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})
    assert severity.evaluate(label) == "none"
