"""run_frame: what the statement of a frame may read, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from data_platform import functions as F
from data_platform import verbs
from data_platform.access.decision import PRODUCT, Decision, Opening, ReadView
from data_platform.engine.frame import DataFrame
from data_platform.errors import AccessDenied, BadInput, NotFound, PolicyViolation, QueryFailed
from data_platform.record.operations import usage
from data_platform.sentences import Sentence
from data_platform.settings import Role
from data_platform.settings.principal import RoleGrant
from data_platform.verbs.reading.run_frame import FrameTable, RunFrame
from tests.meshes import IDS, NOON, FilledMeshes, World

POLICIES = """\
policies:
  - name: no_email
    rule: {type: metadata-check, condition: "ASSERT all(c IN consumers ASSERT 'email' NOT IN c.columns)"}
"""
PEOPLE = IDS | {"email": {"type": "string"}}


@pytest.fixture
def shop(tmp_path: Path, filled_meshes: FilledMeshes) -> Iterator[World]:
    with filled_meshes.open_copy(fill, tmp_path) as (world, _):
        yield world


def fill(world: World) -> None:
    """Two versions of orders, and people whose email is encrypted."""
    orders = world.product("orders", columns=IDS | {"total": {"type": "number"}})
    orders.publish("t", [{"id": 1, "total": 5.0}])
    orders.publish("t", [{"id": 1, "total": 7.0}, {"id": 2, "total": 9.0}])
    people = world.product("people", columns=PEOPLE, more="pii_columns: [email]")
    people.publish("t", [{"id": 1, "email": "ann@x"}, {"id": 2, "email": "bo@x"}])


def run(world: World, statement: str, *tables: FrameTable) -> list[dict[str, object]]:
    ticket = world.transport.call(RunFrame(statement, tables))
    rows: list[dict[str, object]] = world.transport.open_rows(ticket).to_arrow().to_pylist()
    return rows


def send(world: World, frame: DataFrame, **versions: FrameTable) -> pa.Table:
    ticket = world.transport.call(RunFrame(frame.sql(), tuple(versions.values())))
    return world.transport.open_rows(ticket).to_arrow()


def test_the_statement_of_a_frame_gives_its_rows(shop: World) -> None:
    orders, people = shop.platform.consume("orders", "t"), shop.platform.consume("people", "t")
    frame = orders.join(people, "id").filter(F.col("total") > 7).select("email", (F.col("total") * 2).alias("double"))
    rows = send(shop, frame, a=FrameTable("t_v2", "orders", "t", 2), b=FrameTable("t_v1", "people", "t", 1))
    assert rows.to_pylist() == [{"email": "bo@x", "double": 18.0}] == frame.to_arrow().to_pylist()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("SELECT * FROM other", "names no table"),
        ("SELECT * FROM orders.t", "names no table"),
        ("SELECT * FROM a; SELECT 1", "not 2 statements"),
        ("SELECT * FROM read_csv('/etc/passwd')", "read_csv is not allowed"),
        ("SELECT getenv('HOME') FROM a", "getenv is not allowed"),
        ("DELETE FROM a", "begins with"),
        ("SELECT * FROM duckdb_settings", "names no table"),
    ],
)
def test_a_statement_that_is_no_query_of_its_tables_is_refused(shop: World, statement: str, problem: str) -> None:
    with pytest.raises(QueryFailed, match=problem):
        run(shop, statement, FrameTable("a", "orders", "t", 2))


def test_the_version_is_the_one_that_is_named_and_must_be_there(shop: World) -> None:
    assert run(shop, "SELECT sum(total) AS n FROM a", FrameTable("a", "orders", "t", 1)) == [{"n": 5.0}]
    with pytest.raises(NotFound, match="no version 9"):
        run(shop, "SELECT * FROM a", FrameTable("a", "orders", "t", 9))
    with pytest.raises(BadInput, match="there twice"):
        run(shop, "SELECT * FROM a", FrameTable("a", "orders", "t", 1), FrameTable("A", "orders", "t", 2))


def test_a_reader_may_only_ask_for_more_masks(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    people = FrameTable("p", "people", "t", 1, masks=frozenset({"id"}))
    assert run(shop, "SELECT * FROM p LIMIT 1", people) == [{"id": None, "email": "ann@x"}]
    decision = Decision(
        True, Sentence("", "a test says so"), views={PRODUCT: (ReadView((Opening("a test", frozenset({"id"})),)),)}
    )
    monkeypatch.setattr("data_platform.verbs.reading.run_frame.authorize", lambda *_: decision)
    hidden = run(shop, "SELECT email FROM p WHERE email = 'ann@x'", replace(people, masks=frozenset()))
    assert hidden == []
    assert run(shop, "SELECT email FROM p LIMIT 1", replace(people, masks=frozenset())) == [{"email": "***"}]


def test_who_may_not_read_a_version_cannot_run_a_frame_over_it(shop: World) -> None:
    shop.act_as(replace(shop.context.principal, local=False))
    with pytest.raises(AccessDenied):
        run(shop, "SELECT * FROM a", FrameTable("a", "orders", "t", 2))


def test_what_the_statement_reads_widens_the_record_of_its_consume(shop: World) -> None:
    ticket = shop.transport.call(verbs.Consume("orders", "t"))
    run(shop, "SELECT id FROM a", FrameTable("a", "orders", "t", 2, read_id=ticket.read_id))
    run(shop, "SELECT count(*) FROM a WHERE total > 1", FrameTable("a", "orders", "t", 2, read_id=ticket.read_id))
    with shop.mesh.record.reading() as conn:
        (read,) = usage.list_reads(conn, "orders", NOON)
    assert (read.id, set(read.columns)) == (ticket.read_id, {"id", "total"})


def test_the_record_of_another_read_is_not_taken_for_it(shop: World) -> None:
    ticket = shop.transport.call(verbs.Consume("people", "t"))
    run(shop, "SELECT id FROM a", FrameTable("a", "orders", "t", 2, read_id=ticket.read_id))
    mine = shop.transport.call(verbs.Consume("orders", "t")).read_id
    shop.become("eve@x")
    run(shop, "SELECT total FROM a", FrameTable("a", "orders", "t", 2, read_id=mine))
    with shop.mesh.record.reading() as conn:
        reads = {(read.principal, read.columns) for read in usage.list_reads(conn, "orders", NOON)}
        assert [read.columns for read in usage.list_reads(conn, "people", NOON)] == [()]
    assert ("eve@x", ("total",)) in reads
    assert len(reads) == 3


def test_policies_about_readers_judge_the_columns_that_the_statement_reads(shop: World) -> None:
    policies = shop.root / "policies.yaml"
    policies.write_text(POLICIES)
    shop.platform.apply_policies(policies)
    people = FrameTable("p", "people", "t", 1)
    assert run(shop, "SELECT id FROM p LIMIT 1", people) == [{"id": 1}]
    with pytest.raises(PolicyViolation, match="no_email"):
        run(shop, "SELECT id FROM p WHERE email LIKE '%x'", people)


def test_a_frame_reads_so_many_tables(shop: World) -> None:
    tables = [FrameTable(f"t{number}", "orders", "t", 1) for number in range(101)]
    with pytest.raises(QueryFailed, match="at most 100 tables, and not 101"):
        run(shop, "SELECT 1 FROM t1", *tables)


def test_an_alias_is_not_empty(shop: World) -> None:
    with pytest.raises(BadInput, match="an alias is empty"):
        run(shop, "SELECT 1", FrameTable("", "orders", "t", 1))


def test_a_consumer_sees_personal_data_masked_in_whatever_statement(shop: World) -> None:
    consumer = frozenset([RoleGrant(Role.CONSUMER)])
    shop.act_as(replace(shop.context.principal, name="eve@x", local=False, verified=True, roles=consumer))
    people = FrameTable("p", "people", "t", 1)
    assert run(shop, "SELECT DISTINCT email FROM p", people) == [{"email": "***"}]
    assert run(shop, "SELECT count(*) AS n FROM p WHERE email LIKE 'ann%'", people) == [{"n": 0}]
    assert run(shop, "SELECT max(id) AS id FROM p", people) == [{"id": 2}]
