"""The canary: personal data goes through every door, and no value of it stands in clear anywhere afterwards."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import re2

from data_platform.errors import DataPlatformError, Refused
from data_platform.quality import DataQualityError
from tests.meshes import World

SCHEMA = {
    "id": {"type": "integer"},
    "email": {"type": "string"},
    "initial": {"type": "string"},
    "note": {"type": "string", "maxLength": 400},
    "salary": {"type": "integer", "minimum": 0},
    "rating": {"type": "number"},
    "born": {"type": "string", "format": "date"},
    "seen": {"type": "string", "format": "date-time"},
    "home": {"type": "object", "properties": {"street": {"type": "string"}, "floor": {"type": "integer"}}},
    "phones": {"type": "array", "items": {"type": "string"}},
}
PERSONAL = [name for name in SCHEMA if name != "id"]
RULES = """\
primary_key: [email]
quality_rules:
  - {rule: counted, sql: "SELECT COUNT(*) FROM t WHERE salary < 0", threshold: 0}
  - {rule: cast, sql: "SELECT COUNT(*) FROM t WHERE CAST(email AS INTEGER) > 0", threshold: 0, severity: warning}
  - {rule: told, sql: "SELECT error(email) FROM t", threshold: 0, severity: warning}
  - {rule: text, sql: "SELECT MAX(note) FROM t", threshold: 0, severity: warning}
  - {rule: highest, sql: "SELECT MAX(salary) FROM t", threshold: 0, severity: warning}
  - {rule: apart, sql: "SELECT COUNT(*) FROM (SELECT email AS e FROM t) WHERE e > ''", threshold: 0, severity: warning}
expect:
  - expect_column_values_to_match_regex: {column: note, regex: "^nobody$", severity: warning}
  - expect_column_max_to_be_between: {column: rating, max_value: 0, severity: warning}"""


def person(number: int, salary: int | None = None) -> dict[str, Any]:
    """Somebody whose every value is like no other's."""
    return {
        "id": number,
        "email": f"canary.{number}@example.com",
        "initial": f"Zq{number}",
        "note": f"canary-note-{number}-" + "v" * 300,
        "salary": 7_310_045_511_200 + number if salary is None else salary,
        "rating": 913.728194 + number,
        "born": f"1931-07-{number + 10}",
        "seen": f"1977-03-{number + 10}T11:22:33.123456Z",
        "home": {"street": f"Canary Road {number}", "floor": 881_730_044 + number},
        "phones": [f"+49-555-{number}-canary", f"+66-777-{number}-canary"],
    }


PEOPLE = [person(number) for number in range(1, 9)]
REFUSED = [*PEOPLE, person(9, salary=-8_455_310_077)]


def values(row: Any) -> Iterator[Any]:
    """Every value in a person but the id."""
    if isinstance(row, dict):
        for name, inner in row.items():
            if name != "id":
                yield from values(inner)
    elif isinstance(row, list):
        for inner in row:
            yield from values(inner)
    else:
        yield row


