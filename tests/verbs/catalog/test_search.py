"""search: the index keeps up with what is recorded, and tells the same as the record."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from data_platform.engine.worker import SqlWorker
from data_platform.errors import BadInput
from data_platform.platform import InProcess, Platform
from data_platform.quality import DataQualityError
from data_platform.record.operations import events
from data_platform.record.operations.events import Event
from data_platform.search.document import SearchDocument
from data_platform.search.index import SearchIndex
from data_platform.settings import Home
from data_platform.verbs.catalog import index_sync
from data_platform.verbs.core.mesh import Mesh
from tests.meshes import IDS, NOON, ROWS, FilledMeshes, World

PII = {
    "id": {"type": "integer"},
    "email": {"type": "string"},
    "at": {"type": "object", "properties": {"zip": IDS["id"]}},
}
RULE = """\
quality_rules:
  - {rule: many, metric: rowCount, mustBeGreaterThan: 2, severity: warning}
  - {rule: any, metric: rowCount, mustBeGreaterThan: 0}"""

SOUND = "quality_rules: [{rule: any, metric: rowCount, mustBeGreaterThan: 0}]"


@pytest.fixture
def three(tmp_path: Path, filled_meshes: FilledMeshes) -> Iterator[World]:
    with filled_meshes.open_copy(fill, tmp_path) as (world, _):
        yield world


def fill(world: World) -> None:
    """Products for all tests of this file."""
    about = "description: Every Order ever placed\ntags: [gold, sales]"
    world.product("orders", IDS, output=SOUND, more=about).publish("t", ROWS)
    world.product("customers", PII, output=RULE, more="pii_columns: [email]").publish("t", ROWS[:1])
    world.product("suppliers", output="type: stream", more="status: draft", owner="bo@x").register()


def names(world: World, *words: object, **options: object) -> list[str]:
    return [found.name for found in world.platform.search(*words, **options)]  # type: ignore[arg-type]


def another(world: World) -> Platform:
    """The same home, opened by somebody else."""
    return Platform(InProcess(Mesh.open(Home(world.home))))


def writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written to the index from now on."""
    told: list[str] = []
    for how in ("update", "refill"):
        real = getattr(index_sync.Writing, how)

        def noted(self: object, *given: object, how: str = how, real: object = real) -> None:
            told.append(how)
            real(self, *given)  # type: ignore[operator]

        monkeypatch.setattr(index_sync.Writing, how, noted)
    return told


def test_every_change_is_found_by_the_next_search(three: World) -> None:
    assert names(three) == ["orders", "customers", "suppliers"]
    three.platform.consume("customers", "t").count()
    assert names(three) == ["customers", "orders", "suppliers"]
    three.product("returns", IDS).register()
    assert names(three, "returns") == ["returns"]
    three.product("orders", IDS, output=SOUND, more="description: None left\ntags: [gold]").register()
    assert (names(three, "placed"), names(three, "left")) == ([], ["orders"])
    three.product("suppliers", IDS, output=SOUND, owner="bo@x").publish("t", ROWS)
    assert names(three, min_quality=99) == ["orders", "suppliers"]


def test_a_product_is_found_by_the_names_that_it_had(three: World) -> None:
    three.become("ana@x").rename("orders", "receipts")
    three.platform.rename("receipts", "sales")
    for former in ("orders", "receipts", "recei"):
        (hit,) = three.platform.search(former)
        assert hit.name == "sales"
    (marked,) = next(iter(three.platform.search("receipts"))).highlights
    assert (marked.field, marked.text) == ("former", "receipts")


def test_a_hit_tells_what_show_tells(three: World) -> None:
    three.platform.consume("customers", "t").count()
    with pytest.raises(DataQualityError):
        three.product("customers", PII, output=RULE, more="pii_columns: [email]").publish("t", [])
    for hit in three.platform.search():
        shown = three.platform.show(hit.name)
        for fact in ("domain", "owner", "description", "tags", "status", "version", "quality_score", "usage_stats"):
            assert getattr(hit, fact) == getattr(shown, fact), fact
        told = [(output.name, output.type, tuple(column.name for column in output.columns)) for output in shown.outputs]
        assert [(output.name, output.type, output.columns) for output in hit.outputs] == told
    assert {hit.name: hit.pii for hit in three.platform.search()} == {
        "customers": True,
        "orders": False,
        "suppliers": False,
    }


def test_personal_data_is_known_before_there_is_a_schema_and_inside_nested_columns(world: World) -> None:
    nested = {"person": {"type": "object", "properties": {"email": {"type": "string", "pii": True}}}}
    world.product("nested", nested).register()
    world.product("declared", more="pii_columns: [email]").register()
    world.product("none", IDS).register()
    assert names(world, pii=True) == ["declared", "nested"]
    assert names(world, pii=False) == ["none"]


def test_filters_facets_and_pages(three: World) -> None:
    assert names(three, owner="bo@x") == names(three, status="draft") == names(three, type="stream") == ["suppliers"]
    assert names(three, column="EMAIL") == ["customers"]
    found = three.platform.search("s", facets=True, limit=1, offset=1)
    assert ([hit.name for hit in found], found.total) == (["suppliers"], 3)
    assert found.facets["owner"] == {"ana@x": 2, "bo@x": 1}
    assert found.facets["type"] == {"table": 2, "stream": 1}
    assert three.platform.search("s").facets == {}
    assert names(three, limit=None) == ["orders", "customers", "suppliers"]


