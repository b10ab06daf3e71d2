"""Worker processes that all tests share: to start one takes longer than what most tests ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest

from data_platform.cli.commands.contracts import test
from data_platform.engine.worker import SqlWorker
from data_platform.engine.worker.queries import QueryWorkers
from data_platform.settings import Limits
from data_platform.verbs.core.mesh import Mesh


class KeptWorker(SqlWorker):
    """Runs on when one of those who share it closes it: it holds nothing between two runs."""

    def close(self) -> None:
        pass

    def end(self) -> None:
        super().close()


class KeptWorkers(QueryWorkers):
    """Keeps the idle process when one of those who share it closes it; queries that still run are ended."""

    def close(self) -> None:
        with self._lock:
            busy = list(self._busy)
        for connection in busy:
            connection.stop()

    def end(self) -> None:
        super().close()


@pytest.fixture(scope="session")
def rule_worker() -> Iterator[SqlWorker]:
    """One process for the rules of all tests."""
    worker = KeptWorker(threads=1)
    yield worker
    worker.end()


@pytest.fixture(scope="session")
def query_workers() -> Iterator[QueryWorkers]:
    """The processes for the queries of all tests."""
    workers = KeptWorkers(threads=1)
    yield workers
    workers.end()


@pytest.fixture(scope="session", autouse=True)
def _shared_workers(rule_worker: SqlWorker, query_workers: QueryWorkers) -> Iterator[None]:
    """Every mesh with the memory limits of the defaults has them, and so has `data-platform test` in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Mesh, "worker", _shared("worker", rule_worker))
        patch.setattr(Mesh, "query_workers", _shared("query_workers", query_workers))
        patch.setattr(test, "SqlWorker", lambda: rule_worker)
        yield


def _shared(name: str, shared: object) -> cached_property[Any]:
    own = Mesh.__dict__[name].func
    rooms = cached_property(lambda mesh: shared if mesh.settings.limits == Limits() else own(mesh))
    rooms.__set_name__(Mesh, name)
    return rooms
