"""kill -9 of a publish with an idempotency key, at every moment of its writing: the retry never publishes twice."""

from __future__ import annotations

import signal
from itertools import count
from pathlib import Path

import pytest

from data_platform import verbs
from data_platform.verbs.core.attachments import Attachments
from data_platform.verbs.core.renewal import LEASE
from tests.crash import child
from tests.meshes import IDS, World


@pytest.fixture
def file(world: World) -> Path:
    """A registered product's data."""
    world.product(columns=IDS).register()
    path = world.root / "ids.csv"
    path.write_text("id\n1\n2\n")
    return path


@pytest.mark.long
def test_a_publish_killed_at_any_moment_is_published_once_by_its_retries(world: World, file: Path) -> None:
    request = verbs.Publish("orders", "t")
    for moment in count(1):
        key = f"key-{moment}"
        process = child.start(child.publishes_once, world.home, world.clock.now, moment, file, key)
        process.join(60)
        world.clock.now += LEASE
        answer = world.transport.call(request, Attachments(file, idempotency_key=key))
        assert answer.version == moment
        assert world.transport.call(request, Attachments(file, idempotency_key=key)) == answer
        assert world.numbers() == list(range(1, moment + 1)), moment
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    assert moment > 10


@pytest.mark.long
def test_processes_with_the_same_keys_publish_each_once(world: World, file: Path) -> None:
    keys = [f"key-{number}" for number in range(8)]
    together, told = child.CONTEXT.Barrier(3), child.CONTEXT.SimpleQueue()
    processes = [child.start(child.publishes_beside, world.home, file, keys, together, told) for _ in range(3)]
    answers = [told.get() for _ in processes]
    for process in processes:
        process.join(60)
    assert answers == [answers[0]] * 3
    assert sorted(answers[0]) == world.numbers() == list(range(1, 9))
