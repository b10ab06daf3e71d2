"""The sandbox: hostile SQL that no parser has checked before it reaches the worker."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from data_platform.engine.worker import Answer, SqlWorker, WorkerQuery
from tests.engine.worker.conftest import Tables

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
HOSTILE = [
    "SELECT count(*) FROM read_text('/etc/passwd')",
    "SELECT count(*) FROM read_csv('/etc/passwd')",
    "SELECT count(*) FROM '/etc/passwd'",
    "SELECT count(*) FROM read_parquet('{other}')",
    "SELECT count(*) FROM '{other}'",
    "SELECT count(*) FROM glob('/etc/*')",
    "SELECT count(*) FROM sniff_csv('/etc/passwd')",
    "SELECT count(*) FROM read_text('https://127.0.0.1/x')",
    "SELECT count(*) FROM query('FROM read_text(''/etc/passwd'')')",
    "SELECT getenv('HOME')",
    "COPY (SELECT 1) TO '{staged}' (FORMAT parquet, USE_TMP_FILE false)",
    "COPY (SELECT 1) TO '{new}'",
    "EXPORT DATABASE '{new}'",
    "ATTACH '{new}' AS mine",
    "ATTACH '{staged}' AS mine",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "SET memory_limit = '100GB'",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "CREATE TABLE kept AS SELECT 1",
    "CALL enable_logging()",
    "DROP VIEW orders_fact",
    "SELECT sys.path FROM sys",
]


def prints(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*")}


@pytest.mark.parametrize("sql", HOSTILE)
def test_hostile_sql_reads_nothing_and_changes_nothing(
    worker: SqlWorker, tables: Tables, tmp_path: Path, sql: str
) -> None:
    staged = Path(tables[("orders_fact",)].files[0])
    (tmp_path / "other.parquet").write_bytes(staged.read_bytes())
    before = prints(staged.parent), prints(tmp_path)
    query = sql.format(staged=str(staged).replace("'", "''"), other=tmp_path / "other.parquet", new=tmp_path / "new")
    for kind in ("scalar", "rows"):
        (answer, after) = worker.run(
            tables, [WorkerQuery(query, kind), WorkerQuery("SELECT count(*) FROM orders_fact")], 20.0
        )
        assert answer.error
        assert (answer.value, answer.rows) == (None, None)
        assert after == Answer(value=4)
    assert (prints(staged.parent), prints(tmp_path)) == before


@pytest.mark.parametrize(
    "bomb",
    [
        "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))",
        pytest.param(
            "SELECT count(*) FROM range(100000000000) AS a(x) WHERE x % 7 = 3 AND md5(x::VARCHAR) = 'no'",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "SELECT max(levenshtein(repeat('a', 3000 + (x % 7)), repeat('b', 3000))) FROM range(1000000) AS a(x)",
            marks=pytest.mark.long,
        ),
    ],
)
def test_what_takes_too_long_is_killed_at_its_deadline(worker: SqlWorker, tables: Tables, bomb: str) -> None:
    worker.run(tables, [WorkerQuery("SELECT 1")], 20.0)
    start = time.monotonic()
    (answer,) = worker.run(tables, [WorkerQuery(bomb)], 0.4)
    assert answer.error == "stopped: it did not finish in 0.4 seconds"
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "bomb",
    [
        "SELECT length(repeat('x', 3000000000))",
        "SELECT len(list(x)) FROM range(300000000) AS a(x)",
        pytest.param("SELECT count(*) FROM (SELECT unnest(range(400000000)))", marks=pytest.mark.long),
        pytest.param(
            "SELECT max(length(repeat('ab', x::INTEGER * 1000))) FROM range(100000000) AS a(x)", marks=pytest.mark.long
        ),
        pytest.param(
            "SELECT max(len(y)) FROM (SELECT x, list(repeat('y', 999)) AS y FROM range(3000000) AS a(x) GROUP BY x)",
            marks=pytest.mark.long,
        ),
    ],
)
def test_what_takes_too_much_memory_is_stopped(worker: SqlWorker, tables: Tables, bomb: str) -> None:
    (answer,) = worker.run(tables, [WorkerQuery(bomb)], 30.0)
    assert answer.error
    assert "memory" in answer.error


@pytest.mark.long
def test_the_others_get_their_verdicts_beside_a_bomb(worker: SqlWorker, tables: Tables) -> None:
    bombs = [
        WorkerQuery("SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))"),
        WorkerQuery("SELECT repeat('x', 1000000000)"),
    ]
    good = WorkerQuery("SELECT count(*) FROM orders_fact")
    answers = worker.run(tables, [good, bombs[0], good, bombs[1], WorkerQuery("SELECT nonsense"), good], 0.5)
    assert [answer.value for answer in answers] == [4, None, 4, None, None, 4]
    assert all(answer.error for answer in answers if answer.value is None)


@LINUX
def test_the_worker_inherits_no_descriptor_no_variable_and_no_folder(tables: Tables, tmp_path: Path) -> None:
    os.environ["DATABASE_PASSWORD"] = "hunter2"
    with (tmp_path / "secret").open("w") as secret, SqlWorker(memory_limit_mb=512) as worker:
        os.set_inheritable(secret.fileno(), True)
        worker.run(tables, [WorkerQuery("SELECT 1")], 20.0)
        proc = Path(f"/proc/{worker.pid}")
        opened = sorted(os.readlink(link) for link in (proc / "fd").iterdir())
        environment = (proc / "environ").read_text()
        folder = os.readlink(proc / "cwd")
        limits = (proc / "limits").read_text()
    del os.environ["DATABASE_PASSWORD"]
    kinds = [name.split(":")[0] for name in opened if not name.startswith("anon_inode")]
    assert kinds == ["/dev/null"] * 3 + ["pipe"] * 2
    assert "hunter2" not in environment
    assert folder.endswith("(deleted)")
    for limit in ("Max data size             536870912", "Max core file size        0", "Max file size             0"):
        assert limit in limits


CHILD = """
import sys, time
import pyarrow as pa
from data_platform.engine.worker import WorkerQuery, SqlWorker
worker = SqlWorker(memory_limit_mb=512)
worker.run({}, [WorkerQuery("SELECT 1")], 60.0)
print(worker.pid, flush=True)
worker.run({}, [WorkerQuery("SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))")], 600.0)
"""


@pytest.mark.long
@LINUX
def test_the_worker_dies_with_a_parent_that_was_killed() -> None:
    for code in (CHILD, f"import threading\nt = threading.Thread(target=exec, args=({CHILD!r}, {{}}))\nt.start()"):
        parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
        parent.wait()
        parent.stdout.close()
        assert gone(pid)


def gone(pid: int, seconds: float = 10.0) -> bool:
    """Whether the process ends; a zombie that was not reaped has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def test_close_and_a_restart_leave_no_process_behind(tables: Tables) -> None:
    worker = SqlWorker(memory_limit_mb=512)
    worker.run(tables, [WorkerQuery("SELECT 1")], 20.0)
    first = worker.pid
    assert first is not None
    os.kill(first, 9)  # as the kernel does when memory is short
    assert worker.run(tables, [WorkerQuery("SELECT 1")], 20.0) == [Answer(value=1)]
    second = worker.pid
    assert second not in (None, first)
    worker.close()
    assert worker.pid is None
    assert not Path(f"/proc/{second}").exists()


