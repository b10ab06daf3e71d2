"""transfer, archive, retire and offboard on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, write_customers


@pytest.fixture(autouse=True)
def registered(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product customers of cora@example.com, who is asking."""
    monkeypatch.setenv("DATA_PLATFORM_USER", "cora@example.com")
    write_customers(folder)
    assert run("register", "customers").exit_code == 0


def test_a_product_changes_hands(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("transfers").stderr == "no product is offered\n"
    done = run("transfer", "customers", "--to", "bea@example.com")
    assert done.stdout == "offered customers  from cora@example.com to bea@example.com\n"
    refused = run("transfer", "customers", "--accept")
    assert refused.exit_code == 1
    assert "it is offered to bea@example.com" in refused.stderr
    assert run("transfers").stdout.splitlines()[1].split()[:3] == ["customers", "cora@example.com", "bea@example.com"]
    assert [each["state"] for each in json.loads(run("transfers", "--json").stdout)] == ["offered"]
    monkeypatch.setenv("DATA_PLATFORM_USER", "bea@example.com")
    taken = run("transfer", "customers", "--accept")
    assert taken.stdout.splitlines()[1] == "  → product.yaml: owner: bea@example.com"
    assert run("register", "customers").exit_code == 1


def test_one_thing_is_asked_at_a_time(run: Run) -> None:
    assert run("transfer", "customers").exit_code == 2
    assert run("transfer", "customers", "--accept", "--withdraw").exit_code == 2
    assert run("transfer", "customers", "--withdraw").exit_code == 2
    assert run("offboard", "--back").exit_code == 2


def test_an_archived_product_refuses_publishes(run: Run, folder: Path) -> None:
    (folder / "rows.csv").write_text("id,email\n1,a@x\n")
    assert run("archive", "customers").stdout == "archived customers\n"
    done = run("publish", "customers", "customers_dim", "rows.csv")
    assert done.exit_code == 1
    assert "→ data-platform unarchive customers" in done.stderr
    assert json.loads(run("unarchive", "customers", "--json").stdout)["archived_at"] is None
    assert run("publish", "customers", "customers_dim", "rows.csv").exit_code == 0


def test_a_product_that_nobody_reads_is_retired(run: Run) -> None:
    assert run("retire", "customers").stdout == "retired customers\n"
    assert run("retire", "customers").exit_code == 1


def test_who_is_gone_leaves_orphans(run: Run) -> None:
    assert run("offboard").stderr == "no offboarded owners\n"
    told = run("offboard", "cora@example.com").stdout.splitlines()
    assert told[0].startswith("cora@example.com  offboarded 20")
    assert told[1] == "  → data-platform transfer customers --to OWNER"
    assert "owner gone on customers" in run("incidents").stdout
    assert json.loads(run("offboard", "--json").stdout)[0]["products"] == ["customers"]
    assert run("offboard", "cora@example.com", "--back").stdout.endswith("back, owns 1 product\n")


def test_the_end_of_a_product_is_announced_output_by_output(run: Run) -> None:
    done = run("deprecate", "customers", "--until", "2090-01-01")
    assert done.stdout == "deprecated customers.customers_dim@1, ends 2090-01-01\n"
    assert json.loads(run("deprecate", "customers", "--until", "2090-02-01", "--json").stdout)[0]["major"] == 1
    run("archive", "customers")
    assert ", archived on 20" in run("show", "customers").stdout.splitlines()[0]


def test_a_product_gets_another_name_and_the_old_one_leads_there(run: Run, folder: Path) -> None:
    done = run("rename", "customers", "people")
    assert done.stdout == "renamed customers to people\n  → product.yaml: name: people\n"
    shown = run("show", "customers")
    assert shown.stdout == run("show", "people").stdout
    assert "`customers` is `people` since 2" in shown.stderr
    assert shown.stderr.endswith("; write that name\n")
    refused = run("register", "customers")
    assert refused.exit_code == 1
    assert "the name customers leads to people" in refused.stderr
    assert json.loads(run("rename", "customers", "folk", "--json").stdout)["former"] == ["customers", "people"]
