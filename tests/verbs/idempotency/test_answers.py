from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data_platform import Platform, verbs
from data_platform.errors import (
    AnswerLost,
    BadInput,
    KeyInUse,
    KeyReused,
    StorageFailed,
    Unavailable,
    UnreadableData,
)
from data_platform.platform import InProcess
from data_platform.quality.verdict import DataQualityError
from data_platform.record.operations import idempotency
from data_platform.settings import Principal
from data_platform.settings.principal import Role
from data_platform.verbs.core.attachments import Attachments
from data_platform.verbs.idempotency import answers, claims
from data_platform.verbs.publishing import publish as publishing
from tests.meshes import IDS, World

RULE = "quality_rules: [{rule: no_negative, sql: SELECT COUNT(*) FROM t WHERE id < 0, threshold: 0}]"


@pytest.fixture
def file(world: World) -> Path:
    """A registered product's data of two rows."""
    world.product(columns=IDS, output=RULE).register()
    path = world.root / "ids.csv"
    path.write_text("id\n1\n2\n")
    return path


def publish(world: World, file: Any, key: str | None = "key", **more: Any) -> Any:
    """A publish with a key, as any door sends it."""
    return world.transport.call(verbs.Publish("orders", "t", **more), Attachments(file, idempotency_key=key))


def count_versions(world: World) -> int:
    return len(world.platform.versions("orders", "t"))


@contextmanager
def process_that_ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The block's call neither stores its answer nor releases its key, as after kill -9."""
    with monkeypatch.context() as patch:
        patch.setattr(answers, "_store", lambda *_: None)
        patch.setattr(answers, "_release", lambda *_: True)
        yield


def test_the_same_request_with_the_same_key_publishes_once(world: World, file: Path) -> None:
    first = publish(world, file)
    assert publish(world, file) == first
    assert count_versions(world) == 1
    assert publish(world, file, "other").version == 2
    assert publish(world, file, None).version == 3


def test_a_key_is_the_callers_own(world: World, file: Path) -> None:
    publish(world, file)
    world.transport.caller = replace(world.transport.caller, principal=Principal("ben", local=True))
    assert publish(world, file).version == 2


def test_another_request_or_other_data_is_refused(world: World, file: Path) -> None:
    publish(world, file)
    with pytest.raises(KeyReused, match="another request"):
        publish(world, file, allow_empty=True)
    with pytest.raises(KeyReused, match="another request"):
        world.transport.call(verbs.Archive("orders"), Attachments(idempotency_key="key"))
    file.write_text("id\n3\n")
    with pytest.raises(KeyReused, match="other data"):
        publish(world, file)
    assert count_versions(world) == 1


def test_a_recorded_refusal_is_repeated_and_not_recorded_again(world: World, file: Path) -> None:
    file.write_text("id\n-1\n")
    with pytest.raises(DataQualityError) as first:
        publish(world, file)
    entries = len(world.platform.audit_log())
    with pytest.raises(DataQualityError) as second:
        publish(world, file)
    assert second.value.failures == first.value.failures
    assert len(world.platform.audit_log()) == entries


@pytest.mark.parametrize("failure", [StorageFailed("disk full"), UnreadableData("cut off"), KeyboardInterrupt()])
def test_what_failed_before_it_did_anything_leaves_the_key_free(
    world: World, file: Path, failure: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "stage", fail)
        with pytest.raises(type(failure)):
            publish(world, file)
    file.write_text("id\n3\n")
    assert publish(world, file, allow_empty=True).version == 1


