"""refusals, consumers and contract: what they print for people and as JSON, and to whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from data_platform import DataProduct
from data_platform.errors import Refused
from tests.cli.conftest import Run
from tests.server.portal.conftest import Portal, serve_portal

COMMANDS = ("refusals", "consumers", "contract")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A server of a mesh with a refused publish of personal data, and a product that `ann` does not find."""
    with serve_portal(tmp_path_factory.mktemp("served")) as portal:
        with pytest.raises(Refused):
            DataProduct(portal.folder / "orders", portal.platform).publish(
                "orders_fact", [{"id": -7, "email": "eve@example.org", "note": "late"}]
            )
        yield portal


def act_as(monkeypatch: pytest.MonkeyPatch, served: Portal, name: str) -> None:
    """Makes the command line a client of the server, as that principal."""
    monkeypatch.setenv("DATA_PLATFORM_URL", served.url)
    monkeypatch.setenv("DATA_PLATFORM_TOKEN", served.tokens[name])


def read_errors(stderr: str) -> str:
    """What a command said, without the log of the server in the same process."""
    return "\n".join(line for line in stderr.splitlines() if not line.startswith('{"at"'))


def test_a_refusal_has_its_rules_and_rows(run: Run, mesh: Path) -> None:
    done = run("refusals", "orders")
    assert (done.exit_code, done.stderr) == (0, "")
    head, rule, row, *others = done.stdout.splitlines()
    assert head.startswith("orders_fact  ")
    assert ", by " in head
    assert rule == "  no_negative_total: 1, ≤ 0"
    assert json.loads(row) == {"id": 3, "total": -1.0, "note": None}
    assert others == ["  many_rows: 1, > 100"]


def test_refusals_as_json_are_what_the_verb_answers(run: Run, mesh: Path) -> None:
    (refusal,) = json.loads(run("refusals", "orders", "--json").stdout)
    assert (refusal["output"], refusal["shows_rows"]) == ("orders_fact", True)
    assert [rule["status"]["rule"] for rule in refusal["rules"]] == ["no_negative_total", "many_rows"]
    assert refusal["rules"][0]["rows"] == [{"id": 3, "total": -1.0, "note": None}]
    assert json.loads(run("refusals", "orders", "--json", "--limit", 0).stdout) == []


def test_no_refusal_is_said(run: Run, mesh: Path) -> None:
    done = run("refusals", "customers")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no publish to customers was refused\n")
    assert json.loads(run("refusals", "customers", "--json").stdout) == []


def test_personal_data_of_a_refusal_is_masked_and_its_rows_are_for_who_publishes(
    run: Run, served: Portal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(monkeypatch, served, "olga")
    own = run("refusals", "orders").stdout
    assert json.loads(own.splitlines()[2])["id"] == -7
    act_as(monkeypatch, served, "ann")
    others = run("refusals", "orders").stdout
    assert "positive_ids: 1, ≤ 0" in others
    assert "-7" not in others
    assert "eve@example.org" not in own + others


def test_consumers_are_products_and_readers(run: Run, mesh: Path) -> None:
    done = run("consumers", "customers")
    assert (done.exit_code, done.stderr) == (0, "")
    header, row, summary = done.stdout.splitlines()
    assert header.split() == ["product", "reads", "owner", "columns", "made"]
    assert row.split()[:3] == ["orders", "customers_dim", "olga@example.com"]
    assert summary.startswith("0 readers since ")
    reader = run("consumers", "orders").stdout.splitlines()
    assert reader[0].split() == ["reader", "reads", "times", "columns", "last", "read"]
    assert reader[1].split()[1:3] == ["orders_fact", "1"]
    assert reader[-1].startswith("1 reader since ")
    assert reader[-1].endswith(", 0 of them without a name")


def test_consumers_as_json_are_what_the_verb_answers(run: Run, mesh: Path) -> None:
    answer = json.loads(run("consumers", "customers", "--json").stdout)
    assert [one["product"] for one in answer["products"]] == ["orders"]
    assert (answer["readers"], answer["other_readers"]) == ([], 0)


def test_names_of_readers_are_for_the_owners_side(
    run: Run, served: Portal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(monkeypatch, served, "ann")
    assert run("sql", "SELECT id FROM orders.orders_fact").exit_code == 0
    act_as(monkeypatch, served, "olga")
    assert run("consumers", "orders").stdout.splitlines()[1].split()[0] == "ann"
    act_as(monkeypatch, served, "ann")
    assert "of them without a name" in run("consumers", "orders").stdout


def test_a_contract_is_printed_as_it_can_be_registered(run: Run, mesh: Path) -> None:
    done = run("contract", "customers")
    assert done.exit_code == 0
    written = yaml.safe_load(done.stdout)
    assert (written["name"], written["outputs"][0]["schema"]) == ("customers", "customers.json")
    answer = json.loads(run("contract", "customers", "--json").stdout)
    assert (answer["form"], answer["texts"]) == ("product", {"product.yaml": done.stdout})


def test_a_contract_sends_nothing_to_the_terminal_that_controls_it(run: Run, mesh: Path) -> None:
    printed = run("contract", "orders").stdout
    assert "\x1b" not in printed
    assert yaml.safe_load(printed.split("---\n")[0])["description"].startswith("Orders\x1b[31m")


def test_a_contract_is_written_in_another_form(run: Run, mesh: Path, folder: Path) -> None:
    done = run("contract", "customers", "--to", "odcs", "--out", folder / "out")
    (file,) = (folder / "out").iterdir()
    assert done.stdout == f"wrote {folder / 'out' / file.name}\n"
    assert yaml.safe_load(file.read_text("utf-8"))["kind"] == "DataContract"
    missing = run("contract", "customers", "--revision", 9)
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "revision" in missing.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_product_that_there_is_not_is_bad_input(run: Run, mesh: Path, command: str) -> None:
    done = run(command, "customer")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "customers" in done.stderr
    assert run(command, "customer", "--json").exit_code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_a_hidden_product_is_as_one_that_there_is_not(
    run: Run, served: Portal, folder: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    act_as(monkeypatch, served, "ann")
    hidden, unknown = run(command, "salaries"), run(command, "salariex")
    assert (hidden.exit_code, hidden.stdout) == (2, "") == (unknown.exit_code, unknown.stdout)
    assert read_errors(hidden.stderr).replace("salaries", "salariex") == read_errors(unknown.stderr)
