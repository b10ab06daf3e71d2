"""`data-platform test` beside `datacontract test`: the same ODCS contract, the same file, each a command of its own.

A tiny file is what a cold start costs; a million rows are what reading and judging cost. Both tools must say the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from benchmarks.data import RULES, rows
from benchmarks.measure import Figure, ratio

ROWS = 1_000_000
THEIRS = Path(__file__).parent.parent / "build/datacontract-cli/bin/datacontract"
OURS = Path(sys.executable).with_name("data-platform")
TYPES = {
    **dict.fromkeys(("id", "customer_id", "product_id", "quantity"), "integer"),
    **dict.fromkeys(("price", "amount"), "number"),
    **dict.fromkeys(("status", "country", "email"), "string"),
    "created_at": "timestamp",
}


def figures(folder: Path, rounds: int) -> Iterator[Figure]:
    """Three files: tiny, and a million rows as CSV and as parquet."""
    if not THEIRS.exists():
        raise SystemExit(f"{THEIRS} is missing: make bench builds it")
    table = rows(ROWS)
    yield _figure(folder / "tiny", table.slice(0, 10), "csv", rounds + 2)
    for form in ("csv", "parquet"):
        yield _figure(folder / form, table, form, rounds)


def _figure(folder: Path, table: pa.Table, form: str, rounds: int) -> Figure:
    folder.mkdir()
    data = folder / f"facts.{form}"
    pc.write_csv(table, data) if form == "csv" else pq.write_table(table, data, compression="zstd")
    contract = folder / "facts.odcs.yaml"
    contract.write_text(_contract(form))

    def ours() -> None:
        _passed([OURS, "test", contract, "--data", data], folder)

    def base() -> None:
        _passed([THEIRS, "test", contract], folder)

    work = f"test {table.num_rows:,} rows of {form}, 10 columns, 10 rules"
    return ratio(work, "datacontract test", 0.33, ours, base, rounds)


def _passed(command: list[str | Path], folder: Path) -> None:
    subprocess.run(list(map(str, command)), check=True, cwd=folder, stdout=subprocess.DEVNULL)


def _contract(form: str) -> str:
    """As YAML, of which JSON is a part."""
    properties = [{"name": name, "logicalType": kind, "required": True} for name, kind in TYPES.items()]
    properties[-1] |= {"logicalTypeOptions": {"timezone": True}}
    quality = [{"name": name, "type": "sql", "query": query, "mustBe": 0} for name, query in RULES.items()]
    server = {"server": "local", "type": "local", "path": f"facts.{form}", "format": form}
    facts = {
        "name": "facts",
        "logicalType": "object",
        "physicalType": "table",
        "properties": properties,
        "quality": quality,
    }
    contract = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "bench.facts",
        "name": "facts",
        "version": "1.0.0",
        "status": "active",
        "servers": [server],
        "schema": [facts],
    }
    return json.dumps(contract, indent=2)
