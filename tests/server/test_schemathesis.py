"""Requests that schemathesis makes of the OpenAPI document: none fails the server, and answers are as described."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from tests.server.serving import TOKEN, open_server, publish, register

NAMES = ("not_a_server_error", "response_schema_conformance", "content_type_conformance")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with open_server(tmp_path_factory.mktemp("served") / ".data-platform") as client:
        assert register(client).status_code == 200
        assert publish(client, [{"id": 1, "name": "a"}]).status_code == 200
        yield client


def call_all(client: httpx.Client, examples: int) -> None:
    url = str(client.base_url).replace("/api/v1/", "")
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    chosen = [CHECKS.get_one(name) for name in NAMES]
    for operation in schema.get_all_operations():
        for mode in GenerationMode:
            strategy = operation.ok().as_strategy(generation_mode=mode)

            @seed(8321)
            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy)
            def run(case: schemathesis.Case) -> None:
                answer = case.call(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
                case.validate_response(answer, checks=chosen)

            run()


@pytest.mark.long
def test_no_request_fails_the_server(client: httpx.Client) -> None:
    call_all(client, 8)


TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)


@seed(8321)
@settings(max_examples=30, database=None, suppress_health_check=list(HealthCheck), deadline=None)
@given(path=st.lists(TEXTS, min_size=1, max_size=4), query=st.dictionaries(TEXTS, TEXTS, max_size=2))
def test_no_path_fails_the_server(client: httpx.Client, path: list[str], query: dict[str, str]) -> None:
    url = "/products/" + "/".join(quote(part, safe="") for part in path)
    try:
        answer = client.get(url, params=query)
    except httpx.InvalidURL:
        return
    assert answer.status_code < 500
    assert answer.status_code < 400 or answer.headers["content-type"] == "application/problem+json"
