"""The page of a product: whether to trust it, what the visitor may do, and its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from data_platform import DataProduct
from data_platform.errors import Refused
from tests.server.portal.conftest import Portal, serve_portal, submit

PAGE = "/products/orders"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal whose products these tests publish, break and read."""
    with serve_portal(tmp_path_factory.mktemp("shop")) as portal:
        yield portal


def read_verdict(page: str) -> str:
    found = re.search(r'<p class="verdict">(.*?)</p>', page, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]+>|\s+", " ", found[1])


def test_the_verdict_of_good_data_says_why_and_how_old_it_is(shop: Portal) -> None:
    page = shop.open(PAGE).text
    assert "reliable" in read_verdict(page) and "every promise is kept" in read_verdict(page)
    assert re.search(r"Last good data</dt><dd><time[^>]*>just now", page)
    assert "Internal: everybody with a role" in page
    assert "100 % left" in page


def test_the_next_step_is_to_ask_then_to_wait_then_to_read(shop: Portal) -> None:
    assert "1 column is masked for you" in shop.open(PAGE).text
    with shop.sign_in("ann") as ann, shop.sign_in("olga") as olga, shop.sign_in("gov") as gov:
        form = "/access?view=request&output=orders.orders_fact"
        assert f'href="{form.replace("&", "&amp;")}' in ann.get(PAGE).text.replace("%2E", ".")
        asked = submit(ann, form, "/access/requests", outputs="orders.orders_fact", purpose="A complaint")
        path = asked.url.path
        waiting = ann.get(PAGE).text
        assert f'href="{path}"' in waiting and re.search(r"Request \d+ waits for ", waiting)
        assert path not in olga.get(PAGE).text
        submit(olga, path, f"{path}/approve")
        submit(gov, path, f"{path}/approve")
        assert re.search(r"Granted by request \d+, until ", ann.get(PAGE).text)


def test_a_refused_publish_is_the_verdict_while_its_incident_is_open(shop: Portal) -> None:
    product = DataProduct(shop.folder / "orders", shop.platform)
    with pytest.raises(Refused):
        product.publish("orders_fact", [{"id": -1, "email": "eve@example.org", "note": None}])
    verdict = read_verdict(shop.open(PAGE).text)
    assert "reliable" not in verdict and "orders.orders_fact: " in verdict and "1 open incident " in verdict
    product.publish("orders_fact", [{"id": 1, "email": None, "note": None}])
    assert "reliable" in read_verdict(shop.open(PAGE).text)
