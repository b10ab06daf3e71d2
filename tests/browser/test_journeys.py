"""What people come for, each from the first page to the end, with JavaScript and without."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Visitors
from tests.browser.mesh import spoil

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.engines,
    pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"]),
]
END = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d")


def test_find_and_understand_a_product(visitors: Visitors, script: bool) -> None:
    with visitors.arrive("ann", script=script) as page:
        page.get_by_role("searchbox").last.fill("orders")
        page.keyboard.press("Enter")
        page.locator("mark", has_text="orders").first.wait_for()
        follow(page, "orders")
        assert read(page, "h1") == "orders"
        assert "Every order of the shop" in read(page)
        assert "owners" in read(page, "aside")
        follow(page, "orders_fact")
        assert "The number of the order" in read(page)
        assert "1 of 3 columns is masked" in read(page)
        follow(page, "Sample")
        assert "***" in read(page, "table") and "ann@example.org" not in read(page)
        follow(page, "How to read it")
        assert "orders" in read(page, "pre >> nth=0")


def test_request_approve_and_use_access(visitors: Visitors, script: bool) -> None:
    with (
        visitors.arrive("ann", script=script) as ann,
        visitors.arrive("olga", script=script) as olga,
        visitors.arrive("gov", script=script) as gov,
    ):
        ann.goto("/products/orders/orders_fact?view=sample")
        assert "ann@example.org" not in read(ann, "table")
        follow(ann, "Request access")
        ann.get_by_label(re.compile("^Purpose")).fill("Answer a complaint")
        ann.get_by_role("button", name="Send the request").click()
        request = ann.url
        for decider in (olga, gov):
            follow(decider, "Access")
            follow(decider, "To decide")
            follow(decider, request.rpartition("/")[2].partition("?")[0])
            decider.get_by_label("Note").fill("A real complaint")
            decider.get_by_role("button", name="Approve").click()
            assert "Your approval is recorded" in read(decider)
        ann.goto("/products/orders/orders_fact?view=sample")
        assert "ann@example.org" in read(ann, "table")
        olga.goto(request)
        grant = olga.get_by_role("row", name=re.compile("open")).last
        grant.locator("summary", has_text="Revoke").click()
        grant.get_by_role("checkbox").check()
        grant.get_by_role("button", name="Revoke").click()
        ann.reload()
        assert "ann@example.org" not in read(ann, "table")


def test_follow_a_broken_promise_to_its_cause(visitors: Visitors, script: bool) -> None:
    with visitors.arrive("ann", script=script) as page:
        page.goto("/products/revenue")
        assert "Freshness of by_segment is broken" in read(page)
        follow(page, "Explore the lineage")
        page.locator("svg.lineage a", has_text="customers").click()
        assert read(page, "h1") == "Lineage of customers"
        page.locator("svg.lineage a", has_text="focus").click()
        assert read(page, "h1") == "customers"
        follow(page, "Quality")
        assert "failed" in page.get_by_role("row", name=re.compile("^known_segments")).inner_text()
        page.get_by_role("row", name=re.compile("rules? failed")).get_by_role("link", name="#").first.click()
        assert read(page, "h1") == "1 of 1 rule failed: known_segments"
        assert page.get_by_role("link", name="revenue").count() > 0


def test_see_what_a_change_of_a_column_would_break(visitors: Visitors, script: bool) -> None:
    with visitors.arrive("olga", script=script) as page:
        page.goto("/products/customers/customers_dim")
        follow(page, "segment")
        assert read(page, "h1") == "Lineage of customers.customers_dim.segment"
        follow(page, "Impact of a change")
        row = page.get_by_role("row", name=re.compile("revenue"))
        assert "analysts" in row.inner_text() and "certain" in row.inner_text()


def test_acknowledge_and_resolve_an_incident(visitors: Visitors, script: bool) -> None:
    spoil(visitors.portal)
    with visitors.arrive("olga", script=script) as page:
        follow(page, "Incidents")
        page.get_by_label("Product", exact=True).fill("customers")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("row", name=re.compile("rules? failed")).get_by_role("link", name="#").first.click()
        page.get_by_label("Comment").fill("The source is late")
        page.get_by_role("button", name="Acknowledge").click()
        assert "You have acknowledged" in read(page, "[role=status]")
        assert "The source is late" in read(page, "ol.hits")
        page.get_by_role("button", name="Resolve").click()
        assert "The incident is resolved" in read(page, "[role=status]")


def test_request_and_decide_a_waiver(visitors: Visitors, script: bool) -> None:
    with visitors.arrive("olga", script=script) as olga, visitors.arrive("gov", script=script) as gov:
        olga.goto("/governance?view=waivers&product=orders&policy=data-retention")
        olga.get_by_label("Reason").fill("The archive moves")
        olga.get_by_label("Ends on").fill(END)
        olga.get_by_role("button", name="Request a waiver").click()
        assert "requested" in olga.get_by_role("row", name=re.compile("orders.*The archive moves")).first.inner_text()
        follow(gov, "Governance")
        follow(gov, "Waivers")
        row = gov.get_by_role("row", name=re.compile("orders.*requested.*The archive moves"))
        row.get_by_role("button", name="Approve").click()
        follow(gov, "Policies")
        follow(gov, "Next →")
        assert "1 waived" in gov.get_by_role("row", name=re.compile("^sales")).inner_text()
        follow(gov, "Waivers")
        row = gov.get_by_role("row", name=re.compile("orders.*holds.*The archive moves"))
        row.locator("summary").click()
        row.get_by_label("Yes").check()
        row.get_by_role("button", name="End").click()
        assert gov.get_by_role("row", name=re.compile("orders.*holds")).count() == 0


def follow(page: Page, name: str) -> None:
    """Follows the link of that name, which may be in the page or in its bar."""
    page.get_by_role("link", name=name, exact=True).last.click()


def read(page: Page, selector: str = "main") -> str:
    """The visible text."""
    return page.locator(selector).first.inner_text()


def test_publish_be_refused_and_see_the_rows(visitors: Visitors, script: bool) -> None:
    portal = visitors.portal
    rows = portal.folder / "rows.csv"
    rows.write_text("id,email,segment\n1,ann@example.org,public\n7,eve@example.org,unheard-of\n")
    refused = subprocess.run(
        [sys.executable, "-m", "data_platform", "publish", portal.folder / "customers", "customers_dim", rows],
        env={**os.environ, "DATA_PLATFORM_URL": portal.url, "DATA_PLATFORM_TOKEN": portal.tokens["olga"]},
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1 and "known_segments" in refused.stdout + refused.stderr
    with visitors.arrive("olga", script=script) as page:
        page.goto("/products/customers")
        follow(page, "Quality")
        row = page.get_by_role("row", name=re.compile("unheard-of")).first
        assert "***" in row.inner_text()
        assert "eve@example.org" not in read(page)
