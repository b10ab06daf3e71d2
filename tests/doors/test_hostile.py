"""A hostile consumer at the doors: each attempt has a name, and none gets what its principal may not see.

Queries and frames that attack a view are in tests/engine/views, requests that attack the server in tests/server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from data_platform import DataProduct, verbs
from data_platform.errors import AccessDenied, BadInput, DataPlatformError, NotFound
from data_platform.server.rows.media_types import ARROW
from data_platform.verbs.reading.run_frame import FrameTable, RunFrame
from tests.doors.mesh import ACCESS, COLUMNS, PERSONAL, Doors, make_rows, open_doors
from tests.doors.readers import ROW_DOORS, list_rows
from tests.doors.test_facts import list_canaries
from tests.meshes import json_schema

EVERY_COLUMN = frozenset(COLUMNS) - {"id", "region", "birth", "salary"}


def send(doors: Doors, who: str, method: str, path: str, **options: Any) -> httpx.Response:
    """A request as it is written: no part of its path is tidied up."""
    headers = {"Authorization": f"Bearer {doors.tokens[who]}"} | options.pop("headers", {})
    base = httpx.URL(doors.url)
    url = base.copy_with(raw_path=path.encode())
    with httpx.Client(timeout=30) as client:
        return client.request(method, url, headers=headers, **options)


def find_leaks(text: str, product: str, columns: frozenset[str] = EVERY_COLUMN) -> list[str]:
    return [what for what, form in list_canaries(product, columns).items() if form in text]


PATHS = {
    "the data": "/api/v1/products/readers/outputs/t/data",
    "a pinned version": "/api/v1/products/readers/outputs/t/versions/1/data",
    "the latest version": "/api/v1/products/readers/outputs/t/versions/latest/data",
    "another letter case": "/api/v1/products/Readers/outputs/T/data",
    "an encoded letter": "/api/v1/products/%72eaders/outputs/t/data",
    "a doubled slash": "/api/v1//products/readers/outputs/t/data",
    "dot segments": "/api/v1/products/roles/../readers/outputs/t/data",
    "encoded dot segments": "/api/v1/products/roles/%2e%2e/readers/outputs/t/data",
    "an encoded slash": "/api/v1/products/roles%2f..%2freaders/outputs/t/data",
    "a semicolon": "/api/v1/products/readers;a=b/outputs/t/data",
    "a null byte": "/api/v1/products/readers%00/outputs/t/data",
    "the only output": "/api/v1/products/readers/outputs/-/data",
    "a major": "/api/v1/products/readers/outputs/t@1/data",
    "a moment": "/api/v1/products/readers/outputs/t/data?as_of=2026-11-23T12:00:00Z",
    "one column": "/api/v1/products/readers/outputs/t/data?columns=note",
    "no mask asked for": "/api/v1/products/readers/outputs/t/data?mask=false",
    "a purpose": "/api/v1/products/readers/outputs/t/data?purpose=fraud",
    "another principal as a parameter": "/api/v1/products/readers/outputs/t/data?principal=owner&as=owner",
    "the versions": "/api/v1/products/readers/versions",
    "the quality": "/api/v1/products/readers/quality",
    "the incidents": "/api/v1/incidents?product=readers",
    "the events": "/api/v1/products/readers/lineage/events",
}


@pytest.mark.parametrize("name", PATHS)
def test_no_path_leads_around_a_denial(doors: Doors, name: str) -> None:
    answer = send(doors, "consumer", "GET", PATHS[name])
    assert answer.status_code < 500
    assert not find_leaks(answer.text, "readers")


HEADERS: Mapping[str, dict[str, str]] = {
    "a range": {"Range": "bytes=0-99"},
    "another method": {"X-HTTP-Method-Override": "GET"},
    "another host": {"X-Forwarded-Host": "localhost", "Forwarded": "for=127.0.0.1"},
    "another address": {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"},
    "another user": {"X-Remote-User": "owner", "X-Forwarded-User": "owner", "Remote-User": "owner"},
    "a rewritten path": {"X-Original-URL": "/healthz", "X-Rewrite-URL": "/healthz"},
    "a cookie": {"Cookie": "data-platform-session=owner"},
}


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_makes_somebody_else_of_a_caller(doors: Doors, name: str) -> None:
    answer = send(doors, "consumer", "GET", PATHS["the data"], headers=HEADERS[name])
    assert answer.status_code == 403
    assert not find_leaks(answer.text, "readers")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH"])
def test_no_method_reads_what_get_does_not(doors: Doors, method: str) -> None:
    answer = send(doors, "consumer", method, PATHS["the data"])
    assert answer.status_code in (200, 204, 400, 403, 405, 501)
    assert not find_leaks(answer.text + str(dict(answer.headers)), "readers")


def test_a_page_of_another_site_reads_nothing(doors: Doors) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for method in ("GET", "OPTIONS"):
        answer = send(doors, "owner", method, "/api/v1/products/roles", headers=headers)
        assert not [name for name in answer.headers if name.lower().startswith("access-control-allow")]


def test_the_etag_of_another_is_worth_nothing(doors: Doors) -> None:
    path = "/api/v1/products/roles"
    etags = {who: send(doors, who, "GET", path).headers["etag"] for who in ("owner", "consumer", "governor")}
    assert len(set(etags.values())) == 3
    answer = send(doors, "consumer", "GET", path, headers={"If-None-Match": etags["owner"]})
    assert answer.status_code == 200
    denied = send(doors, "consumer", "GET", "/api/v1/products/unseen", headers={"If-None-Match": "*"})
    assert denied.status_code == 404


def test_the_key_of_another_replays_nothing(doors: Doors) -> None:
    body = {"query": 'SELECT name FROM "readers".t'}
    headers = {"Idempotency-Key": "the-key-of-the-owner"}
    path = "/api/v1/products/readers/subscription"
    assert send(doors, "owner", "PUT", path, headers=headers).status_code < 300
    assert send(doors, "consumer", "POST", "/api/v1/sql", json=body, headers=headers).status_code == 403
    publish = "/api/v1/products/readers/outputs/t/versions"
    answer = send(doors, "consumer", "POST", publish, content=b"", headers={**headers, "Content-Type": ARROW})
    assert answer.status_code == 403


QUERIES = {
    "a product that is denied": 'SELECT * FROM "readers".t',
    "another letter case": "SELECT * FROM READERS.T",
    "a denied one beside an open one": 'SELECT r.name FROM "roles".t AS x JOIN "readers".t AS r ON true',
    "a name that is a common table": 'WITH t AS (SELECT 1 AS id) SELECT * FROM t, "readers".t AS u',
    "in a subquery": 'SELECT id FROM "roles".t WHERE EXISTS (SELECT 1 FROM "readers".t WHERE id > 6)',
    "a file": "SELECT * FROM read_parquet('tables/readers/t/data/*.parquet')",
    "the catalog of the engine": "SELECT * FROM duckdb_tables()",
    "the settings of the engine": "SELECT * FROM duckdb_settings()",
    "the files of the engine": "SELECT * FROM glob('**')",
    "a variable": "SELECT getenv('DATA_PLATFORM_HOME')",
    "a secret": "SELECT * FROM duckdb_secrets()",
    "a plan": 'EXPLAIN SELECT * FROM "readers".t',
    "two statements": 'SELECT 1; SELECT * FROM "readers".t',
    "a table by its text": "SELECT * FROM query_table('readers')",
}


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_reads_what_is_denied(doors: Doors, name: str) -> None:
    answer = send(doors, "consumer", "POST", "/api/v1/sql", json={"query": QUERIES[name]})
    assert 400 <= answer.status_code < 500
    assert not find_leaks(answer.text, "readers")


def run_frame(doors: Doors, who: str, table: FrameTable, statement: str) -> str:
    with doors.connect(who) as mesh:
        transport = mesh._transport
        ticket = transport.call(RunFrame(statement, (table,)))
        with transport.open_rows(ticket) as rows:
            return str(rows.to_arrow().to_pylist())


FRAMES: Mapping[str, tuple[FrameTable, str]] = {
    "a version that is denied": (FrameTable("a", "readers", "t", 1), "SELECT name FROM a"),
    "a version with no masks": (FrameTable("a", "roles", "t", 1, masks=frozenset()), "SELECT name FROM a"),
    "the read of another": (FrameTable("a", "readers", "t", 1, read_id=1), "SELECT name FROM a"),
    "a new name for a column": (FrameTable("a", "roles", "t", 1), "SELECT x.b FROM a AS x(i, r, n, b)"),
    "a member of a structure": (FrameTable("a", "roles", "t", 1), "SELECT address.street AS note FROM a"),
    "a row as one value": (FrameTable("a", "roles", "t", 1), "SELECT a FROM a"),
    "another table": (FrameTable("a", "roles", "t", 1), 'SELECT name FROM "readers".t'),
    "a hidden product": (FrameTable("a", "unseen", "t", 1), "SELECT name FROM a"),
}


@pytest.mark.parametrize("name", FRAMES)
def test_no_plan_of_a_client_widens_its_view(doors: Doors, name: str) -> None:
    table, statement = FRAMES[name]
    try:
        text = run_frame(doors, "consumer", table, statement)
    except DataPlatformError as error:
        text = f"{error.message} {error.hint}"
    assert not [leak for product in ACCESS for leak in find_leaks(text, product, PERSONAL)]


ACTS: Mapping[str, Callable[[Doors], object]] = {
    "attributes of one's own": lambda doors: doors.act_as("regionless").set_attributes("regionless", ["region=EU"]),
    "a role of one's own": lambda doors: doors.act_as("consumer").grant_role("consumer", "admin"),
    "a team that may read": lambda doors: doors.act_as("consumer").add_member("risk", "consumer"),
    "a token of another": lambda doors: doors.act_as("consumer").create_token("owner", "owner", team="shop"),
    "a contract that opens it": lambda doors: doors.act_as("other-owner").register(doors.folder / "readers"),
    "an owner's address": lambda doors: doors.act_as("consumer").claim_owner("shop", "consumer"),
    "glass without a role": lambda doors: doors.act_as("consumer").break_glass("unseen.t", "I want to see it"),
    "the audit log": lambda doors: doors.act_as("consumer").audit_log(),
    "the key of a column": lambda doors: doors.act_as("consumer").erase_key(
        "readers", "t", "name", confirm="readers.t.name"
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_nobody_gives_themselves_more(doors: Doors, name: str) -> None:
    with pytest.raises((AccessDenied, NotFound)):
        ACTS[name](doors)


def test_nobody_approves_their_own_request(doors: Doors) -> None:
    request = doors.act_as("other-owner").request_access("readers.t", "for myself", until="2d")
    for who in ("other-owner", "consumer", "european"):
        with pytest.raises((AccessDenied, NotFound)):
            doors.act_as(who).approve_access(request.id)
    doors.act_as("other-owner").withdraw_access_request(request.id)


HIDDEN_DOORS: Mapping[str, Callable[[Doors, str], object]] = {
    "show": lambda doors, name: doors.connect("consumer").show(name),
    "consume": lambda doors, name: doors.connect("consumer").consume(name, "t"),
    "sql": lambda doors, name: doors.connect("consumer").sql(f'SELECT * FROM "{name}".t'),
    "versions": lambda doors, name: doors.connect("consumer").versions(name),
    "lineage": lambda doors, name: doors.connect("consumer").lineage(name),
    "quality": lambda doors, name: doors.connect("consumer").quality_metrics(name),
    "subscribe": lambda doors, name: doors.connect("consumer").subscribe(name),
    "a request": lambda doors, name: doors.connect("consumer").request_access(f"{name}.t", "to see it"),
    "explain": lambda doors, name: doors.connect("consumer").explain_access("consumer", f"{name}.t"),
    "checklist": lambda doors, name: doors.connect("consumer").checklist(name),
}


@pytest.mark.parametrize("name", HIDDEN_DOORS)
def test_a_hidden_product_is_answered_as_one_that_is_not_there(doors: Doors, name: str) -> None:
    answers = []
    for product in ("unseen", "absent"):
        with pytest.raises((NotFound, BadInput)) as raised:
            HIDDEN_DOORS[name](doors, product)
        error = raised.value
        answers.append((type(error), f"{error.message} {error.hint}".replace(product, "NAME")))
    assert answers[0] == answers[1]


def test_what_is_renamed_stays_closed(tmp_path: Path) -> None:
    with open_doors(tmp_path) as doors:
        doors.act_as("owner").rename("readers", "renamed")
        doors.act_as("owner").rename("unseen", "unknown")
        for name in ("readers", "renamed"):
            with pytest.raises(AccessDenied):
                doors.connect("consumer").consume(name, "t")
        for name in ("unseen", "unknown"):
            with pytest.raises(NotFound) as raised:
                doors.connect("consumer").consume(name, "t")
            assert {"unseen", "unknown"} & set(raised.value.message.replace("'", " ").split()) <= {name}


def test_a_view_by_a_pipeline_stays_personal(tmp_path: Path) -> None:
    """Who sees personal data in clear publishes it under another name: it is personal data there too."""
    with open_doors(tmp_path) as doors:
        folder = tmp_path / "copy"
        folder.mkdir()
        (folder / "t.json").write_text(json_schema({"id": {"type": "integer"}, "label": {"type": "string"}}))
        (folder / "product.yaml").write_text(
            "name: copy\ndomain: crm\nowner: crm\noutputs:\n- name: t\n  schema: t.json\n"
            "inputs:\n- {data_product: roles, output: t}\n"
        )
        request = doors.act_as("other-owner").request_access("roles.t", "to copy it", until="2d")
        doors.act_as("owner").approve_access(request.id)
        doors.act_as("governor").approve_access(request.id)
        for mesh in (doors.act_as("other-owner"), doors.connect("other-owner")):
            copy = DataProduct(folder, mesh)
            copy.publish("t", copy.consume("roles", "t").selectExpr("id", "upper(name) AS label"))
            seen = doors.connect("consumer").consume("copy", "t").collect()
            assert {row["label"] for row in seen} == {"***"}


@pytest.mark.long
def test_none_of_a_thousand_canaries_is_found(tmp_path: Path) -> None:
    with open_doors(tmp_path) as doors:
        product = DataProduct(tmp_path / "roles", doors.act_as("owner"))
        rows = [{**make_rows("roles")[0], "id": number, "name": f"canary-{number:04d}-zq"} for number in range(1000)]
        product.publish("t", [{**row, "id": row["id"] % 6 + 1} for row in rows])
        texts = [json.dumps(list_rows(door(doors, "consumer", "roles"))) for door in ROW_DOORS.values()]
        asked: list[Any] = [verbs.Search("canary"), verbs.Show("roles"), verbs.Versions("roles")]
        texts += [repr(doors.connect("consumer")._transport.call(request)) for request in asked]
        for query in ("SELECT name FROM roles.t", "SELECT max(name), min(name), list(name) FROM roles.t"):
            with doors.connect("consumer").sql(query) as answer:
                texts.append(str(answer.to_arrow().to_pylist()))
        assert all("***" in text for text in texts[: len(ROW_DOORS)])
        assert [row["name"] for row in rows if any(row["name"] in text for text in texts)] == []
