from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from data_platform.server.limits import shared
from data_platform.server.limits.shared import SharedCounters


@pytest.fixture
def now() -> list[float]:
    """The time, which a test moves."""
    return [1000.0]


@pytest.fixture
def counters(tmp_path: Path, now: list[float]) -> SharedCounters:
    return SharedCounters(tmp_path / "limits.db", lambda: now[0])


def test_a_bucket_holds_its_burst_and_fills_at_its_rate(counters: SharedCounters, now: list[float]) -> None:
    assert [counters.take("ana", 2, 4) for _ in range(5)] == [0, 0, 0, 0, 0.5]
    assert counters.take("ben", 2, 4) == 0
    now[0] += 0.5
    assert counters.take("ana", 2, 4) == 0
    assert counters.take("ana", 2, 4) == 0.5
    now[0] -= 100  # a clock that was set back gives nothing, and takes nothing
    assert counters.take("ana", 2, 4) == 0.5


def test_processes_share_the_counters(counters: SharedCounters, tmp_path: Path, now: list[float]) -> None:
    other = SharedCounters(tmp_path / "limits.db", lambda: now[0])
    taken: list[float] = []
    threads = [
        threading.Thread(target=lambda c=c: taken.extend(c.take("ana", 1, 50) for _ in range(40)))
        for c in (counters, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0 for wait in taken) == 50


def test_a_file_that_another_process_switches_to_a_log_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE t (x)")
    other.execute("BEGIN EXCLUSIVE")
    end = threading.Timer(0.2, lambda: other.execute("COMMIT"))
    end.start()
    assert SharedCounters(path, lambda: 0.0).take("ana", 1, 1) == 0
    end.join()


def test_calls_are_counted_while_they_run(counters: SharedCounters) -> None:
    first, second = counters.enter("ana", 2), counters.enter("ana", 2)
    assert first is not None
    assert second is not None
    assert counters.enter("ana", 2) is None
    assert counters.enter("ben", 1) is not None
    counters.leave(first)
    assert counters.enter("ana", 2) is not None


def test_calls_of_a_process_that_is_gone_do_not_count(
    counters: SharedCounters, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counters.enter("ana", 1) is not None
    monkeypatch.setattr(shared, "_is_alive", lambda pid: False)
    assert counters.enter("ana", 1) is not None


def test_a_damaged_file_is_made_again(counters: SharedCounters, tmp_path: Path) -> None:
    counters.take("ana", 1, 1)
    counters.close()
    (tmp_path / "limits.db").write_bytes(b"no database" * 1000)
    assert counters.take("ana", 1, 1) == 0
    assert counters.take("ana", 1, 1) > 0
