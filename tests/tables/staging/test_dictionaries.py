"""Text of few values is staged by way of dictionaries, and no reader can tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.field_ids import assign_ids
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema
from data_platform.tables.place import TablePlace
from data_platform.tables.staging import stage as staging
from data_platform.tables.staging.dictionaries import TextEncoder
from data_platform.tables.staging.encodings import SAMPLE, make_writer_options
from data_platform.tables.staging.stage import Staged, StageOrder, stage
from data_platform.tables.storage.local import LocalStorage

SCHEMA = TableSchema((SchemaColumn("id", Primitive(Kind.LONG)), SchemaColumn('the "text"', Primitive(Kind.STRING))))
ROWS = 3 * SAMPLE

TEXTS: dict[str, Callable[[int], str | None]] = {
    "few values": lambda at: ["DE", "TH", "", "ü"][at % 4],
    "one value": lambda at: "same",
    "nulls alone": lambda at: None,
    "nulls between": lambda at: "x" if at % 3 else None,
    "new values in each group": lambda at: f"{at // SAMPLE}-{at % 10}",
    "distinct values after the first group": lambda at: "x" if at < SAMPLE else f"text {at}",
    "a dictionary that is too large for the file": lambda at: f"{at % 4_000:0600}",
}


def stage_texts(folder: Path, texts: list[str | None], partition_by: tuple[str, ...] = ()) -> Staged:
    table = pa.table([pa.array(range(len(texts))), pa.array(texts, pa.string())], schema=to_arrow(SCHEMA))
    ids, _ = assign_ids(SCHEMA, {}, 0)
    place = TablePlace(LocalStorage(folder), "p", "t")
    return stage(place, StageOrder("5" * 32, SCHEMA, ids, partition_by), table.to_batches(7_000), lambda _: None)


@pytest.mark.parametrize("name", TEXTS)
def test_rows_bounds_and_schema_are_those_of_text(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "GROUP_ROWS", SAMPLE)
    texts = [TEXTS[name](at) for at in range(ROWS)]
    done = stage_texts(tmp_path, texts)
    rows = [row for path in done.paths for row in pq.read_table(path).to_pylist()]
    assert [row['the "text"'] for row in sorted(rows, key=lambda row: row["id"])] == texts
    values = [text for text in texts if text is not None]
    assert done.distinct['the "text"'] == pytest.approx(len(set(values)), rel=0.06)
    assert sum(file.nulls['the "text"'] for file in done.files) == texts.count(None)
    for file, path in zip(done.files, done.paths, strict=True):
        assert pq.read_schema(path).equals(to_arrow(SCHEMA))
        written = [value for value in pq.read_table(path)['the "text"'].to_pylist() if value is not None]
        leaf = file.leaves['the "text"']
        assert (leaf.lower, leaf.upper) == (min(written, default=None), max(written, default=None))
        assert (leaf.values, leaf.nulls) == (file.rows, file.rows - len(written))


def test_partitions_hold_their_own_values_alone(tmp_path: Path) -> None:
    done = stage_texts(tmp_path, [f"land {at % 3}" for at in range(ROWS)], ('the "text"',))
    assert len(done.files) == 3
    for file, path in zip(done.files, done.paths, strict=True):
        assert set(pq.read_table(path)['the "text"'].to_pylist()) == set(file.partition)


def test_text_is_encoded_if_the_first_rows_repeat_it() -> None:
    def encode(values: list[str]) -> bool:
        group = TextEncoder(["a"]).encode(pa.table({"a": values}))
        return pa.types.is_dictionary(group.schema.field("a").type)

    assert encode(["x", "y"] * SAMPLE)
    assert not encode(["x", "y"])
    assert not encode([str(at) for at in range(SAMPLE)])


@pytest.mark.parametrize(
    ("step", "spread", "encoding"),
    [(1, 1, "DELTA_BINARY_PACKED"), (7, 1, "DELTA_BINARY_PACKED"), (7, 1 << 40, None)],
    ids=["growing", "close together", "far apart"],
)
def test_whole_numbers_are_written_as_differences_where_those_are_small(
    step: int, spread: int, encoding: str | None
) -> None:
    numbers = pa.array([at * step % SAMPLE * spread for at in range(SAMPLE)])
    options = make_writer_options(pa.table({"a": numbers}), ["a"])
    assert (options["column_encoding"] or {}).get("a") == encoding
    assert not options["use_dictionary"]
