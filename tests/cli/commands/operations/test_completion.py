"""A shell is offered commands and names, fast, and never a word of what went wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def asked(home: Path, *words: str) -> dict[str, str]:
    """How a shell asks what may stand for the last word."""
    return {
        "DATA_PLATFORM_HOME": str(home),
        "_DATA_PLATFORM_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["data-platform", *words]),
        "COMP_CWORD": str(len(words)),
    }


def complete(run: Run, home: Path, *words: str) -> tuple[list[str], str]:
    """What the shell is offered for the last word, and what stands on stderr."""
    done = run(env=asked(home, *words))
    assert done.exit_code == 0
    return offers(done.stdout), done.stderr


def offers(stdout: str) -> list[str]:
    return [line.rpartition(",")[2] for line in stdout.splitlines() if line]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_names_the_command(run: Run, shell: str) -> None:
    done = run("completion", shell)
    assert done.exit_code == 0
    assert f"_DATA_PLATFORM_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("cons",), ["consume", "consumers"]),
        (("consume", "o"), ["orders"]),
        (("consume", ""), ["customers", "orders"]),
        (("consume", "orders.o"), ["orders.orders_fact"]),
        (("checklist", "cust"), ["customers"]),
        (("consume", "%"), []),
        (("consume", "or_"), []),
        (("consume", "nobody.x"), []),
    ],
)
def test_names_are_offered(run: Run, mesh: Path, words: tuple[str, ...], offered: list[str]) -> None:
    assert complete(run, mesh, *words) == (offered, "")


@pytest.mark.long
def test_a_shell_is_offered_names_by_a_process_of_its_own(mesh: Path) -> None:
    environment = {**os.environ, **asked(mesh, "consume", "o")}
    command = [sys.executable, "-m", "data_platform"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert (done.returncode, offers(done.stdout), done.stderr) == (0, ["orders"], "")


@pytest.mark.parametrize("kind", ["none", "garbage", "folder"])
def test_without_a_record_nothing_is_offered_and_nothing_is_said(run: Run, tmp_path: Path, kind: str) -> None:
    home = tmp_path / "home"
    if kind != "none":
        home.mkdir()
        (home / "settings.toml").write_text("")
    if kind == "garbage":
        (home / "record.db").write_bytes(b"garbage" * 1000)
    if kind == "folder":
        (home / "record.db").mkdir()
    assert complete(run, home, "consume", "o") == ([], "")


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "data_platform", "--help"], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("Usage: data-platform [OPTIONS] COMMAND")