def test_threads_take_turns(worker: SqlWorker, tables: Tables) -> None:
    results: dict[int, list[Answer]] = {}

    def run(number: int) -> None:
        results[number] = worker.run(
            tables, [WorkerQuery(f"SELECT {number}"), WorkerQuery("SELECT count(*) FROM orders_fact")], 20.0
        )

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: [Answer(value=number), Answer(value=4)] for number in range(6)}


def test_a_worker_started_in_a_thread_outlives_the_thread(tables: Tables) -> None:
    with SqlWorker(memory_limit_mb=512) as worker:
        thread = threading.Thread(target=worker.run, args=(tables, [WorkerQuery("SELECT 1")], 20.0))
        thread.start()
        thread.join()
        first = worker.pid
        assert worker.run(tables, [WorkerQuery("SELECT 2")], 20.0) == [Answer(value=2)]
        assert worker.pid == first


FORK = """
import os, sys
from data_platform.engine.worker import Answer, WorkerQuery, SqlWorker
worker = SqlWorker(memory_limit_mb=512)
assert worker.run({}, [WorkerQuery("SELECT 1")], 60.0) == [Answer(value=1)]
theirs = worker.pid
child = os.fork()
if child == 0:
    fine = worker.pid is None and worker.run({}, [WorkerQuery("SELECT 2")], 60.0) == [Answer(value=2)]
    fine = fine and worker.pid != theirs
    worker.close()
    os._exit(0 if fine else 1)
assert os.waitpid(child, 0)[1] == 0
assert worker.run({}, [WorkerQuery("SELECT 3")], 60.0) == [Answer(value=3)]
assert worker.pid == theirs
"""


def test_a_forked_process_gets_a_worker_of_its_own() -> None:
    assert subprocess.run([sys.executable, "-W", "error", "-c", FORK], timeout=60).returncode == 0


SANDBOXED = """
import os, socket, subprocess, sys
from data_platform.engine.worker import sandbox
if not sandbox.build(os.getppid(), 512, bound=True):
    sys.exit(print("no Landlock"))
def refused(attempt):
    try:
        attempt()
    except OSError:
        return True
    return False
def listen():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
kept = sys.argv[1]
attempts = {
    "write": lambda: open(kept, "r+b").close(),
    "truncate": lambda: open(kept, "wb").close(),
    "create": lambda: open(kept + ".new", "wb").close(),
    "remove": lambda: os.remove(kept),
    "rename": lambda: os.rename(kept, kept + ".moved"),
    "folder": lambda: os.mkdir(kept + ".folder"),
    "program": lambda: subprocess.run(["/bin/true"]),
    "port": listen,
}
open(kept, "rb").close()
print([name for name, attempt in attempts.items() if not refused(attempt)])
"""


@LINUX
def test_the_kernel_refuses_writes_programs_and_ports(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"as it was")
    done = subprocess.run([sys.executable, "-c", SANDBOXED, str(kept)], capture_output=True, text=True, timeout=60)
    if "no Landlock" in done.stdout:
        pytest.skip("this kernel has no Landlock")
    assert done.stdout.strip() == "[]", done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert kept.read_bytes() == b"as it was"
