"""Keys, pages, conditional requests and limits, as a caller over HTTP meets them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from data_platform import Platform
from data_platform.client.transport import connect
from data_platform.platform import InProcess
from data_platform.server import calling, door
from data_platform.server.app import ServerApp
from data_platform.server.limits.guards import StrangerLimit, make_guards
from data_platform.server.limits.shared import SharedCounters
from data_platform.settings import Principal
from data_platform.settings.quotas import Quota
from data_platform.verbs.core.mesh import Mesh
from tests.server.serving import ARROW, OWNER, TOKEN, make_client, make_parts, register, serve, write_arrow

VERSIONS = "/products/orders/outputs/t/versions"
OTHER = Principal("other@example.org", verified=True, local=True)


class Served:
    """A server of a mesh, whose limits a test sets."""

    def __init__(self, mesh: Mesh, folder: Path) -> None:
        self.mesh = mesh
        self.counters = SharedCounters(folder / "limits.db", lambda: 1000.0)
        self.parts = replace(
            make_parts(mesh),
            authenticate={TOKEN: OWNER, "other": OTHER}.get,
            guards=make_guards(self.counters, replace(mesh.settings.server, requests_per_second=100_000)),
            on_stranger=StrangerLimit(self.counters, 2),
        )
        self.url = ""
        self.client = httpx.Client()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with Platform.open(folder / ".data-platform", make=True) as platform:
        assert isinstance(platform._transport, InProcess)
        served = Served(platform._transport.context().mesh, folder)
        with serve(ServerApp(served.parts)) as url, make_client(url) as client:
            served.url, served.client = url, client
            assert register(client).status_code == 200
            yield served


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers over a limit are answered at once."""
    monkeypatch.setattr(door, "LIMITED_SECONDS", 0)


@pytest.fixture
def client(served: Served) -> httpx.Client:
    return served.client


def publish(client: httpx.Client, rows: list[dict[str, Any]], key: str | None = None) -> httpx.Response:
    headers = {"Content-Type": ARROW} | ({"Idempotency-Key": key} if key is not None else {})
    return client.post(VERSIONS, content=write_arrow(rows), headers=headers)


def walk(client: httpx.Client, path: str, between: Any = lambda: None) -> list[list[Any]]:
    """All pages of a list; `between` is called after each."""
    pages, url = [], path
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        following = answer.links.get("next", {}).get("url")
        url = path.partition("?")[0] + following if following else ""
        between()
    return pages


def test_a_publish_with_a_key_is_carried_out_once(client: httpx.Client) -> None:
    before = len(client.get("/products/orders/versions").json())
    first = publish(client, [{"id": 1}], "night")
    assert first.status_code == 200
    assert publish(client, [{"id": 1}], "night").json() == first.json()
    other = publish(client, [{"id": 2}], "night")
    assert (other.status_code, other.json()["kind"]) == (422, "KeyReused")
    assert publish(client, [{"id": 1}], "a b").status_code == 400
    assert len(client.get("/products/orders/versions").json()) == before + 1
    archive = ("PUT", "/products/orders/archive")
    done = [client.request(*archive, json={}, headers={"Idempotency-Key": "arch"}).json() for _ in range(2)]
    assert done[0] == done[1]
    client.request(*archive, json={"undo": True})


def test_a_list_comes_in_pages_and_the_sdk_gets_all_of_it(served: Served, client: httpx.Client) -> None:
    entries = client.get("/audit?limit=1000").json()
    numbers = [entry["number"] for entry in entries]
    pages = walk(client, "/audit?limit=2")
    assert [len(page) for page in pages[:-1]] == [2] * (len(pages) - 1)
    assert [entry["number"] for page in pages for entry in page] == numbers
    remote = Platform(connect(served.url, TOKEN))
    assert [entry.number for entry in remote.audit_log(limit=None)] == numbers
    assert [entry.number for entry in remote.audit_log(limit=3)] == numbers[:3]
    assert remote.domains() == Platform(InProcess(served.mesh)).domains()


