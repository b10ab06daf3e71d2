"""Attempts to learn of hidden rows and masked values: each gives what the same query gives without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from data_platform.access.view import TableView
from data_platform.engine.frame import DataFrame, from_table, scan
from data_platform.engine.origin import Origin
from data_platform.engine.source import ParquetSource
from data_platform.engine.views import visible_rows
from data_platform.engine.views.visible_rows import BATCH_ROWS, FileRows, VisibleRows
from data_platform.engine.worker.queries import QueryWorkers
from data_platform.engine.worker.stream import Bounds, RowStream
from data_platform.errors import DataPlatformError, QueryFailed, StorageFailed
from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.row_filters import ColumnComparison, Comparator
from tests.engine.views.views import KEY, Row, show, write_source

HIDDEN = "canary-4711"
VISIBLE = {"region": "EU", "amount": Decimal("10.00"), "score": 2.5, "born": None, "note": "7"}
ROWS: list[Row] = [
    {"id": 1, **VISIBLE},
    {"id": 2, **VISIBLE, "region": "US", "note": HIDDEN, "amount": Decimal("0.00"), "score": float("nan")},
    {"id": 3, **VISIBLE, "region": None, "note": "(", "amount": None},
    {"id": 4, **VISIBLE, "note": "12345678901234", "amount": Decimal("99.00")},
]
ONLY_EU = ColumnComparison("region", Comparator.EQUAL, "EU")
VIEWS = {
    "rows": TableView({}, ONLY_EU),
    "rows and masks": TableView(
        {"note": Mask(MaskKind.HASH), "amount": Mask(MaskKind.BUCKET, Decimal(50)), "score": Mask()}, ONLY_EU
    ),
    "masks by row": TableView(
        {"note": Mask(), "amount": Mask(MaskKind.BUCKET, Decimal(50)), "score": Mask(MaskKind.NULL)},
        clear_rows={"note": ONLY_EU, "amount": ColumnComparison("amount", Comparator.GREATER, 10), "score": ONLY_EU},
    ),
    "masks": TableView({"note": Mask(MaskKind.PARTIAL), "region": Mask(), "amount": Mask()}),
}
ATTEMPTS = {
    "an error of a cast": "SELECT id FROM t WHERE CAST(note AS BIGINT) > 0",
    "an error on one row": "SELECT id FROM t WHERE CASE WHEN region = 'US' THEN error('found') ELSE true END",
    "a division by a hidden zero": "SELECT id, 1 // CAST(amount AS INTEGER) AS n FROM t WHERE id > 0",
    "a pattern from a hidden row": "SELECT count(*) AS n FROM t WHERE regexp_matches('x', note)",
    "a subquery of two rows": "SELECT (SELECT id FROM t) AS n",
    "an error before a filter": "SELECT id FROM (SELECT id, CAST(note AS BIGINT) AS n FROM t) WHERE id = 1",
    "an error in a join": "SELECT a.id FROM t a JOIN t b ON CAST(a.note AS BIGINT) = b.id",
    "an error of an aggregate": "SELECT sum(CAST(note AS BIGINT)) AS n FROM t",
    "an error behind a limit": "SELECT CAST(note AS BIGINT) AS n FROM t LIMIT 1",
    "a count": "SELECT count(*) AS n FROM t",
    "a count of what is not there": "SELECT count(*) - count(region) AS n, count(*) - count(amount) AS m FROM t",
    "a count of distinct values": "SELECT count(DISTINCT note) AS n, approx_count_distinct(note) AS m FROM t",
    "bounds": "SELECT min(note) AS a, max(note) AS b, min(amount) AS c, max(amount) AS d, min(id) AS e FROM t",
    "an order": "SELECT id FROM t ORDER BY amount DESC NULLS LAST, score, id LIMIT 1",
    "an offset": "SELECT id FROM t ORDER BY id OFFSET 1",
    "groups": "SELECT note, region, count(*) AS n FROM t GROUP BY ALL ORDER BY ALL",
    "a join with guesses": f"SELECT t.id FROM t JOIN (VALUES ('{HIDDEN}'), ('7')) AS v(g) ON t.note = v.g ORDER BY 1",
    "a join of a table with itself": "SELECT count(*) AS n FROM t a JOIN t b ON a.note = b.note AND a.id <> b.id",
    "a lateral join": f"SELECT x.n FROM (SELECT 1), LATERAL (SELECT count(*) AS n FROM t WHERE note = '{HIDDEN}') AS x",
    "a prefix": "SELECT count(*) AS n FROM t WHERE note LIKE 'canary%' OR starts_with(note, 'c')",
    "a regular expression": "SELECT regexp_extract(note, '[a-z]+') AS x FROM t ORDER BY ALL",
    "a similarity": f"SELECT max(jaro_winkler_similarity(note, '{HIDDEN}')) AS n FROM t",
    "a window": "SELECT id, lag(note) OVER (ORDER BY id) AS n, rank() OVER (ORDER BY amount) AS r FROM t ORDER BY ALL",
    "a sample": "SELECT count(*) AS n FROM t USING SAMPLE 100 PERCENT (bernoulli, 7)",
    "names of columns in another order": "SELECT f FROM t AS x(a, b, c, d, e, f) ORDER BY ALL",
    "an alias that looks like another column": "SELECT note AS id FROM t AS region ORDER BY ALL",
    "columns by pattern": "SELECT COLUMNS('n.*') FROM t ORDER BY ALL",
    "columns left out": "SELECT * EXCLUDE (id, region) FROM t ORDER BY ALL",
    "columns replaced": "SELECT * REPLACE (upper(note) AS note) FROM t ORDER BY ALL",
    "columns by position": "SELECT id, note FROM t ORDER BY #2, #1",
    "a row as one value": "SELECT t FROM t ORDER BY ALL",
    "a row as JSON": "SELECT to_json(t) AS j FROM t ORDER BY ALL",
    "a list of values": "SELECT list(note ORDER BY note) AS l, histogram(region) AS h FROM t",
    "a pivot": "SELECT * FROM (PIVOT (SELECT id, region FROM t) ON id USING first(region))",
    "a recursion": "WITH RECURSIVE r AS (SELECT 1 AS n UNION SELECT n + 1 FROM r JOIN t ON id=n) SELECT max(n) FROM r",
    "a correlated subquery": "SELECT id, (SELECT count(*) FROM t b WHERE b.note > a.note) AS n FROM t a ORDER BY ALL",
    "a condition that short-cuts": "SELECT count(*) AS n FROM t WHERE id = 2 AND 1 // (id - 2) > 0",
    "a quantile": "SELECT quantile_disc(amount, 0.5) AS q, mode(note) AS m, entropy(note) AS e FROM t",
    "a set operation": "SELECT note FROM t EXCEPT SELECT 'x' ORDER BY ALL",
    "a checksum": "SELECT bit_xor(hash(note)) AS h FROM t",
    "a summary": "SELECT column_name, min, max, null_percentage FROM (SUMMARIZE t) ORDER BY ALL",
}
ORIGIN = Origin("product", "p", "t", 1)
_PARQUET = ds.ParquetFileFormat()
BOUNDS = Bounds(seconds=30.0, rows=1_000_000, megabytes=64)


@pytest.fixture(scope="module")
def workers() -> Iterator[QueryWorkers]:
    running = QueryWorkers(memory_limit_mb=512, threads=1)
    yield running
    running.close()


LONG = pytest.mark.long


@pytest.fixture(
    scope="module",
    params=[name if name in ("rows and masks", "masks by row") else pytest.param(name, marks=LONG) for name in VIEWS],
    ids=str,
)
def sources(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """A table under a view, and the table that holds what the view shows."""
    view = VIEWS[request.param]
    real = write_source(tmp_path_factory.mktemp("real"), ROWS, view)
    seen = write_source(tmp_path_factory.mktemp("seen"), show(ROWS, view).to_pylist(), TableView())
    return real, seen


def ask(workers: QueryWorkers, source: ParquetSource, sql: str) -> str:
    try:
        return str([row for batch in RowStream(workers, {("t",): source}, sql, BOUNDS) for row in batch.to_pylist()])
    except DataPlatformError as error:
        return error.message


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_query_learns_nothing_by(workers: QueryWorkers, sources, attempt: str) -> None:
    real, seen = sources
    answer = ask(workers, real, ATTEMPTS[attempt])
    assert answer == ask(workers, seen, ATTEMPTS[attempt])
    assert HIDDEN not in answer


FRAMES = {
    "an error of a cast": lambda frame: frame.filter("CAST(note AS BIGINT) > 0"),
    "an error on one row": lambda frame: frame.filter("CASE WHEN region = 'US' THEN CAST(note AS INT) ELSE 1 END > 0"),
    "a pattern from a hidden row": lambda frame: frame.filter("'x' RLIKE note"),
    "a count": lambda frame: frame.groupBy().count(),
    "bounds": lambda frame: frame.agg({"note": "max", "amount": "min", "id": "max"}),
    "an order": lambda frame: frame.orderBy("amount", "note", "id").limit(1),
    "groups": lambda frame: frame.groupBy("note").count().orderBy("note"),
    "a join with itself": lambda frame: frame.alias("a").join(frame.alias("b"), "note").select("a.id").orderBy("a.id"),
    "a new name": lambda frame: frame.withColumnRenamed("note", "other").select("other").orderBy("other"),
    "a guess": lambda frame: frame.filter(f"note = '{HIDDEN}' OR amount = 0"),
}


@pytest.mark.parametrize("attempt", FRAMES)
def test_a_frame_learns_nothing_by(sources, attempt: str) -> None:
    real, seen = sources
    before = from_table(ds.dataset(list(seen.files)).to_table(), ORIGIN)
    answers = [collect(frame, attempt) for frame in (scan(real, ORIGIN), before)]
    assert answers[0] == answers[1]
    assert HIDDEN not in answers[0]


def collect(frame: DataFrame, attempt: str) -> str:
    try:
        return str(FRAMES[attempt](frame).collect())
    except DataPlatformError as error:
        return error.message


def test_no_plan_and_no_setting_names_a_condition_or_a_key(
    workers: QueryWorkers, sources, capsys: pytest.CaptureFixture[str]
) -> None:
    real, _ = sources
    texts = [
        ask(workers, real, f"SELECT {what} FROM {where}")
        for what, where in (
            ("sql", "duckdb_views()"),
            ("*", "duckdb_settings()"),
            ("*", "duckdb_tables()"),
            ("*", "duckdb_columns()"),
            ("*", "duckdb_secrets()"),
            ("*", "duckdb_variables()"),
        )
    ]
    scan(real, ORIGIN).filter("id > 1").explain()
    texts.append(capsys.readouterr().out)
    for secret in ("'EU'", KEY.hex(), repr(KEY)[2:-1], HIDDEN):
        assert not any(secret in text for text in texts)


def test_a_plan_has_no_statistics_of_hidden_rows(sources, capsys: pytest.CaptureFixture[str]) -> None:
    plans = []
    for source in sources:
        scan(replace(source, view=VIEWS["rows"]), ORIGIN).select("id").explain()
        plans.append(capsys.readouterr().out)
    assert plans[0] == plans[1]


def test_files_of_a_table_with_a_view_cannot_be_opened_by_sql(workers: QueryWorkers, sources) -> None:
    real, _ = sources
    with pytest.raises(QueryFailed):
        RowStream(workers, {("t",): real}, f"SELECT * FROM read_parquet('{real.files[0]}')", BOUNDS)


@pytest.mark.long
def test_batches_follow_from_the_visible_rows_alone(tmp_path: Path) -> None:
    """Hidden rows between the visible ones change neither the number nor the size of batches."""
    visible = [{"id": number, **VISIBLE} for number in range(BATCH_ROWS + 7)]
    mixed = [row for one in visible for row in (one, {**one, "region": "US"})]
    sizes = []
    for name, rows in (("visible", visible), ("mixed", mixed)):
        (tmp_path / name).mkdir()
        source = write_source(tmp_path / name, rows, VIEWS["rows"])
        relation = VisibleRows(FileRows(source.files, source.schema, _PARQUET), source.view)
        sizes.append([batch.num_rows for batch in relation.scanner(["id"]).to_reader()])
    assert sizes[0] == sizes[1] == [BATCH_ROWS, 7]


def test_a_view_of_no_row_opens_no_file(tmp_path: Path) -> None:
    source = ParquetSource((str(tmp_path / "missing.parquet"),), pa.schema([("id", pa.int64())]))
    nobody = replace(source, view=TableView({}, ColumnComparison("gone", Comparator.EQUAL, 1)))
    relation = VisibleRows(FileRows(nobody.files, nobody.schema, _PARQUET), nobody.view)
    assert relation.scanner(["id"]).to_reader().read_all().num_rows == 0


def test_what_a_frame_joins_with_a_view_is_seen_whole(tmp_path: Path) -> None:
    frame = scan(write_source(tmp_path, ROWS, VIEWS["rows"]), ORIGIN)
    others = from_table(pa.table({"id": [1, 2, 3, 4], "name": list("abcd")}))
    assert frame.join(others, "id").select("name").orderBy("name").collect() == [("a",), ("d",)]


@pytest.mark.parametrize("mask", [None, Mask(MaskKind.HASH)], ids=["rows", "rows and a mask"])
def test_an_error_of_a_view_quotes_nothing_and_is_no_damage(
    workers: QueryWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mask: Mask | None
) -> None:
    def fail(*_: object) -> None:
        raise OverflowError(f"page of the dictionary {HIDDEN}")

    monkeypatch.setattr(visible_rows, "mask_values" if mask else "select_rows", fail)
    source = write_source(tmp_path, ROWS, TableView({"note": mask} if mask else {}, ONLY_EU))
    for read in (
        lambda: scan(source, ORIGIN).filter("note <> 'x'").collect(),
        lambda: scan(source, ORIGIN).to_batches().read_all(),
        lambda: RowStream(workers, {("t",): source}, "SELECT note FROM t", BOUNDS),
    ):
        try:
            read()
        except DataPlatformError as error:
            assert not isinstance(error, StorageFailed)
            text = f"{error.message} {error.hint}"
            assert not any(word in text for word in ("Traceback", "Detail", "damaged", str(tmp_path), ".py", HIDDEN))
