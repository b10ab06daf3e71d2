"""SQLite's log beside the record: folded in seldom, and writable where the record is."""

from __future__ import annotations

import codecs
import multiprocessing
import os
import shutil
import sqlite3
import threading
import time
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import pytest

from data_platform.record.db import sqlite
from data_platform.record.store import Record

OTHER_USER = 65534


def writes(record: Record, times: int) -> None:
    for number in range(times):
        with record.transaction() as tx:
            tx.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (x TEXT)")
            tx.exec_driver_sql("INSERT INTO t VALUES (?)", (str(number) * 2000,))


@pytest.mark.long
def test_a_copy_of_the_record_and_later_of_its_log_is_whole_while_others_write(tmp_path: Path) -> None:
    record = Record.open(f"sqlite:///{tmp_path / 'record.db'}")
    stop = threading.Event()

    def keep_writing() -> None:
        while not stop.wait(0.02):  # without a pause the log reaches the size at which it is folded in at once
            writes(record, 20)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for number in range(5):
            copy = tmp_path / f"copy{number}"
            copy.mkdir()
            shutil.copy(tmp_path / "record.db", copy)
            time.sleep(0.4)
            shutil.copy(tmp_path / "record.db-wal", copy)
            assert sqlite3.connect(copy / "record.db").execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        stop.set()
        writer.join()
        record.close()


def test_a_log_that_has_grown_is_folded_in_once_in_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "record.db"
    with Record.open(f"sqlite:///{file}") as record:
        monkeypatch.setattr(sqlite, "LITTLE_LOG", 1)
        before = file.stat().st_mtime_ns
        writes(record, 3)
        assert file.stat().st_mtime_ns == before
        os.utime(file, (1, 1))
        writes(record, 1)
        assert file.stat().st_mtime > 1


def test_the_log_is_bounded_by_what_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sqlite._limit_log(tmp_path) <= 256 * 1024 * 1024
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, 0))
    assert sqlite._limit_log(tmp_path) == sqlite.LITTLE_LOG


def _as_somebody_else(folder: Path, done: SimpleQueue[object]) -> None:
    os.setgid(OTHER_USER)
    os.setuid(OTHER_USER)
    file = folder / "record.db"
    first = Record.open(f"sqlite:///{file}")
    with first.transaction() as tx:
        tx.exec_driver_sql("CREATE TABLE t (x)")
    for path in (file, file.with_name("record.db-wal"), file.with_name("record.db-shm")):
        path.chmod(0o400)
    file.chmod(0o600)
    try:
        with Record.open(f"sqlite:///{file}") as record, record.transaction() as tx:
            tx.exec_driver_sql("INSERT INTO t VALUES (1)")
    except Exception as error:  # noqa: BLE001  the parent looks at it
        done.put(repr(error))
    else:
        done.put("written")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user, whom modes restrict")
def test_a_log_that_kept_the_mode_of_a_read_only_record_becomes_writable_with_it(tmp_path: Path) -> None:
    folder = Path(os.path.realpath("/tmp")) / f"record-{os.getpid()}"
    folder.mkdir()
    os.chown(folder, OTHER_USER, OTHER_USER)
    context = multiprocessing.get_context("fork")
    done: SimpleQueue[object] = context.SimpleQueue()
    codecs.lookup("utf-16be")  # the child may not read the folder of Python's own modules
    try:
        child = context.Process(target=_as_somebody_else, args=(folder, done))
        child.start()
        child.join(60)
        assert child.exitcode == 0
        assert done.get() == "written"
    finally:
        shutil.rmtree(folder)
