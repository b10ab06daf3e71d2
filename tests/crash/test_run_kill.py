"""kill -9 of a run: it is lost, and its publish is whole or not there."""

from __future__ import annotations

import signal
from datetime import UTC, datetime

import pytest

from data_platform.verbs.results.runs import LOST_AFTER
from tests.crash import child
from tests.meshes import IDS, World


@pytest.mark.parametrize(("step", "state"), [("build", "lost"), ("audited", "lost"), ("promoted", "succeeded")])
def test_a_killed_run_is_lost_unless_it_has_published(world: World, step: str, state: str) -> None:
    world.clock.now = datetime.now(UTC)
    product = world.product(columns=IDS)
    product.register()
    process = child.start(child.dies_running, world.home, product.file.path.parent, step)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    (run,) = world.platform.runs("orders")
    assert run.state == "running"
    world.clock.now = datetime.now(UTC) + LOST_AFTER
    assert world.platform.run(run.id).run.state == state
    lost = world.platform.tick().lost_runs
    assert [info.id for info in lost] == [run.id] * (state == "lost")
    ended = world.platform.run(run.id).run
    assert (ended.state, ended.finished_at) == (state, world.clock.now)
    assert world.numbers() == [1] * (state == "succeeded")
    product.pipeline("t")(lambda: [{"id": 1}])
    assert product.run("t").version == 1 + (state == "succeeded")
