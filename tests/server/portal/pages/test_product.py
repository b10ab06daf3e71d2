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


def read_own_access(page: str) -> str:
    line = re.search(r"<dt>Your access</dt><dd>(.*?)</dd>", page, re.DOTALL)
    assert line is not None
    return " ".join(re.sub(r"<[^>]+>", " ", line[1]).split())


def test_the_word_of_the_own_access_is_what_may_be_read_now_and_not_what_was_asked_for(shop: Portal) -> None:
    """A request that waits opens nothing, and an approval of one of two opens a part."""
    folder = shop.folder / "vault"
    folder.mkdir()
    (folder / "t.json").write_text('{"type": "object", "properties": {"email": {"type": "string", "pii": true}}}')
    outputs = "outputs: [{name: t, schema: t.json}]\naccess: {visibility: restricted}\n"
    (folder / "product.yaml").write_text(f"name: vault\nowner: owners\ndomain: sales\n{outputs}")
    shop.platform.register(folder)
    page, form = "/products/vault", "/access?view=request&output=vault.t"
    with shop.sign_in("ann") as ann, shop.sign_in("olga") as olga, shop.sign_in("gov") as gov:
        assert read_own_access(ann.get(page).text).startswith("closed You may not read it.")
        path = submit(ann, form, "/access/requests", outputs="vault.t", purpose="A complaint").url.path
        assert re.match(r"closed Request \d+ waits for ", read_own_access(ann.get(page).text))
        submit(olga, path, f"{path}/approve")
        assert re.match(r"partly Granted by request \d+", read_own_access(ann.get(page).text))
        submit(gov, path, f"{path}/approve")
        assert re.match(r"open Granted by request \d+", read_own_access(ann.get(page).text))


def test_a_refused_publish_is_the_verdict_while_its_incident_is_open(shop: Portal) -> None:
    product = DataProduct(shop.folder / "orders", shop.platform)
    with pytest.raises(Refused):
        product.publish("orders_fact", [{"id": -1, "email": "eve@example.org", "note": None}])
    verdict = read_verdict(shop.open(PAGE).text)
    assert "reliable" not in verdict and "orders.orders_fact: " in verdict and "1 open incident " in verdict
    product.publish("orders_fact", [{"id": 1, "email": None, "note": None}])
    assert "reliable" in read_verdict(shop.open(PAGE).text)


def test_a_refused_publish_is_shown_with_masked_rows_to_who_may_publish(shop: Portal) -> None:
    with pytest.raises(Refused):
        DataProduct(shop.folder / "orders", shop.platform).publish(
            "orders_fact", [{"id": -7, "email": "eve@example.org", "note": "<i>late</i>"}]
        )
    for name, sees in (("olga", True), ("ann", False)):
        page = shop.open(f"{PAGE}?view=quality", name).text
        assert "positive_ids" in page and "eve@example.org" not in page
        assert ("&lt;i&gt;late" in page) is sees and ("***" in page) is sees


def test_the_contract_is_shown_in_each_form_and_its_history_as_a_difference(shop: Portal) -> None:
    assert "freshness: 1 day" in shop.open(f"{PAGE}?view=contract").text
    for form in ("odcs", "odps", "dprod"):
        assert "orders" in shop.open(f"{PAGE}?view=contract&form={form}").text
    file = shop.folder / "orders" / "product.yaml"
    text = file.read_text()
    file.write_text(text.replace("freshness: 1 day", "freshness: 12 hours"))
    shop.platform.register(shop.folder / "orders")
    page = shop.open(f"{PAGE}?view=contract&revision=2").text
    assert re.search(r'class="removed">− +freshness: 1 day', page)
    assert re.search(r'class="added">\+ +freshness: 12 hours', page)
    for wrong in ("0", "x", "9"):
        assert shop.open(f"{PAGE}?view=contract&revision={wrong}").status_code in (400, 404)


def test_consumers_are_named_to_who_may_know(shop: Portal) -> None:
    shop.platform.consume("orders", "orders_fact").select("id").collect()
    page = shop.open(f"{PAGE}?view=consumers").text
    assert "<code>id</code>" in page and "without a name: 1" in page
    assert "without a name: 0" in shop.open(f"{PAGE}?view=consumers", "gov").text


def test_an_output_has_statistics_of_what_the_visitor_sees_and_says_what_versions_changed(shop: Portal) -> None:
    page = shop.open(f"{PAGE}/orders_fact", "gov").text
    assert "Statistics of version" in page
    masked, clear = (page.partition(f'id="{name}"')[2].partition("</tr>")[0] for name in ("email", "id"))
    assert masked.count('<td class="stat">–</td>') == 2 and '<td class="stat">1</td>' in clear
    DataProduct(shop.folder / "orders", shop.platform).publish("orders_fact", [{"id": 1, "email": None, "note": None}])
    assert re.search(r"Rows [+-]\d+", shop.open(f"{PAGE}/orders_fact?view=versions").text)
