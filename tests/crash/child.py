"""What another process does to a home. Children are forked from a server that has everything imported already."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Pool, event

from data_platform import DataProduct, Platform
from data_platform.errors import DataPlatformError
from data_platform.integrations.senders import build_senders
from data_platform.platform import InProcess
from data_platform.server.process.clock import MaintenanceClock
from data_platform.settings import Home, resolve_identity
from data_platform.verbs.core.attachments import Attachments
from data_platform.verbs.core.context import Caller
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.publishing.publish import Publish

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [__name__, "data_platform.verbs.reading.consume", "data_platform.verbs.publishing.publish"]
)


def start(verb: Callable[..., None], *words: Any) -> Any:
    """A process that runs `verb`, with the environment that the test has now: the fork server keeps an earlier one."""
    process = CONTEXT.Process(target=_run, args=(dict(os.environ), verb, words))
    process.start()
    return process


def _run(environment: dict[str, str], verb: Callable[..., None], words: tuple[Any, ...]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    verb(*words)


def publish(home: Path, product: Path, contents: list[int], together: Barrier, told: SimpleQueue[Any]) -> None:
    """At the same moment as others, publishes three rows of each content, and tells the version each became."""
    with Platform.open(home) as platform:
        mine = DataProduct(product, platform)
        together.wait(60)
        told.put([(mine.publish("t", [{"id": content}] * 3).version, content) for content in contents])


def dies(home: Path, product: Path, step: str, mode: str = "overwrite") -> None:
    """Publishes until `step` is told, and is gone."""
    with Platform.open(home) as platform:
        DataProduct(product, platform).publish("t", [{"id": 666}] * 3, watch=_killing(step), mode=mode)


def dies_running(home: Path, product: Path, step: str) -> None:
    """Runs a pipeline until `step` is reached, and is gone."""
    with Platform.open(home) as platform:
        mine, kill = DataProduct(product, platform), _killing(step)

        def build() -> list[dict[str, int]]:
            kill("build", 0)
            return [{"id": 666}] * 3

        mine.pipeline("t")(build)
        mine.run("t", watch=kill)


def publish_for_ever(home: Path, product: Path, together: Barrier) -> None:
    """Publishes growing numbers until somebody ends it."""
    with Platform.open(home) as platform:
        mine, number = DataProduct(product, platform), 0
        together.wait(60)
        while True:
            number += 1
            mine.publish("t", [{"id": number}] * 3)


def limited(home: Path, product: Path, file: Path, told: SimpleQueue[Any], wall: Callable[[], None]) -> None:
    """Behind `wall`, publishes a file and tells the version, or the error's class, text and hint."""
    with Platform.open(home) as platform:
        mine = DataProduct(product, platform)
        wall()
        try:
            told.put(mine.publish("t", file).version)
        except DataPlatformError as error:
            told.put((type(error).__name__, error.message, error.hint))


def delivers(home: Path, now: datetime, posts: int) -> None:
    """Sends what waits, and is gone right after so many posts, before it can note the last."""
    mesh = Mesh.open(Home(home))
    mesh.clock = lambda: now
    post, left = build_senders(mesh.settings)["openlineage"], count(posts, -1)

    def then_die(event: Mapping[str, Any]) -> None:
        post(event)
        if next(left) == 1:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)

    Platform(InProcess(mesh)).deliver({"openlineage": then_die})


def runs_clock(home: Path, now: datetime, moment: int) -> None:
    """Runs maintenance as a server's clock does, and is gone at that moment of its writing."""
    mesh = Mesh.open(Home(home))
    mesh.clock = lambda: now
    senders = build_senders(mesh.settings)
    _die_writing_the_record(moment)
    MaintenanceClock(mesh, senders).run_if_due()
    os._exit(0)


def does(home: Path, now: datetime, who: str, moment: int, verb: str, words: tuple[Any, ...]) -> None:
    """Calls a verb, and is gone at the `moment` of its writing: before a write or a commit, or right after a commit."""
    mesh = Mesh.open(Home(home))
    mesh.clock = lambda: now
    caller = Caller(replace(resolve_identity(), name=who))
    _die_writing_the_record(moment)
    getattr(Platform(InProcess(mesh, caller=caller)), verb)(*words)


def publishes_once(home: Path, now: datetime, moment: int, file: Path, key: str) -> None:
    """Publishes a file with a key, and is gone at the `moment` of its writing."""
    mesh = Mesh.open(Home(home))
    mesh.clock = lambda: now
    _die_writing_the_record(moment)
    InProcess(mesh).call(Publish("orders", "t"), Attachments(file, idempotency_key=key))


def publishes_beside(home: Path, file: Path, keys: list[str], together: Barrier, told: SimpleQueue[Any]) -> None:
    """At the same moment as others, publishes a file with each key, and tells the version that each became."""
    mesh = Mesh.open(Home(home))
    together.wait(60)
    request = Publish("orders", "t")
    told.put([InProcess(mesh).call(request, Attachments(file, idempotency_key=key)).version for key in keys])


def _die_writing_the_record(moment: int) -> None:
    left, wrote = count(moment - 1, -1), []

    def passed(*_: Any) -> None:
        wrote.append(True)
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)

    def executes(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            passed()

    event.listen(Engine, "before_cursor_execute", executes)
    event.listen(Engine, "commit", lambda _: passed() if wrote else None)
    event.listen(Pool, "checkin", lambda *_: passed() if wrote else None)


def _killing(wanted: str) -> Callable[[str, int], None]:
    def watch(step: str, _: int) -> None:
        if step == wanted:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)

    return watch


def _dies_writing(moment: int) -> None:
    """From now on the process is gone at the `moment`-th time that it opens a file to write, or moves one."""
    left = count(moment - 1, -1)

    def passed(event: str, words: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(words[2], int) and words[2] & (os.O_WRONLY | os.O_RDWR)
        if (writes or event in ("os.rename", "os.link", "os.remove")) and next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)

    sys.addaudithook(passed)


def backs_up(home: Path, folder: Path, moment: int) -> None:
    """Backs up, and is gone at that moment of its writing."""
    with Platform.open(home) as platform:
        _dies_writing(moment)
        platform.backup(folder, keys=True)
        os._exit(0)


def restores(folder: Path, home: Path, moment: int) -> None:
    """Restores, and is gone at that moment of its writing."""
    _dies_writing(moment)
    Platform.restore(folder, home)
    os._exit(0)


def repairs(home: Path, moment: int) -> None:
    """Repairs all, and is gone at that moment of its writing."""
    with Platform.open(home) as platform:
        _dies_writing(moment)
        platform.repair()
        os._exit(0)


def rebuilds(home: Path, moment: int) -> None:
    """Rebuilds the record, and is gone at that moment of its writing."""
    _dies_writing(moment)
    Platform.rebuild(home)
    os._exit(0)


def rotates_column(home: Path, now: datetime, writes: str, moment: int) -> None:
    """Rotates the key of a column, and is gone at that moment of its writing of files, or of the record."""
    mesh = Mesh.open(Home(home))
    mesh.clock = lambda: now
    (_dies_writing if writes == "files" else _die_writing_the_record)(moment)
    Platform(InProcess(mesh)).rotate_column_key("orders", "t", "email")
    os._exit(0)
