"""The same story with a real Postgres as the record: what a team shares."""

from __future__ import annotations

import json
import multiprocessing
import time
from datetime import timedelta
from pathlib import Path

import pytest

from data_platform import DataProduct, DataQualityError, Platform
from data_platform.errors import BadInput, RecordFailed
from data_platform.integrations.senders import build_senders
from data_platform.platform import InProcess
from data_platform.settings import Home
from data_platform.verbs.core.mesh import Mesh
from tests.integrations.receiver import Server as Receiver
from tests.postgres import Server

pytestmark = pytest.mark.engines

PRODUCT = """\
name: orders
domain: sales
owner: ana@x
outputs:
  - name: t
    quality_rules:
      - {rule: positive, sql: "SELECT COUNT(*) FROM t WHERE amount < 0", threshold: 0}
pii_columns: [email]
"""
PUBLISHERS, EACH = 4, 5


@pytest.fixture
def home(tmp_path: Path, postgres_url: str, postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose record is an empty Postgres database; the password comes from the environment."""
    (tmp_path / "product.yaml").write_text(PRODUCT)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("MESH_PASSWORD", postgres_server.password)
    url = postgres_url.replace(f":{postgres_server.password}@", ":${MESH_PASSWORD}@")
    (folder / "settings.toml").write_text(f'[record]\nurl = "{url}"\n')
    return folder


def _row(number: int) -> dict[str, object]:
    return {"amount": number, "email": f"{number}@x"}


def _publish_some(home: Path, first: int) -> None:
    with Platform.open(home) as platform:
        product = DataProduct(home.parent, platform)
        for number in range(first, first + EACH):
            product.publish("t", [_row(number)])


def test_publish_refuse_consume(home: Path) -> None:
    with Platform.open(home) as platform:
        product = DataProduct(home.parent, platform)
        product.publish("t", [_row(1)])
        with pytest.raises(DataQualityError):
            product.publish("t", [_row(-1)])
        product.publish("t", [_row(2), _row(3)])

        assert [version.rows for version in platform.versions("orders", "t")] == [2, 1]
        assert platform.consume("orders", "t", version=1).to_arrow().to_pylist() == [_row(1)]
        (incident,) = platform.quality_metrics("orders").incidents
        assert incident.resolved_at is not None
        assert platform.search("orders")[0].usage_stats.views == 1
    assert not list(home.glob("record.db*"))


def test_processes_publishing_at_once_lose_nothing(home: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    firsts = [number * EACH for number in range(PUBLISHERS)]
    children = [spawn.Process(target=_publish_some, args=(home, first)) for first in firsts]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0] * PUBLISHERS

    with Platform.open(home) as platform:
        versions = [info.version for info in platform.versions("orders", "t")]
        contents = [platform.consume("orders", "t", version=v).to_arrow()["amount"].to_pylist() for v in versions]
    assert versions == list(range(PUBLISHERS * EACH, 0, -1))
    assert sorted(contents) == [[number] for number in range(PUBLISHERS * EACH)]


def _tick(home: Path, ahead: timedelta, opened: multiprocessing.Queue[list[str]]) -> None:
    mesh = Mesh.open(Home(home))
    now = mesh.clock()
    mesh.clock = lambda: now + ahead
    with Platform(InProcess(mesh)) as platform:
        opened.put([incident.product for incident in platform.tick().opened])


def test_ticks_of_several_processes_open_each_incident_once(home: Path, tmp_path: Path) -> None:
    names = [f"p{number}" for number in range(6)]
    with Platform.open(home) as platform:
        for name in names:
            folder = tmp_path / name
            folder.mkdir()
            promise = PRODUCT.replace("name: orders", f"name: {name}") + "version: 1.0.0\n"
            promise = promise.replace("  - name: t\n", "  - name: t\n    sla: {freshness: 1 hour}\n")
            (folder / "product.yaml").write_text(promise)
            DataProduct(folder, platform).publish("t", [_row(1)])
    context = multiprocessing.get_context("spawn")
    opened = context.Queue()
    for ahead in (timedelta(hours=2), timedelta(hours=3)):
        ticks = [context.Process(target=_tick, args=(home, ahead, opened)) for _ in range(3)]
        for each in ticks:
            each.start()
        found = sorted(name for _ in ticks for name in opened.get(timeout=60))
        for each in ticks:
            each.join()
        assert found == (names if ahead == timedelta(hours=2) else [])
    with Platform.open(home) as platform:
        DataProduct(tmp_path / "p0", platform).publish("t", [_row(2)])
        assert [each.product for each in platform.incidents() if each.resolved_at is not None] == ["p0"]
        assert len(platform.incidents(open_only=True)) == 5


def _send_until(home: Path, versions: int) -> None:
    """Sends what is due, again and again, until all those versions have left."""
    with Platform.open(home) as platform:
        post, deadline = build_senders(platform.settings), time.monotonic() + 60
        while time.monotonic() < deadline:
            platform.deliver(post)
            if len(platform.versions("orders", "t")) == versions and not platform.outbox():
                return
            time.sleep(0.1)
    raise AssertionError("the outbox was never empty")


def test_while_some_publish_and_others_send_every_version_leaves_once_and_in_order(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Receiver().running() as receiver:
        with (home / "settings.toml").open("a") as file:
            file.write(f'[openlineage]\nurl = "{receiver.url}"\n')
        with Platform.open(home) as platform:
            DataProduct(home.parent, platform).register()
        context = multiprocessing.get_context("spawn")
        publishers = [context.Process(target=_publish_some, args=(home, 10 * n)) for n in range(2)]
        others = [context.Process(target=_send_until, args=(home, 2 * EACH)) for _ in range(3)]
        for process in (*publishers, *others):
            process.start()
        for process in (*publishers, *others):
            process.join(120)
        assert [process.exitcode for process in (*publishers, *others)] == [0] * 5
    ends = [event for event in receiver.events if event.get("eventType") == "COMPLETE" and event["outputs"]]
    versions = [int(event["outputs"][0]["facets"]["version"]["datasetVersion"]) for event in ends]
    assert versions == list(range(1, 2 * EACH + 1))


def test_a_diff_names_who_reads_and_leaves_nothing(home: Path) -> None:
    with Platform.open(home) as platform:
        DataProduct(home.parent, platform).publish("t", [_row(1)])
        platform.consume("orders", "t").select("amount").collect()
        schema = {"type": "object", "properties": {"email": {"type": "string"}}}
        (home.parent / "t.json").write_text(json.dumps(schema))
        narrow = PRODUCT.replace("- name: t", "- name: t\n    schema: t.json").replace("amount < 0", "email = ''")
        (home.parent / "product.yaml").write_text(narrow)
        found = platform.diff(home.parent)
        (broken,) = found.breaks
        assert (found.verdict, broken.columns) == ("refused", ("amount",))
        assert [reader.name for reader in broken.consumers] == [platform.principal.name]
        (home.parent / "product.yaml").write_text(PRODUCT.replace("name: orders", "name: other"))
        assert platform.diff(home.parent).verdict == "new"
        assert platform.domains()[0].products == 1


def test_a_lost_postgres_record_is_never_begun_anew(home: Path, postgres_server: Server) -> None:
    with Platform.open(home) as platform:
        DataProduct(home.parent, platform).publish("t", [_row(1)])
        with pytest.raises(BadInput, match="pg_dump"):
            platform.backup(home.parent / "backup")
        assert platform.collect().files == 0
    (home / "settings.toml").rename(home / "lost.toml")
    with pytest.raises(RecordFailed, match="lost or empty"):
        Platform.open(home)
    assert not (home / "record.db").exists()
    (home / "lost.toml").rename(home / "settings.toml")
    with Platform.open(home) as platform:
        database = platform._transport._mesh.record.url.rpartition("/")[2]  # type: ignore[attr-defined]
    postgres_server.execute("DROP SCHEMA public CASCADE", database)
    postgres_server.execute("CREATE SCHEMA public", database)
    with pytest.raises(RecordFailed, match="lost or empty"):
        Platform.open(home)
    assert Platform.rebuild(home).versions == 1
    with Platform.open(home) as platform:
        assert platform.consume("orders", "t").to_arrow().to_pylist() == [_row(1)]
