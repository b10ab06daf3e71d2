"""Pages in Thai: what verbs say is Thai too, or marked as English for screen readers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from data_platform import DataProduct, Platform
from data_platform.errors import Refused
from tests.server.portal.conftest import SCHEMA, Portal, serve_portal
from tests.server.portal.test_pages import PAGES

POLICIES = """policies:
- name: data-retention
  enforcement: warning
  rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
"""
VAULT = """name: vault
domain: people
owner: hr
access: {visibility: restricted, approvers: [office]}
outputs:
- name: paid
  schema: orders.json
  sla: {freshness: 1 day, availability: 99.9%}
pii_columns: [email]
"""
TROUBLED = [
    "/incidents/1",
    "/products/vault",
    "/products/vault/paid",
    "/products/vault?view=checklist",
    "/access/requests/1",
    "/products/orderz",
    "/lineage/orders?depth=x",
]
"""Further pages of this mesh."""
WRITTEN = "Every order of the shop | The number of the order"
"""What people wrote into the mesh of these tests."""
_SENTENCE = re.compile(r"\b[A-Za-z][a-z]+(?: [a-z]+){2,}\b")
_COMMAND = re.compile(r"data-platform [a-z]+(?: [\w.-]+)*")
_VOID = {"br", "input", "link", "meta", "hr", "img"}


class _Texts(HTMLParser):
    """Collects the texts that a page does not mark as English or as code."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self._open.append(tag in ("code", "pre", "textarea", "script") or ("lang", "en") in attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.texts.append(data)


def list_english(page: str) -> list[str]:
    """The English phrases of three words and more in a page that it does not mark."""
    parser = _Texts()
    parser.feed(page)
    texts = (_COMMAND.sub("", text) for text in parser.texts if text.strip() not in WRITTEN)
    return [phrase for text in texts for phrase in _SENTENCE.findall(text)]


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal of a mesh with a refused publish, violations, and a request that waits."""
    with serve_portal(tmp_path_factory.mktemp("troubled")) as portal:
        platform = portal.platform
        with pytest.raises(Refused):
            DataProduct(portal.folder / "orders", platform).publish("orders_fact", [{"id": -1}])
        (portal.folder / "policies.yaml").write_text(POLICIES)
        platform.apply_policies(portal.folder / "policies.yaml")
        (portal.folder / "vault").mkdir()
        (portal.folder / "vault" / "orders.json").write_text(SCHEMA)
        (portal.folder / "vault" / "product.yaml").write_text(VAULT)
        platform.register(portal.folder / "vault")
        ann = Platform.connect(portal.url, portal.tokens["ann"])
        ann.request_access(["vault.paid"], purpose="งบการเงิน")
        yield portal


def open_thai(portal: Portal, path: str, name: str = "root") -> str:
    """A page in Thai."""
    page = portal.open(path, name, accept_language="th").text
    assert '<html lang="th"' in page
    return page


@pytest.mark.parametrize("path", [*PAGES, *TROUBLED])
def test_english_on_a_thai_page_is_marked(troubled: Portal, path: str) -> None:
    assert list_english(open_thai(troubled, path)) == []


def test_an_english_page_marks_nothing(troubled: Portal) -> None:
    assert 'span lang="en"' not in troubled.open("/incidents", "root").text


def test_the_checklist_is_in_the_language_of_the_page(troubled: Portal) -> None:
    thai, english = (
        open_thai(troubled, "/products/orders?view=checklist"),
        troubled.open("/products/orders?view=checklist"),
    )
    for point in troubled.platform.checklist("orders").points:
        assert point.title in english.text
        assert point.title not in thai
    assert "มีคำอธิบายสคีมา" in thai
    assert "1 จาก 3 คอลัมน์มีคำอธิบาย" in thai


def test_the_reason_of_a_denial_is_in_the_language_of_the_page(troubled: Portal) -> None:
    english, thai = troubled.open("/products/vault/paid").text, open_thai(troubled, "/products/vault/paid", "ann")
    (explained,) = troubled.platform.explain_access("ann", "vault").outputs
    for text in (explained.reason, *explained.missing):
        assert html.escape(text) in english
        assert html.escape(text) not in thai
    assert "ไม่มีบรรทัดใดใน readers หรือสิทธิ์ใดอนุญาต" in thai
    assert "เจ้าของ hr หรือ office เป็นผู้อนุมัติ" in thai


def test_an_incident_has_a_title_in_the_language_of_the_page(troubled: Portal) -> None:
    incidents = {one.cause: one for one in troubled.platform.incidents("orders")}
    titles = {"publish refused": "การเผยแพร่ถูกปฏิเสธ", "policy data-retention": "ไม่เป็นไปตามนโยบาย data-retention"}
    for cause, title in titles.items():
        incident = incidents[cause]
        assert str(incident.title) == cause
        for path in (f"/incidents/{incident.id}", "/incidents"):
            assert f'{title}: <span lang="en">' in open_thai(troubled, path)
            assert title not in troubled.open(path).text
        assert f"<h1>{title}: " in open_thai(troubled, f"/incidents/{incident.id}")
        assert f"<h1>{incident.summary}</h1>" in html.unescape(troubled.open(f"/incidents/{incident.id}").text)
    verdict = open_thai(troubled, "/products/orders")
    assert any(f'{title}: <span lang="en">' in verdict for title in titles.values())


def test_who_has_to_approve_is_in_the_language_of_the_page(troubled: Portal) -> None:
    assert "the owner of vault (hr) or office" in troubled.open("/access/requests/1").text
    page = open_thai(troubled, "/access/requests/1", "ann")
    assert "เจ้าของ vault คือ hr หรือ office; ผู้กำกับดูแล เพราะมีข้อมูลส่วนบุคคล" in page


def test_an_error_has_a_thai_heading_and_its_english_words(troubled: Portal) -> None:
    page = open_thai(troubled, "/lineage/orders?depth=x")
    assert "<h1>ที่อยู่นี้ไม่ถูกต้อง</h1>" in page
    assert re.search(r'<p class="lead"><span lang="en">[^<]+</span></p>', page)