def test_after_the_commit_a_lost_answer_comes_from_the_record(
    world: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with process_that_ends(monkeypatch):
        first = publish(world, file)
    assert publish(world, file) == first
    assert count_versions(world) == 1
    file.write_text("id\n3\n")
    with pytest.raises(KeyReused, match="other data"):
        publish(world, file)


def test_after_the_commit_of_another_verb_the_retry_says_that_it_was_done(
    world: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = verbs.Archive("orders")
    with process_that_ends(monkeypatch):
        world.transport.call(archive, Attachments(idempotency_key="key"))
    entry = world.platform.audit_log()[0].number
    with pytest.raises(AnswerLost, match=f"entry {entry} of the audit log"):
        world.transport.call(archive, Attachments(idempotency_key="key"))


def test_before_the_commit_the_key_of_an_ended_process_is_free_after_its_lease(
    world: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "PATIENCE", 0.0)
    with process_that_ends(monkeypatch), monkeypatch.context() as patch:
        patch.setattr(publishing, "promote", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            publish(world, file)
    with pytest.raises(KeyInUse) as failure:
        publish(world, file)
    assert failure.value.retry_after == 30
    world.clock.later(seconds=30)
    assert publish(world, file).version == 1


def test_an_act_whose_key_was_taken_over_does_not_happen(
    world: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    retried: list[Any] = []
    promote = publishing.promote

    def stall(*arguments: Any) -> Any:
        if not retried:
            retried.append(None)
            world.clock.later(seconds=31)
            retried.append(publish(world, file))
        return promote(*arguments)

    monkeypatch.setattr(publishing, "promote", stall)
    with pytest.raises(Unavailable, match="taken over by a retry"):
        publish(world, file)
    assert count_versions(world) == 1
    assert publish(world, file) == retried[1]


def test_a_key_expires_after_a_day_and_is_swept(world: World, file: Path) -> None:
    publish(world, file)
    world.clock.later(hours=24)
    assert publish(world, file).version == 2
    world.clock.later(hours=24)
    world.platform.tick()
    with world.mesh.record.reading() as conn:
        assert idempotency.find(conn, world.platform.principal.name, "key") is None


def test_a_key_is_visible_ascii(world: World, file: Path) -> None:
    for key in ("", "a b", "é", "x" * 256, "a\n"):
        with pytest.raises(BadInput, match="1 to 255 visible ASCII"):
            publish(world, file, key)


def test_data_in_memory_takes_no_key_without_a_digest(world: World, file: Path) -> None:
    rows = [{"id": 1}]
    with pytest.raises(BadInput, match="publish a file"):
        publish(world, rows)
    digested = Attachments(rows, idempotency_key="key", digest_data=lambda: "abc")
    request = verbs.Publish("orders", "t")
    assert world.transport.call(request, digested) == world.transport.call(request, digested)
    with pytest.raises(KeyReused, match="other data"):
        world.transport.call(request, replace(digested, digest_data=lambda: "def"))


def test_verbs_that_write_nothing_ignore_a_key(world: World, file: Path) -> None:
    asked = Attachments(idempotency_key="key")
    world.transport.call(verbs.Versions("orders"), asked)
    world.transport.call(verbs.Show("orders"), asked)


def test_duplicates_at_once_publish_once(world: World, file: Path) -> None:
    answered: list[Any] = []
    threads = [threading.Thread(target=lambda: answered.append(publish(world, file))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answered == [answered[0]] * 4
    assert count_versions(world) == 1


def test_a_claim_is_renewed_while_the_request_runs(world: World, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = threading.Event()
    renew = idempotency.renew

    def observe(*arguments: Any) -> None:
        renew(*arguments)
        renewed.set()

    monkeypatch.setattr(claims, "LEASE", claims.LEASE / 1000)
    monkeypatch.setattr(idempotency, "renew", observe)
    stage = publishing.stage
    monkeypatch.setattr(publishing, "stage", lambda *given: renewed.wait(5) and stage(*given))
    assert publish(world, file).version == 1


def test_each_write_of_a_script_has_a_key(world: World, file: Path) -> None:
    def work() -> list[Any]:
        platform = Platform(InProcess(world.mesh))
        platform.use_idempotency_key("script")
        return [platform.archive("orders"), platform.versions("orders"), platform.archive("orders", undo=True)]

    assert work() == work()
    entries = [entry.act for entry in world.platform.audit_log() if entry.act == "archive"]
    assert len(entries) == 2


def test_a_token_is_made_once_and_the_record_does_not_keep_it(world: World) -> None:
    request = verbs.CreateToken("etl", Role.CONSUMER)
    token = world.transport.call(request, Attachments(idempotency_key="key")).token
    with pytest.raises(AnswerLost, match="its answer is not kept"):
        world.transport.call(request, Attachments(idempotency_key="key"))
    world.mesh.record.close()
    assert not any(token.encode() in path.read_bytes() for path in world.home.glob("record.db*"))
