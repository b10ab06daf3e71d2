"""Commands are known by name before they are loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from data_platform.cli.main import SECTIONS, cli
from tests.meshes import IDS, ROWS, World

ENTRIES = {name: entry for entries in SECTIONS.values() for name, entry in entries.items()}
ROOT = click.Context(cli, info_name="data-platform")
ENGINES = {"duckdb", "numpy", "pandas", "polars", "pyarrow", "pyiceberg", "sqlglot"}
HEAVY = ENGINES | {"alembic", "pydantic", "yaml"}
ROOMS = {
    "data_platform.engine.frame",
    "data_platform.engine.worker",
    "data_platform.spec.rules.expectations",
    "data_platform.spec.product.model",
}
"""What a command that only reads the record and draws a table must not wait for."""


def loaded_by(home: Path, *words: str, exit_code: int = 0) -> set[str]:
    """The modules that a process of its own holds after that command."""
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))\n"
        "from data_platform.cli.main import main\n"
        f"sys.argv[1:] = {words!r}\n"
        "main()"
    )
    environment = {"DATA_PLATFORM_HOME": str(home), "HOME": str(home)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == exit_code, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize("name", ENTRIES)
def test_the_summary_in_the_list_is_the_one_of_the_command(name: str) -> None:
    command = cli.get_command(ROOT, name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").splitlines()[0] == ENTRIES[name].summary


@pytest.mark.parametrize("name", ENTRIES)
def test_every_command_gives_an_example(name: str) -> None:
    command = cli.get_command(ROOT, name)
    assert command is not None
    commands = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    assert [each.name for each in commands if f"data-platform {name}" not in (each.help or "")] == []


def test_an_unknown_command_is_nobody() -> None:
    assert cli.get_command(ROOT, "nosuch") is None


def test_help_loads_no_command_and_no_database(tmp_path: Path) -> None:
    loaded = loaded_by(tmp_path, "--help")
    assert loaded & {*HEAVY, *ROOMS, "sqlalchemy", "data_platform.platform"} == set()


@pytest.mark.parametrize("words", [("versions", "orders"), pytest.param(("domain", "list"), marks=pytest.mark.long)])
def test_a_list_out_of_the_record_loads_no_engine_and_no_contract(world: World, words: tuple[str, ...]) -> None:
    world.product("orders", IDS).publish("t", ROWS)
    loaded = loaded_by(world.platform.home.path, *words)
    assert "sqlalchemy" in loaded
    assert loaded & {*HEAVY, *ROOMS, "tantivy"} == set()


def test_search_loads_its_index_and_no_engine(world: World) -> None:
    world.product("orders", IDS).publish("t", ROWS)
    loaded = loaded_by(world.platform.home.path, "search", "orders")
    assert "tantivy" in loaded
    assert loaded & {*HEAVY, "data_platform.engine.frame", "data_platform.engine.worker"} == set()


def test_a_small_publish_loads_no_frame_and_none_of_the_libraries_behind_it(world: World, tmp_path: Path) -> None:
    product = world.product("orders", IDS)
    (tmp_path / "rows.csv").write_text("id\n1\n")
    words = ("publish", str(product.file.path), "t", str(tmp_path / "rows.csv"))
    loaded = loaded_by(world.platform.home.path, *words)
    assert "pyarrow.parquet" in loaded
    assert loaded & {"data_platform.engine.frame", "duckdb", "pandas", "polars", "pyarrow.dataset"} == set()
