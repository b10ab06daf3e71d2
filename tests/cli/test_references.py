"""Data has one name, whichever command it is given to; the two words of before mean the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data_platform import BadInput, DataProduct, NotFound, Platform
from tests.cli.conftest import Run

SAME = [
    ["consume", "orders#1"],
    ["consume", "orders.orders_fact#1"],
    ["consume", "orders.orders_fact@1#1"],
    ["consume", "orders", "orders_fact#1"],
    ["consume", "orders", "orders_fact@1", "--version", "1"],
    ["consume", "orders", "--version", "1"],
    ["sql", 'SELECT * FROM "orders#1"'],
    ["sql", 'SELECT * FROM "orders.orders_fact#1"'],
    ["sql", 'SELECT * FROM "orders.orders_fact@1#1"'],
    ["sql", 'SELECT * FROM "orders"."orders_fact@1#1"'],
    ["sql", 'SELECT * FROM "orders_fact#1"'],
]


@pytest.mark.parametrize("command", SAME, ids=" ".join)
def test_every_form_reads_the_same_rows(run: Run, mesh: Path, command: list[str]) -> None:
    done = run(*command, "--json")
    assert done.exit_code == 0, done.stderr
    assert [row["total"] for row in json.loads(done.stdout)] == [12.5, 3.0]


@pytest.mark.parametrize(
    "command", ["versions", "show", "quality", "lineage"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["orders", "orders.orders_fact", "orders.orders_fact@1", "orders@1"])
def test_commands_take_the_same_name(run: Run, mesh: Path, command: str, name: str) -> None:
    done = run(command, name, "--json")
    assert (done.exit_code, done.stderr) == (0, "")


def test_one_version_is_listed_and_one_output_is_shown(run: Run, mesh: Path) -> None:
    assert [each["version"] for each in json.loads(run("versions", "orders#1", "--json").stdout)] == [1]
    assert run("versions", "orders.orders_fact#9").stderr.startswith("error: orders.orders_fact has no version 9")
    assert run("lineage", "orders.orders_fact@1.total", "--upstream").exit_code == 0
    assert run("lineage", "customers", "--impact", "email").exit_code == 0


@pytest.mark.parametrize("command", ["show", "quality", "lineage"])
def test_a_version_is_refused_where_it_means_nothing(run: Run, mesh: Path, command: str) -> None:
    done = run(command, "orders.orders_fact#1")
    assert done.exit_code == 2
    assert "is not about one data version: #1\n  → write orders.orders_fact\n" in done.stderr


@pytest.mark.parametrize("command", ["checklist", "subscribe", "archive", "incidents"])
def test_a_product_alone_is_asked_for(run: Run, mesh: Path, command: str) -> None:
    done = run(command, "orders.orders_fact")
    assert done.exit_code == 2
    assert done.stderr == "error: orders.orders_fact names more than a product\n  → write orders\n"


def test_another_form_is_refused_with_the_right_one(run: Run, mesh: Path) -> None:
    done = run("consume", "orders.orders_fact@x")
    assert done.exit_code == 2
    assert done.stderr.startswith('error: "orders.orders_fact@x" is not PRODUCT[.OUTPUT][@MAJOR][#VERSION]\n')


TWO = "name: two\ndomain: d\nowner: o@example.com\noutputs: [{name: a}, {name: b}]\n"
ONE = "name: one\ndomain: d\nowner: o@example.com\noutputs: [{name: only}]\n"


@pytest.fixture
def products(folder: Path) -> Path:
    for name, text in (("one", ONE), ("two", TWO)):
        (folder / name).mkdir()
        (folder / name / "product.yaml").write_text(text)
    (folder / "rows.csv").write_text("id\n1\n")
    return folder


def test_the_only_output_may_be_left_out_of_a_publish(run: Run, products: Path) -> None:
    for target in ([], ["only"], ["one.only"], ["only@1"], ["one.only@1"]):
        done = run("publish", "one", *target, "rows.csv")
        assert done.exit_code == 0, done.stderr
    assert run("publish", "one", "only#3", "rows.csv").exit_code == 2
    assert run("publish", "one", "only", "rows.csv", "--from", "one#2").exit_code == 0
    assert "one.only version 2" in run("lineage", "one").stdout


def test_of_several_outputs_one_must_be_named(run: Run, products: Path) -> None:
    done = run("publish", "two", "rows.csv")
    assert (done.exit_code, done.stderr) == (2, "error: two has 2 outputs\n  → name one: a, b\n")
    run("publish", "two", "a", "rows.csv")
    for command in (["consume", "two"], ["consume", "two#1"], ["sql", 'SELECT * FROM "two"'], ["versions", "two@1"]):
        done = run(*command)
        assert done.exit_code == 2
        assert "two has 2 outputs\n  → name one: two.a" in done.stderr, command
    assert run("versions", "two").exit_code == 0


def test_python_takes_the_same_names(run: Run, products: Path) -> None:
    product = DataProduct.load("one")
    product.publish(None, [{"id": 1}])
    product.publish("one.only", [{"id": 2}])
    for frame in (product.consume("one#1"), product.consume("one.only", version=1), product.consume("one", "only", 1)):
        assert frame.collect()[0]["id"] == 1
    with Platform.open() as mesh:
        assert mesh.consume("one").collect()[0]["id"] == 2
        assert [each.version for each in mesh.versions("one.only#2")] == [2]
        assert mesh.deprecate("one@1", until="2999-01-01").output == "only"
        for wrong in (None, 7, "one.only.x", "a\0b"):
            with pytest.raises(BadInput):
                mesh.consume(wrong)  # type: ignore[arg-type]
        with pytest.raises(NotFound, match="did you mean one"):
            mesh.consume("onee")
    product.platform.close()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("lineage", "orders.total"), "total is a column of orders.orders_fact: for its lineage write"),
        (("lineage", "orders.total"), "write orders.orders_fact.total,"),
        (("consume", "orders.total"), "to read it --columns total"),
        (("show", "orders_fact"), "orders_fact is an output: write orders.orders_fact"),
        (("lineage", "orders_fact.total"), "orders_fact is an output: write orders.orders_fact"),
        (("consume", "orders", "--as-of", "2001-01-01"), "its first version was published at 20"),
    ],
)
def test_a_name_of_another_kind_is_answered_with_what_to_write(
    run: Run, mesh: Path, words: tuple[str, ...], hint: str
) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert hint in done.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("consume", "orders", "rows.csv"), "to write to it: --out rows.csv"),
        (("lineage", "orders", "--impact", "totl"), "did you mean total?"),
        (("audit", "log", "--act", "publsh"), "did you mean publish?"),
        (("domain", "show", "comerce"), "did you mean commerce?"),
        (("rename", "orders", "New Orders"), "write new-orders"),
    ],
)
def test_a_slip_is_answered_with_the_near_name(run: Run, mesh: Path, words: tuple[str, ...], hint: str) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert f"→ {hint}" in done.stderr


@pytest.mark.parametrize(
    "words", [("keys", "list"), ("keys", "erase", "--confirm", "orders.orders_fact#1.email"), ("lineage",)]
)
def test_a_version_is_refused_with_the_name_of_the_same_column(run: Run, mesh: Path, words: tuple[str, ...]) -> None:
    done = run(*words, "orders.orders_fact#1.email")
    assert done.exit_code == 2
    assert "is not about one data version: #1\n  → write orders.orders_fact.email\n" in done.stderr
