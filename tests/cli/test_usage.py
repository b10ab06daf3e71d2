"""Command lines that cannot be read: an example, or the name that was meant."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from data_platform.cli.main import cli
from data_platform.cli.usage import ARGUMENTS, GUESSES, OPTIONS
from tests.cli.conftest import Run, write_orders


@pytest.mark.parametrize(
    ("guess", "hint"),
    [
        (("products",), "data-platform search lists the products"),
        (("prodcts",), "data-platform search lists the products"),
        (("list",), "data-platform search lists the products"),
        (("policies", "list"), "data-platform policies show"),
        (("policies", "add"), "data-platform policies apply FILE"),
        (("query",), "data-platform sql"),
        (("incidents", "acknowledge", "1"), "data-platform incidents ack ID"),
        (("roles", "give", "gus", "governor"), "data-platform roles grant NAME ROLE"),
        (("audit", "show"), "data-platform audit log"),
        (("access", "grant", "1"), "data-platform access approve ID"),
    ],
)
def test_a_guessed_command_is_answered_with_the_right_one(run: Run, guess: tuple[str, ...], hint: str) -> None:
    done = run(*guess)
    assert done.exit_code == 2
    assert f"→ {hint}" in done.stderr
    assert "Did you mean" not in done.stderr


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tokens creat ana --role owner", "create"), ("tokens creat ana", "create"), ("principals disabel x", "disable")],
)
def test_a_misspelt_command_of_a_group_that_lists_is_no_argument_of_list(run: Run, typed: str, meant: str) -> None:
    done = run(*typed.split())
    assert done.exit_code == 2
    assert f"No such command '{typed.split()[1]}'. Did you mean '{meant}'?" in done.stderr


def test_guesses_name_no_command_that_there_is_and_hints_name_commands_that_there_are() -> None:
    for (group, guesses), hint in GUESSES.items():
        context = click.Context(cli)
        parent = cli.get_command(context, group) if group else cli
        assert isinstance(parent, click.Group)
        assert not {guess for guess in guesses.split() if parent.get_command(context, guess)}
        named = hint.removeprefix("data-platform ").split()
        assert named[0] == "--help" or cli.get_command(context, named[0]), hint


def test_a_missing_argument_is_answered_with_an_example(run: Run, folder: Path) -> None:
    assert (
        "→ for example: data-platform publish orders/product.yaml orders_fact orders.parquet"
        in run("publish", "orders").stderr
    )
    assert "→ for example: data-platform policies apply policies.yaml" in run("policies", "apply").stderr
    assert "→ for example: data-platform test orders.odcs.yaml --data orders.parquet" in run("test", "orders").stderr


def test_swapped_arguments_are_named(run: Run, folder: Path) -> None:
    write_orders(folder)
    (folder / "rows.csv").write_text("id,total,note\n1,2.5,x\n")
    done = run("publish", "orders", "orders/product.yaml")
    assert done.exit_code == 2
    assert "orders/product.yaml is YAML, but a data file is expected here" in done.stderr
    assert "data-platform publish PRODUCT_YAML [OUTPUT] FILE" in done.stderr
    done = run("test", "rows.csv", "--data", "orders/product.yaml")
    assert "rows.csv: error: this is a data file by its name, not a product.yaml" in done.stderr
    assert "test CONTRACT --data FILE" in done.stderr
    assert not (folder / ".data-platform").exists()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("export", ".", "--format", "odcs"), "→ --to names the standard: --to odcs"),
        (
            ("publish", ".", "--output", "t", "x.csv"),
            "OUTPUT is an argument: data-platform publish PRODUCT",
        ),
        (("test", "orders", "rows.csv", "--data", "x"), "→ --data is an option: --data rows.csv"),
        (("audit", "verify", "anchor.json"), "→ --anchor is an option: --anchor anchor.json"),
        (("keys", "rotate", "orders.t.email"), "→ --column is an option: --column orders.t.email"),
        (("show", "a", "b", "c"), "→ for example: data-platform show"),
        (("policies", "approve", "orders"), "'orders' is not a number such as 4"),
    ],
)
def test_an_argument_in_place_of_an_option_is_answered_with_the_option(
    run: Run, folder: Path, words: tuple[str, ...], hint: str
) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert hint in done.stderr
    assert "Did you mean" not in done.stderr


def test_options_of_the_hints_are_options(folder: Path) -> None:
    context = click.Context(cli)
    for name, option in [*ARGUMENTS.items(), *((name, None) for name, _ in OPTIONS)]:
        command: click.Command | None = cli
        for word in name.split():
            assert isinstance(command, click.Group)
            command = command.get_command(context, word)
        assert command is not None
        options = {opt for parameter in command.params for opt in parameter.opts}
        assert option is None or option in options
        assert not options & {wrong for at, wrong in OPTIONS if at == name}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("consume", "orders", "--limit", "x"), "Invalid value for '--limit': 'x' is not a whole number."),
        (("lineage", "orders", "--depth", "100"), "Invalid value for '--depth': 100 is not from 1 to 50."),
        (("audit", "log", "--limit", "0"), "Invalid value for '--limit': 0 is less than 1."),
        (("release", "orders"), "Missing option '--to'. choose from staging, prod"),
    ],
)
def test_messages_of_the_parser_are_plain(run: Run, folder: Path, words: tuple[str, ...], message: str) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert f"error: {message}\n" in done.stderr