def test_the_sdk_follows_the_pages(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_platform.client.transport.LARGEST_PAGE", 1)
    remote, local = Platform(connect(served.url, TOKEN)), Platform(InProcess(served.mesh))
    assert remote.audit_log(limit=None) == local.audit_log(limit=None)
    listed = [[info.version for info in platform.versions("orders")] for platform in (remote, local)]
    assert listed[0] == listed[1]


def test_a_walk_shows_each_item_once_while_others_are_added(client: httpx.Client) -> None:
    for number in range(4):
        publish(client, [{"id": number}])
    before = [info["version"] for info in client.get("/products/orders/versions").json()]
    pages = walk(client, "/products/orders/versions?limit=1", lambda: publish(client, [{"id": 9}]))
    assert [info["version"] for page in pages for info in page] == before


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=x", "limit: must be a whole number"),
        ("limit=1&limit=2", "limit is there twice"),
        ("cursor=abc", "this is no cursor"),
        ("cursor=%FF", "no UTF-8"),
        ("cursor=WyJkIixbMV1d", "the cursor of another list"),
    ],
)
def test_a_wrong_page_is_refused(client: httpx.Client, query: str, message: str) -> None:
    answer = client.get(f"/audit?{query}")
    assert answer.status_code == 400
    assert message in answer.json()["detail"]


