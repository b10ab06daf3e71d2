"""init, new, schema, validate: what works before there is data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data_platform.spec.editor_schema import editor_schema
from tests.cli.conftest import Run, write_customers


def test_init_makes_a_home_where_one_says(run: Run, folder: Path) -> None:
    assert run("init", "mesh").stdout == f"the mesh lives in {folder}/mesh/.data-platform\n"
    again = run("init", "mesh", "--json")
    assert json.loads(again.stdout) == {"home": f"{folder}/mesh/.data-platform", "created": False}


def test_a_home_that_is_made_on_the_way_is_told_on_stderr(run: Run, folder: Path) -> None:
    first = run("search", "--json")
    assert (first.exit_code, json.loads(first.stdout)) == (0, [])
    assert f"new home: {folder}/.data-platform" in first.stderr
    assert run("search", "--json").stderr == ""


def test_a_new_product_validates_and_publishes_and_builds(run: Run, folder: Path) -> None:
    made = run("new", "orders", "--domain", "commerce")
    assert made.exit_code == 0
    assert 'owner: "ana@example.com"' in (folder / "orders/product.yaml").read_text()
    commands = [line.split()[1:] for line in made.stdout.splitlines() if line.startswith("  data-platform ")]
    assert [command[0] for command in commands] == ["validate", "publish", "show"]
    for command in commands:
        done = run(*command)
        assert done.exit_code == 0, done.stderr
    built = run("run", "orders", "orders", "--json")
    assert json.loads(built.stdout)["version"] == 2


def test_new_overwrites_nothing(run: Run, folder: Path) -> None:
    (folder / "orders").mkdir()
    (folder / "orders/product.yaml").write_text("mine")
    done = run("new", "orders", "--domain", "commerce")
    assert done.exit_code == 2
    assert done.stderr == ("error: orders/product.yaml is there already\n  → choose another folder: --into FOLDER\n")
    assert (folder / "orders/product.yaml").read_text() == "mine"
    assert run("new", "orders", "--domain", "commerce", "--into", "elsewhere").exit_code == 0


def test_new_says_what_a_name_must_be(run: Run, folder: Path) -> None:
    done = run("new", "Orders Fact", "--domain", "commerce")
    assert done.exit_code == 2
    assert "write orders-fact" in done.stderr
    assert list(folder.iterdir()) == []


def test_schema_goes_to_stdout_or_to_a_file(run: Run, folder: Path) -> None:
    assert json.loads(run("schema").stdout) == editor_schema()
    assert run("schema", "--out", "product.schema.json").stdout == ""
    assert json.loads((folder / "product.schema.json").read_text()) == editor_schema()
    assert [path.name for path in folder.iterdir()] == ["product.schema.json"]


def test_a_file_that_cannot_be_written_is_told(run: Run, folder: Path) -> None:
    done = run("schema", "--out", "nowhere/product.schema.json")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: nowhere/product.schema.json cannot be written: No such file or directory")


def test_validate_judges_every_file_below_a_folder(run: Run, folder: Path) -> None:
    write_customers(folder / "domains")
    bad = folder / "domains/orders"
    bad.mkdir()
    (bad / "product.yaml").write_text("name: orders\ndomain: no\nowner: o@x.example\noutputs: []\n")
    done = run("validate", "domains")
    assert done.exit_code == 2
    assert done.stdout == "valid  domains/customers/product.yaml  customers\n"
    assert "domains/orders/product.yaml:2:9: error: " in done.stderr
    assert "  → " in done.stderr

    judged = json.loads(run("validate", "domains", "--json").stdout)
    assert [(each["product"], each["valid"]) for each in judged] == [("customers", True), (None, False)]
    assert judged[1]["problems"][0]["line"] == 2
    assert not (folder / ".data-platform").exists()


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_nothing_to_validate_is_bad_input(run: Run, folder: Path, path: str) -> None:
    done = run("validate", path)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: no ")


def test_foreign_text_in_a_problem_cannot_rewrite_the_terminal(run: Run, folder: Path) -> None:
    (folder / "product.yaml").write_text('name: "a\\e[2J"\ndomain: d\nowner: o@x.example\noutputs: []\n')
    done = run("validate", "product.yaml")
    assert done.exit_code == 2
    assert "\x1b" not in done.stderr
