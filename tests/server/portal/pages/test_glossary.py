"""The glossary: found by words and letter, defined and retired by forms, with the columns that the visitor finds."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.server.portal.conftest import SCHEMA, Portal, read_form_token, serve_portal

LINKED = SCHEMA.replace('"type": "integer", ', '"type": "integer", "term": "Order / Number", ')


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal of a mesh in which columns of a product that all find, and of a hidden one, have a term."""
    folder = tmp_path_factory.mktemp("worded")
    with serve_portal(folder) as portal:
        for name in ("orders", "salaries"):
            (folder / name / "orders.json").write_text(LINKED)
            portal.platform.register(folder / name)
        portal.platform.define_term("Order / Number", "The <number> of an order", synonyms=["order id"])
        portal.platform.define_term("Customer", "Who orders")
        yield portal


def send(browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return browser.post(path, data={"csrf_token": read_form_token(browser.get("/glossary").text), **fields})


def test_terms_are_found_by_words_and_first_letter(worded: Portal) -> None:
    page = worded.open("/glossary").text
    assert 'href="/glossary/Customer"' in page and "The &lt;number&gt; of an order" in page
    assert 'href="/glossary/Customer"' not in worded.open("/glossary?q=order+id").text
    assert 'href="/glossary/Customer"' in worded.open("/glossary?letter=C").text
    assert "No term matches" in worded.open("/glossary?q=unicorn").text


def test_a_term_has_a_page_with_the_columns_that_the_visitor_finds(worded: Portal) -> None:
    page = worded.open("/glossary/Order%20%2F%20Number").text
    assert "1 linked column<" in page and 'href="/products/orders/orders_fact"' in page and "salaries" not in page
    assert "2 linked columns" in worded.open("/glossary/Order%20%2F%20Number", "root").text
    assert worded.open("/glossary/none").status_code == 404
    assert 'href="/glossary/Order%20%2F%20Number"' in worded.open("/products/orders/orders_fact").text


def test_a_governor_defines_and_retires_a_term(worded: Portal) -> None:
    assert 'id="define"' not in worded.open("/glossary").text
    with worded.sign_in("gov") as browser:
        new = {"name": "Basket", "definition": "What is ordered", "synonyms": "cart, ", "parent": "customer"}
        answer = send(browser, "/glossary", **new)
        assert answer.headers["location"] == "/glossary/Basket?done=term_defined"
        page = browser.get("/glossary/Basket").text
        assert "cart" in page and 'href="/glossary/Customer"' in page
        assert send(browser, "/glossary/Basket/retire").status_code == 400
        assert send(browser, "/glossary/Basket/retire", sure="yes").status_code == 303
        assert "Basket" not in browser.get("/glossary").text
        assert "Basket" in browser.get("/glossary?retired=yes").text
    with worded.sign_in("ann") as browser:
        assert send(browser, "/glossary", name="Mine", definition="…").status_code == 403
