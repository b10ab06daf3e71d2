"""init, new, schema, validate: what works before there is data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data_platform.spec.product.editor_schema import make_editor_schema
from tests.cli.conftest import Run, write_customers


def test_init_makes_a_home_where_one_says(run: Run, folder: Path) -> None:
    assert run("init", "mesh").stdout == f"created the mesh in {folder}/mesh/.data-platform\n"
    again = run("init", "mesh", "--json")
    assert json.loads(again.stdout) == {"home": f"{folder}/mesh/.data-platform", "created": False}


READING = [
    ["search"],
    ["show", "orders"],
    ["versions", "orders"],
    ["consume", "orders", "orders"],
    ["sql", "SELECT 1"],
    ["lineage", "orders"],
    ["quality", "orders"],
    ["incidents"],
    ["runs"],
    ["incidents", "ack", "1"],
    ["tick"],
    ["outbox"],
    ["outbox", "send"],
    ["domain", "list"],
    ["domain", "show", "sales"],
    ["gc"],
]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_what_begins_no_mesh_makes_no_home(run: Run, folder: Path, command: list[str]) -> None:
    done = run(*command)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: there is no mesh here: no .data-platform in {folder}, nor in a folder above")
    assert "data-platform init" in done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("there", [False, True], ids=["no folder", "an empty folder"])
def test_a_mistyped_home_is_told_and_not_made(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(folder / "mehs"))
    if there:
        (folder / "mehs").mkdir()
    done = run("tick")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"error: DATA_PLATFORM_HOME is {folder}/mehs, " in done.stderr
    assert [path.name for path in folder.rglob("*")] == ["mehs"] * there
    assert run("doctor").exit_code == 2


def test_the_folder_around_a_home_is_told_from_it(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("init", "srv")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(folder / "srv"))
    assert f"did you mean DATA_PLATFORM_HOME={folder}/srv/.data-platform?" in run("search").stderr
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(folder / "srv/.data-platform"))
    assert run("search").exit_code == 0


@pytest.mark.parametrize(
    "command",
    [["register", "customers"], ["publish", "customers", "customers_dim", "rows.csv"], ["domain", "define", "crm"]],
    ids=" ".join,
)
def test_what_begins_a_mesh_makes_its_home_and_says_so(run: Run, folder: Path, command: list[str]) -> None:
    write_customers(folder)
    (folder / "rows.csv").write_text("id,email\n1,\n")
    first = run(*command)
    assert first.exit_code == 0, first.stderr
    assert f"started a new mesh in {folder}/.data-platform" in first.stderr
    assert run("search", "--json").stderr == ""


@pytest.mark.parametrize("command", [["register", "nowhere"], ["publish", "nowhere", "t", "rows.csv"]], ids=" ".join)
def test_a_mistyped_file_begins_no_mesh(run: Run, folder: Path, command: list[str]) -> None:
    assert run(*command).exit_code == 2
    assert list(folder.iterdir()) == []


PIPELINE = """\
from data_platform import DataProduct
product = DataProduct.load("product.yaml")

@product.pipeline(output="customers_dim")
def build():
    return product.consume("orders", "orders_fact")
