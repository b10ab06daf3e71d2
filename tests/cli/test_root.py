"""Whatever goes wrong becomes a message and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data_platform.errors import RecordTooNew
from data_platform.platform import Platform
from tests.cli.conftest import Run


def test_a_slip_in_a_commands_name_is_told_with_the_nearest(run: Run) -> None:
    done = run("lineag")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == "error: No such command 'lineag'. Did you mean 'lineage'?\n  → data-platform --help\n"


def test_a_missing_argument_is_bad_input_that_names_the_help(run: Run) -> None:
    done = run("publish", "product.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "error: Missing argument '[OUTPUT[@MAJOR]] FILE'.\n"
        "  → for example: data-platform publish orders/product.yaml orders_fact orders.parquet\n"
        "  → data-platform publish --help\n"
    )


def test_without_a_command_help_is_shown(run: Run) -> None:
    done = run()
    assert done.exit_code == 2
    assert "Usage: data-platform [OPTIONS] COMMAND" in done.stderr


def test_json_errors_stand_on_stdout_beside_the_text(run: Run, mesh: Path) -> None:
    done = run("versions", "ordesr", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout) == {
        "error": {
            "kind": "NotFound",
            "exit_code": 2,
            "message": "no product ordesr is registered",
            "hint": "did you mean orders?",
        }
    }
    assert done.stderr == "error: no product ordesr is registered\n  → did you mean orders?\n"


def test_usage_errors_are_json_too(run: Run) -> None:
    done = run("search", "--min-quality", "101", "--json")
    assert done.exit_code == 2
    error = json.loads(done.stdout)["error"]
    assert (error["kind"], error["hint"]) == ("Usage", "data-platform search --help")


def _breaks(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(**how: object) -> Platform:
        raise error

    monkeypatch.setattr(Platform, "open", fail)


def test_a_bug_is_one_line_and_says_where_to_report_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _breaks(monkeypatch, KeyError("surprise"))
    done = run("search")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: unexpected KeyError: 'surprise'\n  → this is a bug in data-platform")
    assert "report the output to the maintainers" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("how", ["option", "variable"])
def test_debug_shows_the_traceback(run: Run, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    _breaks(monkeypatch, KeyError("surprise"))
    if how == "variable":
        monkeypatch.setenv("DATA_PLATFORM_DEBUG", "1")
    done = run(*(["--debug"] if how == "option" else []), "search")
    assert done.exit_code == 2
    assert "Traceback (most recent call last)" in done.stderr
    assert "in fail" in done.stderr


def test_what_the_machine_says_is_no_bug(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _breaks(monkeypatch, PermissionError(13, "Permission denied", "/mesh"))
    done = run("search")
    assert done.exit_code == 2
    assert done.stderr == "error: system error: [Errno 13] Permission denied: '/mesh'\n"


def test_errors_of_the_platform_bring_their_own_exit_code_and_hint(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _breaks(monkeypatch, RecordTooNew("the record is newer", hint="install the newer release"))
    done = run("search")
    assert done.exit_code == 2
    assert done.stderr == "error: the record is newer\n  → install the newer release\n"


def test_an_interrupt_is_told_in_a_word(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _breaks(monkeypatch, KeyboardInterrupt())
    done = run("search")
    assert done.exit_code == 130
    assert done.stderr.strip() == "interrupted"


def test_escape_sequences_in_an_argument_never_reach_the_terminal(run: Run, mesh: Path) -> None:
    done = run("show", "\x1b[31mred\u202e")
    assert done.exit_code == 2
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr


def test_a_working_directory_that_is_gone_is_told(mesh: Path, tmp_path: Path) -> None:
    leave = "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')"
    code = f"{leave}; from data_platform.cli.main import main; main()"
    command = [sys.executable, "-c", code, "versions", "orders"]
    environment = {name: value for name, value in os.environ.items() if name != "DATA_PLATFORM_HOME"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: the working directory ")
