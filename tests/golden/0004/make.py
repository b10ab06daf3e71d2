"""How this golden home was made: by the release of the record's revision 0004, commit cd75c3b. It is not run again.

    git clone . /tmp/golden/src && cd /tmp/golden/src && git checkout cd75c3b && make install
    .venv/bin/pip install time-machine
    PYTHONPATH=TREE .venv/bin/python TREE/tests/golden/0004/make.py /tmp/golden/made

TREE is a checkout with this folder. A second argument is the URL of an empty Postgres database for the record, with
`${RECORD_PASSWORD}` as its password; its dump is then record.sql.gz.
Time is fixed, and so are the names of machine and user; ids of files and runs are random.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import time_machine
from click.testing import CliRunner

from data_platform import DataProduct, DataQualityError
from data_platform.functions import col
from data_platform.functions import sum as total
from tests.golden import answers

HERE = Path(__file__).parent
START = datetime(2026, 10, 1, 8, tzinfo=UTC)
ana, bea, cora, fin = (f"{name}@example.com" for name in ("ana", "bea", "cora", "fin"))
SECRET = "${RECORD_PASSWORD}"
CLI = import_module("data_platform.cli.main").cli
FIRST_ORDERS = """\
name: orders
domain: commerce
owner: ana@example.com
version: "1.0.0"
outputs:
  - name: orders_fact
    schema: schemas/orders_v1.json
    primary_key: order_id
"""
FIRST_BOOKS = """\
name: books
domain: finance
owner: fin@example.com
retention_days: 3650
outputs:
  - name: entries
    schema: schemas/entries.json
    partition_by: booked_on
"""


class Story:
    """One mesh as the CLI and Python make it, an hour a step."""

    def __init__(self, root: Path, clock: Any) -> None:
        self.root = root
        self.clock = clock

    def run(self, who: str, *words: object, exit_code: int = 0) -> str:
        """One command, as `who`."""
        self.clock.shift(timedelta(hours=1))
        os.environ["DATA_PLATFORM_USER"] = who
        done = CliRunner().invoke(CLI, [str(word) for word in words], prog_name="data-platform")
        assert done.exit_code == exit_code, (words, done.exit_code, done.output, done.exception)
        return done.stdout

    def publish(self, who: str, product: str, output: str, data: Any) -> None:
        """One version by Python, as `who`."""
        self.clock.shift(timedelta(hours=1))
        os.environ["DATA_PLATFORM_USER"] = who
        loaded = DataProduct.load(self.root / "products" / product)
        loaded.publish(output, data(loaded) if isinstance(data, Callable) else data)  # type: ignore[arg-type]
        loaded.platform.close()


def customers(*, more: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "email": f"person{number}@example.org" if number != 2 else None,
            "segment": "business" if number % 2 else "consumer",
            "address": {"city": f"Città {number}", "zip": [number, None]},
            "labels": ["a", f"l{number}"] if number != 3 else None,
        }
        for number in range(1, 4 + more)
    ]


def readings(shift: float) -> pa.Table:
    """Floats, NaN among them, on top and inside other values."""
    nan = math.nan
    return pa.table(
        {
            "id": pa.array(range(6), pa.int64()),
            "level": pa.array([1.5 + shift, nan, -0.0, None, 9.0 if shift else math.inf, 7.25], pa.float64()),
            "low": pa.array([nan, nan, nan, nan, nan, nan], pa.float64()),
            "small": pa.array([0.5, nan, 2.5, None, -1.0, 3.0], pa.float32()),
            "pair": pa.array(
                [{"x": 1.0}, {"x": nan}, None, {"x": None}, {"x": 2.0}, {"x": 3.0}], pa.struct({"x": pa.float64()})
            ),
            "series": pa.array([[1.0, nan], [], None, [None], [2.0], [nan]], pa.list_(pa.float64())),
        }
    )


def entries(count: int) -> pa.Table:
    days = [date(2026, 9, 28) + timedelta(days=number % 2) for number in range(count)]
    return pa.table(
        {
            "number": pa.array(range(1, count + 1), pa.int64()),
            "amount": pa.array([Decimal(f"{number}.05") for number in range(count)], pa.decimal128(12, 2)),
            "booked_on": pa.array(days, pa.date32()),
            "at": pa.array([datetime(2026, 9, 28, 7, 30, tzinfo=UTC)] * count, pa.timestamp("us", "UTC")),
            "final": pa.array([bool(number % 2) for number in range(count)]),
        }
    )


def play_publishes(story: Story) -> None:
    products, data = story.root / "products", story.root / "data"
    story.run(
        ana, "domain", "define", "commerce", "--owner", ana, "--members", f"{ana},{bea}", "--responsibility", "Orders"
    )
    story.run(ana, "domain", "define", "crm", "--owner", cora)
    story.run(ana, "domain", "define", "finance", "--owner", fin, "--members", fin)
    story.run(ana, "policies", "apply", story.root / "policies.yaml", "--yes", "--note", "agreed")

    story.publish(cora, "customers", "customers_dim", customers())
    story.publish(cora, "customers", "customers_dim", customers(more=2))
    (data / "orders.csv").write_text("order_id,customer_id,day,amount\n1,1,2026-09-28,10.5\n2,2,2026-09-29,20.25\n")
    final = (products / "orders/product.yaml").read_text()
    (products / "orders/product.yaml").write_text(FIRST_ORDERS)
    story.run(ana, "publish", products / "orders", "orders_fact", data / "orders.csv")
    story.run(bea, "subscribe", "orders")
    story.run(bea, "consume", "orders", "orders_fact", "--format", "csv")
    (products / "orders/product.yaml").write_text(final)
    new = "order_id,customer_id,day,total,note\no1,1,2026-09-28,10.5,x\no2,2,2026-09-29,20.25,\n"
    new += 'o3,3,2026-09-29,0.5,"a ""b"""\n'
    (data / "orders.csv").write_text(new)
    story.run(ana, "publish", products / "orders", "orders_fact", data / "orders.csv")
    (data / "bad.csv").write_text(new.replace("20.25", "-1"))
    story.run(ana, "publish", products / "orders", "orders_fact", data / "bad.csv", exit_code=1)
    (data / "orders.csv").write_text(new + "o4,1,2026-09-30,7,\n")
    story.run(ana, "publish", products / "orders", "orders_fact", data / "orders.csv")
    story.run(ana, "deprecate", "orders.orders_fact@1", "--until", "2090-01-01")