"""
FAILING = [
    ["publish", "customers", "customers_dim", "refused.csv"],
    ["publish", "customers", "customers_dim", "nowhere.csv"],
    ["publish", "customers", "nowhere", "rows.csv"],
    ["run", "customers", "customers_dim"],
    ["register", "broken"],
    ["domain", "define", "Not A Name"],
    ["policies", "apply", "policies.yaml"],
]


@pytest.mark.parametrize("where", ["the working directory", "the variable"])
@pytest.mark.parametrize("command", FAILING, ids=" ".join)
def test_what_fails_leaves_no_home(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], where: str
) -> None:
    if where == "the variable":
        monkeypatch.setenv("DATA_PLATFORM_HOME", str(folder / "home"))
    (write_customers(folder) / "pipeline.py").write_text(PIPELINE)
    (folder / "rows.csv").write_text("id,email\n1,\n")
    (folder / "refused.csv").write_text("id,email\nx,\n")
    (folder / "broken").mkdir()
    (folder / "broken/product.yaml").write_text("name: broken\n")
    (folder / "policies.yaml").write_text("policies: []\n")
    before = sorted(folder.rglob("*"))
    done = run(*command, input="n\n")
    assert done.exit_code in (1, 2)
    assert "started a new mesh" not in done.stderr
    assert [path for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts] == before


def test_a_mistyped_home_begins_no_second_mesh(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_customers(folder)
    (folder / "rows.csv").write_text("id,email\n1,\n")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(folder / "../mehs/.data-platform"))
    done = run("publish", "customers", "customers_dim", "rows.csv")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error: DATA_PLATFORM_HOME is " in done.stderr
    assert not (folder / "../mehs").exists()


def test_a_product_is_published_to_the_home_above_it(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_customers(folder / "mesh")
    (folder / "elsewhere").mkdir()
    (folder / "rows.csv").write_text("id,email\n1,\n")
    run("init", "mesh")
    monkeypatch.chdir(folder / "elsewhere")
    for command in (
        ["register", "../mesh"],
        ["diff", "../mesh/customers"],
        ["publish", "../mesh/customers", "customers_dim", "../rows.csv"],
    ):
        done = run(*command)
        assert (done.exit_code, done.stderr) == (0, ""), command
    assert [path.parent.name for path in folder.rglob(".data-platform")] == ["mesh"]
    run("init")
    again = run("publish", "../mesh/customers", "customers_dim", "../rows.csv")
    assert again.exit_code == 2
    assert "error: two meshes: " in again.stderr
    assert f"export DATA_PLATFORM_HOME={folder}/mesh/.data-platform" in again.stderr


def test_init_begins_the_home_that_the_variable_names(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(folder / "srv/mesh"))
    assert run("init").stdout == f"created the mesh in {folder}/srv/mesh\n"
    assert run("search").exit_code == 0


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
    assert done.stderr == ("error: orders/product.yaml exists already\n  → choose another folder: --into FOLDER\n")
    assert (folder / "orders/product.yaml").read_text() == "mine"
    assert run("new", "orders", "--domain", "commerce", "--into", "elsewhere").exit_code == 0


def test_new_says_what_a_name_must_be(run: Run, folder: Path) -> None:
    done = run("new", "Orders Fact", "--domain", "commerce")
    assert done.exit_code == 2
    assert "write orders-fact" in done.stderr
    assert list(folder.iterdir()) == []


def test_schema_goes_to_stdout_or_to_a_file(run: Run, folder: Path) -> None:
    assert json.loads(run("schema").stdout) == make_editor_schema()
    assert run("schema", "--out", "product.schema.json").stdout == ""
    assert json.loads((folder / "product.schema.json").read_text()) == make_editor_schema()
    assert [path.name for path in folder.iterdir()] == ["product.schema.json"]


def test_a_file_that_cannot_be_written_is_told(run: Run, folder: Path) -> None:
    done = run("schema", "--out", "nowhere/product.schema.json")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: nowhere/product.schema.json cannot be written: there is no folder nowhere")


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


def test_a_mesh_inside_another_is_told_with_what_to_do(run: Run, folder: Path) -> None:
    assert "warning" not in run("init").stderr
    done = run("init", "inner")
    outer, inner = folder / ".data-platform", folder / "inner"
    assert f"warning: this mesh is inside another one, {outer}: commands in {inner} and below use the new mesh" in (
        done.stderr
    )
    assert f"to use the outer one there, remove {inner / '.data-platform'}" in done.stderr
    assert run("init", "inner").stderr == ""
    assert json.loads(run("init", "other", "--json").stdout)["created"]
