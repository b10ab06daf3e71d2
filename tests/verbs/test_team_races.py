"""Two writers at the same moment on a real Postgres record: one of them comes second, and sees what the first did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from data_platform import DataProduct, FrameError, Platform
from data_platform.errors import DataPlatformError, NotFound, PolicyViolation, RunConflict, StorageFailed
from data_platform.verbs.core.attachments import Attachments
from data_platform.verbs.publishing.publish import Publish
from data_platform.verbs.results.runs import LOST_AFTER
from tests.postgres import Server

pytestmark = pytest.mark.engines

ROUNDS = 8
OPEN = "policies: [{name: described, enforcement: warning, rule: {type: metadata-check, condition: ASSERT %s}}]\n"
BLOCKING = (
    "policies: [{name: kept, rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}}]\n"
)


class Two:
    """Two who work on one mesh, each with connections of their own."""

    def __init__(self, home: Path) -> None:
        self.one, self.other = Platform.open(home), Platform.open(home)
        self._folder = home.parent
        self._pool = ThreadPoolExecutor(2)

    def at_once(self, *acts: Callable[[], Any]) -> list[Any]:
        """What each answered or raised, both begun at the same moment."""
        together = Barrier(len(acts))

        def act(story: Callable[[], Any]) -> Any:
            together.wait(60)
            try:
                return story()
            except DataPlatformError as error:
                return error

        return list(self._pool.map(act, acts))

    def product(self, name: str, platform: Platform, more: str = "") -> DataProduct:
        """A product of one table."""
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        text = f"name: {name}\ndomain: sales\nowner: {platform.principal.name}\noutputs: [{{name: t}}]\n{more}"
        (folder / "product.yaml").write_text(text)
        return DataProduct(folder, platform)

    def file(self, name: str, text: str) -> Path:
        """A policies file."""
        path = self._folder / name
        path.write_text(text)
        return path

    def close(self) -> None:
        self._pool.shutdown()
        self.one.close()
        self.other.close()


@pytest.fixture
def two(tmp_path: Path, postgres_url: str, postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("MESH_PASSWORD", postgres_server.password)
    url = postgres_url.replace(f":{postgres_server.password}@", ":${MESH_PASSWORD}@")
    (home / "settings.toml").write_text(f'[record]\nurl = "{url}"\n')
    pair = Two(home)
    yield pair
    assert pair.one.verify_audit().ok
    pair.close()


def test_whoever_registers_while_policies_are_applied_is_refused_or_has_an_incident(two: Two) -> None:
    blocking = two.file("blocking.yaml", BLOCKING)
    for number in range(ROUNDS):
        name = f"p{number}"
        opening = two.file("open.yaml", OPEN % f"count(product.tags) >= {number}")
        two.one.apply_policies(opening, allow_weakening=True)
        product = two.product(name, two.other)
        registered, applied = two.at_once(
            product.register, lambda: two.one.apply_policies(blocking, allow_weakening=True)
        )
        if isinstance(applied, DataPlatformError):
            two.one.apply_policies(blocking, allow_weakening=True)
        with suppress(DataPlatformError):
            two.one.show(name)
            open_ones = {(each.product, each.cause) for each in two.one.incidents(open_only=True)}
            assert (name, "policy kept") in open_ones
            continue
        assert isinstance(registered, PolicyViolation)


def test_a_publish_beside_a_rename_stands_under_the_new_name_or_is_told(two: Two) -> None:
    for number in range(ROUNDS):
        old, new = f"old{number}", f"new{number}"
        product = two.product(old, two.one)
        product.publish("t", [{"id": 1}])
        published, renamed = two.at_once(
            lambda product=product: product.publish("t", [{"id": 2}]),
            lambda old=old, new=new: two.other.rename(old, new),
        )
        assert not isinstance(renamed, DataPlatformError), renamed
        stood = not isinstance(published, DataPlatformError)
        versions = [each.version for each in two.one.versions(new, "t")]
        assert versions == ([2, 1] if stood else [1])
        found = two.other.consume(old, "t").to_arrow().to_pylist()
        assert found == two.one.consume(new, "t").to_arrow().to_pylist() == [{"id": 2 if stood else 1}]


def test_nothing_is_published_into_a_major_that_was_retired(two: Two) -> None:
    for number in range(ROUNDS):
        name = f"p{number}"
        product = two.product(name, two.one)
        product.publish("t", [{"id": 1}])
        two.one.deprecate(name, "t", "30 days")
        published, retired = two.at_once(
            lambda product=product: product.publish("t", [{"id": 2}]),
            lambda name=name: two.other.retire(name, "t"),
        )
        assert not isinstance(retired, DataPlatformError), retired
        log = [(entry.act, entry.details.get("version")) for entry in two.one.audit_log(product=name)]
        stood = not isinstance(published, DataPlatformError)
        assert [act for act, _ in log].count("publish") == 1 + stood
        assert next(act for act, _ in log if act in ("retire", "publish")) == "retire", "newest first"


def test_a_major_that_was_retired_stays_so_whoever_registers_beside_it(two: Two) -> None:
    for number in range(ROUNDS):
        name = f"p{number}"
        two.product(name, two.one).publish("t", [{"id": 1}])
        two.one.deprecate(name, "t", "30 days")
        changed = two.product(name, two.one, "description: Another.\n")
        _, retired = two.at_once(changed.register, lambda name=name: two.other.retire(name, "t"))
        assert not isinstance(retired, DataPlatformError), retired
        with pytest.raises(NotFound, match="was retired"):
            two.one.consume(name, "t")


def test_of_a_register_and_a_rename_at_once_each_that_stands_is_a_revision(two: Two) -> None:
    for number in range(ROUNDS):
        old, new = f"old{number}", f"new{number}"
        product = two.product(old, two.one, "tags: [a]\n")
        product.register()
        changed = two.product(old, two.one, "tags: [a, b]\n")
        registered, renamed = two.at_once(changed.register, lambda old=old, new=new: two.other.rename(old, new))
        log = [entry.details["revision"] for entry in two.one.audit_log(product=new, act="register")]
        assert log == list(range(len(log), 0, -1)), "each revision has its entry"
        stood = [each for each in (registered, renamed) if not isinstance(each, DataPlatformError)]
        assert len(log) == 1 + len(stood)


def test_the_schema_that_first_data_shows_is_not_forgotten_by_whoever_registers_beside_it(two: Two) -> None:
    for number in range(ROUNDS):
        name = f"p{number}"
        two.product(name, two.one).register()
        published, _ = two.at_once(
            lambda name=name: two.one.publish(Publish(name, "t"), [{"id": 1}]),
            two.product(name, two.other, "description: Another.\n").register,
        )
        assert not isinstance(published, DataPlatformError), published
        (output,) = two.one.show(name).outputs
        assert [column.name for column in output.columns] == ["id"]


def test_of_two_schedulers_one_starts_an_attempt(two: Two) -> None:
    two.product("orders", two.one).publish("t", [{"id": 1}])
    for hour in range(ROUNDS):
        six = datetime(2026, 11, 23, hour, tzinfo=UTC)
        started = two.at_once(
            lambda six=six: two.one.start_run("orders", scheduled_for=six, attempt=1),
            lambda six=six: two.other.start_run("orders", scheduled_for=six, attempt=1),
        )
        assert sorted(type(answer).__name__ for answer in started) == ["RunConflict", "RunInfo"]
    assert len(two.one.runs("orders")) == ROUNDS


def test_a_run_that_is_given_up_beside_its_publish_has_a_version_or_is_lost(two: Two) -> None:
    product = two.product("orders", two.one)
    product.register()
    mesh = two.other._transport._mesh  # type: ignore[attr-defined]
    mesh.clock = lambda: datetime.now(UTC) + LOST_AFTER * 2
    for _ in range(ROUNDS):
        run = two.one.start_run("orders", "t").id
        published, ticked = two.at_once(
            lambda run=run: two.one.publish(Publish("orders", "t", product.file, run=run), [{"id": 1}]),
            two.other.tick,
        )
        assert not isinstance(ticked, DataPlatformError), ticked
        two.other.tick()
        info = two.one.run(run).run
        if isinstance(published, DataPlatformError):
            assert isinstance(published, RunConflict)
            assert (info.state, info.version) == ("lost", None)
        else:
            assert (info.state, info.version) == ("succeeded", published.version)


def test_no_version_is_encrypted_with_a_key_that_is_erased_beside_its_publish(two: Two) -> None:
    """A version from before the erasure is erased, one from after it is readable, and each key is one or the other."""
    product = two.product("people", two.one, "pii_columns: [email]\n")
    rows = [{"id": 1, "email": "ann@example.org"}]
    product.publish("t", rows)
    for _ in range(ROUNDS):
        published, erased = two.at_once(
            lambda: product.publish("t", rows),
            lambda: two.other.erase_key("people", "t", "email", confirm="people.t.email"),
        )
        assert not isinstance(erased, DataPlatformError), erased
        two.other.rotate_keys()
        until = erased.columns[0].version
        if isinstance(published, DataPlatformError):
            assert isinstance(published, StorageFailed), published
            assert product.publish("t", rows).version == until + 1
        newest = two.one.versions("people", "t")[0].version
        assert newest in (until, until + 1)
        for version in range(1, newest + 1):
            frame = two.one.consume("people", "t", version=version)
            if version > until:
                assert len(frame.collect()) == 1
            else:
                with pytest.raises(FrameError, match="the data is erased since"):
                    frame.collect()


def test_requests_with_one_key_at_once_publish_once(two: Two) -> None:
    product = two.product("keyed", two.one)
    product.register()
    file = product.file.path.parent / "ids.csv"
    file.write_text("id\n1\n2\n")
    for version in range(1, ROUNDS + 1):
        attached = Attachments(file, idempotency_key=f"key-{version}")
        first, second = two.at_once(
            *(partial(platform._transport.call, Publish("keyed", "t"), attached) for platform in (two.one, two.other))
        )
        assert first == second
        assert first.version == version
