from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from data_platform.record.db.schema import COLUMN_LINEAGE
from data_platform.record.lineage import column_lineage
from data_platform.record.lineage.column_lineage import ColumnEdge
from data_platform.record.store import Record
from tests.hypothesis_lanes import examples
from tests.record.given import published, registered

OUT = "orders_fact"


def use(made: str, source: str, version: int = 1) -> ColumnEdge:
    """`b.x` made from `a.y` (product.column), `b.*` for every row of b; `db.y` is a column of a source outside."""
    (product, column), (name, source_column) = made.split("."), source.split(".")
    rows = column == "*"
    return ColumnEdge(
        product=product,
        output=OUT,
        version=version,
        column=None if rows else column,
        kind="source" if name == "db" else "product",
        source_name=name,
        source_output="table" if name == "db" else OUT,
        source_version=None if name == "db" else 1,
        source_column=source_column,
        type="INDIRECT" if rows else "DIRECT",
        subtype="FILTER" if rows else "IDENTITY",
        masking=False,
    )


@pytest.fixture
def conn(record: Record) -> Iterator[Connection]:
    """Products a, b, c, d, each with a first version and no column lineage yet."""
    with record.transaction() as conn:
        for name in "abcd":
            registered(conn, name)
            published(conn, 1, name)
        yield conn


def test_uses_are_found_from_both_ends(conn: Connection) -> None:
    x, y, rows, outside = use("c.x", "a.m"), use("c.y", "b.m"), use("c.*", "b.n"), use("c.x", "db.k")
    column_lineage.add(conn, [x, y, rows, outside])
    assert column_lineage.walk_upstream(conn, "c", OUT, "x") == (x, rows, outside)
    assert (
        column_lineage.walk_upstream(conn, "c", OUT) == column_lineage.walk_upstream(conn, "c") == (x, y, rows, outside)
    )
    assert column_lineage.walk_upstream(conn, "c", "unknown", "x") == ()
    assert column_lineage.walk_downstream(conn, "a", OUT, "m") == column_lineage.walk_downstream(conn, "a") == (x,)
    assert column_lineage.walk_downstream(conn, "b", OUT, "n") == (rows,)
    assert column_lineage.walk_downstream(conn, "b", OUT, "x") == column_lineage.walk_downstream(conn, "db") == ()
    assert column_lineage.list_by_version(conn, "c", OUT, 1) == (x, y, rows, outside)
    assert column_lineage.list_described(conn, ["a", "c"]) == {("c", OUT)}


def test_a_walk_follows_values_and_goes_on_from_every_column_where_rows_are_decided(conn: Connection) -> None:
    ab, bc, bd = use("b.x", "a.x"), use("c.x", "b.x"), use("d.y", "b.y")
    rows = use("c.*", "b.y")
    cd = use("d.z", "c.q")
    column_lineage.add(conn, [cd, ab, bc, bd, rows])
    assert column_lineage.walk_downstream(conn, "a", OUT, "x", depth=9) == (ab, bc)
    assert column_lineage.walk_downstream(conn, "b", OUT, "y", depth=9) == (rows, bd, cd)
    assert column_lineage.walk_upstream(conn, "d", OUT, "z", depth=9) == (cd, rows)
    assert column_lineage.walk_upstream(conn, "c", OUT, "x", depth=2) == (bc, rows, ab)
    assert column_lineage.walk_downstream(conn, "a", OUT, "x", depth=0) == ()


def test_a_new_version_makes_the_old_uses_history(conn: Connection) -> None:
    old, new = use("c.x", "a.x"), use("c.x", "b.x", version=2)
    column_lineage.add(conn, [old])
    published(conn, 2, "c")
    column_lineage.add(conn, [new])
    assert column_lineage.walk_upstream(conn, "c", OUT, "x") == (new,)
    assert column_lineage.walk_downstream(conn, "a", OUT, "x") == ()
    assert column_lineage.list_by_version(conn, "c", OUT, 1) == (old,)
    assert column_lineage.list_by_version(conn, "c", OUT, 2) == (new,)


def test_uses_belong_to_a_recorded_version(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn)
    with pytest.raises(IntegrityError), record.transaction() as conn:
        column_lineage.add(conn, [use("orders.x", "a.x", version=7)])


PLACES = st.tuples(st.sampled_from("abcd"), st.sampled_from("xy"))


@settings(deadline=None, max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.tuples(PLACES, PLACES), max_size=12), PLACES, st.integers(1, 5))
def test_walks_agree_with_the_graph_even_in_circles(
    conn: Connection, arrows: set[tuple[tuple[str, str], tuple[str, str]]], start: tuple[str, str], depth: int
) -> None:
    conn.execute(COLUMN_LINEAGE.delete())
    column_lineage.add(conn, [use(".".join(made), ".".join(source)) for source, made in arrows])

    def walked(arrows: set) -> set:
        reached, passed = {start}, set()
        for _ in range(depth):
            passed |= {arrow for arrow in arrows if arrow[0] in reached}
            reached |= {target for _, target in passed}
        return passed

    down = column_lineage.walk_downstream(conn, start[0], OUT, start[1], depth=depth)
    up = column_lineage.walk_upstream(conn, start[0], OUT, start[1], depth=depth)
    assert {((e.source_name, e.source_column), (e.product, e.column)) for e in down} == walked(arrows)
    assert {((e.product, e.column), (e.source_name, e.source_column)) for e in up} == walked(
        {(made, source) for source, made in arrows}
    )
