"""sql: which versions a query reads, what it may see of them, and what is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars
import pyarrow as pa
import pytest

from data_platform.errors import AccessDenied, BadInput, FrameError, NotFound, QueryFailed, StorageFailed
from data_platform.record.operations import events, usage
from data_platform.settings import Principal
from data_platform.settings.file import Limits
from tests.meshes import IDS, FilledMeshes, World

PEOPLE = IDS | {"email": {"type": "string"}}
PII = "pii_columns: [email]"


@pytest.fixture
def shop(tmp_path: Path, filled_meshes: FilledMeshes) -> Iterator[World]:
    with filled_meshes.open_copy(fill, tmp_path) as (world, _):
        yield world


def fill(world: World) -> None:
    """Two versions of orders, and people whose email is encrypted."""
    orders = world.product("orders", columns=IDS | {"total": {"type": "number"}})
    orders.publish("t", [{"id": 1, "total": 5.0}])
    world.clock.later(hours=1)
    orders.publish("t", [{"id": 1, "total": 7.0}, {"id": 2, "total": 9.0}])
    people = world.product("people", columns=PEOPLE, more=PII, output="")
    people.publish("t", [{"id": 1, "email": "ann@x"}, {"id": 2, "email": "bo@x"}])


def ask(world: World, sql: str, **words: object) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = world.platform.sql(sql, **words).to_arrow().to_pylist()  # type: ignore[arg-type]
    return rows


def test_a_query_joins_products(shop: World) -> None:
    joined = (
        "SELECT p.email, sum(o.total) AS total FROM orders.t o JOIN people.t p USING (id) GROUP BY ALL ORDER BY ALL"
    )
    assert ask(shop, joined) == [{"email": "ann@x", "total": 7.0}, {"email": "bo@x", "total": 9.0}]


def test_versions_may_be_pinned_and_compared(shop: World) -> None:
    compared = 'SELECT n.total - o.total AS more FROM orders."t#1" o JOIN orders.t n USING (id)'
    assert ask(shop, compared) == [{"more": 2.0}]
    assert ask(shop, 'SELECT count(*) AS n FROM orders."t@2026-11-23T12:30:00Z"') == [{"n": 1}]


def test_a_query_sees_the_versions_of_the_moment_it_began(shop: World) -> None:
    result = shop.platform.sql("SELECT sum(id) AS n FROM orders.t")
    shop.product("orders", columns=IDS | {"total": {"type": "number"}}).publish("t", [{"id": 50, "total": 1.0}])
    assert result.to_arrow().to_pylist() == [{"n": 3}]


def test_an_outputs_name_alone_must_be_clear(shop: World) -> None:
    with pytest.raises(BadInput, match=r"line 2, column 6: 2 products have an output t") as failure:
        ask(shop, "SELECT *\nFROM t")
    assert failure.value.hint == 'name one: "orders".t, "people".t'
    shop.write("only", "name: only\ndomain: sales\nowner: ana@x\noutputs: [{name: single}]\n")
    shop.platform.register(shop.root / "products" / "only")
    with pytest.raises(NotFound, match=r"line 1, column 15: only\.single has no version yet"):
        ask(shop, "SELECT * FROM single")


@pytest.mark.parametrize(
    ("sql", "message", "hint"),
    [
        ("SELECT * FROM singel", "line 1, column 15: no product has an output singel", "data-platform search"),
        ("SELECT * FROM ordres.t", "line 1, column 15: no product ordres is registered", "did you mean orders?"),
        ("SELECT * FROM orders.x", "line 1, column 15: orders has no output x", "known: t"),
        ('SELECT * FROM orders."t#9"', "orders.t has no version 9", "versions are 1, 2"),
        ('SELECT * FROM orders."t@soon"', "as_of 'soon' is no moment", "write 2026-01-31"),
        ('SELECT * FROM orders."t@2020-01-01"', "orders.t had no version at 2020-01-01", None),
        ("SELECT nosuch FROM orders.t", 'there is no column "nosuch"', None),
    ],
)
def test_what_is_not_there_is_told_with_its_place(shop: World, sql: str, message: str, hint: str | None) -> None:
    with pytest.raises(BadInput) as failure:
        ask(shop, sql)
    assert message in failure.value.message
    assert hint is None or hint in str(failure.value.hint)


def test_a_mask_holds_in_filters_and_joins_and_needs_no_key(shop: World) -> None:
    for key in (shop.home / "keys").iterdir():
        key.unlink()
    assert ask(shop, "SELECT DISTINCT email FROM people.t", mask=True) == [{"email": "***"}]
    assert ask(shop, "SELECT id FROM people.t WHERE email = 'ann@x'", mask=True) == []
    assert ask(shop, "SELECT max(length(email)) AS n FROM people.t", mask=True) == [{"n": 3}]
    assert ask(shop, "SELECT count(*) AS n FROM people.t", mask=False) == [{"n": 2}]
    with pytest.raises(QueryFailed, match="the encrypted email cannot be read"):
        ask(shop, "SELECT email FROM people.t")


def test_what_nothing_allows_is_denied_and_not_even_named(shop: World) -> None:
    shop.act_as(Principal("mallory@x", local=False))
    for name in ("orders.t", "t", "nothing.t"):
        with pytest.raises(AccessDenied, match="mallory@x has no role in this mesh") as denied:
            ask(shop, f"SELECT count(*) FROM {name}")
        assert "orders" not in str(denied.value).replace(name, "")


def reads(world: World, product: str) -> list[tuple[int, tuple[str, ...], str | None]]:
    with world.mesh.record.reading() as conn:
        return [(read.version, read.columns, read.purpose) for read in usage.list_reads(conn, product)]


def test_a_read_is_recorded_for_each_version_with_the_columns_really_read(shop: World) -> None:
    ask(shop, 'SELECT o.id FROM orders."t#1" o JOIN orders.t n USING (id) JOIN orders.t m ON n.total = m.total')
    assert sorted(reads(shop, "orders")) == [(1, ("id",), "sql"), (2, ("id", "total"), "sql")]
    ask(shop, "SELECT count(*) FROM people.t")
    ask(shop, "SELECT id FROM people.t WHERE email IS NULL")
    ask(shop, "SELECT id, email FROM people.t", mask=True)
    assert [columns for _, columns, _ in reads(shop, "people")] == [("id",), ("email", "id"), ()]
    with shop.mesh.record.reading() as conn:
        assert len(events.list_history(conn, "people", "consumed")) == 3


def test_a_query_that_does_not_begin_is_no_read(shop: World) -> None:
    with pytest.raises(QueryFailed):
        ask(shop, "SELECT nosuch FROM orders.t")
    assert reads(shop, "orders") == []


def test_a_version_whose_files_are_gone_is_a_read_that_failed(shop: World) -> None:
    for file in shop.files():
        if file.suffix == ".parquet" and "people" in file.parts:
            file.unlink()
    with pytest.raises(StorageFailed):
        ask(shop, "SELECT count(*) FROM people.t JOIN orders.t USING (id)")
    with shop.mesh.record.reading() as conn:
        (failed,) = usage.list_reads(conn, "people")
        assert usage.list_reads(conn, "orders") == ()
    assert (failed.version, failed.columns, failed.purpose) == (1, (), "sql")
    assert "is gone" in str(failed.error)


@pytest.mark.long
def test_limits_are_told_and_never_cut_in_silence(shop: World) -> None:
    result = shop.platform.sql("SELECT * FROM range(10)", limit=4)
    assert (result.to_arrow().num_rows, result.more) == (4, True)
    shop.mesh.settings = replace(shop.mesh.settings, limits=Limits(query_rows=5))
    assert ask(shop, "SELECT count(*) AS n FROM range(10)") == [{"n": 10}]
    with pytest.raises(QueryFailed, match="more than 5 rows") as failure:
        ask(shop, "SELECT * FROM range(10)")
    assert "query_rows" in str(failure.value.hint)
    with pytest.raises(BadInput, match="the limit is 6, and a query hands out from 0 to 5 rows"):
        ask(shop, "SELECT 1", limit=6)
    shop.mesh.settings = replace(shop.mesh.settings, limits=Limits(query_seconds=1))
    with pytest.raises(QueryFailed, match="did not finish in 1 seconds"):
        ask(shop, "SELECT count(*) FROM range(1000000000000) r(x) WHERE md5(x::VARCHAR) = 'no'")


def test_rows_go_to_any_library_once(shop: World) -> None:
    sql = "SELECT id, total FROM orders.t ORDER BY id"
    assert shop.platform.sql(sql).collect()[1].total == 9.0
    assert shop.platform.sql(sql).to_polars().equals(polars.DataFrame({"id": [1, 2], "total": [7.0, 9.0]}))
    assert shop.platform.sql(sql).to_pandas()["id"].tolist() == [1, 2]
    result = shop.platform.sql(sql)
    assert result.columns == ["id", "total"]
    assert pa.table(result).num_rows == 2
    with pytest.raises(FrameError, match="can be read once"):
        result.to_arrow()


def test_a_closed_result_is_over(shop: World) -> None:
    with shop.platform.sql("SELECT x FROM range(100000000) r(x)", limit=1_000_000) as result:
        reader = result.to_batches()
        assert reader.read_next_batch().num_rows > 0
    with pytest.raises(QueryFailed, match="ended before all its rows were read"):
        reader.read_all()


def test_a_query_reads_so_many_tables(shop: World) -> None:
    named = " UNION ALL ".join(f'SELECT id FROM "orders.t#{number}"' for number in range(1, 102))
    with pytest.raises(QueryFailed, match="at most 100 tables, and not 101"):
        ask(shop, named)
