"""keys list, erase and rotate: nothing is erased without its name, and no key is shown."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

NAME = "customers.customers_dim.email"


@pytest.fixture
def mesh(shown_home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the mesh that other tests only look at."""
    shutil.copytree(shown_home, folder / "home")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(folder / "home"))
    return folder / "home"


def list_states(run: Run) -> dict[str, str]:
    keys = json.loads(run("keys", "list", "--json").stdout)
    return {".".join(filter(None, (key["product"], key["output"], key["column"]))): key["state"] for key in keys}


def test_keys_are_listed(run: Run, mesh: Path) -> None:
    done = run("keys")
    assert done.exit_code == 0
    assert NAME in done.stdout
    assert list_states(run)[NAME] == "present"
    assert run("keys", "list", "orders").stdout == ""
    assert run("keys", "list", "customers.nothing").exit_code == 2
    assert run("keys", "list", "customers.customers_dim.id").stderr == (
        "no keys: nothing of the name customers.customers_dim.id is encrypted\n"
    )


def test_a_name_that_differs_erases_nothing(run: Run, mesh: Path) -> None:
    for confirm in (["--confirm", "customers"], ["--confirm", ""], []):
        done = run("keys", "erase", NAME, *confirm)
        assert done.exit_code == 2
        assert NAME in done.stderr
    assert list_states(run)[NAME] == "present"


def test_a_name_that_is_repeated_erases(run: Run, mesh: Path) -> None:
    done = run("keys", "erase", NAME, "--confirm", NAME, "--json")
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert [column["column"] for column in answer["columns"]] == ["email"]
    assert list_states(run)[NAME] == "erased"
    assert run("keys", "erase", NAME, "--confirm", NAME).stdout.startswith(f"erased {NAME}  unreadable now: 0 versions")
    assert "ok      missing keys    customers.customers_dim: email cannot be read: the data is erased since" in (
        run("doctor").stdout
    )


@pytest.mark.parametrize("command", ["show", "versions", "quality", "lineage"])
def test_other_commands_say_that_a_column_is_erased(run: Run, mesh: Path, command: str) -> None:
    run("keys", "erase", NAME, "--confirm", NAME)
    lines = [line for line in run(command, "customers").stdout.splitlines() if "email" in line]
    assert any("ana@example.com" in line and "since" in line for line in lines), lines


def type_name(mesh: Path, text: str) -> tuple[int, str]:
    """Answers the question of `keys erase` on a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "data_platform", "keys", "erase", NAME]
    environment = os.environ | {"DATA_PLATFORM_HOME": str(mesh)}
    with subprocess.Popen(command, stdin=theirs, stderr=subprocess.PIPE, env=environment) as process:
        os.write(ours, text.encode() + b"\n")
        _, said = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    return process.returncode, said.decode()


@pytest.mark.long
def test_on_a_terminal_the_name_is_typed_after_what_is_lost_is_shown(run: Run, mesh: Path) -> None:
    code, said = type_name(mesh, "yes")
    assert (code, f"{NAME}  becomes unreadable: 1 version" in said) == (2, True)
    assert f"Type {NAME} to erase it" in said
    assert list_states(run)[NAME] == "present"
    assert type_name(mesh, NAME)[0] == 0
    assert list_states(run)[NAME] == "erased"


def test_a_rotation_says_how_many_keys_it_wrapped(run: Run, mesh: Path) -> None:
    done = run("keys", "rotate")
    assert (done.exit_code, done.stdout) == (0, "rotated  master key 2 wraps 2 keys\n")
    assert json.loads(run("keys", "rotate", "--json").stdout)["version"] == 3


@pytest.mark.long
def test_doctor_reports_a_missing_master_key_and_keys_without_one(run: Run, mesh: Path) -> None:
    master = mesh / "keys" / "master-1.key"
    content = master.read_bytes()
    master.unlink()
    done = run("doctor")
    assert done.exit_code == 2
    assert "the master key is missing" in done.stdout
    master.write_bytes(content)
    master.chmod(0o600)
    (mesh / "keys" / "master-2.key").write_bytes(bytes(32))
    (mesh / "keys" / "master-2.key").chmod(0o600)
    assert "2 master keys in" in run("doctor").stdout
    raw = mesh / "keys" / f"{'0' * 32}.key"
    raw.write_bytes(bytes(32))
    raw.chmod(0o600)
    assert "1 key of an earlier release" in run("doctor").stdout
    assert "data-platform keys rotate" in run("doctor").stdout


def test_a_column_gets_a_new_key(run: Run, mesh: Path) -> None:
    done = run("keys", "rotate", "--column", NAME)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"rotated {NAME}  version ")
    answer = json.loads(run("keys", "rotate", "--column", NAME, "--json").stdout)
    assert (answer["column"], answer["rows"] > 0) == ("email", True)
    for target in ("customers", "customers.customers_dim", "customers.customers_dim.id"):
        assert run("keys", "rotate", "--column", target).exit_code == 2
