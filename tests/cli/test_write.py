"""register, publish, run: what changes the mesh, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CUSTOMERS, ORDERS, Run, write_customers, write_orders

PIPELINE = """\
from data_platform import DataProduct
from helper import double

product = DataProduct.load("./product.yaml")


@product.pipeline(output="orders_fact")
def build():
    return [{"id": 1, "total": double(2.5)}]
"""


def test_register_tells_what_is_new_what_changed_and_what_is_doubtful(run: Run, folder: Path) -> None:
    write_customers(folder)
    product = write_orders(folder) / "product.yaml"
    first = run("register", ".")
    assert first.exit_code == 0
    assert first.stdout.count("registered") == 2
    assert "domain commerce is new" in first.stdout
    assert "warning: input payments.payments_fact is not registered yet" in first.stderr

    assert [line.split()[0] for line in run("register", ".").stdout.splitlines()] == ["unchanged", "unchanged"]

    product.write_text(ORDERS.replace("tags: [money]", "tags: [money, daily]"))
    changed = json.loads(run("register", product, "--json").stdout)
    assert len(changed) == 1
    assert (changed[0]["created"], changed[0]["revision"], changed[0]["file"]) == (False, 2, str(product))
    assert changed[0]["changes"] != []


def test_register_judges_all_and_exits_with_the_worst(run: Run, folder: Path) -> None:
    customers = write_customers(folder)
    assert run("register", "customers").exit_code == 0
    (customers / "product.yaml").write_text(CUSTOMERS.replace("cora@", "carl@"))
    orders = write_orders(folder)
    done = run("register", "customers", "orders", "--json")
    assert done.exit_code == 1
    taken, registered = json.loads(done.stdout)
    assert (taken["error"]["kind"], taken["error"]["exit_code"]) == ("OwnershipConflict", 1)
    assert registered["product"] == "orders"
    assert "belongs to cora@example.com" in done.stderr

    (orders / "product.yaml").write_text("name: 7\n")
    assert run("register", "customers", "orders").exit_code == 2


def test_a_breaking_change_is_a_table_of_its_breaks(run: Run, folder: Path) -> None:
    customers = write_customers(folder)
    assert run("register", "customers").exit_code == 0
    schema = json.loads((customers / "customers.json").read_text())
    schema["properties"]["id"] = {"type": "string"}
    (customers / "customers.json").write_text(json.dumps(schema))
    done = run("register", "customers")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "the change to customers would break its readers" in done.stderr
    assert "why it breaks readers" in done.stderr
    assert "customers_dim" in done.stderr.splitlines()[3]


def test_publish_from_a_file(run: Run, folder: Path) -> None:
    write_orders(folder)
    (folder / "orders.csv").write_text("id,total\n1,2.5\n2,3\n")
    done = run("publish", "orders/product.yaml", "orders_fact", "orders.csv")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == ("published orders.orders_fact version 1: 2 rows, 1 rule passed, 1 warning")
    assert "warning: many_rows: 2, and > 100 was wanted" in done.stderr
    told = json.loads(run("publish", "orders", "orders_fact", "orders.csv", "--json").stdout)
    assert (told["success"], told["version"], told["rows"]) == (True, 2, 2)
    assert told["quality"]["outcome"] == "warned"
    assert {rule["rule"]: rule["passed"] for rule in told["quality"]["rules"]} == {
        "no_negative_total": True,
        "many_rows": False,
    }


@pytest.mark.long
def test_a_refusal_shows_rules_and_rows_and_masks_what_is_personal(run: Run, folder: Path) -> None:
    run("init")
    customers = write_customers(folder)
    (customers / "product.yaml").write_text(
        CUSTOMERS.replace("customers.json\n", "customers.json\n    primary_key: id\n")
    )
    (folder / "twice.jsonl").write_text('{"id": 7, "email": "zoe@example.org"}\n' * 2)
    done = run("publish", "customers", "customers_dim", "twice.jsonl")
    assert (done.exit_code, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert lines[0].startswith("customers.customers_dim refused: 1 of ")
    assert lines[2].split() == ["rule", "severity", "value", "threshold"]
    assert "≤ 0" in lines[3]
    assert "failing rows of" in done.stderr
    assert "***" in done.stderr
    assert "zoe" not in done.output

    error = json.loads(run("publish", "customers", "customers_dim", "twice.jsonl", "--json").stdout)["error"]
    assert (error["kind"], error["exit_code"]) == ("DataQualityError", 1)
    assert error["failures"][0]["threshold"] == 0
    assert error["failures"][0]["rows"] != []
    assert run("versions", "customers", "--json").stdout == "[]\n"


def test_data_that_does_not_fit_is_told_column_by_column(run: Run, folder: Path) -> None:
    run("init")
    write_customers(folder)
    (folder / "odd.csv").write_text("emial\nx\n")
    done = run("publish", "customers", "customers_dim", "odd.csv")
    assert (done.exit_code, done.stdout) == (1, "")
    rows = [line.split()[:2] for line in done.stderr.splitlines()[2:]]
    assert rows[0] == ["column", "difference"]
    assert sorted(rows[1:-1]) == [["column", "1"], ["id", "missing"]]
    assert "emial" not in done.output, "it may be a value, and the output has protected columns"


def test_a_file_that_cannot_be_read_is_bad_input(run: Run, folder: Path) -> None:
    write_customers(folder)
    (folder / "not.parquet").write_text("no")
    done = run("publish", "customers", "customers_dim", "not.parquet")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-2:] == [
        'error: "not.parquet" is text, not a parquet file',
        "  → name it .csv, .json or .jsonl, as its content is",
    ]


def test_run_builds_and_publishes(run: Run, folder: Path) -> None:
    product = write_orders(folder)
    (product / "pipeline.py").write_text(PIPELINE)
    (product / "helper.py").write_text("def double(x):\n    return 2 * x\n")
    done = run("run", "orders/product.yaml", "orders_fact")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("published orders.orders_fact version 1: 1 row")
    rows = run("consume", "orders", "orders_fact", "--json")
    assert json.loads(rows.stdout) == [{"id": 1, "total": 5.0}]


@pytest.mark.parametrize(
    ("line", "place"),
    [("    return [{'id': 1 / 0}]", "pipeline.py:9:"), ("    import nosuchmodule", "pipeline.py:9:")],
)
def test_a_mistake_in_the_pipeline_is_told_with_its_line(run: Run, folder: Path, line: str, place: str) -> None:
    product = write_orders(folder)
    (product / "helper.py").write_text("double = float\n")
    (product / "pipeline.py").write_text("\n".join([*PIPELINE.splitlines()[:-1], line, ""]))
    done = run("run", "orders", "orders_fact")
    assert done.exit_code == 2
    assert place in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('output="orders_fact"', 'output="orders_fct"', 7),
        ('output="orders_fact"', 'output="orders_fact", schedule="often"', 7),
        ("    return", '    product.read_source("none", "t")\n    return', 9),
        ("    return", '    product.consume("nobody", "t")\n    return', 9),
        ("    return", '    return product.consume("orders", "orders_fact").groupBy("Ortt").count()\n    return', 9),
    ],
    ids=["output", "schedule", "source", "product", "column"],
)
def test_an_error_of_ours_in_a_pipeline_has_its_line(run: Run, folder: Path, old: str, new: str, line: int) -> None:
    product = write_orders(folder)
    (product / "helper.py").write_text("double = float\n")
    (product / "pipeline.py").write_text(PIPELINE)
    assert run("run", "orders", "orders_fact").exit_code == 0
    assert PIPELINE.count(old) == 1
    (product / "pipeline.py").write_text(PIPELINE.replace(old, new))
    failed = run("run", "orders", "orders_fact")
    assert failed.exit_code == 2
    assert f"pipeline.py:{line}:" in failed.stderr


def test_a_pipeline_that_is_not_there_is_told(run: Run, folder: Path) -> None:
    product = write_orders(folder)
    missing = run("run", "orders", "orders_fact")
    assert missing.exit_code == 2
    assert "no pipeline beside" in missing.stderr
    (product / "pipeline.py").write_text("")
    empty = run("run", "orders", "orders_fact")
    assert empty.exit_code == 2
    assert "orders.orders_fact has no pipeline" in empty.stderr
    assert "did you mean orders_fact?" in run("run", "orders", "orders_fct").stderr


def test_two_pipelines_of_one_output_are_refused(run: Run, folder: Path) -> None:
    product = write_orders(folder)
    (product / "helper.py").write_text("double = float\n")
    (product / "pipeline.py").write_text(PIPELINE)
    (product / "pipelines").mkdir()
    (product / "pipelines/again.py").write_text(PIPELINE)
    done = run("run", "orders", "orders_fact")
    assert done.exit_code == 2
    assert "orders.orders_fact has two pipelines" in done.stderr


def test_gc_says_what_it_removes(run: Run, folder: Path) -> None:
    write_orders(folder)
    (folder / "orders.csv").write_text("id,total\n1,2.5\n")
    assert run("publish", "orders", "orders_fact", "orders.csv").exit_code == 0
    orphan = folder / ".data-platform/tables/orders/orders_fact/data/0123456789abcdef-0.parquet"
    orphan.write_bytes(b"x" * 1500)
    assert run("gc", "--dry-run").stdout == "would remove 1 file, 1.5 kB\n"
    assert json.loads(run("gc", "--json").stdout) == {
        "files": 1,
        "bytes": 1500,
        "dry_run": False,
        "skipped": [],
        "kept": 0,
    }
    assert not orphan.exists()


def test_a_command_with_an_idempotency_key_is_carried_out_once(run: Run, folder: Path) -> None:
    write_customers(folder)
    run("register", ".")
    (folder / "rows.csv").write_text("id,email\n1,a@example.org\n")
    publish = ("--idempotency-key", "night", "publish", "customers", "customers_dim", "rows.csv", "--json")
    first = run(*publish)
    assert first.exit_code == 0, first.stderr
    assert json.loads(run(*publish).stdout) == json.loads(first.stdout)
    (folder / "rows.csv").write_text("id,email\n2,b@example.org\n")
    refused = run(*publish)
    assert refused.exit_code == 1
    assert "came before with other data" in refused.stderr
    assert run("--idempotency-key", "a b", *publish[2:]).exit_code == 2


def test_a_run_takes_no_idempotency_key(run: Run, folder: Path) -> None:
    write_customers(folder)
    pipeline = PIPELINE.replace("orders_fact", "customers_dim").replace("from helper import double\n", "")
    (folder / "customers" / "pipeline.py").write_text(pipeline)
    refused = run("--idempotency-key", "night", "run", "customers", "customers_dim")
    assert (refused.exit_code, "a run takes no idempotency key" in refused.stderr) == (2, True)
