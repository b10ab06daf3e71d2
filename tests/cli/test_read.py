"""search, show, versions, consume, lineage, quality, domain: answers for people and for scripts."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data_platform.verbs.results import DataProductMetadata, LineageGraph, ProductHit, QualityMetrics, VersionInfo
from tests.cli.conftest import Run


def keys(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


def test_search_finds_by_words_and_filters(run: Run, mesh: Path) -> None:
    found = json.loads(run("search", "--json").stdout)
    assert {each["name"] for each in found} == {"customers", "orders"}
    assert list(found[0]) == keys(ProductHit)
    assert [each["name"] for each in json.loads(run("search", "shops", "--json").stdout)] == ["orders"]
    assert [each["name"] for each in json.loads(run("search", "--domain", "crm", "--json").stdout)] == ["customers"]
    assert [each["name"] for each in json.loads(run("search", "--tag", "money", "--json").stdout)] == ["orders"]
    assert json.loads(run("search", "nothing of the kind", "--json").stdout) == []
    assert run("search", "nothing of the kind").stderr == "nothing found\n"


def test_a_search_is_a_table_in_which_foreign_text_is_harmless(run: Run, mesh: Path) -> None:
    done = run("search", "orders")
    header, row = done.stdout.splitlines()
    assert header.split() == [
        "product",
        "domain",
        "owner",
        "verdict",
        "freshness",
        "published",
        "quality",
        "reads",
        "outputs",
        "description",
    ]
    assert row.startswith("orders")
    assert row.endswith("Orders�[31m [bold]of all shops[/bold]")


def test_show_is_one_object_or_a_card(run: Run, mesh: Path) -> None:
    shown = json.loads(run("show", "customers", "--json").stdout)
    assert list(shown) == keys(DataProductMetadata)
    card = run("show", "customers").stdout
    assert card.startswith("customers  1.0.0, active\n")
    (email,) = [line for line in card.splitlines() if line.startswith("email")]
    assert email.split() == ["email", "string", "no", "aes-256-gcm", "pii", "–"]
    assert "the schema was inferred at the first publish" in run("show", "orders").stdout


def test_versions_newest_first(run: Run, mesh: Path) -> None:
    found = json.loads(run("versions", "orders", "orders_fact", "--json").stdout)
    assert [each["version"] for each in found] == [2, 1]
    assert list(found[0]) == keys(VersionInfo)
    assert found[0]["published_at"].endswith("Z")
    lines = run("versions", "orders").stdout.splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [["orders_fact", "2", "1"], ["orders_fact", "1", "2"]]


def test_lineage_as_tree_json_and_mermaid(run: Run, mesh: Path) -> None:
    assert run("lineage", "orders").stdout.splitlines() == [
        "orders",
        "comes from",
        "├── customers.customers_dim version 1  into orders_fact",
        "└── payments.payments_fact  [declared]",
        "goes to nothing known",
    ]
    assert "└── orders.orders_fact  reads customers_dim version 1" in run("lineage", "customers").stdout
    graph = json.loads(run("lineage", "orders", "--json").stdout)
    assert list(graph) == keys(LineageGraph)
    assert json.loads(run("lineage", "orders", "--format", "json").stdout) == graph
    assert run("lineage", "orders", "--format", "mermaid").stdout.splitlines() == [
        "flowchart LR",
        '  n0["orders"]',
        '  n1["customers"]',
        '  n2["payments"]',
        '  n1 -->|"customers_dim version 1"| n0',
        '  n2 -.->|"payments_fact"| n0',
    ]


def test_quality_tells_score_promises_rules_trend_and_incidents(run: Run, mesh: Path) -> None:
    metrics = json.loads(run("quality", "orders", "--json").stdout)
    assert list(metrics) == keys(QualityMetrics)
    told = run("quality", "orders").stdout
    assert told.startswith(f"orders  {metrics['current_score']:g} of 100\n")
    assert "3 publishes judged on 1 day" in told
    assert next(line.split()[1:4] for line in told.splitlines() if "freshness" in line) == [
        "freshness",
        "15",
        "minutes",
    ]
    assert "> 100" in told
    assert "publish refused" in told


def test_domains_are_listed_shown_and_defined(run: Run, folder: Path) -> None:
    run("init")
    assert run("domain", "list").stderr.endswith("and domain define create domains\n")
    defined = run("domain", "define", "commerce", "--owner", "olga@example.com", "--members", "olga,bo", "--json")
    assert json.loads(defined.stdout) == {
        "name": "commerce",
        "responsibility": None,
        "owner": "olga@example.com",
        "members": ["olga", "bo"],
        "products": 0,
        "revision": 1,
        "usage": {
            "stored": 0,
            "publishes": 0,
            "query_seconds": 0.0,
            "stored_quota": None,
            "publishes_quota": None,
            "query_seconds_quota": None,
        },
    }
    assert run("domain", "define", "commerce", "--responsibility", "all orders").exit_code == 0
    assert run("domain", "show", "commerce").stdout.splitlines() == [
        "commerce",
        "responsibility all orders",
        "owner          olga@example.com",
        "members        olga, bo",
        "products       0",
        "stored         0 B",
    ]
    assert [each["name"] for each in json.loads(run("domain", "list", "--json").stdout)] == ["commerce"]
    assert run("domain", "show", "comerce").exit_code == 2
    assert run("domain", "define", "No Domain").exit_code == 2


def test_consume_writes_every_format(run: Run, mesh: Path, folder: Path) -> None:
    asked = ("consume", "orders", "orders_fact", "--version", 1)
    rows = json.loads(run(*asked, "--json").stdout)
    assert rows == [{"id": 1, "total": 12.5, "note": "ชำระแล้ว"}, {"id": 2, "total": 3.0, "note": "\x1b[2Jgone\u202e"}]
    assert "\x1b" not in run(*asked, "--json").stdout
    piped = run(*asked, "--format", "csv")
    assert not set(piped.stdout) & {"\x1b", "\u202e"}
    assert piped.stderr.startswith("1 text has control characters, written as escapes such as \\u001b; --out FILE")
    read = list(csv.DictReader(io.StringIO(piped.stdout)))
    assert [row["total"] for row in read] == ["12.5", "3"]
    assert [row["note"] for row in read] == ["ชำระแล้ว", "\\u001b[2Jgone\\u202e"]
    run(*asked, "--out", "orders.csv")
    with (folder / "orders.csv").open(newline="") as file:
        assert [row["note"] for row in csv.DictReader(file)] == ["ชำระแล้ว", "\x1b[2Jgone\u202e"]
    assert run(*asked, "--out", "orders.parquet").stderr == "wrote orders.parquet\n"
    assert pq.read_table(folder / "orders.parquet").to_pylist() == rows
    table = run(*asked).stdout
    assert table.splitlines()[2] == " 2    3.0  �[2Jgone�"


def test_consume_takes_columns_limit_moment_and_mask(run: Run, mesh: Path) -> None:
    masked = run("consume", "customers", "customers_dim", "--columns", "email", "--limit", 1, "--mask", "--json")
    assert json.loads(masked.stdout) == [{"email": "***"}]
    before = run("consume", "customers", "customers_dim", "--as-of", "2020-01-01")
    assert before.exit_code == 2
    assert "had no version at 2020-01-01" in before.stderr
    now = run("consume", "orders", "orders_fact", "--as-of", "2999-01-01T00:00:00+07:00", "--json")
    assert [row["id"] for row in json.loads(now.stdout)] == [1]
    assert run("consume", "orders", "orders_fact", "--as-of", "yesterday").exit_code == 2
    assert run("consume", "orders", "orders_fact", "--columns", "id,,x").exit_code == 2


def test_no_rows_are_an_empty_array(run: Run, mesh: Path) -> None:
    assert run("consume", "orders", "orders_fact", "--limit", 0, "--json").stdout == "[]\n"


def test_a_file_whose_name_tells_no_format_needs_one(run: Run, mesh: Path, folder: Path) -> None:
    done = run("consume", "orders", "orders_fact", "--out", "orders.xls")
    assert done.exit_code == 2
    assert "add --format table|csv|json|parquet" in done.stderr
    assert run("consume", "orders", "orders_fact", "--out", "orders.txt", "--format", "table").exit_code == 0
    assert (folder / "orders.txt").read_text().splitlines()[0].split() == ["id", "total", "note"]


def test_a_file_that_cannot_be_written_leaves_what_was_there(run: Run, mesh: Path, folder: Path) -> None:
    (folder / "orders.csv").write_text("mine")
    done = run("consume", "orders", "orders_fact", "--columns", "nosuch", "--out", "orders.csv")
    assert done.exit_code == 2
    assert [path.name for path in folder.iterdir()] == ["orders.csv"]
    assert (folder / "orders.csv").read_text() == "mine"


@pytest.mark.parametrize("command", ["show", "versions", "lineage", "quality"])
def test_an_unknown_product_is_told_with_the_nearest(run: Run, mesh: Path, command: str) -> None:
    done = run(command, "custmers")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "did you mean customers?" in done.stderr
