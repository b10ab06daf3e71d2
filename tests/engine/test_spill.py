"""What does not fit into memory is written encrypted, into a private folder that outlives its process by one start."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from data_platform import temporary_folders

_ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
_CASES = [
    (1_500_000, "130MB", 1 << 20),
    pytest.param(6_000_000, "200MB", 200_000_000, marks=pytest.mark.engines),
]


def _run(room: Path, rows: int, limit: str, then: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).with_name("spilling.py")), str(rows), limit, str(room), then]
    environment = _ENVIRONMENT | {"TMPDIR": str(room)}
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _spilled(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    word, amount = process.stdout.readline().split()
    assert word == "spilled"
    return int(amount)


def _canaries(room: Path) -> int:
    return sum(_canaries_in(file.read_bytes()) for file in room.rglob("*") if file.is_file())


def _canaries_in(content: bytes) -> int:
    """Of the values and of sort keys (each byte + 1), as they are and within blocks of zstd."""
    count, at = len(re.findall(rb"CANARY|DBOBSZ", content)), -1
    while (at := content.find(b"\x28\xb5\x2f\xfd", at + 1)) >= 0:
        stream = pa.CompressedInputStream(pa.BufferReader(content[at : at + 300_000]), "zstd")
        try:
            count += len(re.findall(rb"CANARY|DBOBSZ", stream.read(262_144)))
        except OSError:
            continue
    return count


def _next_process(room: Path) -> None:
    code = "from data_platform.engine.connection import open_connection; open_connection().close()"
    subprocess.run([sys.executable, "-c", code], env=_ENVIRONMENT | {"TMPDIR": str(room)}, check=True, timeout=60)


@pytest.mark.long
@pytest.mark.parametrize(("rows", "limit", "least"), _CASES)
def test_a_killed_process_leaves_no_value_and_the_next_one_removes_its_folder(
    tmp_path: Path, rows: int, limit: str, least: int
) -> None:
    with _run(tmp_path, rows, limit, "wait") as process:
        assert _spilled(process) >= least
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        _next_process(tmp_path)
        assert folder.is_dir(), "a live process keeps its folder"
        process.send_signal(signal.SIGKILL)
    assert folder.is_dir()
    assert _canaries(tmp_path) == 0
    _next_process(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.engines
def test_a_query_that_spills_gives_its_rows(tmp_path: Path) -> None:
    with _run(tmp_path, 6_000_000, "200MB", "go") as process:
        assert _spilled(process) >= 200_000_000
        assert process.communicate(timeout=300)[0] == "rows 6000000\n"
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_scan_of_these_tests_finds_values_where_they_are() -> None:
    value = b"CANARY-00000001 " * 100
    assert _canaries_in(b"x" + value) == 100
    assert _canaries_in(bytes(byte + 1 for byte in value)) == 100
    assert _canaries_in(b"frame:" + pa.compress(value, "zstd", asbytes=True)) >= 100


def test_a_folder_is_removed_only_when_it_is_ours_private_and_unlocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "kept").touch()
    (tmp_path / "data-platform-spill-link").symlink_to(outside)
    (tmp_path / "data-platform-spill-file").touch()
    (tmp_path / "data-platform-spill-open").mkdir(mode=0o755)
    (tmp_path / "data-platform-worker-x").mkdir(mode=0o700)
    left = tmp_path / "data-platform-spill-left"
    left.mkdir(mode=0o700)
    (left / "link").symlink_to(outside)
    with temporary_folders.open_scratch_folder("test") as used:
        assert temporary_folders.find_leftovers() == []
        assert used.is_dir()
        assert not left.exists()
    assert not used.exists()
    assert (outside / "kept").exists()
    assert len(list(tmp_path.iterdir())) == 5


def test_a_fork_leaves_its_parents_folder_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with temporary_folders.open_scratch_folder("test") as used:
        child = os.fork()
        if not child:
            try:
                temporary_folders._remove(used, 0, os.getppid())
            finally:
                os._exit(0)  # also after an error: a child must not return into pytest
        deadline = time.monotonic() + 30
        while os.waitpid(child, os.WNOHANG) == (0, 0) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert used.is_dir()
