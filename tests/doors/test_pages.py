"""The portal as a door: a page shows what the verbs answer this principal, and nothing of what is hidden.

The pages come from the portal's own table: one that is not in QUERIES fails `test_every_page_is_a_door`.
"""

from __future__ import annotations

import html
import re

import httpx
import pytest

from data_platform.server.portal.pages.table import PAGES
from tests.doors.mesh import ACCESS, HIDDEN, PEOPLE, Doors
from tests.doors.test_facts import list_canaries, list_hidden_columns
from tests.doors.test_rows import VIEWS, View

QUERIES: dict[str, tuple[str, ...]] = {
    "/": ("",),
    "/access": ("", "?view=decide", "?view=request&output={product}.t", "?view=review", "?view=tokens"),
    "/access/requests/{id}": ("",),
    "/design": ("",),
    "/domains": ("",),
    "/domains/{domain}": ("", "?missed=slas"),
    "/incidents": ("", "?state=all", "?state=all&product={product}"),
    "/incidents/{id}": ("",),
    "/lineage/{product}": (
        "",
        "?view=table&depth=5",
        "?output=t&column=email",
        "?output=t&column=email&view=table",
        "?output=t&column=email&view=impact",
    ),
    "/products/{product}": ("", "?view=quality", "?view=contract", "?view=checklist", "?view=runs"),
    "/products/{product}/{output}": ("", "?view=read", "?view=versions"),
    "/glossary": ("", "?q=email"),
    "/glossary/{term}": ("",),
    "/governance": ("", "?view=violations", "?view=waivers", "?view=whatif", "?view=audit"),
    "/runs": ("", "?state=failed", "?view=storage"),
    "/runs/{id}": ("",),
    "/search": ("?q={product}", "?q=email", "?tag=x&quality=50", "?sort=newest&freshness=not_promised"),
    "/suggest": ("?q={product}",),
}
"""What each page is asked with. Samples are compared with the rows of the other doors."""
READERS = [who if who == "consumer" else pytest.param(who, marks=pytest.mark.long) for who in PEOPLE]


def open_page(doors: Doors, who: str, path: str) -> httpx.Response:
    """A page as a principal sees it."""
    headers = {"authorization": f"Bearer {doors.tokens[who]}", "accept": "text/html"}
    return httpx.get(doors.url + path, headers=headers, timeout=30)


def fill(path: str, product: str) -> str:
    """The path with names in it."""
    return path.format(product=product, output="t", id="1", term="email", domain="sales")


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("page", QUERIES)
def test_no_page_holds_a_hidden_value(doors: Doors, page: str, who: str) -> None:
    for product in ACCESS:
        canaries = list_canaries(product, list_hidden_columns(who, product))
        for query in QUERIES[page]:
            answer = open_page(doors, who, fill(page + query, product))
            assert answer.status_code in (200, 403, 404), answer.text
            text = html.unescape(answer.text)
            assert [what for what, form in canaries.items() if form in text] == [], (product, query)


@pytest.mark.parametrize("who", READERS)
def test_a_sample_shows_the_rows_of_every_other_door(doors: Doors, who: str) -> None:
    for product in ACCESS:
        view = VIEWS[who][product]
        answer = open_page(doors, who, f"/products/{product}/t?view=sample")
        if not isinstance(view, View):
            assert (answer.status_code == 404) == (view.__name__ == "NotFound")
            assert "<tbody>" not in answer.text
            continue
        with doors.connect(who).sql(f'SELECT id, name, email, note FROM "{product}".t') as rows:
            expected = rows.to_arrow().to_pylist()
        assert answer.text.count("<tr>") == (len(expected) + 1 if expected else 0)
        text = html.unescape(answer.text)
        assert all(str(value) in text for row in expected for value in row.values() if value is not None)


@pytest.mark.parametrize("page", [page for page in QUERIES if "{product}" in page])
def test_a_page_of_a_hidden_product_is_that_of_an_unknown_one(doors: Doors, page: str) -> None:
    for query in QUERIES[page]:
        pages = []
        for name in (HIDDEN, "absent"):
            answer = open_page(doors, "consumer", fill(page + query, name))
            assert answer.status_code == 404
            pages.append(re.sub(r"[0-9:]{5} UTC", "TIME", answer.text.replace(name, "NAME")))
        assert pages[0] == pages[1]


def test_lists_say_nothing_of_a_hidden_product(doors: Doors) -> None:
    for path in (
        "/",
        "/search",
        "/search?q=mer",
        "/domains",
        "/domains/sales",
        "/incidents?state=all",
        "/access?view=review",
    ):
        assert HIDDEN not in open_page(doors, "consumer", path).text


def test_every_page_is_a_door() -> None:
    assert set(QUERIES) == set(PAGES)
