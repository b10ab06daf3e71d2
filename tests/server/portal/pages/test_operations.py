"""Operations: runs in pages, a run with its log, and parts that only operators may ask for."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from data_platform import DataProduct
from data_platform.server.portal.pages import operations
from tests.server.portal.conftest import Portal, read_form_token, serve_portal


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal of a mesh in which a pipeline has run, and another failed."""
    folder = tmp_path_factory.mktemp("running")
    with serve_portal(folder) as portal:
        orders = DataProduct(folder / "orders", portal.platform)

        @orders.pipeline("orders_fact")
        def load() -> list[dict[str, object]]:
            print("<b>42 rows read</b>")
            return [{"id": 1}]

        orders.run("orders_fact")
        yield portal


def test_runs_are_listed_by_state(running: Portal) -> None:
    (run,) = running.platform.runs()
    assert f'href="/runs/{run.id}"' in running.open("/runs").text
    assert run.id not in running.open("/runs?state=failed").text
    assert run.id in running.open("/runs?state=succeeded&product=orders").text
    assert running.open("/runs?state=odd").status_code == 400


def test_a_log_is_shown_to_who_is_in_charge_and_is_text(running: Portal) -> None:
    run = running.platform.runs()[-1]
    assert "&lt;b&gt;42 rows read" in running.open(f"/runs/{run.id}", "olga").text
    assert "42 rows read" not in running.open(f"/runs/{run.id}", "ann").text
    assert running.open("/runs/none").status_code == 404


def test_a_list_longer_than_a_page_has_a_next_one(running: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 'rel="next"' not in running.open("/runs").text
    running.platform.start_run("orders", "orders_fact")
    monkeypatch.setattr(operations, "PAGE", 1)
    first = running.open("/runs?product=orders").text
    (link,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = running.open(html.unescape(link)).text
    assert "Newest" not in first and 'rel="next"' not in second
    assert '<a href="/runs?product=orders">← Newest</a>' in second
    assert [re.findall(r'href="/runs/([\w-]+)"', page) for page in (first, second)] == [
        [run.id] for run in running.platform.runs()
    ]
    assert running.open("/runs?before=yesterday").status_code == 400


def test_the_outbox_and_the_check_are_for_operators(running: Portal) -> None:
    for view, words in (("outbox", "Nothing waits"), ("tables&check=yes", "Outputs examined")):
        assert words in running.open(f"/runs?view={view}", "root").text
        page = running.open(f"/runs?view={view}", "ann").text
        assert words not in page and 'href="/runs?view=outbox"' not in page
    with running.sign_in("root") as operator:
        token = read_form_token(operator.get("/runs?view=outbox").text)
        answer = operator.post("/runs/outbox/retry", data={"csrf_token": token})
        assert answer.headers["location"] == "/runs?view=outbox&done=outbox_retried"
    with running.sign_in("ann") as other:
        token = read_form_token(other.get("/runs").text)
        assert other.post("/runs/outbox/retry", data={"csrf_token": token}).status_code == 403


def test_usage_is_shown_to_who_belongs_to_the_domain_or_governs(running: Portal) -> None:
    assert " kB</td>" in running.open("/runs?view=storage", "gov").text
    assert " kB</td>" not in running.open("/runs?view=storage", "ann").text


def test_the_largest_products_are_listed_to_who_answers_for_their_domains(running: Portal) -> None:
    page = running.open("/runs?view=storage", "gov").text
    assert "Largest products" in page and 'href="/runs?view=storage&amp;domain=sales#largest"' in page
    assert "Largest products" not in running.open("/runs?view=storage", "ann").text
    chosen = running.open("/runs?view=storage&domain=sales", "gov").text
    assert re.search(r'<h2>Largest products</h2>.*<a href="/products/orders">', chosen, re.DOTALL)
    assert running.open("/runs?view=storage&domain=nosuch", "gov").status_code == 404
