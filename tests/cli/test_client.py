"""The command line as the client of a server."""

from __future__ import annotations

import subprocess
import sys

import pytest

from data_platform.cli.main import SECTIONS
from data_platform.verbs.registry.home_commands import HOME_COMMANDS
from tests.cli.conftest import Run

URL = "http://127.0.0.1:9"


@pytest.mark.parametrize("command", sorted(HOME_COMMANDS))
def test_a_command_that_needs_a_home_says_what_to_do_instead(
    run: Run, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if command not in {name for entries in SECTIONS.values() for name in entries}:
        pytest.skip("the command comes with the server")
    monkeypatch.setenv("DATA_PLATFORM_URL", URL)
    result = run(command, "--json")
    assert result.exit_code == 2
    assert f"{command} needs the files of a home, and DATA_PLATFORM_URL makes this a client of {URL}" in result.stderr
    assert "unset DATA_PLATFORM_URL" in result.stderr
    assert run(command, "--help").exit_code == 0


def test_a_rebuild_needs_the_home(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_URL", URL)
    assert "--rebuild needs the home" in run("doctor", "--rebuild").stderr


@pytest.mark.long
def test_doctor_diagnoses_the_connection(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_URL", URL)
    monkeypatch.setenv("DATA_PLATFORM_HOME", "/nonexistent")
    result = run("doctor")
    assert result.exit_code == 2
    assert "comes before DATA_PLATFORM_HOME" in result.stdout
    assert "cannot be reached: connection refused" in result.stdout
    assert "rule worker" not in result.stdout


def test_logout_without_a_login(run: Run) -> None:
    assert run("logout", URL).stdout == f"no login is stored for {URL}\n"
    assert run("logout").exit_code == 2


@pytest.mark.long
def test_a_login_is_not_stored_before_the_server_has_taken_it(run: Run) -> None:
    result = run("login", URL, input="dp_secret\n")
    assert result.exit_code == 2
    assert "cannot be reached" in result.stderr
    assert "secret" not in result.output


def test_no_command_without_a_url_loads_what_a_client_needs() -> None:
    code = (
        "import sys\nfrom data_platform import Platform\nfrom data_platform.cli.main import cli\n"
        "try:\n Platform.open(make=False)\nexcept Exception:\n pass\n"
        "sys.exit(any(name == 'urllib3' or name.startswith('data_platform.client') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd="/").returncode == 0


def test_a_login_gets_its_token_in_one_way(run: Run) -> None:
    result = run("login", URL, "--browser", "--token-file", "-")
    assert result.exit_code == 2
    assert "--browser and --token-file are two ways" in result.stderr


@pytest.mark.parametrize("words", [("search", "x"), ("init",), ("doctor",)])
def test_an_empty_variable_leads_to_no_home(run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """A script whose server is gone sets it so, and must not act in a mesh of this machine."""
    run("init")
    monkeypatch.setenv("DATA_PLATFORM_URL", "")
    result = run(*words)
    assert result.exit_code == 2
    assert "DATA_PLATFORM_URL" in result.stderr + result.stdout