def clear(value: Any) -> set[bytes]:
    """How the value could stand in a file."""
    text = str(value)
    plain = {text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode().hex().encode()}
    plain |= {base64.b64encode(b" " * shift + text.encode())[4:-4] for shift in range(3) if len(text) > 8}
    if isinstance(value, int):
        plain |= {value.to_bytes(8, "little", signed=True), value.to_bytes(8, "big", signed=True)}
    if isinstance(value, str) and "T" in value[:11]:
        moment = pd.Timestamp(value)
        plain |= {(moment.value // 1000).to_bytes(8, "little", signed=True), str(moment).encode()[:26]}
    return {each for each in plain if len(each) > 3}


SECRETS = {secret for row in REFUSED for value in values(row) for secret in clear(value)}


def _any_of(words: Iterable[bytes]) -> re2.Pattern:
    """A pattern that looks for all of them in one pass."""
    options = re2.Options()
    options.encoding, options.max_mem = re2.Options.Encoding.LATIN1, 1 << 28
    return re2.compile(b"|".join(map(re2.escape, sorted(words))), options)


ANY_SECRET = _any_of(SECRETS)


def found(content: bytes) -> set[bytes]:
    """The secrets in it."""
    return {secret for secret in SECRETS if secret in content} if ANY_SECRET.search(content) else set()


def test_every_secret_would_be_seen() -> None:
    assert all(secret in found(b"\x00\xff" + secret + b"\n") for secret in SECRETS)


def as_csv(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "rows.csv"
    with path.open("w") as file:
        writer = csv.DictWriter(file, ["id", *PERSONAL[:-2]])
        writer.writeheader()
        writer.writerows([{name: row[name] for name in writer.fieldnames} for row in rows])
    return path


def as_json(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def as_parquet(folder: Path, rows: list[dict[str, Any]]) -> Path:
    pq.write_table(as_table(folder, rows), folder / "rows.parquet")
    return folder / "rows.parquet"


def as_table(_: Path, rows: list[dict[str, Any]]) -> pa.Table:
    table = pa.Table.from_pylist(rows)
    for name, kind in (("born", pa.date32()), ("seen", pa.timestamp("us", "UTC"))):
        table = table.set_column(table.column_names.index(name), name, table[name].cast(kind))
    return table


DOORS: dict[str, Callable[[Path, list[dict[str, Any]]], Any]] = {
    "dicts": lambda _, rows: rows,
    "csv": as_csv,
    "json lines": as_json,
    "parquet": as_parquet,
    "arrow": as_table,
    "stream": lambda folder, rows: as_table(folder, rows).to_reader(max_chunksize=2),
    "polars": lambda folder, rows: pl.from_arrow(as_table(folder, rows)),
    "pandas": lambda folder, rows: as_table(folder, rows).to_pandas(types_mapper=pd.ArrowDtype),
}


@pytest.mark.long
@pytest.mark.parametrize("door", DOORS)
def test_no_value_stands_in_clear_whatever_the_door(world: World, door: str) -> None:
    outside = world.root / "outside"
    outside.mkdir()
    product = world.product(columns=SCHEMA, output=RULES, more=f"pii_columns: [{', '.join(PERSONAL)}]")
    assert product.publish("t", DOORS[door](outside, PEOPLE)).version == 1
    with pytest.raises(DataQualityError) as caught:
        product.publish("t", DOORS[door](outside, [*REFUSED, PEOPLE[0]]))
    assert caught.value.failures[0].rows
    told = [str(caught.value), repr(caught.value.failures), repr(caught.value.verdict)]
    told.append(world.platform.consume("orders", "t", mask=True).to_arrow().to_pandas().to_string())
    told += [repr(world.platform.versions("orders")), repr(world.platform.quality_metrics("orders"))]
    assert found("\n".join(told).encode()) == set()
    nothing_under(world.home)
    assert world.platform.consume("orders", "t").select("email").collect()[0]["email"] == "canary.1@example.com"


def nothing_under(home: Path) -> None:
    """That no file under the home holds a secret."""
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".db", ".parquet", ".avro", ".json", ".key"}
    assert {path.name: found(path.read_bytes()) for path in files if found(path.read_bytes())} == {}


WRONG: dict[str, Any] = {
    "a text where a number belongs": {"salary": "canary.666@example.com"},
    "a date that is none": {"born": "canary.666@example.com"},
    "another type": {"email": ["canary.666@example.com"]},
    "a wrong field inside": {"home": {"street": "x", "floor": "canary.666@example.com"}},
    "several types": {"salary": "canary.666@example.com", "email": 7},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("door", ["dicts", "json lines", "pandas"])
def test_data_that_does_not_fit_is_refused_without_quoting_it(world: World, wrong: dict[str, Any], door: str) -> None:
    product = world.product(columns=SCHEMA, output=RULES, more=f"pii_columns: [{', '.join(PERSONAL)}]")
    product.publish("t", PEOPLE)
    rows = [*PEOPLE, PEOPLE[0] | wrong]
    data = pd.DataFrame(rows) if door == "pandas" else DOORS[door](world.root, rows)
    with pytest.raises(DataPlatformError) as caught:
        product.publish("t", data)
    assert "canary" not in str(caught.value)
    nothing_under(world.home)


def test_an_inferred_contract_seals_from_the_first_byte(world: World) -> None:
    product = world.product(more=f"pii_columns: [{', '.join(PERSONAL)}]")
    product.publish("t", PEOPLE)
    nothing_under(world.home)


def test_personal_data_cannot_name_a_partition(world: World) -> None:
    with pytest.raises(DataPlatformError, match="cannot partition"):
        product = world.product(columns=SCHEMA, output="partition_by: [initial]", more="pii_columns: [initial]")
        product.publish("t", PEOPLE)


def test_personal_data_cannot_name_a_partition_of_an_inferred_contract(world: World) -> None:
    product = world.product(output="partition_by: [initial]", more="pii_columns: [initial]")
    with pytest.raises(Refused, match="cannot partition"):
        product.publish("t", [{"id": 1, "initial": "Zq1"}])


def test_waived_encryption_is_shown_and_still_masked(world: World) -> None:
    columns = {"id": {"type": "integer"}, "email": {"type": "string", "tags": ["pii"], "encryption": "none"}}
    world.product(columns=columns).publish("t", [{"id": 1, "email": "canary.1@example.com"}])
    (email,) = [column for column in world.platform.show("orders").outputs[0].columns if column.name == "email"]
    assert (email.tags, email.encryption) == (("pii",), "none")
    assert world.platform.versions("orders")[0].statistics["email"] == {"nulls": 0}
    shown = world.platform.consume("orders", "t", mask=True).to_arrow()["email"].to_pylist()
    assert shown != ["canary.1@example.com"]
