"""The installed script, as a shell meets it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).parent / "data-platform"
WIDE = struct.pack("HHHH", 40, 100, 0, 0)

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="the console script is not installed beside this Python")


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    streams = {"capture_output": True} if "stdout" not in options else {"stderr": subprocess.PIPE}
    return subprocess.run([SCRIPT, *arguments], text=True, timeout=60, **{**streams, **options})  # type: ignore[call-overload, no-any-return]


def imported(*arguments: str) -> set[str]:
    """The modules that a command line loads."""
    code = "import sys; from data_platform.cli.main import main; main()"
    command = [sys.executable, "-X", "importtime", "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


HEAVY = {"pyarrow", "duckdb", "polars", "sqlglot", "pyiceberg", "pydantic", "alembic", "yaml", "rich"}


@pytest.mark.parametrize("arguments", [("--help",), pytest.param(("--version",), marks=pytest.mark.long)])
def test_help_waits_for_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert imported(*arguments) & {*HEAVY, "sqlalchemy"} == set()


@pytest.mark.parametrize(
    "arguments",
    [  # test_lazy.py asks the same of `versions` and of `search`
        pytest.param(("versions", "orders"), marks=pytest.mark.long),
        pytest.param(("search", "x"), marks=pytest.mark.long),
        ("lineage", "orders"),
    ],
)
def test_looking_waits_for_the_record_and_not_for_the_engine(mesh: Path, arguments: tuple[str, ...]) -> None:
    loaded = imported(*arguments)
    assert "sqlalchemy" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.long
def test_exit_codes_and_streams(mesh: Path) -> None:
    good = run("versions", "orders")
    assert (good.returncode, good.stderr) == (0, "")
    assert "\x1b" not in good.stdout
    bad = run("versions", "nosuch")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert "Traceback" not in bad.stderr


@pytest.mark.long
def test_a_closed_pipe_is_quiet(mesh: Path) -> None:
    for arguments in (("search",), ("versions", "orders", "--json"), ("consume", "orders", "orders_fact")):
        reader, writer = os.pipe()
        os.close(reader)
        try:
            done = run(*arguments, stdout=writer)
        finally:
            os.close(writer)
        assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.long
def test_a_closed_stdout_and_a_full_one(mesh: Path) -> None:
    closed = subprocess.run(["/bin/sh", "-c", f"{SCRIPT} search >&-"], capture_output=True, text=True, timeout=60)
    assert (closed.returncode, closed.stderr) == (0, "")
    if Path("/dev/full").exists():
        with open("/dev/full", "w") as full:
            done = run("search", stdout=full)
        assert done.returncode == 2
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr


def test_an_encoding_that_lacks_a_character_is_no_error(mesh: Path) -> None:
    done = run("lineage", "orders", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u2514" in done.stdout


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a window of 100 columns is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, WIDE)
    env = {**os.environ, "TERM": "xterm-256color", **environment}
    process = subprocess.Popen([SCRIPT, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    seen = b""
    while chunk := _read(ours):
        seen += chunk
    os.close(ours)
    assert process.wait(60) == 0, seen
    return seen.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # Linux says so when the other end is closed
        return b""


@pytest.mark.long
def test_a_terminal_is_coloured_unless_told_otherwise(mesh: Path) -> None:
    if "NO_COLOR" in os.environ:
        pytest.skip("NO_COLOR is set")
    assert "\x1b[1m" in on_a_terminal("show", "customers")
    assert "\x1b[3" not in on_a_terminal("quality", "orders", NO_COLOR="1")


@pytest.mark.long
def test_a_terminal_never_gets_what_a_description_hides(mesh: Path) -> None:
    shown = on_a_terminal("show", "orders")
    assert "Orders�[31m [bold]of all shops[/bold]" in shown
    assert "\x1b[2J" not in on_a_terminal("consume", "orders", "orders_fact", "--version", "1", "--format", "csv")


@pytest.mark.parametrize(
    ("arguments", "code"), [pytest.param(("search",), 0, marks=pytest.mark.long), (("show", "nosuch"), 2)]
)
def test_what_asked_to_be_done_at_the_end_is_done(mesh: Path, arguments: tuple[str, ...], code: int) -> None:
    script = (
        "import atexit, sys; atexit.register(print, 'tidied up', file=sys.stderr);"
        "from data_platform.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == code
    assert done.stderr.endswith("tidied up\n")
