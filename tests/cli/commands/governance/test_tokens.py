"""tokens: what scripts get, and what people see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def home(run: Run, folder: Path) -> None:
    assert run("init").exit_code == 0


def test_a_script_gets_the_token_and_its_principal(run: Run) -> None:
    made = run("tokens", "create", "loader", "--role", "owner", "--team", "shop", "--expires", "90d", "--json")
    assert (made.exit_code, made.stderr) == (0, "")
    answer = json.loads(made.stdout)
    assert answer["token"].startswith("dpt_")
    assert (answer["principal"], answer["role"], answer["team"]) == ("loader", "owner", "shop")
    (listed,) = json.loads(run("tokens", "list", "--json").stdout)
    assert (listed["principal"], listed["state"], listed["last_used_at"]) == ("loader", "valid", None)
    assert answer["token"] not in run("tokens").stdout


def test_a_person_sees_the_token_alone_on_stdout_and_is_warned(run: Run) -> None:
    made = run("tokens", "create", "ana@example.com", "--role", "consumer", "--kind", "person")
    assert made.stdout.startswith("dpt_")
    assert len(made.stdout.split()) == 1
    assert "it is not shown again" in made.stderr
    assert run("tokens", "revoke", "1").stdout == "token 1 of ana@example.com has ended\n"
    assert "revoked" in run("tokens", "list", "ana@example.com").stdout
    assert run("tokens", "revoke", "1").exit_code == 1


def test_a_domain_that_is_not_there_yet_is_warned_about(run: Run) -> None:
    run("domain", "define", "sales")
    assert "there is no domain" not in run("tokens", "create", "a", "--role", "consumer", "--domains", "sales").stderr
    made = run("tokens", "create", "b", "--role", "consumer", "--domains", "sales,slaes")
    assert (made.exit_code, "warning: there is no domain slaes yet" in made.stderr) == (0, True)


def test_what_is_wrong_ends_with_2(run: Run) -> None:
    for wrong in ("", "--role king", "--role owner --verbs fly", "--role owner --for nobody"):
        failed = run("tokens", "create", "loader", *wrong.split())
        assert (failed.exit_code, failed.stdout) == (2, "")
    assert run("tokens", "list").stderr == "no token yet: data-platform tokens create NAME --role ROLE\n"
