"""The rules of the house that a machine can hold (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from data_platform.installing import DISTRIBUTION

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in ("src", "tests", "docs", "benchmarks", "examples")
    for path in (ROOT / folder).rglob("*.py")
    if ".data-platform" not in path.parts
)
PACKAGE = [path for path in SOURCES if path.is_relative_to(ROOT / "src")]
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
BROAD = {"Exception", "BaseException"}
DOORS = ("src/data_platform/cli/", "src/data_platform/server/door.py", "src/data_platform/server/portal/portal.py")

BANNED = {
    *("told", "found", "known", "each", "held", "hold", "holds", "tell", "tells", "telling"),
    *("stands", "standing", "meant", "shown", "begun", "whoever", "somebody", "nobody"),
}
"""Words that name nothing: a variable is called after the thing it holds."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Outline:
    """What the rules ask about one file. Its syntax tree is not kept: that of all files slows every other test."""

    functions: Mapping[str, int]
    """The lines of each function without its docstring, by `path:line name`."""

    broad_handlers: tuple[str, ...]
    banned_names: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]
    imports: frozenset[str]
    """The first names of the modules that it imports."""


def lines(function: Function) -> int:
    """Its lines without the docstring."""
    first = function.body[0]
    has_doc = ast.get_docstring(function) is not None
    doc = (first.end_lineno or 0) - first.lineno + 1 if has_doc else 0
    return (function.end_lineno or 0) - function.lineno + 1 - doc


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Catches everything, and does not hand it on after tidying up."""
    last = handler.body[-1]
    hands_on = isinstance(last, ast.Raise) and last.exc is None
    return not hands_on and (handler.type is None or getattr(handler.type, "id", "") in BROAD)


@cache
def read_outline(path: Path) -> Outline:
    """Parses and walks a file once for all rules."""
    file = path.relative_to(ROOT)
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    functions = [node for node in nodes if isinstance(node, Function)]
    named = [(f"{file}:{node.lineno} {node.name}", node.name) for node in functions]
    named += [(f"{file}:{node.lineno} {node.id}", node.id) for node in nodes if isinstance(node, ast.Name)]
    named += [(f"{file}:{node.lineno} {node.arg}", node.arg) for node in nodes if isinstance(node, ast.arg)]
    imports = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    imports += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return Outline(
        {f"{file}:{node.lineno} {node.name}": lines(node) for node in functions},
        tuple(f"{file}:{node.lineno}" for node in nodes if isinstance(node, ast.ExceptHandler) and is_broad(node)),
        tuple((place, name) for place, name in named if name in BANNED),
        tuple(node.name for node in nodes if isinstance(node, ast.ClassDef)),
        frozenset(name.partition(".")[0] for name in imports),
    )


@pytest.mark.long  # `make test` runs the same command in `make lint`
def test_a_line_of_the_picture_imports_only_from_the_lines_below() -> None:
    command = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_picture_names_every_room() -> None:
    picture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {path.stem for path in (ROOT / "src/data_platform").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert (
        sorted(room for room in rooms - {"__init__", "__pycache__"} if not re.search(rf"\b{room}(/|\.py)", picture))
        == []
    )


def test_every_file_fits_a_few_screens() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def test_every_function_fits_a_screen() -> None:
    sizes = {place: size for path in SOURCES for place, size in read_outline(path).functions.items()}
    assert {place: size for place, size in sizes.items() if size > LONGEST_FUNCTION} == {}


def test_only_the_doors_of_the_cli_and_of_the_server_swallow_everything() -> None:
    broad = [place for path in PACKAGE for place in read_outline(path).broad_handlers if not place.startswith(DOORS)]
    assert broad == []


def pins() -> dict[str, str]:
    pinned = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in pinned if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.!+-]+", line)] == []
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in pinned)}


def direct() -> list[Requirement]:
    content = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = content["project"]["optional-dependencies"].values()
    texts = [
        *content["build-system"]["requires"],
        *content["project"]["dependencies"],
        *(text for e in extras for text in e),
    ]
    return [requirement for requirement in map(Requirement, texts) if requirement.name != DISTRIBUTION]


@pytest.mark.parametrize("requirement", direct(), ids=str)
def test_every_direct_dependency_is_pinned_to_a_version_it_allows(requirement: Requirement) -> None:
    version = pins().get(canonicalize_name(requirement.name))
    assert version is not None, f"{requirement.name} is not in constraints.txt: make constraints"
    assert requirement.specifier.contains(version, prereleases=True)


def test_the_commands_are_executable_and_all_are_listed() -> None:
    assert [path.name for path in (ROOT / ".ci").iterdir() if not (path.suffix or path.stat().st_mode & 0o100)] == []
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


def test_every_decision_is_short_and_says_its_status() -> None:
    decisions = sorted((ROOT / "docs/adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in decisions]
    assert len(set(numbers)) == len(numbers)  # a gap is a decision that is still being written
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40, path.name
        assert re.search(r"^Status: .+ · Date: ", text, re.MULTILINE), path.name


GIVEN = {("check.py", "found"), *((name, "tell") for name in ("hashed_file.py", "metadata_files.py", "reader.py"))}
"""A key of `doctor --json`, and a method that Python's files have."""


def test_no_variable_has_a_name_that_says_nothing() -> None:
    named = [
        place for path in PACKAGE for place, name in read_outline(path).banned_names if (path.name, name) not in GIVEN
    ]
    assert named == []


def test_a_public_class_name_is_there_once() -> None:
    places: dict[str, list[str]] = {}
    for path in PACKAGE:
        for name in read_outline(path).classes:
            if not name.startswith("_"):
                places.setdefault(name, []).append(str(path.relative_to(ROOT)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
