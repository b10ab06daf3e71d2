"""Upgrades with data in them, from every released revision, and the old program at work on the new schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, func, inspect, select

from data_platform import Platform
from data_platform.record import schema_version
from data_platform.record.catalog import domains, inputs, outputs, products, versions
from data_platform.record.db.schema import REVISION
from data_platform.record.governance import judgements
from data_platform.record.lineage import column_lineage, lineage
from data_platform.record.operations import events, incidents, leases, outbox, usage
from data_platform.record.store import Record
from tests.postgres import Server
from tests.record import released
from tests.record.given import later

OLDER = [revision for revision in released.REVISIONS if revision < REVISION]
every_revision = pytest.mark.parametrize("revision", OLDER)


def counts(url: str) -> dict[str, int]:
    """How many rows each table has, without upgrading anything."""
    with Record(released._select_backend(url)) as record, record.reading() as conn:
        names = sorted(set(inspect(conn).get_table_names()) - {"alembic_version"})
        tables = [Table(name, MetaData()) for name in names]
        return {table.name: conn.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_every_released_revision_has_its_rows_here() -> None:
    known = {path.stem.partition("_")[0] for path in released.migrate.MIGRATIONS.glob("versions/[0-9]*.py")}
    assert sorted(known - {REVISION}) == OLDER


@every_revision
def test_an_upgrade_keeps_every_row(url: str, revision: str) -> None:
    released.make(url, revision)
    before = counts(url)
    assert min(before.values()) > 0, "each table of that revision has rows"
    Record.open(url).close()
    after = counts(url)
    assert {name: after[name] for name in before} == before


@every_revision
def test_an_empty_record_is_upgraded_too(url: str, revision: str) -> None:
    released.make(url, revision, filled=False)
    with Record.open(url) as record, record.reading() as conn:
        assert schema_version.read_stamp(conn) == REVISION
        assert products.list_all(conn) == ()


@pytest.fixture
def upgraded(url: str) -> Record:
    """The record of revision 0001, opened by this release."""
    released.make(url, "0001")
    return Record.open(url)


def test_what_was_registered_reads_as_it_was_written(upgraded: Record) -> None:
    with upgraded, upgraded.reading() as conn:
        commerce, crm = domains.list_all(conn)
        assert (commerce.responsibility, commerce.members) == (
            "Everything sold",
            ("olga@example.com", "bo@example.com"),
        )
        assert (crm.owner, crm.members) == (None, ())
        orders = products.find(conn, "orders")
        assert orders is not None
        assert (orders.description, orders.tags) == ("Orders of all shops, 50% of them “online”", ("money", "gold"))
        contract = orders.contract
        assert [rule.name for rule in contract.product.outputs[0].rules] == ["no_negative_total", "many_rows"]
        assert [row.revision for row in products.list_revisions(conn, "orders")] == [2, 1]
        for row in products.list_revisions(conn, "orders"):
            assert row.contract.product.name == "orders"
        table, stream = outputs.find(conn, "orders", "orders_fact"), outputs.find(conn, "orders", "events")
        assert table is not None
        assert stream is not None
        assert (table.version, table.inferred, table.retired) == (2, True, False)
        assert (stream.version, stream.topic, stream.metadata_location) == (0, "orders.events", None)


def test_what_was_published_and_read_reads_as_it_was_written(upgraded: Record) -> None:
    with upgraded, upgraded.reading() as conn:
        newest, first = versions.list_history(conn, "orders", "orders_fact")
        assert (newest.version, newest.rows, first.rows) == (2, 1, 2)
        assert first.published_at.isoformat() == "2026-11-20T09:10:00.123456+00:00"
        assert first.statistics["id"]["max"] == 2
        assert versions.find_as_of(conn, "orders", "orders_fact", first.published_at) == first
        (edge,) = lineage.walk_upstream(conn, "orders")
        assert (edge.source_name, edge.source_output, edge.source_version) == ("customers", "customers_dim", 1)
        assert edge.version == 2
        (read,) = usage.list_reads(conn, "orders")
        assert (read.columns, read.purpose, read.verified) == (("id", "total"), "a report", False)
        assert leases.list_live(conn) == {"0123456789abcdef"}


def test_what_older_revisions_did_not_know_is_unknown_or_made_up_for(upgraded: Record) -> None:
    with upgraded, upgraded.reading() as conn:
        declared = inputs.list_by_product(conn, ["orders", "customers"])
        assert [(row.product, row.source_product, row.source_output) for row in declared] == [
            ("orders", "customers", "customers_dim"),
            ("orders", "payments", "payments_fact"),
        ]
        judged = judgements.list_history(conn, "orders")
        assert [row.outcome for row in judged] == ["refused", "warned", "refused", "refused", "warned"]
        assert {(row.score, row.dimensions) for row in judged} == {(None, None)}
        opened, closed = incidents.list_history(conn, "orders")
        assert (opened.resolved_at, opened.occurrences, opened.severity) == (None, 1, None)
        assert (closed.resolved_at is not None, closed.occurrences, closed.resolved_by) == (True, 2, None)
        assert incidents.list_timeline(conn, opened.id) == ()
        assert column_lineage.list_by_version(conn, "orders", "orders_fact", 2) == ()
        assert events.list_after(conn) == ()
        assert outbox.list_waiting(conn) == ()


def test_life_goes_on_in_an_upgraded_record(upgraded: Record) -> None:
    with upgraded:
        with upgraded.transaction() as conn:
            stroke = incidents.IncidentCause("orders", "orders_fact", "publish refused", "again", "high")
            again = incidents.record_occurrence(conn, stroke, later(days=1), "ana")
            raised = incidents.raise_severity(conn, again.id, "high", later(days=1), "ana")
            assert (again.occurrences, raised and raised.severity) == (2, "high")
            added = events.add(conn, events.Event(0, 0, "orders", "refused", later(days=1), "ana"))
            outbox.add(conn, [outbox.QueuedEvent(added, "marquez", "orders")], later(days=1))
        with upgraded.reading() as conn:
            assert [event.id for event in events.list_after(conn)] == [added]
            assert [entry.kind for entry in incidents.list_timeline(conn, again.id)] == ["again", "severity"]


def test_the_old_program_works_on_beside_the_new_one(url: str) -> None:
    """Expand: whatever a program of the last release writes into the new schema is taken, and read by the new one."""
    released.make(url, "0001", filled=False)
    with Record.open(url) as record:
        for script in ("0001", "0001_changes"):
            with record.transaction() as conn:
                released.play(conn, script)
        with record.reading() as conn:
            now = versions.find_latest(conn, "orders", "orders_fact")
            assert now is not None
            assert (now.version, now.outcome) == (3, "passed")
            assert [edge.columns for edge in lineage.walk_upstream(conn, "orders")] == [("id",)]
            assert [incident.resolved_at for incident in incidents.list_history(conn, "orders", open_only=True)] == []
            assert incidents.list_history(conn, "orders")[0].occurrences == 2
            assert leases.list_live(conn) == set()
            crm = domains.find(conn, "crm")
            assert crm is not None
            assert crm.responsibility == "Who buys"


@pytest.fixture
def home(url: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of revision 0001, whose record is that database."""
    folder = tmp_path / "home"
    folder.mkdir()
    if url.startswith("sqlite"):
        url = f"sqlite:///{folder}/record.db"
    else:
        server: Server = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("MESH_PASSWORD", server.password)
        shown = url.replace(f":{server.password}@", ":${MESH_PASSWORD}@")
        (folder / "settings.toml").write_text(f'[record]\nurl = "{shown}"\n')
    released.make(url, "0001")
    metadata = folder / "tables/orders/orders_fact/metadata/00002-e554ad9895e6478d87e24bd2fb25a1e7.metadata.json"
    metadata.parent.mkdir(parents=True)
    metadata.touch()  # tables and record of an older release are tied to each other by the files that the record names
    return folder


QUESTIONS: dict[str, Callable[[Platform], Any]] = {
    "show": lambda mesh: mesh.show("orders").outputs[0].version == 2,
    "versions": lambda mesh: [version.version for version in mesh.versions("orders")] == [2, 1],
    "lineage": lambda mesh: [node.product for node in mesh.lineage("orders").upstream] == ["customers", "payments"],
    "quality": lambda mesh: 0 < mesh.quality_metrics("orders").current_score <= 100,
    "domains": lambda mesh: [domain.name for domain in mesh.domains()] == ["commerce", "crm"],
    "search": lambda mesh: [found.name for found in mesh.search("orders")] == ["orders"],
}


def test_an_upgraded_mesh_answers_every_question(home: Path) -> None:
    with Platform.open(home) as mesh:
        answers = {name: question(mesh) for name, question in QUESTIONS.items()}
    assert answers == dict.fromkeys(QUESTIONS, True)