def play_governance(story: Story) -> None:
    products, data = story.root / "products", story.root / "data"
    story.publish(bea, "readings", "levels", readings(0.0))
    story.publish(bea, "readings", "levels", readings(1.0))
    story.run(bea, "subscribe", "customers")
    books = products / "books"
    shutil.copytree(products / "ledger", books)
    (books / "product.yaml").write_text(FIRST_BOOKS)
    story.run(fin, "policies", "attest", "books", "reviewed-by-legal", "--evidence", "LEGAL-7", "--until", "2027-09-01")
    story.publish(fin, "books", "entries", entries(3))
    story.run(fin, "rename", "books", "ledger")
    shutil.rmtree(books)
    story.publish(fin, "ledger", "entries", entries(5))

    story.run(fin, "policies", "waive", "revenue", "reviewed-by-legal", "--reason", "to come", "--until", "2027-09-01")
    story.run(cora, "policies", "approve", "1")
    story.publish(fin, "revenue", "by_segment", revenue)
    story.publish(fin, "revenue", "by_segment", revenue)

    with (data / "orders.csv").open("a") as rows:
        rows.write("o5,5,2026-09-30,8,last\n")
    story.run(ana, "publish", products / "orders", "orders_fact", data / "orders.csv")
    story.publish(cora, "surveys", "answers", [{"id": 1, "score": 4}])
    with suppress(DataQualityError):
        story.publish(cora, "surveys", "answers", [{"id": 2, "score": 11}])
    standing = json.loads(story.run(cora, "incidents", "list", "surveys", "--open", "--json"))
    refusal = next(incident["id"] for incident in standing if "policy" not in incident["cause"])
    story.run(cora, "incidents", "ack", refusal, "--comment", "asked the field team")
    story.publish(ana, "legacy", "old", [{"id": 1, "when": "2020-01-01"}])
    story.run(ana, "archive", "legacy")
    story.run(ana, "transfer", "orders", "--to", bea)
    story.run(cora, "offboard", "gone@example.com")
    story.run(bea, "consume", "customers", "customers_dim", "--mask", "--format", "csv")
    story.run(bea, "sql", 'SELECT count(*) AS n FROM "orders".orders_fact', "--format", "csv")
    story.run(ana, "tick")
    (story.root / "anchor.json").write_text(story.run(ana, "audit", "anchor"))
    story.run(bea, "consume", "orders", "orders_fact", "--format", "csv")


def revenue(product: DataProduct) -> Any:
    orders = product.consume("orders", "orders_fact")
    people = product.consume("customers", "customers_dim").withColumnRenamed("id", "customer_id")
    return orders.join(people, "customer_id").groupBy("segment").agg(total(col("total")).alias("total"))


def pack(folder: Path, file: Path) -> None:
    with tarfile.open(file, "w:gz") as archive:
        for path in sorted(folder.rglob("*")):
            archive.add(path, path.relative_to(folder.parent), recursive=False)


def main(place: str, record: str | None = None) -> None:
    root = Path(place)
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(HERE / "products", root / "products")
    shutil.copy(HERE / "policies.yaml", root)
    home = root / ".data-platform"
    home.mkdir()
    (root / "data").mkdir()
    os.chdir(root)
    settings = '[openlineage]\nurl = "http://127.0.0.1:9"\n'
    (home / "settings.toml").write_text(settings + (f'[record]\nurl = "{record}"\n' if record else ""))
    names = import_module("data_platform.settings.identity")
    with (
        mock.patch.object(platform, "node", lambda: "golden.example.org"),
        mock.patch.object(names, "_process_user", lambda: "golden"),
        time_machine.travel(START, tick=True) as clock,
    ):
        story = Story(root, clock)
        play_publishes(story)
        play_governance(story)
        name = "postgres" if record else "sqlite"
        os.environ["DATA_PLATFORM_USER"] = answers.WHO
        if record:
            dump = [
                "pg_dump",
                "--no-owner",
                "--no-privileges",
                "--inserts",
                record.replace(SECRET, os.environ["RECORD_PASSWORD"]),
            ]
            script = subprocess.run(dump, check=True, capture_output=True).stdout
            (HERE / "record.sql.gz").write_bytes(gzip.compress(script, mtime=0))
        shutil.copy(root / "anchor.json", HERE / f"{name}.anchor.json")
        pack(home, HERE / f"{name}.tar.gz")
        expected = json.dumps(answers.ask(CLI), indent=1, ensure_ascii=False, sort_keys=True)
        (HERE / f"{name}.json").write_text(expected + "\n")
        surface = json.dumps(answers.describe_surface(CLI), indent=1, sort_keys=True)
        (HERE / "surface.json").write_text(surface + "\n")


main(*sys.argv[1:])
