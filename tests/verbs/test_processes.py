"""A process that was forked or spawned from one that used the library, threads, and pytest-xdist: all can work on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SETUP = """
import json, multiprocessing, os, sys, threading
from pathlib import Path
import pyarrow as pa
from data_platform import DataProduct, Platform
from data_platform.errors import DataPlatformError

ROWS = 110_000  # more than are counted exactly

def table(word):
    values = [float(n % 50) for n in range(ROWS)]
    return pa.table({"id": range(ROWS), "x": values, "email": [f"{word}{n}" for n in range(ROWS)]})

def set_up():
    Path("p").mkdir(exist_ok=True)
    email = {"type": "string", "tags": ["pii"]}
    columns = {"id": {"type": "integer"}, "x": {"type": "number", "maximum": 100}, "email": email}
    Path("p/s.json").write_text(json.dumps({"type": "object", "properties": columns}))
    Path("p/product.yaml").write_text("name: p\\ndomain: d\\nowner: a@x\\noutputs: [{name: t, schema: s.json}]\\n")

def use(platform, word):
    product = DataProduct.load("p") if platform is None else DataProduct("p", platform)
    product.publish("t", table(word))
    with Platform.open() as other:
        work(platform or other)

def work(mesh):
    frame = mesh.consume("p", "t")
    assert frame.count() == ROWS
    assert frame.filter("x >= 25").to_arrow().num_rows == ROWS // 2
    assert frame.select("email").to_arrow().num_rows == ROWS
    assert frame.groupBy("x").count().to_arrow().num_rows == 50
    assert mesh.sql("SELECT count(*) AS n FROM p.t WHERE x < 25").to_arrow().to_pylist() == [{"n": ROWS // 2}]
    assert mesh.search("p")
"""
CONTEXT = """
def in_child(queue):
    use(None, "child")
    queue.put("done")

if __name__ == "__main__":
    set_up()
    use(None, "parent")
    context = multiprocessing.get_context(METHOD)
    queue = context.Queue()
    process = context.Process(target=in_child, args=(queue,))
    process.start()
    assert queue.get(timeout=100) == "done"
    process.join()
    assert process.exitcode == 0
    use(None, "parent")
"""
FORK = """
set_up()
with Platform.open() as mesh:
    use(mesh, "parent")
    kept = mesh.consume("p", "t")
    batches = kept.filter("x >= 25").to_batches(1000)
    batches.read_next_batch()
    rows = mesh.sql("SELECT * FROM p.t").to_batches()
    rows.read_next_batch()
    child = os.fork()
    if child == 0:
        assert kept.count() == ROWS
        for stream in (batches, rows):
            try:
                stream.read_next_batch()
            except DataPlatformError as error:
                assert "forked" in error.message, error
            else:
                raise AssertionError("a child cannot take the rows of its parent")
        use(mesh, "child")
        sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert 1000 + sum(batch.num_rows for batch in batches) == ROWS // 2
    assert sum(batch.num_rows for batch in rows) > 0
    use(mesh, "parent")
"""
THREADS = """
set_up()
wrong = []
with Platform.open() as mesh:
    use(mesh, "first")
    def at_work():
        try:
            work(mesh)
        except BaseException as error:
            wrong.append(error)
    threads = [threading.Thread(target=at_work) for _ in range(4)]
    for thread in threads:
        thread.start()
    use(mesh, "main")
    for thread in threads:
        thread.join()
assert not wrong, wrong
assert "polars" not in sys.modules
"""
XDIST = """
import pytest

@pytest.mark.parametrize("number", range(2))
def test_use(number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(tmp_path / "home"))
    set_up()
    use(None, "one")
"""


def run(folder: Path, *words: str) -> None:
    environment = os.environ | {"DATA_PLATFORM_HOME": str(folder / "home"), "DATA_PLATFORM_USER": "ana@x"}
    environment.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=150
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "leaked" not in done.stderr


@pytest.mark.long
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_child_of_a_process_that_used_the_library(tmp_path: Path, method: str) -> None:
    (tmp_path / "main.py").write_text(SETUP + f"METHOD = {method!r}\n" + CONTEXT)
    run(tmp_path, "-W", "ignore", "main.py")


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_that_ends_like_any_process_and_what_was_open_in_its_parent(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SETUP + FORK)
    run(tmp_path, "-W", "ignore", "main.py")


@pytest.mark.long
def test_threads_and_nothing_loads_polars(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SETUP + THREADS)
    run(tmp_path, "main.py")


@pytest.mark.long
def test_pytest_xdist(tmp_path: Path) -> None:
    (tmp_path / "test_use.py").write_text(SETUP + XDIST)
    run(tmp_path, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "test_use.py")
