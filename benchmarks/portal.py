"""The portal on a mesh of real size: what a page costs, from the request to its last byte over loopback."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from benchmarks import finding, serving
from benchmarks.measure import Figure, seconds
from data_platform import Platform

PRODUCTS, COLUMNS, UPSTREAMS, ROUNDS = 10_000, 2_000, 3_600, 40


def figures(folder: Path) -> Iterator[Figure]:
    """The slowest of twenty visits of each page, and the bytes of a first view."""
    dice = random.Random(7)
    home = folder / "home"
    Platform.open(home, make=True).close()
    (home / "settings.toml").write_text("[server]\nrequests_per_second = 10000\n")
    vocabulary = finding.make_vocabulary(dice)
    names = finding.fill(f"sqlite:///{home / 'record.db'}", PRODUCTS, vocabulary, dice)
    with serving.serve(home) as server, server.client() as client:
        register_wide(client)
        register_hub(client, names[:UPSTREAMS])
        headers = {"Authorization": client.headers["authorization"], "Accept": "text/html"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=60) as browser:
            size = count_bytes(browser)
            yield Figure("first view of the portal", "absolute", "≤ 60 kB", f"{size / 1000:.0f} kB", size <= 60_000)
            words = [f"/search?q={word}" for word in dice.choices(vocabulary, k=ROUNDS)]
            yield time_pages(browser, f"home, {PRODUCTS:,} products", ["/"] * ROUNDS, 40)
            yield time_pages(browser, f"search, {PRODUCTS:,} products", words, 40)
            yield time_pages(browser, "suggestions", [word.replace("search", "suggest") for word in words], 40)
            yield time_pages(browser, "product", ["/products/wide"] * ROUNDS, 40)
            yield time_pages(browser, f"output of {COLUMNS:,} columns", ["/products/wide/rows"] * ROUNDS, 100)
            yield time_pages(browser, f"lineage of {UPSTREAMS:,} upstreams", ["/lineage/hub"] * ROUNDS, 100)
            table = ["/lineage/hub?view=table"] * ROUNDS
            yield time_pages(browser, f"lineage of {UPSTREAMS:,} upstreams as a table", table, 100)


def register_wide(client: httpx.Client) -> None:
    """A product whose output has 2,000 columns."""
    columns = {f"column_{at}": {"type": "string", "description": f"The value of measure {at}"} for at in range(COLUMNS)}
    register(client, "wide", "", json.dumps({"type": "object", "properties": columns}))


def register_hub(client: httpx.Client, upstreams: Sequence[str]) -> None:
    """A product that declares to be made, in two steps, from 3,600 outputs; a contract has 1,000 inputs at most."""
    between = [f"between-{number}" for number in range(4)]
    for number, name in enumerate(between):
        register(client, name, declare(upstreams[number :: len(between)], "fact"), serving.SCHEMA)
    register(client, "hub", declare(between, "rows"), serving.SCHEMA)


def declare(products: Sequence[str], output: str) -> str:
    return "inputs:\n" + "".join(f"  - {{data_product: {name}, output: {output}}}\n" for name in products)


def register(client: httpx.Client, name: str, inputs: str, schema: str) -> None:
    head = f"name: {name}\ndomain: bench\nowner: {serving.OWNER}\n"
    text = f"{head}{inputs}outputs:\n  - name: rows\n    schema: rows.json\n"
    file = {"path": "product.yaml", "text": text, "schemas": {"rows.json": schema}}
    answer = client.put(f"/products/{name}/contract", json={"file": file})
    assert answer.is_success, answer.text[:500]


def count_bytes(browser: httpx.Client) -> int:
    """The bytes of the first page and of all that it loads."""
    page = browser.get("/").text
    files = [part.partition('"')[0] for part in page.split('="/static/')[1:]]
    return len(page.encode()) + sum(len(browser.get(f"/static/{file}").content) for file in files)


def time_pages(browser: httpx.Client, work: str, paths: Sequence[str], limit: int) -> Figure:
    """The time that 95 of 100 visits stay below; one visit first is not counted."""
    browser.get(paths[0]).raise_for_status()
    times = [seconds(lambda path=path: browser.get(path).raise_for_status()) for path in paths]  # type: ignore[misc]
    p95 = statistics.quantiles(times, n=20)[18] * 1000
    measured = f"{p95:.0f} ms (p50 {statistics.median(times) * 1000:.0f} ms)"
    return Figure(f"page: {work}, p95", "absolute", f"≤ {limit} ms", measured, p95 <= limit)
