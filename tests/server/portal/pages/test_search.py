"""Search: words of scripts that have no spaces between them, freshness, and the order by date."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from data_platform import DataProduct
from tests.server.portal.conftest import SCHEMA, Portal, serve_portal

PRODUCT = """name: {name}
domain: sales
owner: owners
description: {description}
outputs:
- name: rows
  schema: orders.json
"""
DESCRIPTIONS = {"thai": "ข้อมูลลูกค้าทั้งหมดของร้าน", "japanese": "すべての顧客の売上データ"}


@pytest.fixture(scope="module")
def asian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal of products that are described in Thai and in Japanese."""
    folder = tmp_path_factory.mktemp("asian")
    with serve_portal(folder) as portal:
        for name, description in DESCRIPTIONS.items():
            (folder / name).mkdir()
            (folder / name / "orders.json").write_text(SCHEMA)
            (folder / name / "product.yaml").write_text(PRODUCT.format(name=name, description=description), "utf-8")
            portal.platform.register(folder / name)
        yield portal


@pytest.mark.parametrize(("words", "name"), [("ลูกค้า", "thai"), ("売上", "japanese"), ("顧客", "japanese")])
def test_a_word_inside_of_a_sentence_is_found_and_marked(asian: Portal, words: str, name: str) -> None:
    for path in (f"/search?q={words}", f"/suggest?q={words}"):
        page = asian.open(path).text
        assert f'href="/products/{name}"' in page
        assert not any(f'href="/products/{other}"' in page for other in DESCRIPTIONS.keys() - {name})
    assert "<mark>" in asian.open(f"/search?q={words}").text


LATE = PRODUCT + "  sla: {{freshness: 1 day, freshness_column: at}}\n"
DATED = '{"type": "object", "properties": {"id": {"type": "integer"}, "at": {"type": "string", "format": "date-time"}}}'


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal of products that published one after the other, the first of which is late."""
    folder = tmp_path_factory.mktemp("dated")
    with serve_portal(folder) as portal:
        for name, text in (("first", LATE), ("second", PRODUCT), ("third", PRODUCT)):
            (folder / name).mkdir()
            (folder / name / "orders.json").write_text(DATED)
            (folder / name / "product.yaml").write_text(text.format(name=name, description="A product"))
            DataProduct(folder / name, portal.platform).publish("rows", [{"id": 1, "at": "2020-01-01T00:00:00Z"}])
            time.sleep(0.1)  # the index counts sixteenths of a second
        yield portal


def list_products(page: str) -> list[str]:
    """The products of the hits, in their order."""
    return re.findall(r'<h[23]><a href="/products/([\w-]+)">', page)


def test_late_products_are_a_facet_and_say_why_they_are_broken(dated: Portal) -> None:
    everything = dated.open("/search").text
    assert 'href="/search?freshness=late"' in everything
    late = dated.open("/search?freshness=late").text
    assert list_products(late) == ["first"]
    assert "A promise is broken." in late and "published just now" in late
    assert dated.open("/search?freshness=odd").status_code == 400


def test_the_newest_come_first_in_search_and_at_home(dated: Portal) -> None:
    newest = list_products(dated.open("/search?sort=newest").text)
    assert newest[:3] == ["third", "second", "first"]
    home = dated.open("/").text
    assert list_products(home[home.index("Newest data") : home.index("Most used")])[:3] == newest[:3]
    assert dated.open("/search?sort=odd").status_code == 400


def test_a_hit_and_the_page_of_its_product_have_one_verdict(dated: Portal) -> None:
    hits = dated.open("/search").text.split("<li>")
    for product in list_products("".join(hits)):
        (hit,) = (hit for hit in hits if f'href="/products/{product}"' in hit and "<h2>" in hit)
        page = dated.open(f"/products/{product}").text
        assert read_verdict(hit) == read_verdict(page[page.index('class="verdict"') :])


def read_verdict(page: str) -> str:
    """The word of the first badge that is a verdict."""
    return re.findall(r'class="state \w*">(reliable|with care|broken|unknown)<', page)[0]
