"""Domains: the page of a domain says what the pages of its products say, and leaves hidden products out."""

from __future__ import annotations

import re

from tests.server.portal.conftest import Portal

VERDICT = re.compile(r'<p class="verdict"><span class="state [a-z]*">([^<]+)</span>')


def test_a_product_has_the_verdict_of_its_own_page(portal: Portal) -> None:
    for domain in portal.platform.domains():
        page = portal.open(f"/domains/{domain.name}", "olga").text
        names = re.findall(r'<th scope="row"><a href="/products/([^"]+)">', page)
        for name in names:
            row = page.split(f'<a href="/products/{name}">')[1].partition("</tr>")[0]
            (verdict,) = VERDICT.findall(portal.open(f"/products/{name}", "olga").text)
            assert f">{verdict}</span>" in row, (domain.name, name)


def test_domains_are_reached_from_home_search_products_and_governance(portal: Portal) -> None:
    for path in ("/", "/domains", "/search?domain=sales", "/products/orders", "/governance?view=readiness"):
        assert 'href="/domains/sales"' in portal.open(path).text, path


def test_an_anti_pattern_leads_to_the_products_that_have_it(portal: Portal) -> None:
    mesh = portal.open("/governance?view=readiness", "olga").text
    sales = portal.platform.domain_status("sales")
    for key in ("domain-owned", "measurable", "discoverable", "governed"):
        names = {product.name for product in sales.products if key in product.missed}
        link = f'href="/domains/sales?missed={key}"'
        assert (link in mesh) == bool(names), key
        listed = re.findall(r'<th scope="row"><a href="/products/([^"]+)">', portal.open(link[6:-1], "olga").text)
        assert set(listed) == (names or {product.name for product in sales.products}), key


def test_a_hidden_product_is_neither_listed_nor_counted(portal: Portal) -> None:
    hidden, found = (portal.platform.domain_status(name) for name in ("people", "sales"))
    names = {product.name for product in (*hidden.products, *found.products)}
    assert "salaries" in names
    assert "salaries" not in portal.open("/domains/sales").text
    assert "salaries" not in portal.open("/domains").text
    unknown = portal.open("/domains/unheard-of")
    assert unknown.status_code == 404
    people = portal.open("/domains/people")
    assert people.status_code == 404 or "salaries" not in people.text
