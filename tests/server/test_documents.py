from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from data_platform.server.documents.examples import PRODUCT, SCHEMA
from data_platform.server.documents.openapi import build_document
from tests.server.serving import open_server

DOCUMENT = build_document()
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
SEVERAL = {"RunFrame", "Sql", "Release"}
"""Operations that start a process, or need another environment."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with open_small_mesh(tmp_path_factory.mktemp("served")) as client:
        yield client


@contextmanager
def open_small_mesh(folder: Path) -> Iterator[httpx.Client]:
    with open_server(folder / ".data-platform") as client:
        client.put("/domains/sales", json={"owner": "ana@example.org"})
        file = {"path": "product.yaml", "text": PRODUCT, "schemas": {"orders.json": SCHEMA}}
        assert client.put("/products/orders/contract", json={"file": file}).status_code == 200
        publish = "/products/orders/outputs/orders_fact/versions"
        data = client.post(publish, content="order_id,total\n1,9.5\n", headers={"Content-Type": "text/csv"})
        assert data.status_code == 200, data.text
        for name in ("ApplyPolicies", "CreateToken"):
            assert send_example(client, *OPERATIONS[name]).status_code == 200
        assert client.put("/terms/sales", json={"definition": "What was sold."}).status_code == 200
        token = {"name": "ana@example.org", "role": "owner"}
        assert client.post("/tokens", json=token).status_code == 200
        yield client


@cache
def find_validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({**DOCUMENT, **json.loads(reference)})


def send_example(client: httpx.Client, method: str, path: str, operation: dict[str, Any]) -> httpx.Response:
    values = {item["name"]: item["example"] for item in operation["parameters"] if "example" in item}
    in_path = {item["name"] for item in operation["parameters"] if item["in"] == "path"}
    url = path.removeprefix("/api/v1").format(**{name: values[name] for name in in_path})
    query = {name: value for name, value in values.items() if name not in in_path}
    content = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("example")
    if "text/csv" in content:
        return client.request(method, url, content=content["text/csv"]["example"], headers={"Content-Type": "text/csv"})
    return client.request(method, url, params=query, json=body, headers={"Accept": "application/json, */*;q=0.5"})


def run_example(client: httpx.Client, name: str) -> None:
    method, path, operation = OPERATIONS[name]
    answer = send_example(client, method, path, operation)
    assert answer.status_code in (200, 400, 403, 404, 409, 422), answer.text
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        schema: Any = {"$ref": "#/components/schemas/Problem"}
    else:
        media_type = answer.headers["content-type"].partition(";")[0]
        schema = operation["responses"]["200"]["content"][media_type]["schema"]
        if media_type != "application/json":
            return
    find_validator(json.dumps(schema)).validate(answer.json())


READS = sorted(
    name
    for name, (method, path, _) in OPERATIONS.items()
    if method == "GET" and "{id}" not in path and name != "Examine"
)


@pytest.mark.parametrize("name", READS)
def test_the_example_of_each_read_is_answered_as_the_document_says(client: httpx.Client, name: str) -> None:
    method, path, operation = OPERATIONS[name]
    assert send_example(client, method, path, operation).status_code == 200
    run_example(client, name)


@pytest.mark.long
def test_the_example_of_each_other_operation_is_answered_as_the_document_says(tmp_path: Path) -> None:
    with open_small_mesh(tmp_path) as client:
        for name in sorted(OPERATIONS.keys() - set(READS) - SEVERAL):
            run_example(client, name)


@pytest.mark.long
def test_the_examples_of_queries_are_answered_with_rows(client: httpx.Client) -> None:
    for name in ("RunFrame", "Sql"):
        method, path, operation = OPERATIONS[name]
        answer = send_example(client, method, path, operation)
        assert answer.text == '{"orders": 1}\n', answer.text


def test_the_document_is_served_without_a_token(client: httpx.Client) -> None:
    answer = httpx.get(str(client.base_url).replace("/api/v1/", "/openapi.json"))
    assert answer.json() == DOCUMENT


def test_every_required_field_has_an_example() -> None:
    for method, path, operation in OPERATIONS.values():
        for item in operation["parameters"]:
            assert not item["required"] or item.get("example") is not None, (method, path, item["name"])
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example", {})
        assert None not in body.values(), (method, path, body)
