"""Transactions, snapshots, processes and failures of the record."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from data_platform.errors import BadInput, RecordFailed
from data_platform.record.catalog import domains, outputs, versions
from data_platform.record.catalog.domains import Domain
from data_platform.record.db import backend
from data_platform.record.db.schema import DOMAINS
from data_platform.record.store import Record
from tests.postgres import Server
from tests.record.given import NOON, published, registered

CHILD = Path(__file__).with_name("child.py")


def domain(name: str) -> Domain:
    return Domain(name, None, None, (), NOON)


def names(record: Record) -> list[str]:
    with record.reading() as conn:
        return [row.name for row in domains.list_all(conn)]


def test_a_transaction_commits_at_its_end(record: Record, url: str) -> None:
    with record.transaction() as conn:
        domains.save(conn, domain("a"))
        domains.save(conn, domain("b"))
    with Record.open(url) as other:
        assert names(other) == ["a", "b"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_any_exception_rolls_back_and_goes_on_its_way(record: Record, error: type[BaseException]) -> None:
    with pytest.raises(error), record.transaction() as conn:
        domains.save(conn, domain("a"))
        raise error
    assert names(record) == []


def test_a_reader_sees_one_state_while_others_write(record: Record) -> None:
    with record.reading() as conn:
        assert domains.list_all(conn) == ()
        with record.transaction() as writing:
            domains.save(writing, domain("a"))
        assert domains.list_all(conn) == ()
    assert names(record) == ["a"]


def test_a_reader_cannot_write(record: Record) -> None:
    with pytest.raises((RecordFailed, DBAPIError)), record.reading() as conn:
        domains.save(conn, domain("a"))
    with record.transaction() as conn:
        domains.save(conn, domain("b"))
    assert names(record) == ["b"]


def test_a_record_tells_what_opens_it_again(record: Record, tmp_path: Path) -> None:
    with record.transaction() as conn:
        domains.save(conn, Domain("sales", None, None, (), NOON))
    with Record.open(record.url) as again, again.reading() as conn:
        assert [row.name for row in domains.list_all(conn)] == ["sales"]
    odd = tmp_path / "50% of?it #1.db"
    with Record.open(f"sqlite:///{odd}") as record_there:
        assert record_there.url == f"sqlite:///{odd}"


def test_threads_share_a_record(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn)

    def publish() -> None:
        for _ in range(5):
            with record.transaction() as conn:
                published(conn, outputs.lock(conn, "orders", "orders_fact").version + 1)

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with record.reading() as conn:
        assert [row.version for row in versions.list_history(conn, "orders")] == list(range(40, 0, -1))


def test_a_forked_child_uses_the_record_and_leaves_the_parents_alone(record: Record) -> None:
    names(record)
    context = multiprocessing.get_context("fork")
    child = context.Process(target=_save, args=(record, "child"))
    child.start()
    _save(record, "parent")
    child.join(60)
    assert child.exitcode == 0
    _save(record, "after")
    assert names(record) == ["after", "child", "parent"]


def _save(record: Record, name: str) -> None:
    with record.transaction() as conn:
        domains.save(conn, domain(name))


@contextmanager
def children(*commands: tuple[str, ...]) -> Iterator[list[subprocess.Popen[str]]]:
    """Child processes that have all said "ready"; they are gone afterwards."""
    started = [
        subprocess.Popen([sys.executable, str(CHILD), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for words in commands
    ]
    try:
        for child in started:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        yield started
    finally:
        for child in started:
            child.kill()
            child.communicate()


def go(started: list[subprocess.Popen[str]]) -> list[int]:
    """Lets the children run and returns how they ended."""
    for child in started:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    return [child.wait(120) for child in started]


@pytest.mark.long
def test_processes_that_create_one_record_at_once_all_succeed(url: str) -> None:
    with children(*[("open", url)] * 4) as started:
        assert go(started) == [0] * 4
    with Record.open(url) as record:
        assert names(record) == []


@pytest.mark.long
def test_eight_processes_move_one_pointer_and_lose_nothing(record: Record, url: str) -> None:
    with record.transaction() as conn:
        registered(conn)
    with children(*[("swap", url, "5", locking) for locking in ("lock", "compare-and-swap") * 4]) as started:
        assert go(started) == [0] * 8
    with record.reading() as conn:
        history = versions.list_history(conn, "orders", "orders_fact")
        now = outputs.find(conn, "orders", "orders_fact")
    assert [row.version for row in history] == list(range(40, 0, -1))
    assert now is not None
    assert (now.version, now.metadata_location) == (40, history[0].metadata_location)


@pytest.mark.long
def test_a_process_killed_inside_a_transaction_leaves_nothing(record: Record, url: str) -> None:
    with record.transaction() as conn:
        registered(conn)
        published(conn, 1)
    with children(("hold", url)) as (child,):
        os.kill(child.pid, signal.SIGKILL)
        child.wait(10)
    with record.transaction() as conn:
        now = outputs.lock(conn, "orders", "orders_fact")
        assert (now.version, domains.find(conn, "half-written")) == (1, None)
        published(conn, 2)


def test_a_lock_that_nobody_lets_go_of_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Record.open(url) as record, record.transaction() as conn:
        registered(conn)
    monkeypatch.setattr(backend, "PATIENCE", 0.2)
    with (
        children(("hold", url)),
        Record.open(url) as record,
        pytest.raises(RecordFailed, match="has been locked") as failure,
        record.transaction() as conn,
    ):
        outputs.lock(conn, "orders", "orders_fact")
    assert failure.value.hint


def test_a_record_closes_and_opens_again(record: Record) -> None:
    record.close()
    assert names(record) == []


@pytest.mark.parametrize(
    "url", ["", "record.db", "mysql://ana:secret@host/db", "postgresql://ana:secret@host:port/db", "sqlite://"]
)
def test_a_url_of_something_else_is_bad_input_and_never_shown(url: str) -> None:
    with pytest.raises(BadInput) as failure:
        Record.open(url)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_record_needs_a_file(path: str) -> None:
    with pytest.raises(BadInput, match="needs a file"):
        Record.open(f"sqlite:///{path}")


@pytest.mark.parametrize("name", ["a?b=c#d%20e.db", "file:x?mode=ro", "é 'x' \"y\".db"])
def test_a_path_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    with Record.open(f"sqlite:///{tmp_path}/{name}") as record:
        assert record.place == str(tmp_path / name)
    assert (tmp_path / name).is_file()


def test_a_relative_path_stays_where_it_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Record.open("sqlite:///record.db") as record:
        _save(record, "a")
        monkeypatch.chdir("/")
        record.close()
        assert names(record) == ["a"]


def test_sqlite_is_durable_checks_keys_and_writes_ahead(tmp_path: Path) -> None:
    with Record.open(f"sqlite:///{tmp_path}/record.db") as record, record.transaction() as conn:
        settings = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000}


class TestSQLiteFailures:
    """Each is a RecordFailed that names the path and has a hint."""

    def test_no_folder(self, tmp_path: Path) -> None:
        self.fails(tmp_path / "missing" / "record.db", "its folder does not exist", "mkdir -p")

    def test_a_folder_in_its_place(self, tmp_path: Path) -> None:
        self.fails(tmp_path, "it is a folder", "name a file")

    def test_not_a_database(self, tmp_path: Path) -> None:
        path = tmp_path / "record.db"
        path.write_bytes(b"product,output\n" * 1000)
        self.fails(path, "is damaged, or no SQLite database", "backup")

    def test_a_damaged_database(self, tmp_path: Path) -> None:
        path = tmp_path / "record.db"
        Record.open(f"sqlite:///{path}").close()
        content = bytearray(path.read_bytes())
        content[100:] = b"\xff" * (len(content) - 100)
        path.write_bytes(content)
        self.fails(path, "is damaged, or no SQLite database", "backup")

    def test_somebody_elses_database(self, tmp_path: Path) -> None:
        path = tmp_path / "record.db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE invoices (id)")
        connection.close()
        self.fails(path, "holds other tables", "of its own")

    def test_no_permission_on_the_folder(self) -> None:
        with _as_nobody(0o555) as folder:
            self.fails(folder / "record.db", "no permission", "chmod")

    def test_a_read_only_record(self) -> None:
        with _as_nobody(0o555, existing=True) as folder:
            self.fails(folder / "record.db", "no permission", "chmod")

    def test_a_full_disk_rolls_back(self, tmp_path: Path) -> None:
        with Record.open(f"sqlite:///{tmp_path}/record.db") as record:
            with (
                pytest.raises(RecordFailed, match="the disk is full") as failure,
                record.transaction() as conn,
            ):
                conn.exec_driver_sql("PRAGMA max_page_count=1")
                for number in range(10_000):
                    domains.save(conn, domain(f"domain {number}" + "x" * 1000))
            assert str(tmp_path) in str(failure.value)
            assert names(record) == []

    def test_a_write_that_the_system_refuses_rolls_back(self, tmp_path: Path) -> None:
        path = tmp_path / "record.db"
        Record.open(f"sqlite:///{path}").close()
        size = path.stat().st_size + 50_000
        script = (
            "import resource, sys; sys.path.insert(0, sys.argv[3])\n"
            "from tests.record.test_store import _fill; _fill(sys.argv[1], int(sys.argv[2]))"
        )
        root = str(CHILD.parents[2])
        command = [sys.executable, "-c", script, f"sqlite:///{path}", str(size), root]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert "disk I/O error" in done.stdout and str(tmp_path) in done.stdout, done.stderr
        with Record.open(f"sqlite:///{path}") as record:
            assert names(record) == []

    def fails(self, path: Path, what: str, hint: str) -> None:
        with pytest.raises(RecordFailed) as failure:
            Record.open(f"sqlite:///{path}")
        assert what in failure.value.message and str(path) in failure.value.message
        assert failure.value.hint is not None and hint in failure.value.hint


def _fill(url: str, limit: int) -> None:
    with Record.open(url) as record:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            with record.transaction() as conn:
                for number in range(20_000):
                    domains.save(conn, domain(f"domain {number}" + "x" * 1000))
        except RecordFailed as error:
            print(error)


@contextmanager
def _as_nobody(mode: int, existing: bool = False) -> Iterator[Path]:
    """A folder outside pytest's private one, as a user without root rights sees it."""
    folder = Path(tempfile.mkdtemp())
    try:
        if existing:
            Record.open(f"sqlite:///{folder}/record.db").close()
            (folder / "record.db").chmod(0o444)
        folder.chmod(mode)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.engines
