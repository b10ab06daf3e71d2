from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from data_platform.record.db.schema import LINEAGE
from data_platform.record.lineage import lineage
from data_platform.record.lineage.lineage import Edge
from data_platform.record.store import Record
from tests.hypothesis_lanes import examples
from tests.record.given import published, registered


def made_of(product: str, *sources: str, version: int = 1) -> list[Edge]:
    """Edges from the sources' first versions to that version of the product; `db.TABLE` is a source outside."""
    return [
        Edge(product, "orders_fact", version, "source", "db", source[3:], None, ())
        if source.startswith("db.")
        else Edge(product, "orders_fact", version, "product", source, "orders_fact", 1, ("order_id", "total"))
        for source in sources
    ]


@pytest.fixture
def conn(record: Record) -> Iterator[Connection]:
    """Products a, b, c, d, each with a first version and no edges yet."""
    with record.transaction() as conn:
        for name in "abcd":
            registered(conn, name)
            published(conn, 1, name)
        yield conn


def test_edges_are_found_from_both_ends(conn: Connection) -> None:
    edges = made_of("c", "a", "b", "db.orders")
    lineage.add(conn, edges)
    assert lineage.walk_upstream(conn, "c") == lineage.walk_upstream(conn, "c", "orders_fact") == tuple(edges)
    assert lineage.walk_upstream(conn, "c", "unknown") == ()
    assert lineage.walk_downstream(conn, "a") == lineage.walk_downstream(conn, "a", "orders_fact") == (edges[0],)
    assert lineage.walk_downstream(conn, "c") == lineage.walk_downstream(conn, "db") == ()


def test_a_walk_goes_as_deep_as_asked_nearest_first(conn: Connection) -> None:
    ab, bc, cd = made_of("b", "a"), made_of("c", "b"), made_of("d", "c")
    lineage.add(conn, [*cd, *ab, *bc])
    assert lineage.walk_upstream(conn, "d", depth=2) == (*cd, *bc)
    assert lineage.walk_upstream(conn, "d", depth=99) == (*cd, *bc, *ab)
    assert lineage.walk_downstream(conn, "a", depth=2) == (*ab, *bc)
    assert lineage.walk_downstream(conn, "a", depth=0) == ()


def test_a_source_outside_that_is_called_like_a_product_ends_the_walk(conn: Connection) -> None:
    lineage.add(conn, made_of("a", "b"))
    outside = Edge("c", "orders_fact", 1, "source", "a", "orders_fact", None, ())
    lineage.add(conn, [outside])
    assert lineage.walk_upstream(conn, "c", depth=5) == (outside,)
    assert lineage.walk_downstream(conn, "a") == ()


def test_a_walk_keeps_to_the_outputs_it_came_through(conn: Connection) -> None:
    registered(conn, "two", "orders_fact", "side")
    published(conn, 1, "two", "side")
    published(conn, 1, "two")
    side = Edge("two", "side", 1, "product", "a", "orders_fact", 1, ())
    through = made_of("two", "b")
    lineage.add(conn, [side, *through, *made_of("c", "two")])
    assert lineage.walk_upstream(conn, "c", depth=2) == (*made_of("c", "two"), *through)
    assert lineage.walk_downstream(conn, "a", depth=2) == (side,)
    assert set(lineage.walk_upstream(conn, "two")) == {side, *through}


def test_a_new_version_makes_the_old_edges_history(conn: Connection) -> None:
    old, new = made_of("c", "a"), made_of("c", "b", version=2)
    lineage.add(conn, old)
    published(conn, 2, "c")
    lineage.add(conn, new)
    assert lineage.walk_upstream(conn, "c") == tuple(new)
    assert lineage.walk_downstream(conn, "a") == ()
    assert lineage.walk_upstream(conn, "c", history=True) == (*new, *old)
    assert lineage.walk_downstream(conn, "a", history=True) == tuple(old)


def test_a_version_that_came_from_nothing_has_no_edges_left(conn: Connection) -> None:
    lineage.add(conn, made_of("c", "a"))
    published(conn, 2, "c")
    lineage.add(conn, [])
    assert lineage.walk_upstream(conn, "c") == ()


def test_edges_belong_to_a_recorded_version(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn)
    with pytest.raises(IntegrityError), record.transaction() as conn:
        lineage.add(conn, made_of("orders", "a", version=7))


@settings(deadline=None, max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sets(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), max_size=12),
    st.sampled_from("abcd"),
    st.integers(1, 5),
)
def test_walks_agree_with_the_graph_even_in_circles(
    conn: Connection, arrows: set[tuple[str, str]], start: str, depth: int
) -> None:
    conn.execute(LINEAGE.delete())
    lineage.add(conn, [edge for source, target in arrows for edge in made_of(target, source)])

    def walked(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
        reached, passed = {start}, set()
        for _ in range(depth):
            passed |= {arrow for arrow in arrows if arrow[0] in reached}
            reached |= {target for _, target in passed}
        return passed

    down = {(edge.source_name, edge.product) for edge in lineage.walk_downstream(conn, start, depth=depth)}
    up = {(edge.product, edge.source_name) for edge in lineage.walk_upstream(conn, start, depth=depth)}
    assert down == walked(arrows)
    assert up == walked({(target, source) for source, target in arrows})
