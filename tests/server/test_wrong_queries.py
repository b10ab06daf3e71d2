"""Every error of a query is in our words: where it is, what is wrong, and what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.serving import open_server, publish, register

WRONG = [
    "SELECT name COLLATE nope FROM t",
    "SELECT id FROM t ORDER BY name COLLATE klingon",
    "SELECT list_transform([1], lambda x) FROM t",
    "SELECT list_transform([1], lambda x: nope) FROM t",
    "SELECT list_filter([1, 2], lambda x, y, z: x) FROM t",
    "SELECT list_reduce([1, 2], lambda x: x) FROM t",
    "SELECT list_filter(id, lambda x: x) FROM t",
    "SELECT (lambda x: x + 1) FROM t",
    "SELECT '{\"a\":1}'::JSON -> '$.a[' FROM t",
    "SELECT json_extract(name, '$..*[') FROM t",
    "SELECT json_extract('{bad', '$.a') FROM t",
    "SELECT json_transform('{\"a\":1}', name) FROM t",
    'SELECT json_transform(\'{"a":1}\', \'{"a": "NOPE"}\') FROM t',
    "SELECT * FROM json_each('{')",
    "SELECT regexp_matches(name, '(') FROM t",
    "SELECT regexp_extract(name, 'a', ['x']) FROM t",
    "SELECT strftime(TIMESTAMP '2020-01-01', '%Q') FROM t",
    "SELECT date_trunc('fortnight', TIMESTAMP '2020-01-01') FROM t",
    "SELECT INTERVAL id NOPE FROM t",
    "SELECT TIMESTAMP '2020-01-01' AT TIME ZONE 'Mars/Base' FROM t",
    "SELECT 'x'::INT FROM t",
    "SELECT CAST(id AS DECIMAL(50, 2)) FROM t",
    "SELECT CAST(id AS VARCHAR(x)) FROM t",
    "SELECT 1 << 100 FROM t",
    "SELECT [1, 'a', DATE '2020-01-01'] FROM t",
    "SELECT {'a': 1}.b FROM t",
    "SELECT struct_extract({'a': 1}, 5) FROM t",
    "SELECT unnest(id) FROM t",
    "SELECT id FROM t\nWHERE unnest([1]) = 1",
    "SELECT unnest(unnest([1])) FROM t",
    "SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM t",
    "SELECT sum(id) OVER w FROM t",
    "SELECT rank() FROM t",
    "SELECT id FROM t QUALIFY nope > 1",
    "SELECT sum(sum(id)) FROM t",
    "SELECT count(DISTINCT *) FROM t",
    "SELECT id FROM t GROUP BY 5",
    "SELECT id FROM t LIMIT 'a'",
    "SELECT id FROM t LIMIT -1",
    "SELECT id FROM t UNION SELECT id, name FROM t",
    "SELECT (SELECT id, name FROM t) FROM t",
    "SELECT a.id FROM t a JOIN t b",
    "SELECT a.id FROM t a NATURAL JOIN range(3)",
    "SELECT a.id FROM t a ASOF JOIN t b ON a.id = b.id",
    "SELECT id FROM t a, t b",
    "SELECT COLUMNS('(') FROM t",
    "SELECT * EXCLUDE (id, name) FROM t",
    "SELECT id || [1] FROM t",
    "SELECT id LIKE 'a' ESCAPE 'ab' FROM t",
    "SELECT abs('x') FROM t",
    "SELECT id.nope FROM t",
    "SELECT id FROM t TABLESAMPLE 200%",
    "SELECT * FROM (PIVOT t ON name USING sum(id))",
    "SELECT * FROM (UNPIVOT t ON id, name)",
    "WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a",
    "SELECT id,\n, name FROM t",
    "SELECT id FROM t FOR UPDATE",
    "SELECT quantile_cont(id, id) FROM t",
    "SELECT grouping(id) FROM t",
    "SELECT id = ANY(['x']) FROM t",
    "SELECT sum(id) FILTER (WHERE name) FROM t",
    "SELECT error('secret') FROM t",
]
INTERNAL = re.compile(
    r"\b(Binder|Catalog|Parser|Conversion|Input|Range|Internal|Syntax|Implemented) Error|_LITERAL|\bU?INT\d+\b|\bCTE\b"
    r"|candidate|template|bind|alias map|Referenced|Failed to|Did you mean|like_escape|STAR|not supported|secret"
    r"|LINE \d|duckdb\.|sqlglot|Traceback",
)
PLACE = re.compile(r"line [1-9]\d*(, column [1-9]\d*)?\b")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server with one small output."""
    with open_server(tmp_path_factory.mktemp("wrong") / ".data-platform") as client:
        assert register(client).status_code == 200
        assert publish(client, [{"id": 1, "name": "a"}]).status_code == 200
        yield client


@pytest.mark.parametrize("query", WRONG)
def test_an_error_of_a_query_is_in_our_words(client: httpx.Client, query: str, tmp_path: Path) -> None:
    answer = client.post("/sql", json={"query": re.sub(r"\bt\b(?! ON)", "orders.t", query)})
    problem = answer.json()
    assert (answer.status_code, problem["exit_code"], problem["kind"]) == (400, 2, "QueryFailed")
    assert not INTERNAL.search(problem["detail"]), problem["detail"]
    assert problem["hint"]
    text = problem["detail"].removeprefix("the query has no answer: ")
    about_values = "withheld" in text or "could not be converted" in text
    assert about_values or PLACE.search(text) or text == "it is not one SELECT", text
    assert re.sub(r"^line \d+(, column \d+)?: ", "", text)[:1].islower() or text.startswith(("line", "DECIMAL"))
