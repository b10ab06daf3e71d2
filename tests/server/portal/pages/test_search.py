"""Search: words of scripts that have no spaces between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
