"""Northwind end to end: three domains published from CSV, one refusal, one product built from three; the true sums."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from data_platform import DataProduct, DataQualityError, Platform, UnreadableData

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared" / "cases" / "northwind"
REPORT = "by_country_and_category"
SOURCES = (
    ("customers", "customers"),
    ("catalogue", "products"),
    ("catalogue", "categories"),
    ("orders", "orders"),
    ("orders", "order_details"),
)

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="../shared/cases/northwind is not beside this checkout")


@pytest.fixture
def northwind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example's folder, with an empty home of its own."""
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(tmp_path / "home"))
    return Path(shutil.copytree(ROOT / "examples" / "northwind", tmp_path / "northwind"))


@pytest.fixture
def true() -> dict[str, object]:
    return {fact["fact"]: fact["value"] for fact in json.loads((CASES / "facts.json").read_text())["facts"]}


@pytest.mark.long
def test_the_report_has_the_true_revenue(northwind: Path, true: dict[str, object]) -> None:
    rows = json.loads((CASES / "facts.json").read_text())["tables"]
    for product, output in SOURCES:
        published = DataProduct(northwind / product).publish(output, CASES / f"{output}.csv")
        assert published.rows == rows[f"northwind/{output}.csv"]["rows"]

    built = DataProduct.with_pipeline(northwind / "revenue", REPORT).run(REPORT)

    with Platform.open() as platform:
        report = platform.consume("revenue", REPORT).to_polars()
        shipped = platform.consume("orders", "orders").filter("shippedDate IS NULL").count()
        graph = platform.lineage("revenue")
    assert built.rows == report.height
    assert round(report["revenue"].sum(), 4) == float(
        str(true["northwind revenue sum(unitPrice*quantity*(1-discount))"])
    )
    assert shipped == true["northwind orders with shippedDate 'NULL' (text)"]
    assert {(node.product, node.output) for node in graph.upstream if not node.declared} == set(SOURCES)


def test_an_order_of_an_unknown_customer_is_refused_with_its_row(northwind: Path, tmp_path: Path) -> None:
    DataProduct(northwind / "customers").publish("customers", CASES / "customers.csv")
    orders = DataProduct(northwind / "orders")
    first = orders.publish("orders", CASES / "orders.csv")

    with (CASES / "orders.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[7]["customerID"] = "NOONE"
    spoiled = tmp_path / "orders.csv"
    with spoiled.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(DataQualityError) as refused:
        orders.publish("orders", spoiled)

    (failure,) = refused.value.failures
    assert (failure.rule, failure.value, failure.threshold) == ("known_customers", 1, 0)
    assert [row["orderID"] for row in failure.rows] == [int(rows[7]["orderID"])]
    with Platform.open() as platform:
        assert [version.version for version in platform.versions("orders", "orders")] == [first.version]
        assert platform.quality_metrics("orders").incidents[0].resolved_at is None


def test_a_ragged_file_is_unreadable_and_publishes_nothing(northwind: Path, tmp_path: Path) -> None:
    ragged = tmp_path / "customers.csv"
    ragged.write_text((CASES / "customers.csv").read_text() + "WRONG,one,field,too,many,a,b,c,d,e,f,g,h\n")
    with pytest.raises(UnreadableData, match=r"customers\.csv"):
        DataProduct(northwind / "customers").publish("customers", ragged)
    assert not (tmp_path / "home").exists(), "a command that fails leaves no home behind"
