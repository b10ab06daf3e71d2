"""The doors that hand out rows: each answers one principal with an Arrow table of one product, or raises."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from data_platform.errors import AccessDenied, NotFound
from data_platform.server.rows.media_types import ARROW, CSV, JSON_LINES, PARQUET
from tests.doors.mesh import COLUMNS, Doors

FLAT = [name for name in COLUMNS if name != "address"]
"""The columns that a file of text has in the same form."""

Door = Callable[[Doors, str, str], pa.Table]


def _consume(doors: Doors, who: str, product: str) -> pa.Table:
    return doors.act_as(who).consume(product, "t").to_arrow()


def _consume_elsewhere(doors: Doors, who: str, product: str) -> pa.Table:
    return doors.connect(who).consume(product, "t").to_arrow()


def _select(doors: Doors, who: str, product: str) -> pa.Table:
    return doors.act_as(who).consume(product, "t").filter("id > 0").select(*COLUMNS).to_arrow()


def _select_elsewhere(doors: Doors, who: str, product: str) -> pa.Table:
    return doors.connect(who).consume(product, "t").filter("id > 0").select(*COLUMNS).to_arrow()


def _query(doors: Doors, who: str, product: str) -> pa.Table:
    with doors.act_as(who).sql(f'SELECT * FROM "{product}".t') as rows:
        return rows.to_arrow()


def _query_elsewhere(doors: Doors, who: str, product: str) -> pa.Table:
    with doors.connect(who).sql(f'SELECT * FROM "{product}".t') as rows:
        return rows.to_arrow()


def _fetch(doors: Doors, who: str, product: str, accept: str) -> bytes:
    url = f"{doors.url}/api/v1/products/{product}/outputs/t/data"
    headers = {"Authorization": f"Bearer {doors.tokens[who]}", "Accept": accept}
    answer = httpx.get(url, headers=headers, timeout=30)
    if answer.status_code == 403:
        raise AccessDenied(answer.json()["detail"])
    if answer.status_code == 404:
        raise NotFound(answer.json()["detail"])
    answer.raise_for_status()
    return answer.content


def _fetch_arrow(doors: Doors, who: str, product: str) -> pa.Table:
    return pa.ipc.open_stream(_fetch(doors, who, product, ARROW)).read_all()


def _fetch_parquet(doors: Doors, who: str, product: str) -> pa.Table:
    return pq.read_table(io.BytesIO(_fetch(doors, who, product, PARQUET)))


def _fetch_csv(doors: Doors, who: str, product: str) -> pa.Table:
    options = pc.ConvertOptions(column_types=_FLAT_SCHEMA, strings_can_be_null=True, quoted_strings_can_be_null=False)
    return pc.read_csv(io.BytesIO(_fetch(doors, who, product, CSV)), convert_options=options).select(FLAT)


def _fetch_lines(doors: Doors, who: str, product: str) -> pa.Table:
    text = _fetch(doors, who, product, JSON_LINES).decode()
    rows = [json.loads(line) for line in text.splitlines()]
    return pa.Table.from_pylist([{name: row[name] for name in FLAT} for row in rows])


_FLAT_SCHEMA = {"id": pa.int64(), "salary": pa.float64(), "birth": pa.date32()} | {
    name: pa.string() for name in FLAT if name not in ("id", "salary", "birth")
}

ROW_DOORS: Mapping[str, Door] = {
    "consume": _consume,
    "consume over HTTP": _consume_elsewhere,
    "frame": _select,
    "frame over HTTP": _select_elsewhere,
    "sql": _query,
    "sql over HTTP": _query_elsewhere,
    "data as Arrow": _fetch_arrow,
    "data as Parquet": _fetch_parquet,
    "data as CSV": _fetch_csv,
    "data as JSON lines": _fetch_lines,
}
"""Every way to the rows of a version."""


def list_rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows by id, with the values that every form of them has: dates as text."""
    rows = [{name: row[name] for name in FLAT} for row in table.to_pylist()]
    for row in rows:
        row["birth"] = None if row["birth"] is None else str(row["birth"])
        row["salary"] = None if row["salary"] is None else float(row["salary"])
    return sorted(rows, key=lambda row: row["id"])
