"""Reading text strictly into the types of a contract, beside pyarrow's own readers on one thread, in processor time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.json as pj

from benchmarks.data import rows
from benchmarks.measure import Figure, ratio
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import DataType, Decimal, Kind, Primitive, SchemaColumn, TableSchema
from data_platform.tables.intake import cast_arguments, open_data

ROWS = 1_000_000
KINDS: dict[str, DataType] = {
    **{name: Primitive(Kind.LONG) for name in ("id", "customer_id")},
    "quantity": Primitive(Kind.INT),
    "price": Decimal(12, 2),
    "amount": Primitive(Kind.DOUBLE),
    "day": Primitive(Kind.DATE),
    "created_at": Primitive(Kind.TIMESTAMPTZ),
    "status": Primitive(Kind.STRING),
    "email": Primitive(Kind.STRING),
    "active": Primitive(Kind.BOOLEAN),
}
CONTRACT = TableSchema(tuple(SchemaColumn(name, kind, required=True) for name, kind in KINDS.items()))
TYPES = to_arrow(CONTRACT)


def figures(folder: Path, rounds: int) -> Iterator[Figure]:
    """A million rows of numbers, decimals, dates, instants, text and booleans, as CSV and as JSON lines."""
    as_csv, as_json = _files(folder)
    work = f"read {ROWS / 1e6:g}M × {len(KINDS)}"
    yield _figure(f"{work} of CSV", "pyarrow.csv.read_csv", 1.3, as_csv, _arrow_csv, rounds)
    yield _figure(f"{work} of JSON lines", "pyarrow.json.read_json and a cast", 2, as_json, _arrow_json, rounds)


def _figure(work: str, against: str, limit: float, path: Path, base: Callable[[Path], object], rounds: int) -> Figure:
    return ratio(work, against, limit, lambda: _ours(path), lambda: base(path), rounds, clock=time.process_time)


def _files(folder: Path) -> tuple[Path, Path]:
    facts = rows(ROWS)
    rng = np.random.default_rng(11)
    table = pa.table(
        {
            **{name: facts[name] for name in ("id", "customer_id", "quantity")},
            "price": facts["price"].cast(pa.string()).cast(pa.decimal128(12, 2)),
            "amount": pa.array(np.round(facts["amount"].to_numpy(), 2)),
            "day": facts["created_at"].cast(pa.date32(), safe=False),
            **{name: facts[name] for name in ("created_at", "status", "email")},
            "active": pa.array(rng.integers(0, 2, ROWS).astype(bool)),
        }
    )
    as_csv, as_json = folder / "facts.csv", folder / "facts.jsonl"
    pc.write_csv(table, as_csv)
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.register("facts", table)
        database.execute(f"COPY facts TO '{as_json}' (FORMAT json)")
    return as_csv, as_json


def _ours(path: Path) -> None:
    intake = open_data(path, CONTRACT)
    caster = Caster(CONTRACT, intake.schema, "bench.facts", **cast_arguments(intake))
    if sum(len(caster.cast(batch)) for batch in intake.batches) != ROWS:
        raise SystemExit("rows are missing")


def _arrow_csv(path: Path) -> None:
    types = {field.name: field.type for field in TYPES}
    pc.read_csv(path, pc.ReadOptions(use_threads=False), convert_options=pc.ConvertOptions(column_types=types))


def _arrow_json(path: Path) -> None:
    """pyarrow's JSON reader takes no text as a date or an instant of a zone."""
    fields = [field.with_type(pa.string()) if pa.types.is_temporal(field.type) else field for field in TYPES]
    parsing = pj.ParseOptions(explicit_schema=pa.schema(fields))
    pj.read_json(path, pj.ReadOptions(use_threads=False), parsing).cast(TYPES)