def test_an_unreachable_server_is_told_without_its_password(postgres_url: str) -> None:
    nowhere = postgres_url.replace(postgres_url.rsplit(":", 1)[1], "1/mesh?application_name=hidden")
    with pytest.raises(RecordFailed, match="cannot be reached") as failure:
        Record.open(nowhere)
    password = postgres_url.split(":")[2].split("@")[0]
    assert len(password) == 32 and password not in str(failure.value)
    assert "127.0.0.1:1/mesh" in str(failure.value)


@pytest.mark.engines
def test_a_wrong_password_and_a_missing_database_are_told(postgres_url: str) -> None:
    for wrong, says in (
        (postgres_url.replace("mesh:", "mesh:not"), "password authentication failed"),
        (f"{postgres_url}_missing", "does not exist"),
    ):
        with pytest.raises(RecordFailed, match=says) as failure:
            Record.open(wrong)
        assert failure.value.hint


@pytest.mark.engines
def test_a_user_who_may_not_create_tables_is_told(postgres_server: Server, postgres_url: str) -> None:
    postgres_server.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    try:
        with pytest.raises(RecordFailed, match="may not be changed by this user"):
            Record.open(postgres_url.replace(f"mesh:{postgres_server.password}", "guest:guest"))
    finally:
        postgres_server.execute("DROP ROLE guest")


@pytest.mark.engines
def test_a_lost_connection_is_told_and_the_next_transaction_works(postgres_url: str) -> None:
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    with Record.open(postgres_url) as record:
        with pytest.raises(RecordFailed, match="was lost"), record.transaction() as conn:
            domains.save(conn, domain("a"))
            conn.exec_driver_sql(kill)
        with record.transaction() as conn:
            assert conn.scalar(select(func.count()).select_from(DOMAINS)) == 0