def test_a_hit_says_where_the_words_are(three: World) -> None:
    (hit,) = three.platform.search("ORDER placed")
    (name,) = [each for each in hit.highlights if each.field == "name"]
    (told,) = [each for each in hit.highlights if each.field == "description"]
    assert hit.match == "exact"
    assert (name.text, name.spans) == ("orders", ((0, 6),))
    assert [told.text[start:end] for start, end in told.spans] == ["Order", "placed"]


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"offset": -1}, {"min_quality": float("nan")}])
def test_a_page_or_quality_that_cannot_be_is_refused(three: World, wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        three.platform.search(**wrong)  # type: ignore[arg-type]


def test_only_what_changed_is_written_and_only_by_who_searches(three: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = writes(monkeypatch)
    names(three)
    assert told == ["refill"]
    three.platform.consume("customers", "t").count()
    three.product("returns", IDS).publish("t", ROWS)
    assert told == ["refill"]
    assert names(three, "returns") == ["returns"]
    with another(three) as other:
        assert [hit.name for hit in other.search("returns")] == ["returns"]
    assert told == ["refill", "update"]


def test_events_that_change_no_document_and_kinds_of_a_newer_release_are_passed_over(
    three: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(three)
    documented: list[str] = []
    build = index_sync.build_documents

    def note(conn: Connection, changed: Collection[str]) -> Iterator[SearchDocument]:
        documented.extend(changed)
        return build(conn, changed)

    monkeypatch.setattr(index_sync, "build_documents", note)
    three.platform.define_domain("sales", owner="olga@x")
    three.platform.subscribe("orders")
    with pytest.raises(DataQualityError):
        three.product("orders", IDS, output=SOUND).publish("t", [])
    with three.mesh.record.transaction() as tx:
        events.add(tx, Event(0, 0, "suppliers", "kind of a newer release", NOON, "ana"))
    assert names(three, "order") == ["orders"]
    assert documented == []
    three.product("customers", PII, output=RULE, more="pii_columns: [email]").publish("t", ROWS)
    assert names(three, "customers") == ["customers"]
    assert documented == ["customers"]


def test_a_record_put_back_from_a_backup_is_searched_as_it_is(three: World, rule_worker: SqlWorker) -> None:
    backup = three.home / "backup.db"
    three.mesh.record.close()
    shutil.copy(three.home / "record.db", backup)
    three.product("returns", IDS).register()
    assert "returns" in names(three)
    three.mesh.record.close()
    for path in three.home.glob("record.db*"):
        path.unlink()
    shutil.copy(backup, three.home / "record.db")
    assert names(three, "returns") == []
    three.clock.later(hours=1)
    three.product("refunds", IDS).register()  # an event with the very number of the one that is gone
    assert names(three) == ["orders", "customers", "refunds", "suppliers"]


def test_a_record_older_than_events_is_searched_too(three: World) -> None:
    with three.mesh.record.transaction() as tx:
        tx.exec_driver_sql("DELETE FROM outbox")
        tx.exec_driver_sql("DELETE FROM events")
    assert names(three) == ["orders", "customers", "suppliers"]
    three.platform.consume("customers", "t").count()
    assert names(three)[0] == "customers"


def test_an_index_deleted_or_damaged_meanwhile_is_made_again(three: World) -> None:
    whole = names(three)
    shutil.rmtree(three.home / "search")
    three.platform.consume("orders", "t").count()
    assert names(three) == whole
    (generation,) = (three.home / "search").glob("v*-*")
    for path in generation.glob("*.idx"):
        path.unlink()
        path.write_bytes(b"noise")
    with another(three) as other:
        assert [hit.name for hit in other.search()] == whole
        assert [hit.name for hit in other.search("order")] == ["orders"]
    assert next(iter((three.home / "search").glob("v*-*"))) != generation


def test_a_home_that_cannot_keep_an_index_is_searched_in_memory(three: World) -> None:
    (three.home / "search").write_text("in the way")
    assert names(three) == ["orders", "customers", "suppliers"]
    three.platform.consume("customers", "t").count()
    assert names(three)[0] == "customers"


def test_while_somebody_else_writes_for_long_what_is_there_is_searched(
    three: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_sync, "SOON", 0.05)
    monkeypatch.setattr(index_sync, "LONG", 0.05)
    with (
        SearchIndex(three.home / "search").lock_for_writing(1),
        another(three) as first,
    ):  # there is nothing to search yet
        assert [hit.name for hit in first.search()] == ["orders", "customers", "suppliers"]
    names(three)
    three.platform.consume("customers", "t").count()
    with SearchIndex(three.home / "search").lock_for_writing(1):
        assert names(three)[0] == "orders"
    assert names(three)[0] == "customers"


def test_times_are_told_as_recorded(three: World) -> None:
    three.platform.consume("orders", "t").count()
    assert three.platform.search("orders")[0].usage_stats.last_read == NOON


@pytest.mark.parametrize(("first", "second"), [("0.1.0", "1.0.0"), ("1.0.0", "0.1.0")])
def test_outputs_with_several_majors_have_the_labels_of_show(world: World, first: str, second: str) -> None:
    product = world.product("early", IDS, output=f"version: {first}")
    product.publish("t", ROWS)
    port = f"  - {{name: t, version: {second}, schema: t.json}}\n"
    text = product.file.path.read_text().replace("outputs:\n", f"outputs:\n{port}")
    product.file.path.write_text(text)
    world.platform.register(product.file.path)
    (found,) = world.platform.search("early")
    labels = [output.name for output in found.outputs]
    assert labels == ["t@0", "t@1"]
    assert sorted(labels) == sorted(output.name for output in world.platform.show("early").outputs)
