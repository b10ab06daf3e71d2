"""lineage: outputs, columns, impact and events, on a terminal and for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from data_platform import DataProduct, Platform
from data_platform.functions import col
from data_platform.functions import sum as sum_
from data_platform.verbs.lineage.column_results import ColumnGraph, Impact
from tests.cli.conftest import GOOD, Run, write_customers, write_orders

DAILY = "name: daily\ndomain: finance\nowner: dan@example.com\noutputs: [{name: t}]\n"


def keys(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


@pytest.fixture(scope="session")
def daily_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """customers, orders made of them, and daily sums of the orders; tests only look at it."""
    root = tmp_path_factory.mktemp("daily")
    (root / "home").mkdir()
    (root / "product.yaml").write_text(DAILY)
    with Platform.open(root / "home") as platform:
        DataProduct(write_customers(root), platform).publish("customers_dim", [{"id": 1, "email": None}])
        orders = DataProduct(write_orders(root), platform)
        for _ in range(2):
            orders.publish("orders_fact", GOOD, lineage=["customers.customers_dim"])
        product = DataProduct(root, platform)
        frame = product.consume("orders", "orders_fact").filter(col("note") != "cancelled")
        product.publish("t", frame.agg(sum_("total").alias("sum")))
    return root / "home"


@pytest.fixture
def daily(daily_home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That mesh, as the one the command line finds."""
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(daily_home))
    return daily_home


def test_lineage_of_a_column_drawn_and_its_impact(run: Run, daily: Path) -> None:
    assert run("lineage", "orders.orders_fact.total").stdout.splitlines() == [
        "orders.orders_fact.total",
        "made from nothing known",
        "used in",
        "└── daily.t.sum  masked aggregation  of version 2",
    ]
    assert run("lineage", "daily.t.sum", "--downstream").stdout.splitlines() == [
        *("daily.t.sum", "made from nothing known", "used in nothing known"),
    ]
    up = json.loads(run("lineage", "daily.t.sum", "--upstream", "--json").stdout)
    assert list(up) == keys(ColumnGraph)
    assert run("lineage", "daily.t.sum", "--format", "dot").stdout.splitlines()[3:-1] == [
        '  n0 [label="daily.t.sum"];',
        '  n1 [label="orders.orders_fact.total"];',
        '  n2 [label="orders.orders_fact.note"];',
        '  n1 -> n0 [label="masked aggregation"];',
        '  n2 -> n0 [label="filter", style=dashed];',
    ]
    told = run("lineage", "orders", "--impact", "total").stdout.splitlines()
    assert told[0].startswith("orders.orders_fact.total  of ")
    assert told[2:] == ["a change affects 1 output of 1 product", "", *told[4:]]
    assert told[5].split()[:5] == ["1", "daily.t", "sum", "(masked", "aggregation)"]
    assert list(json.loads(run("lineage", "orders", "--impact", "total", "--json").stdout)) == keys(Impact)


def test_lineage_as_events_is_one_event_a_line(run: Run, daily: Path) -> None:
    events = [json.loads(line) for line in run("lineage", "orders", "--format", "openlineage").stdout.splitlines()]
    assert {event["schemaURL"].rpartition("/")[2] for event in events} == {"DatasetEvent", "JobEvent", "RunEvent"}
    written = {output["name"] for event in events for output in event.get("outputs", ())}
    assert {name.rpartition("/tables/")[2] for name in written} == {
        *("orders/orders_fact", "customers/customers_dim", "daily/t"),
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("orders.orders_fact.total", "--impact", "total"), "write PRODUCT.OUTPUT without it"),
        (("orders", "--impact", "total", "--format", "dot"), "--downstream --depth 50"),
        (("orders.orders_fact", "--format", "openlineage"), "recorded per product"),
        (("orders.orders_fact.totl",), "did you mean total?"),
        (("orders.orders_fac",), "did you mean orders_fact?"),
    ],
)
def test_lineage_asked_wrongly_says_how_to_ask(run: Run, daily: Path, arguments: tuple[str, ...], message: str) -> None:
    asked = run("lineage", *arguments)
    assert asked.exit_code == 2
    assert message in asked.stderr
