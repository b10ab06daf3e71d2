"""Streams that are closed or full, as a shell hands them to the script."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).parent / "data-platform"
FULL = "> /dev/full"
NO_ROOM = "the answer cannot be written to stdout: No space left on device\n"

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="the console script is not installed beside this Python")


def shell(line: str) -> subprocess.CompletedProcess[str]:
    command = f"{shlex.quote(str(SCRIPT))} {line}"
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60)


@pytest.mark.long
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize(
    "command", ["consume orders orders_fact --json", "show orders --json", "sql 'SELECT repeat(chr(97), 99999)' --json"]
)
def test_json_on_a_full_disk_is_told_in_one_line(mesh: Path, command: str) -> None:
    done = shell(f"{command} {FULL}")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith(NO_ROOM)
    assert done.stderr.count("cannot be written") == 1


@pytest.mark.long
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_an_error_in_json_on_a_full_disk_is_told_in_words(mesh: Path) -> None:
    for name in ("nosuch", "n" * 60 + "/" + "x" * 20_000):
        done = shell(f"show {name} --json {FULL}")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert done.stderr.endswith(NO_ROOM)


@pytest.mark.long
@pytest.mark.parametrize(
    "command", ["consume orders orders_fact", "consume orders orders_fact --json", "show orders", "sql 'SELECT 1'"]
)
def test_rows_for_a_closed_stdout_are_bad_input(mesh: Path, command: str) -> None:
    done = shell(f"{command} >&-")
    assert done.returncode == 2
    assert done.stderr.startswith("error: stdout is closed\n")


@pytest.mark.long
def test_a_file_needs_no_stdout(mesh: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert shell(f"consume orders orders_fact --out {shlex.quote(str(out))} >&-").returncode == 0
    assert out.read_bytes()


@pytest.mark.long
@pytest.mark.parametrize("command", ["sql -", "sql --file -"])
def test_a_query_from_a_closed_stdin_is_bad_input(mesh: Path, command: str) -> None:
    done = shell(f"{command} <&-")
    assert done.returncode == 2
    assert done.stderr.startswith("error: stdin is closed\n")


@pytest.mark.long
def test_a_limit_that_is_too_large_is_bad_input(mesh: Path) -> None:
    done = shell("consume orders orders_fact --limit 99999999999999999999")
    assert done.returncode == 2
    assert "error: limit is too large" in done.stderr
