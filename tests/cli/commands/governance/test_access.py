"""principals, teams, roles, owners: what scripts get, and what people see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def home(run: Run, folder: Path) -> None:
    assert run("init").exit_code == 0


def test_teams_and_their_members(run: Run) -> None:
    assert run("teams").stderr == "no team yet: data-platform teams create TEAM\n"
    assert run("teams", "create", "shop", "--members", "ana@x,bo@x").stdout == "shop: ana@x, bo@x\n"
    assert json.loads(run("teams", "add", "shop", "cy@x", "--json").stdout)["members"] == ["ana@x", "bo@x", "cy@x"]
    assert run("teams", "remove", "shop", "cy@x").stdout == "shop: ana@x, bo@x\n"
    assert run("teams", "remove", "shop", "cy@x").exit_code == 2
    (team,) = json.loads(run("teams", "list", "--json").stdout)
    assert team["name"] == "shop"
    assert "ana@x, bo@x" in run("teams").stdout


def test_roles(run: Run) -> None:
    assert run("roles").stderr.startswith("no role was granted")
    granted = run("roles", "grant", "ana@x", "domain-owner", "--domain", "sales")
    assert granted.stdout == "ana@x has the role domain-owner in sales\n"
    (role,) = json.loads(run("roles", "list", "ana@x", "--json").stdout)
    assert (role["role"], role["domain"]) == ("domain-owner", "sales")
    assert "domain-owner" in run("roles").stdout
    assert run("roles", "grant", "ana@x", "governor", "--domain", "sales").exit_code == 2
    revoked = json.loads(run("roles", "revoke", "ana@x", "domain-owner", "--domain", "sales", "--json").stdout)
    assert revoked["principal"] == "ana@x"
    assert run("roles", "revoke", "ana@x", "domain-owner", "--domain", "sales").exit_code == 2


def test_principals(run: Run) -> None:
    assert run("principals").stderr.startswith("no principal yet")
    run("tokens", "create", "loader", "--role", "owner", "--team", "shop")
    run("roles", "grant", "loader", "owner", "--domain", "sales")
    assert "loader" in run("principals", "--kind", "service").stdout
    shown = run("principals", "show", "loader").stdout
    assert "shop" in shown
    assert "owner of sales" in shown
    assert json.loads(run("principals", "show", "loader", "--json").stdout)["teams"] == ["shop"]
    assert run("principals", "disable", "loader").stdout.startswith("loader is disabled")
    assert json.loads(run("tokens", "list", "--json").stdout)[0]["state"] == "revoked"
    assert run("principals", "enable", "loader").stdout == "loader is enabled\n"
    assert run("principals", "show", "nobody").exit_code == 2


def test_owners(run: Run) -> None:
    assert run("owners").stderr == "no owner yet\n"
    run("domain", "define", "sales", "--owner", "shop@x")
    assert "unclaimed" in run("owners").stdout
    run("teams", "create", "shop")
    assert run("owners", "claim", "shop@x", "--to", "shop").stdout == "shop@x belongs to shop\n"
    assert run("owners", "--unclaimed").stderr == "no owner is unclaimed\n"
    (owner,) = json.loads(run("owners", "list", "--json").stdout)
    assert (owner["holder"], owner["domains"]) == ("shop", ["sales"])
    assert run("owners", "release", "shop@x").stdout == "shop@x is not claimed any more\n"
    assert run("owners", "release", "shop@x").exit_code == 2
