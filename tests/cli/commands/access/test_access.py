"""access: what a person sees of requests and grants, and what a script gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.conftest import Run, write_customers

NAME = "customers.customers_dim"


@pytest.fixture
def customers(run: Run, folder: Path) -> Path:
    """A mesh with a product of Cora's that has personal data."""
    product = write_customers(folder)
    rows = folder / "rows.jsonl"
    rows.write_text('{"id": 1, "email": "ann@example.org"}\n')
    assert run("publish", product, "customers_dim", rows).exit_code == 0
    return folder


def call(run: Run, who: str, *arguments: object) -> Result:
    """`access …` by that user."""
    return run("access", *arguments, env={"DATA_PLATFORM_USER": f"{who}@example.com"})


def test_a_request_from_its_beginning_to_its_end(run: Run, customers: Path) -> None:
    asked = call(run, "bo", "request", NAME, "--purpose", "churn", "--until", "90d", "--json")
    assert json.loads(asked.stdout)["id"] == 1
    own = call(run, "bo", "approve", 1)
    assert (own.exit_code, "bo@example.com requested it" in own.stderr) == (1, True)
    assert "customers.customers_dim" in call(run, "cora", "to-decide").stdout
    shown = call(run, "cora", "show", 1).stdout
    assert "columns: id\npersonal data: email\nrows: all" in shown
    approved = call(run, "cora", "approve", 1, "--note", "go on")
    assert "it waits for a governor (for personal data)" in approved.stdout
    assert json.loads(call(run, "gus", "approve", 1, "--json").stdout)["state"] == "approved"
    (mine,) = json.loads(call(run, "bo", "mine", "--json").stdout)
    assert (mine["id"], mine["state"], mine["outputs"][0]["grant"]) == (1, "approved", "1.2")
    assert "grant 1.2  of bo@example.com to customers.customers_dim has ended" in call(run, "cora", "revoke", 1).stdout
    assert call(run, "cora", "revoke", 1).exit_code == 1
    assert "revoked" in call(run, "bo", "mine").stdout
    assert "approve customers.customers_dim by cora@example.com as owner: go on" in call(run, "bo", "show", 1).stdout


def test_all_wrong_names_exit_with_2(run: Run, customers: Path) -> None:
    wrong = call(run, "bo", "request", "nothing", "customers.x", "--purpose", "churn")
    assert wrong.exit_code == 2
    assert "no product nothing is registered" in wrong.stderr
    assert "customers has no output x" in wrong.stderr
    columns = call(run, "bo", "request", NAME, "--purpose", "churn", "--columns", "mail", "--json")
    assert json.loads(columns.stdout)["error"]["exit_code"] == 2
    for command in (("show", 7), ("approve", 7), ("revoke", "7.1"), ("withdraw", 7)):
        assert call(run, "bo", *command).exit_code == 2
    assert call(run, "bo", "revoke", "seven").exit_code == 2


def test_a_request_is_denied_and_withdrawn(run: Run, customers: Path) -> None:
    for purpose in ("churn", "audit", "audit"):
        asked = call(run, "bo", "request", NAME, "--purpose", purpose)
    assert "request 2  pending" in asked.stdout
    denied = call(run, "cora", "deny", 1, "--note", "use the daily totals")
    assert (denied.exit_code, "request 1  denied" in denied.stdout) == (0, True)
    assert "withdrawn" in call(run, "bo", "withdraw", 2).stdout
    assert call(run, "bo", "withdraw", 2).exit_code == 1
    assert "no request waits for you" in call(run, "cora", "to-decide").stderr


def test_grants_are_reviewed_narrowed_and_renewed(run: Run, customers: Path) -> None:
    call(run, "bo", "request", NAME, "--purpose", "churn")
    call(run, "cora", "approve", 1)
    env = {"DATA_PLATFORM_USER": "bo@example.com"}
    assert run("consume", NAME, "--columns", "id", "--format", "csv", env=env).exit_code == 0
    assert "1 of 2" in call(run, "cora", "review").stdout
    narrowed = json.loads(call(run, "cora", "review", "--narrow", "1.1", "--json").stdout)
    assert (narrowed["id"], narrowed["columns"]) == ("1.2", ["id"])
    assert call(run, "cora", "review", "customers", "--narrow", "1.2").exit_code == 2
    assert "request 2  pending" in call(run, "bo", "renew", "1.2", "--until", "30d").stdout


def test_the_glass_is_broken(run: Run, customers: Path) -> None:
    broken = call(run, "bo", "break-glass", NAME, "--reason", "double charges")
    assert broken.stdout.startswith("grant 1.1  customers.customers_dim until ")
    assert "incident 1 says why: double charges" in broken.stdout
    (incident,) = json.loads(run("incidents", "--json").stdout)
    assert incident["severity"] == "high"


def test_agreements_go_out_and_come_in(run: Run, customers: Path) -> None:
    call(run, "bo", "request", NAME, "--purpose", "churn", "--until", "30d")
    exported = call(run, "cora", "export", "--product", "customers").stdout
    assert "kind: AccessAgreement" in exported
    (customers / "agreement.yaml").write_text(exported)
    (same,) = json.loads(call(run, "bo", "import", "agreement.yaml", "--json").stdout)
    assert (same["id"], same["state"]) == (1, "pending")
    call(run, "cora", "deny", 1, "--note", "not yet")
    (made,) = json.loads(call(run, "bo", "import", "agreement.yaml", "--json").stdout)
    assert (made["id"], made["state"]) == (2, "pending")
    (customers / "agreement.yaml").write_text(exported.replace("v0.9.0", "v2"))
    wrong = call(run, "bo", "import", "agreement.yaml")
    assert (wrong.exit_code, "agreement.yaml:1:" in wrong.stderr) == (2, True)