def test_an_answer_has_a_tag_of_its_bytes_and_its_reader(served: Served, client: httpx.Client) -> None:
    first = client.get("/products/orders")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    assert "Authorization" in first.headers["vary"]
    again = client.get("/products/orders", headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    with make_client(served.url, "other") as other:
        answer = other.get("/products/orders", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.json()) == (200, first.json())
        assert answer.headers["etag"] != tag
    publish(client, [{"id": 7}])
    assert client.get("/products/orders", headers={"If-None-Match": tag}).status_code == 200


def test_a_contract_is_replaced_only_over_the_revision_that_its_writer_saw(served: Served) -> None:
    text = "name: bills\ndomain: sales\nowner: owner@example.org\noutputs: [{name: t}]\ndescription: "

    def put(description: str, tag: str | None) -> httpx.Response:
        headers = {"Content-Type": "application/yaml"} | ({"If-Match": tag} if tag is not None else {})
        return served.client.put("/products/bills/contract", content=text + description, headers=headers)

    assert put("one", '"1"').status_code == 412
    assert put("one", '"0"').headers["etag"] == '"1"'
    changed = put("two", '"1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    lost = put("three", '"1"')
    assert (lost.status_code, lost.json()["kind"], lost.json()["status"]) == (412, "ContractMoved", 412)
    assert put("three", '"abc"').status_code == 412
    assert put("three", '"1", "2"').status_code == 400
    assert put("two", '"2"').headers["etag"] == '"2"'
    assert put("three", "*").headers["etag"] == '"3"'


def test_policies_are_replaced_only_over_the_revision_that_their_writer_saw(client: httpx.Client) -> None:
    policies = "policies: [{name: owned, rule: {type: metadata-check, condition: ASSERT product.owner IS NOT NULL}}]"

    def put(tag: str, note: str) -> httpx.Response:
        headers = {"Content-Type": "application/yaml", "If-Match": tag}
        return client.put("/policies", content=f"{policies}\n# {note}\n", headers=headers)

    first = '"0"'
    applied = put(first, "one")
    assert applied.status_code == 200, applied.text
    assert client.get("/policies").headers["etag"] == applied.headers["etag"] == '"1"'
    assert put(first, "two").status_code == 412
    assert put(applied.headers["etag"], "two").status_code == 200


def test_a_domain_is_defined_only_over_the_revision_that_its_writer_saw(client: httpx.Client) -> None:
    def put(tag: str | None, owner: str) -> httpx.Response:
        headers = {} if tag is None else {"If-Match": tag}
        return client.put("/domains/crm", json={"owner": owner}, headers=headers)

    assert put('"1"', "ana@x").status_code == 412
    assert client.get("/domains?name=crm").status_code == 404, "what was refused made none"
    defined = put('"0"', "ana@x")
    assert (defined.status_code, defined.headers["etag"]) == (200, '"1"')
    assert put('"0"', "bea@x").status_code == 412
    (listed,) = client.get("/domains?name=crm").json()
    assert (listed["owner"], listed["revision"]) == ("ana@x", 1)
    assert put('"1"', "bea@x").headers["etag"] == '"2"'
    assert put(None, "cy@x").headers["etag"] == '"3"'


@pytest.mark.parametrize(("path", "now"), [("/api/v1/domains", 2e3), ("/", 3e3), ("/search", 4e3), ("/metrics", 5e3)])
def test_an_address_has_so_many_wrong_tokens_at_every_door(
    served: Served, monkeypatch: pytest.MonkeyPatch, path: str, now: float
) -> None:
    monkeypatch.setattr(served.counters, "_clock", lambda: now)
    with httpx.Client(base_url=served.url, headers={"authorization": "Bearer wrong"}) as stranger:
        answers = [stranger.get(path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[2].headers["retry-after"]) == 30
    assert served.client.get("/domains").status_code == 200


def test_a_principal_asks_so_often(served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.parts.guards[0], "_rate", 1)
    statuses = []
    with make_client(served.url, "other") as other:
        for _ in range(3):
            answer = other.get("/domains")
            statuses.append(answer.status_code)
    assert statuses == [200, 200, 429]
    assert answer.headers["retry-after"] == "1"
    assert "requests_per_second" in answer.json()["hint"]


def test_a_principal_has_so_many_heavy_calls(served: Served, client: httpx.Client) -> None:
    query = {"query": "SELECT x FROM range(100000000) r(x), orders.t"}
    ids = [served.counters.enter(f"heavy {OWNER.name}", 8) for _ in range(8)]
    refused = client.post("/sql", json=query, headers={"Accept": ARROW})
    assert (refused.status_code, refused.json()["kind"]) == (429, "LimitExceeded")
    assert client.get("/domains").status_code == 200
    for id in ids:
        assert id is not None
        served.counters.leave(id)


@pytest.mark.long
def test_a_query_waits_for_a_place_and_is_refused_where_none_gets_free(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert publish(client, [{"id": 1}]).status_code == 200
    body = {"query": "SELECT 1 AS n FROM orders.t LIMIT 1"}
    ids = [served.counters.enter("queries", 4) for _ in range(4)]
    with monkeypatch.context() as patch:
        patch.setattr(calling, "_PLACE_TRIES", 1)
        refused = client.post("/sql", json=body)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert "4 queries run at one time" in refused.json()["detail"]
    timer = threading.Timer(0.3, lambda: [served.counters.leave(id) for id in ids if id is not None])
    timer.start()
    assert client.post("/sql", json=body).text == '{"n": 1}\n'
    timer.join()


def test_a_heavy_call_counts_until_its_rows_are_sent(served: Served, client: httpx.Client) -> None:
    publish(client, [{"id": 1}])
    query = {"query": "SELECT x FROM range(100000000) r(x), orders.t"}
    with client.stream("POST", "/sql", json=query, headers={"Accept": ARROW}) as answer:
        assert answer.status_code == 200
        assert served.counters.enter(f"heavy {OWNER.name}", 1) is None
    deadline = time.monotonic() + 10
    while (free := served.counters.enter(f"heavy {OWNER.name}", 1)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    served.counters.leave(free)


def test_metrics_say_what_domains_with_a_quota_use(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(client, [{"id": 1}])
    quotas = {"sales": Quota(stored=10**9, publishes=3)}
    monkeypatch.setattr(served.mesh, "settings", replace(served.mesh.settings, quotas=quotas))
    assert "sales" not in httpx.get(f"{served.url}/metrics").text
    text = httpx.get(f"{served.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    (stored,) = [one["usage"]["stored"] for one in client.get("/domains").json() if one["name"] == "sales"]
    assert f'data_platform_domain_stored_bytes{{domain="sales"}} {stored:.1f}' in text
    assert 'data_platform_domain_quota{domain="sales",quota="stored"} 1e+09' in text
    assert 'data_platform_domain_quota{domain="sales",quota="publishes"} 3.0' in text


def test_a_body_of_data_has_a_largest_size(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.mesh, "settings", _with_server(served.mesh, upload_mb=1))
    data = write_arrow([{"id": number} for number in range(200_000)])
    answer = client.post(VERSIONS, content=data, headers={"Content-Type": ARROW})
    assert answer.status_code == 413
    pieces = (data[start : start + 65_536] for start in range(0, len(data), 65_536))
    assert client.post(VERSIONS, content=pieces, headers={"Content-Type": ARROW}).status_code == 413


def test_a_call_that_reads_has_a_deadline(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.mesh, "settings", _with_server(served.mesh, request_seconds=0))
    answer = client.get("/products/orders")
    assert answer.status_code == 503
    assert "took longer than 0 seconds" in answer.json()["detail"]


def _with_server(mesh: Mesh, **values: int) -> Any:
    return replace(mesh.settings, server=replace(mesh.settings.server, **values))
