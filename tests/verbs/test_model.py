"""Whatever teams do in whatever order, the platform agrees with a model of a few lines."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from data_platform.engine.worker import SqlWorker
from data_platform.errors import NotFound, Refused
from data_platform.settings import Home
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.publishing.publish import LEASE
from tests.meshes import IDS, Clock, World

RULE = """\
quality_rules:
  - rule: no_negative
    sql: SELECT COUNT(*) FROM t WHERE id < 0
    threshold: 0"""
PRODUCTS = st.sampled_from(["a", "b"])
CONTENTS = st.lists(st.integers(0, 5), max_size=3)


class Teams(RuleBasedStateMachine):
    """Two products; `model` has each one's contents by version, and when each was published."""

    worker: SqlWorker

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        (self.root / "home").mkdir()
        self.model: dict[str, list[tuple[list[int], datetime]]] = {}
        self.pinned: list[tuple[Any, list[int]]] = []
        self.refusals = {"a": 0, "b": 0}
        self._open()

    def _open(self) -> None:
        clock = self.world.clock if hasattr(self, "world") else Clock()
        mesh = Mesh.open(Home(self.root / "home"))
        mesh.clock, mesh.worker = clock, self.worker
        self.world = World(self.root, mesh, clock)

    def _close(self) -> None:
        del self.world.mesh.worker
        self.world.mesh.close()

    def teardown(self) -> None:
        self._close()
        shutil.rmtree(self.root)

    @rule(name=PRODUCTS)
    def register(self, name: str) -> None:
        done = self.world.product(name, IDS, output=RULE).register()
        assert done.created == (name not in self.model)
        self.model.setdefault(name, [])

    @rule(name=PRODUCTS, content=CONTENTS)
    def publish(self, name: str, content: list[int]) -> None:
        self.world.clock.later(seconds=1)
        result = self.world.product(name, IDS, output=RULE).publish("t", [{"id": number} for number in content])
        self.model.setdefault(name, []).append((content, self.world.clock.now))
        assert (result.version, result.rows) == (len(self.model[name]), len(content))
        self.refusals[name] = 0

    @rule(name=PRODUCTS, content=CONTENTS, wrong=st.sampled_from([{"id": -1}, {"id": "x"}, {"idea": 1}]))
    def publish_what_is_refused(self, name: str, content: list[int], wrong: dict[str, Any]) -> None:
        self.model.setdefault(name, [])
        with pytest.raises(Refused):
            self.world.product(name, IDS, output=RULE).publish("t", [*({"id": number} for number in content), wrong])
        self.refusals[name] += 1

    @rule(name=PRODUCTS, step=st.sampled_from(["leased", "staged", "audited", "prepared", "swapped", "recorded"]))
    def publish_that_breaks_off(self, name: str, step: str) -> None:
        def watch(told: str, _: int) -> None:
            if told == step:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.world.product(name, IDS, output=RULE).publish("t", [{"id": 0}], watch=watch)
        if name not in self.model:  # the contract comes with the publish, or not at all
            with pytest.raises(NotFound):
                self.world.platform.show(name)

    @rule(name=PRODUCTS)
    def pin(self, name: str) -> None:
        if self.model.get(name):
            self.pinned.append((self.world.platform.consume(name, "t"), self.model[name][-1][0]))
        else:
            with pytest.raises(NotFound):
                self.world.platform.consume(name, "t")

    @precondition(lambda self: self.pinned)
    @rule()
    def read_what_was_pinned(self) -> None:
        frame, content = self.pinned.pop()
        assert sorted(row["id"] for row in frame.collect()) == sorted(content)

    @rule(name=PRODUCTS, data=st.data())
    def read_an_old_version(self, name: str, data: st.DataObject) -> None:
        if self.model.get(name):
            number = data.draw(st.integers(1, len(self.model[name])))
            content, moment = self.model[name][number - 1]
            assert self.world.ids(name, version=number) == sorted(content)
            as_of = self.world.platform.consume(name, "t", as_of=moment + timedelta(milliseconds=1))
            assert sorted(row["id"] for row in as_of.collect()) == sorted(content)

    @rule()
    def collect_later(self) -> None:
        self.world.clock.now += LEASE
        self.world.platform.collect()
        assert self.world.platform.collect(dry_run=True).files == 0

    @rule()
    def reopen(self) -> None:
        self.pinned.clear()
        self._close()
        self._open()

    @invariant()
    def versions_agree(self) -> None:
        for name, published in self.model.items():
            infos = self.world.platform.versions(name, "t")
            assert [info.version for info in infos] == list(range(len(published), 0, -1))
            assert [info.rows for info in reversed(infos)] == [len(content) for content, _ in published]
            assert [info.published_at for info in reversed(infos)] == [moment for _, moment in published]

    @invariant()
    def open_incidents_agree(self) -> None:
        for name in self.model:
            incidents = self.world.platform.quality_metrics(name).incidents
            count = [incident.occurrences for incident in incidents if incident.resolved_at is None]
            assert count == ([self.refusals[name]] if self.refusals[name] else [])


@pytest.mark.long
def test_teams_and_the_model_agree(rule_worker: SqlWorker) -> None:
    Teams.worker = rule_worker
    run_state_machine_as_test(Teams, settings=settings(max_examples=8, stateful_step_count=15, deadline=None))
